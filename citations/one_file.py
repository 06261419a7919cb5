"""Records of one and the same file, which a search has already told apart.

A database gives each record of a search once, so two records of one export that look alike are
mostly two publications: an erratum, a second part, a letter under one heading. Unless a review says
otherwise the machine joins them only when they are equal word for word. Pure Python, no Django.
Why: docs/decisions/050-records-of-one-file.md.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from citations.matching import Matches, Pair, Zone
from citations.matching.citation import Id

COMPARED = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "abstract",
)
WHY = "Both records are in the same file."


def words_of(record: Any) -> Hashable:
    """What two records must share to be equal word for word; case, signs and spaces don't count."""

    def bare(value: Any) -> str:
        text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
        return "".join(filter(str.isalnum, text.casefold()))

    return tuple(bare(getattr(record, name)) for name in COMPARED)


def narrow(
    matches: Matches,
    *,
    words: Mapping[Id, Hashable],
    join_from: float = 0.0,
    join_one_file: bool = False,
) -> Matches:
    """`matches` with fewer automatic joins, the others turned into questions.

    `words` has an entry for each record of the file that is being imported: its `words_of`, where
    its cluster holds another record of the file (`together`), else anything. The clusters are built
    again from the automatic pairs, the most probable first. A pair is left to a person when it is
    less probable than `join_from`, and when joining it would bring together two records of the file
    that differ, directly or through a third one.
    """
    is_crowded = not join_one_file and _is_crowded(matches, words)
    if not is_crowded and all(
        p.probability >= join_from for p in matches.pairs if p.zone == Zone.AUTO
    ):
        return matches
    root: dict[Id, Id] = {}
    inside: dict[Id, set[Hashable]] = {}

    def root_of(one: Id) -> Id:
        while root.setdefault(one, one) != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    def of_the_file(one: Id) -> set[Hashable]:
        return inside.setdefault(one, {words[one]} if one in words else set())

    asked: list[Pair] = []
    pairs: list[Pair] = []
    for pair in matches.pairs:  # most probable first
        if pair.zone != Zone.AUTO:
            pairs.append(pair)
            continue
        a, b = root_of(pair.a), root_of(pair.b)
        both = of_the_file(a) | of_the_file(b)
        if a == b:
            pairs.append(pair)
        elif pair.probability < join_from:
            asked.append(replace(pair, zone=Zone.ASK))
        elif not join_one_file and len(both) > 1:
            asked.append(replace(pair, zone=Zone.ASK, why=f"{WHY} {pair.why}"))
        else:
            root[b], inside[a] = a, both
            pairs.append(pair)
    clusters = _named(matches, root_of, words)
    shown: set[frozenset[Id]] = set()  # one question between two clusters, the most probable
    for pair in asked:
        between = frozenset((clusters.get(pair.a, pair.a), clusters.get(pair.b, pair.b)))
        if len(between) == 2 and between not in shown:
            shown.add(between)
            pairs.append(pair)
    pairs.sort(key=lambda pair: -pair.probability)
    return Matches(pairs=pairs, clusters=clusters)


def together(matches: Matches, of_the_file: Iterable[Id]) -> set[Id]:
    """Those records of the file that share a cluster with another record of it."""
    inside: dict[Id, list[Id]] = {}
    for one in of_the_file:
        inside.setdefault(matches.clusters.get(one, one), []).append(one)
    return {one for group in inside.values() if len(group) > 1 for one in group}


def _is_crowded(matches: Matches, words: Mapping[Id, Hashable]) -> bool:
    """Whether a cluster holds two records of the file that differ."""
    inside: dict[Id, Hashable] = {}
    return any(
        inside.setdefault(name, words[one]) != words[one]
        for one, name in matches.clusters.items()
        if one in words
    )


def _named(
    matches: Matches, root_of: Callable[[Id], Id], words: Mapping[Id, Hashable]
) -> dict[Id, Id]:
    """Clusters by the rule of Matches: a standing record names its cluster, else the smallest id."""
    members: dict[Id, list[Id]] = {}
    paired = {one for pair in matches.pairs for one in (pair.a, pair.b)}
    for one in paired | set(matches.clusters):
        members.setdefault(root_of(one), []).append(one)
    clusters: dict[Id, Id] = {}
    for group in members.values():
        group.sort(key=lambda one: (one in words, isinstance(one, str), one))
        for one in group:
            if one in words or len(group) > 1:
                clusters[one] = group[0]
    return clusters
