"""Imports that come one after another, through the functions that the app uses, without a database."""

from citations.matching import Citation, index, match, meeting


def clusters_in_parts(parts: list[list[Citation]]) -> set[frozenset[int]]:
    """The clusters after matching each part with what came before. Ids are integers."""
    report: dict[int, int] = {}
    by_id: dict[int, Citation] = {}
    kept = []
    for part in parts:
        mine = index(part)
        met = meeting([mine], kept)
        reports = {report[pk] for pk in met.ids.tolist()}
        standing = [c for pk, c in by_id.items() if report[pk] in reports]
        found = match(
            part,
            standing=standing,
            together={c.id: report[c.id] for c in standing},
            crowded=met.crowded,
        )
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
