"""Imports that come one after another, through the functions that the app uses, without a database."""

from citations.matching import Citation, Ground, Index, index, settle


def clusters_in_parts(parts: list[list[Citation]]) -> set[frozenset[int]]:
    """The clusters after matching each part with what came before. Ids are integers."""
    report: dict[int, int] = {}
    by_id: dict[int, Citation] = {}
    kept: list[Index] = []

    def whole(ids: list[int]) -> tuple[list[Citation], dict[int, int]]:
        reports = {report[pk] for pk in ids}
        standing = [c for pk, c in by_id.items() if report[pk] in reports]
        return standing, {c.id: report[c.id] for c in standing}

    def report_by(ids: list[int]) -> dict[int, int]:
        return {pk: report[pk] for pk in ids}

    for part in parts:
        mine = index(part)
        found = settle(part, [mine], Ground(lambda: kept, whole, report_by))
        # Standing records that were matched again leave their reports before they are joined anew.
        report.update((pk, pk) for pk in found.afresh)
        joined = {}
        for pk, name in found.clusters.items():
            if pk in report:  # two reports that stood have become one
                joined[report[pk]] = report[name]
        report = {pk: joined.get(held, held) for pk, held in report.items()}
        for c in part:
            name = found.clusters[c.id]
            report[c.id] = report.get(name, name)
            by_id[c.id] = c
        kept.append(mine)
    return as_sets(report)


def as_sets(clusters: dict[int, int]) -> set[frozenset[int]]:
    held: dict[int, set[int]] = {}
    for pk, name in clusters.items():
        held.setdefault(name, set()).add(pk)
    return {frozenset(members) for members in held.values()}
