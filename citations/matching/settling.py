"""An import that comes after others ends in the clusters that all would have made at once.

New records are matched with what stands. Where a cluster that they touch holds a contradiction, the
order in which its pairs are joined matters, and earlier imports did not know of the new records:
such clusters are taken apart and matched again, together with all that hangs on them. So are those
whose members may have met through a key that tells nothing any more, now that so many hold it.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from citations.matching.citation import Citation, Id, Matches
from citations.matching.engine import match, uncollected
from citations.matching.index import Index, Met, index, meeting, still_meeting

Told = list[frozenset[Id]]


@dataclass(frozen=True)
class Ground:
    """What stands before an import. Ids of records and reports are integers.

    indexes: goes through the keys of all standing records.
    whole: for ids of records all records of their reports, and {record: report}.
    reports: for ids of records {record: report}.
    settled: which of these reports stay as they are, because a person has had a hand in them.
    apart: for {record: report} the pairs of records that a person told apart.
    """

    indexes: Callable[[], Iterable[Index]]
    whole: Callable[[list[int]], tuple[list[Citation], dict[int, int]]]
    reports: Callable[[list[int]], dict[int, int]]
    settled: Callable[[Collection[int]], Collection[int]] = lambda reports: ()
    apart: Callable[[dict[int, int]], Told] = lambda report_of: []


@dataclass
class _Fresh:
    """What is matched again: new records, and standing ones of reports that are taken apart."""

    new: dict[int, Citation]
    company: dict[Hashable, list[int]]  # a report or new record: all that the import joined it with
    cited: dict[int, Citation] = field(default_factory=dict)
    kept_whole: set[int] = field(default_factory=set)  # reports that only a person may part

    def take(self, ids: Collection[Id], ground: Ground) -> bool:
        """Add these records, all of their reports and their company; gives whether there was one to add."""
        before, seen = len(self.cited), set[int]()
        wanted = set(map(int, ids))
        while wanted:
            seen |= wanted
            mine = wanted & self.new.keys()
            self.cited.update((k, self.new[k]) for k in mine)
            cited, report_of = ground.whole(sorted(wanted - mine - self.cited.keys()))
            self.kept_whole.update(ground.settled(set(report_of.values()) - self.kept_whole))
            taken = [c for c in cited if report_of[int(c.id)] not in self.kept_whole]
            self.cited.update((int(c.id), c) for c in taken)
            nodes: list[Hashable] = [("record", k) for k in mine]
            nodes += [("report", report_of[int(c.id)]) for c in taken]
            wanted = {pk for node in nodes for pk in self.company.get(node, ())} - seen
        return len(self.cited) > before


@uncollected()
def settle(
    new: Sequence[Citation],
    mine: Sequence[Index],
    ground: Ground,
    *,
    progress: Callable[[float], None] | None = None,
) -> Matches:
    """Match `new` (with the indexes `mine`) with each other and with what stands.

    Beside what `match` gives, `afresh` names the standing records that were matched again: those of
    one report may be in several clusters now.
    """
    met = meeting(mine, ground.indexes())
    standing, report_of = ground.whole(met.ids.tolist())
    found = match(
        new,
        standing=standing,
        together=report_of,
        different=ground.apart(report_of),
        crowded=met.crowded,
        known=mine,
        progress=progress,
    )
    by_id = {int(c.id): c for c in new}
    fresh = _Fresh(by_id, _company(found, report_of))
    loosened = _loosened(met, mine, ground)
    again, standing_then = Matches(tangled=found.tangled | loosened), report_of
    while fresh.take(again.tangled, ground):
        again, standing_then = _match_again(fresh, by_id, mine, ground, found, report_of)
    if not fresh.cited:
        return found
    return _put_together(found, report_of, again, standing_then, fresh, by_id)


def _loosened(met: Met, mine: Sequence[Index], ground: Ground) -> set[Id]:
    """Standing records that share a report, and no telling key since the new ones have come."""
    report_of = ground.reports(sorted({pk for holders in met.outgrown for pk in holders}))
    pairs = sorted(
        {
            (a, b)
            for holders in met.outgrown
            for a, b in combinations(sorted(holders), 2)
            if report_of[a] == report_of[b]
        }
    )
    if not pairs:
        return set()
    known = still_meeting(pairs, lambda: chain(mine, ground.indexes()))
    return {pk for k, pair in enumerate(pairs) if k not in known for pk in pair}


def _match_again(
    fresh: _Fresh,
    new: dict[int, Citation],
    mine: Sequence[Index],
    ground: Ground,
    found: Matches,
    report_of: dict[int, int],
) -> tuple[Matches, dict[int, int]]:
    """Match what is fresh as if it came now, with everything else as `found` left it."""
    afresh = index(list(fresh.cited.values()))
    met = meeting([afresh], chain(mine, ground.indexes()))
    others = [k for k in met.ids.tolist() if k not in fresh.cited]
    standing, theirs = ground.whole([k for k in others if k not in new])
    left = [new[k] for k in others if k in new]
    names = _names(found, report_of)
    together: dict[int, Hashable] = {
        pk: names.get(("report", report), ("report", report)) for pk, report in theirs.items()
    }
    together.update((int(c.id), names[("record", int(c.id))]) for c in left)
    again = match(
        list(fresh.cited.values()),
        standing=[*(c for c in standing if int(c.id) not in fresh.cited), *left],
        together={pk: name for pk, name in together.items() if pk not in fresh.cited},
        different=ground.apart(theirs),
        crowded=met.crowded,
        known=[*mine, afresh],
    )
    return again, theirs


def _names(found: Matches, report_of: dict[int, int]) -> dict[Hashable, Hashable]:
    """For each report and new record that `found` put into a cluster, a name of the cluster."""
    out: dict[Hashable, Hashable] = {}
    for pk, head in found.clusters.items():
        mine = ("report", report_of[int(pk)]) if pk in report_of else ("record", pk)
        out[mine] = ("report", report_of[int(head)]) if head in report_of else ("record", head)
    return out


def _company(found: Matches, report_of: dict[int, int]) -> dict[Hashable, list[int]]:
    """For each report and new record that `found` joined with others, the records of all of these."""
    members: dict[Hashable, list[int]] = {}
    for pk, head in found.clusters.items():
        members.setdefault(head, []).append(int(pk))
    out: dict[Hashable, list[int]] = {}
    for group in members.values():
        for pk in group:
            out[("report", report_of[pk]) if pk in report_of else ("record", pk)] = group
    return out


def _put_together(
    found: Matches,
    report_of: dict[int, int],
    again: Matches,
    theirs: dict[int, int],
    fresh: _Fresh,
    new: dict[int, Citation],
) -> Matches:
    """What `found` says of all that is not fresh, and `again` of what is."""
    parent: dict[Hashable, Hashable] = {}

    def root(k: Hashable) -> Hashable:
        while (above := parent.setdefault(k, k)) != k:
            k = above
        return k

    edges: list[tuple[Hashable, Hashable]] = []
    for clusters, reports in ((found.clusters, report_of), (again.clusters, theirs)):
        for pk, head in clusters.items():
            if clusters is found.clusters and (pk in fresh.cited or head in fresh.cited):
                continue
            edges.append((pk, head))
            edges += [
                (k, ("report", reports[int(k)]))
                for k in (pk, head)
                if k in reports and k not in fresh.cited
            ]
    for one, other in edges:
        parent[root(one)] = root(other)
    members: dict[Hashable, list[int]] = {}
    for pk in [k for k in parent if isinstance(k, int)]:
        members.setdefault(root(pk), []).append(pk)
    named: dict[Id, Id] = {}
    for group in members.values():
        name = min(group, key=lambda pk: (pk in new, pk))
        named.update(dict.fromkeys(sorted(group), name))
    pairs = [p for p in found.pairs if p.a not in fresh.cited and p.b not in fresh.cited]
    pairs += again.pairs
    pairs.sort(key=lambda p: (-p.probability, p.a, p.b))
    afresh: set[Id] = {pk for pk in fresh.cited if pk not in new}
    return Matches(pairs=pairs, clusters=named, tangled=set(found.tangled), afresh=afresh)
