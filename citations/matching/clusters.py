"""Join sure pairs to clusters, and refuse a chain that leads through a contradiction."""

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Sequence
from itertools import combinations

import numpy as np

LARGEST_TO_PROVE = 300  # different members; nobody has so many records of one publication

Edge = tuple[int, int]


def components(edges: Iterable[Edge]) -> list[list[int]]:
    """Groups of records that hang together, each in ascending order, ordered by first member."""
    parent: dict[int, int] = {}

    def root(k: int) -> int:
        parent.setdefault(k, k)
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for a, b in edges:
        x, y = root(a), root(b)
        if x != y:
            parent[max(x, y)] = min(x, y)
    groups: dict[int, list[int]] = {}
    for k in sorted(parent):
        groups.setdefault(root(k), []).append(k)
    return list(groups.values())


def joining(new: Iterable[Edge], edges: Iterable[Edge]) -> list[list[int]]:
    """The groups of `edges` in which there is one of `new`."""
    touched = {k for edge in new for k in edge}
    return [group for group in components(edges) if not touched.isdisjoint(group)]


def unproved(
    groups: Iterable[Sequence[int]],
    name: Callable[[int], Hashable],
    one_source: Callable[[int, int], bool],
    known: Container[Edge],
) -> tuple[list[Edge], set[int]]:
    """Pairs inside `groups` that nobody has compared yet: a chain could hide a contradiction.

    Copies have one `name`. What one of them is to another record all are, but for whether both come from
    `one_source`: of their pairs one of each kind is enough. Gives ([pairs], {members of groups that are
    too large}).
    """
    missing: list[Edge] = []
    too_large: set[int] = set()
    for group in groups:
        units: dict[Hashable, list[int]] = {}
        for k in group:
            units.setdefault(name(k), []).append(k)
        if len(units) > LARGEST_TO_PROVE:
            too_large.update(group)
            continue
        for some, others in combinations(units.values(), 2):
            for alike in (True, False):
                pairs = ((a, b) for a in some for b in others if one_source(a, b) == alike)
                if pair := next(pairs, None):
                    missing.append((min(pair), max(pair)))
    return [pair for pair in missing if pair not in known], too_large


def join(
    edges: Iterable[Edge],
    *,
    apart: Collection[Edge],
    told: Collection[Edge] = (),
    given: Iterable[Sequence[int]] = (),
) -> tuple[dict[int, int], list[Edge]]:
    """Join in the order of `edges`; refuse where two members contradict each other.

    `apart` are pairs that the engine holds for two publications, `told` those that a person told
    apart. `given` are groups that stand already; where a person joined what is `apart`, the person
    knew better, and such a group is not refused for what is apart from one of its members.
    Gives (member -> smallest member of its cluster, refused edges).
    """
    against, foes = _both_ways(apart), _both_ways(told)
    members: dict[int, set[int]] = {}
    home: dict[int, int] = {}
    overruled: set[int] = set()
    for group in given:
        first = min(group)
        members[first] = set(group)
        home.update(dict.fromkeys(group, first))
        if _clash(members[first], members[first], against):
            overruled.add(first)
    refused: list[Edge] = []
    for a, b in edges:
        x, y = home.setdefault(a, a), home.setdefault(b, b)
        if x == y:
            continue
        left, right = members.setdefault(x, {x}), members.setdefault(y, {y})
        if len(left) < len(right):
            x, y, left, right = y, x, right, left
        forgiven = x in overruled or y in overruled
        if _clash(right, left, foes) or (not forgiven and _clash(right, left, against)):
            refused.append((a, b))
            continue
        for k in right:
            home[k] = x
        left |= right
        del members[y]
        if forgiven:
            overruled.add(x)
    smallest = {x: min(group) for x, group in members.items()}
    return {k: smallest[x] for k, x in home.items()}, refused


def _both_ways(pairs: Iterable[Edge]) -> dict[int, set[int]]:
    out: dict[int, set[int]] = {}
    for a, b in pairs:
        out.setdefault(a, set()).add(b)
        out.setdefault(b, set()).add(a)
    return out


def _clash(some: set[int], others: set[int], enemies: dict[int, set[int]]) -> bool:
    return any(not enemies[k].isdisjoint(others) for k in some if k in enemies)


def as_edges(a: np.ndarray, b: np.ndarray) -> list[Edge]:
    return list(zip(a.tolist(), b.tolist(), strict=True))
