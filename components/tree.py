"""The tree in the order in which people read it, and the questions asked about its shape."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reviews.models import Review

from .models import Component


@dataclass
class Branch:
    """A component with what hangs below it. `depth` is 0 for a root."""

    component: Component
    depth: int = 0
    branches: list["Branch"] = field(default_factory=list)
    is_first: bool = True
    is_last: bool = True


def grow(components: Iterable[Component]) -> list[Branch]:
    """The roots of the tree that `components` make, siblings in their order. No queries.

    A component whose parent is not among them stands as a root, so that none is left out.
    """
    branches = {each.pk: Branch(each) for each in components}
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.component.parent_id or 0)
        (parent.branches if parent else roots).append(branch)
    _settle(roots, 0)
    return roots


def _settle(siblings: list[Branch], depth: int) -> None:
    siblings.sort(key=lambda branch: (branch.component.order, branch.component.pk))
    for place, branch in enumerate(siblings):
        branch.depth = depth
        branch.is_first, branch.is_last = place == 0, place == len(siblings) - 1
        _settle(branch.branches, depth + 1)


def walk(branches: Iterable[Branch]) -> list[Branch]:
    """Every branch, each parent before what hangs below it."""
    found: list[Branch] = []
    for branch in branches:
        found.append(branch)
        found += walk(branch.branches)
    return found


def outline(review: Review, *, retired: bool = False) -> list[Branch]:
    """The whole tree of `review`, flattened in reading order. 1 query."""
    components = review.components.all()
    if not retired:
        components = components.filter(retired_at=None)
    return walk(grow(components))


DEEPEST = 12  # levels; nobody reads a tree that is deeper


def levels(code: str, parents: dict[str, str | None]) -> int:
    """How many levels down `code` stands, 1 for a root. `parents` must be free of circles."""
    count, above = 1, parents.get(code)
    while above is not None:
        count, above = count + 1, parents.get(above)
    return count


def circle(code: str, parents: dict[str, str | None]) -> list[str]:
    """The codes from `code` upwards back to itself, or [] when it does not come back.

    >>> circle("A", {"A": "B", "B": "A"})
    ['A', 'B', 'A']
    """
    way, above = {code: None}, parents.get(code)  # a dict keeps the order and finds quickly
    while above is not None and above not in way:
        way[above] = None
        above = parents.get(above)
    return [*way, code] if above == code else []
