"""Merge, split and re-code: the acts that take codings along. Each is one event, undone as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused

from . import events, uses
from .actions import check_shape, create, last_below
from .models import Component, TreeEvent

Verb = TreeEvent.Verb
MOST_PARTS = 6  # of one split


def _reason(reason: str, what: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(f"Say why {what}; the history keeps it.")
    return reason


def effects(component: Component) -> list[str]:
    """What would move if `component` merged, in words: ["2 interview codings", …]."""
    return [f"{number} {words}" for number, words in uses.told(component)]


@transaction.atomic
def merge(source: Component, target: Component, *, by: User, reason: str) -> TreeEvent:
    """Let everything that was coded with `source` count as `target`; `source` retires.

    What hangs below `source` hangs below `target` then. What both codes had in one place is kept
    once; the other row is set aside and comes back with `undo`.
    """
    if source.pk == target.pk:
        raise Refused("A component can't be merged with itself.")
    uses.hold([source.pk, target.pk])
    tree = events.hold(source.review)
    source, target = tree[source.pk], tree.get(target.pk) or target
    if target.pk not in tree:
        raise Refused("Both components must belong to this review.")
    for each in (source, target):
        if each.retired_at:
            raise Refused(f"{each.code} is retired; restore it first.")
    if not target.is_codable and source.is_codable:
        raise Refused(f"{target.code} is a heading that nobody can code with; choose another.")
    reason = _reason(reason, "they are merged")
    affected = sum(number for number, _ in uses.told(source))
    moved = [change for use in uses.every() if not use.stays for change in use.move(source, target)]
    below = [each for each in tree.values() if each.parent_id == source.pk]
    for each in sorted(below, key=lambda each: (each.order, each.pk)):
        check_shape(tree, each.code, target.pk)
        each.parent_id, each.order = target.pk, last_below(tree, target.pk)
        each.save(update_fields=["parent", "order"])
    source.retired_at = timezone.now()
    source.save(update_fields=["retired_at"])
    events.check(source.review)
    event = events.log(
        tree,
        Verb.MERGE,
        source.code,
        by=by,
        reason=reason,
        into=target.code,
        moved=moved,
        affected=affected,
    )
    audit.record(
        source.review,
        "merged components",
        by=by,
        target=source,
        after={"into": target.code, "affected": affected},
        reason=reason,
    )
    assert event is not None  # noqa: S101 - the source has retired, so something changed
    return event


@dataclass(frozen=True)
class Part:
    """What a split makes."""

    code: str
    name: str
    definition: str = ""


@transaction.atomic
def split(component: Component, parts: Sequence[Part], *, by: User, reason: str) -> list[Component]:
    """Make `parts` beside `component`. Its codings stay on it until somebody re-codes them one by
    one (`queue`), so that no count loses any meanwhile; then it can retire."""
    tree = events.hold(component.review)
    component = tree[component.pk]
    if component.retired_at or not component.is_codable:
        raise Refused(f"{component.code} can't be coded with, so there is nothing to split.")
    if len(parts) < 2:
        raise Refused("A split needs at least two parts, each with a code and a name.")
    reason = _reason(reason, "it is split")
    parent = tree[component.parent_id] if component.parent_id else None
    made = [
        create(
            tree,
            code=part.code,
            name=part.name,
            parent=parent,
            definition=part.definition.strip(),
            colour=component.colour,
            pattern=component.pattern,
            tidier_items=component.tidier_items,
        )
        for part in parts
    ]
    affected = sum(number for number, _ in uses.told(component))
    codes = ", ".join(each.code for each in made)
    events.log(
        tree, Verb.SPLIT, component.code, by=by, reason=reason, into=codes, affected=affected
    )
    audit.record(
        component.review,
        "split a component",
        by=by,
        target=component,
        after={"into": codes, "affected": affected},
        reason=reason,
    )
    return made


def splits(review: Review) -> dict[str, list[str]]:
    """{code that was split: the codes of its parts}, of splits that hold."""
    held = review.tree_events.filter(verb=Verb.SPLIT, undone_by=None)
    return {event.code: event.into.split(", ") for event in held.order_by("pk")}


def queue(component: Component) -> list[tuple[uses.Use, list[uses.Item]]]:
    """What still waits on a split component, by kind. Read it only for those who may."""
    found = [(use, use.items(component)) for use in uses.every()]
    return [(use, items) for use, items in found if items]


@transaction.atomic
def recode(
    component: Component, use: uses.Use, pks: Iterable[int], target: Component, *, by: User
) -> TreeEvent:
    """Let some codings of `component` speak of `target` from now on."""
    pks = list(pks)
    uses.hold([component.pk, target.pk])
    tree = events.hold(component.review, frozen_is_fine=True)
    component, target = tree[component.pk], tree[target.pk]
    if target.retired_at or not target.is_codable:
        raise Refused(f"{target.code} can't be coded with.")
    there = {item.pk for item in use.items(component)}
    if not pks or not set(pks) <= there:
        raise Refused("Somebody has re-coded this already.")
    moved = use.move(component, target, pks)
    event = events.log(
        tree,
        Verb.RECODE,
        component.code,
        by=by,
        into=target.code,
        moved=moved,
        affected=len(pks),
    )
    audit.record(
        component.review,
        "re-coded",
        by=by,
        target=component,
        after={"to": target.code, use.many: len(pks)},
    )
    assert event is not None  # noqa: S101 - `pks` is not empty, so something moved
    return event
