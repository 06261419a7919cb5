"""Join sure pairs to clusters, and refuse a chain that leads through a contradiction."""

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np

LARGEST_TO_PROVE = 40  # members; in a larger group only the pairs that the blocks found are proved

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


def unproved(edges: list[Edge], known: set[Edge]) -> list[Edge]:
    """Pairs inside a group that nobody has compared yet: a chain could hide a contradiction."""
    return [
        pair
        for group in components(edges)
        if 2 < len(group) <= LARGEST_TO_PROVE
        for pair in combinations(group, 2)
        if pair not in known
    ]


def join(
    edges: list[Edge],
    probability: Callable[[Edge], float],
    apart: set[Edge],
) -> tuple[dict[int, int], list[Edge]]:
    """Join by falling probability; refuse where any two members are in `apart`.

    Edges are (a, b), a < b. Equal probabilities go by record number, so that the order of the
    input never shows. Gives (member -> smallest member of its cluster, refused edges).
    """
    enemies: dict[int, set[int]] = {}
    for a, b in apart:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    members: dict[int, set[int]] = {}
    home: dict[int, int] = {}
    refused: list[Edge] = []
    for a, b in sorted(edges, key=lambda e: (-round(probability(e), 6), e)):
        x, y = home.setdefault(a, a), home.setdefault(b, b)
        if x == y:
            continue
        left, right = members.setdefault(x, {a}), members.setdefault(y, {b})
        if len(left) < len(right):
            x, y, left, right = y, x, right, left
        if any(not enemies[k].isdisjoint(left) for k in right if k in enemies):
            refused.append((a, b))
            continue
        for k in right:
            home[k] = x
        left |= right
        del members[y]
    smallest = {x: min(group) for x, group in members.items()}
    return {k: smallest[x] for k, x in home.items()}, refused


def as_edges(a: np.ndarray, b: np.ndarray) -> list[Edge]:
    return list(zip(a.tolist(), b.tolist(), strict=True))
