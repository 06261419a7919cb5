"""The log of the tree: what each act changed, row by row, and how it is taken back exactly.

An act is written down as a list of changes (model, key, before, after). Taking it back is an act as
well, with before and after exchanged: so it can be taken back in its turn.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import uses
from .changes import Change, plain, state
from .models import Component, TreeEvent
from .tree import DEEPEST, circle, levels
from .versions import refuse_if_frozen

COMPONENT = "components.Component"
# Others have moved siblings since: that is no reason to refuse, an order may hold the same twice.
MAY_DIFFER = {"order"}


class Held(dict[int, Component]):
    """Every component of a review, held until the end of the transaction, and how each was."""

    def __init__(self, review: Review) -> None:
        super().__init__((each.pk, each) for each in review.components.all())
        self.review = review
        self.before = {pk: state(each) for pk, each in self.items()}

    def changes(self) -> list[Change]:
        """What the database says now and did not say before."""
        now = {each.pk: state(each) for each in Component.objects.filter(review=self.review)}
        found: list[Change] = []
        for pk in sorted({*self.before, *now}):
            before, after = self.before.get(pk), now.get(pk)
            if before == after:
                continue
            if before is not None and after is not None:
                differ = [key for key in after if before[key] != after[key]]
                before = {key: before[key] for key in differ}
                after = {key: after[key] for key in differ}
            found.append(Change(COMPONENT, pk, before, after))
        return found


def hold(review: Review, *, frozen_is_fine: bool = False) -> Held:
    """The tree of `review`, locked. Refused when its version is frozen, unless that is fine."""
    Review.objects.select_for_update(no_key=True).only("pk").get(pk=review.pk)
    if not frozen_is_fine:
        refuse_if_frozen(review)
    return Held(review)


def log(
    tree: Held,
    verb: str,
    code: str,
    *,
    by: User,
    reason: str = "",
    into: str = "",
    moved: Sequence[Change] = (),
    affected: int = 0,
    undoes: TreeEvent | None = None,
    history: Sequence[Any] = (),
) -> TreeEvent | None:
    """Write down what was done to `tree` and which rows `moved` with it; None if nothing was."""
    changes = [*tree.changes(), *moved]
    if not changes and undoes is None:
        return None
    return TreeEvent.objects.create(
        review=tree.review,
        verb=verb,
        code=code[:255],
        into=into[:255],
        reason=reason,
        by=by,
        affected=affected,
        changes=[list(change) for change in changes],
        undoes=undoes,
        history=list(history),
    )


@transaction.atomic
def undo(event: TreeEvent, *, by: User, reason: str = "") -> TreeEvent:
    """Give back what `event` changed. Refused when something has built on it since."""
    changes = [Change(*each) for each in event.changes]
    shaped = any(change.model == COMPONENT for change in changes)
    uses.hold({change.pk for change in changes if change.model == COMPONENT})
    tree = hold(event.review, frozen_is_fine=not shaped)
    event = TreeEvent.objects.select_related("review").get(pk=event.pk)
    if TreeEvent.objects.filter(undoes=event).exists():
        raise Clash("Somebody has undone this already.")
    inverse = [Change(each.model, each.pk, each.after, each.before) for each in reversed(changes)]
    try:
        with transaction.atomic():
            _apply(tree, inverse)
    except (IntegrityError, ProtectedError):
        raise Refused("Something that came later stands in the way; undo that first.") from None
    check(event.review)
    moved = [change for change in inverse if change.model != COMPONENT]
    done = log(
        tree,
        TreeEvent.Verb.UNDO,
        event.code,
        by=by,
        reason=reason.strip(),
        into=event.get_verb_display().lower(),
        moved=moved,
        affected=event.affected,
        undoes=event,
    )
    audit.record(
        event.review,
        "undid a change of the tree",
        by=by,
        target=f"components {event.code}",
        before={"did": event.verb, "affected": event.affected},
        reason=reason.strip(),
    )
    assert done is not None  # noqa: S101 - log() always writes what undoes something
    return done


def _apply(tree: Held, changes: Iterable[Change]) -> None:
    """Carry out `changes`: what leaves first, then what comes back, then what differs."""
    changes = list(changes)
    # A component that an act had added leaves last: the rows on it move away before.
    for change in changes:
        if change.model != COMPONENT and change.after is None:
            _row(change).delete()
    names = [c for c in changes if c.model == COMPONENT and c.before and c.after]
    for change in reversed([c for c in changes if c.before is None]):
        # Reversed once more: what hangs below another comes after it.
        fresh = {
            key: _python(change.model, key, value) for key, value in (change.after or {}).items()
        }
        apps.get_model(change.model)(pk=change.pk, **fresh).save(force_insert=True)
    _check_unchanged(changes)
    # Two siblings may exchange their names; in between no two must have the same.
    for change in names:
        if "name" in (change.after or {}):
            Component.objects.filter(pk=change.pk).update(name=f"… {change.pk}")
    for change in changes:
        if change.before is not None and change.after is not None:
            values = {k: _python(change.model, k, v) for k, v in change.after.items()}
            apps.get_model(change.model)._base_manager.filter(pk=change.pk).update(**values)
    for change in changes:
        if change.model == COMPONENT and change.after is None:
            _take_away(tree[change.pk])


def _take_away(component: Component) -> None:
    """Undo that a component was added: only while nothing has been made of it."""
    if Component.objects.filter(parent=component).exists():
        raise Refused(f"Something hangs below {component.code}; move it first, or retire the code.")
    if number := sum(use.ever(component) for use in uses.every()):
        raise Refused(
            f"{component.code} is in use ({number} time{'s' if number > 1 else ''}), so it can't "
            "vanish; retire it instead."
        )
    component.delete()


def _row(change: Change) -> models.Model:
    found = apps.get_model(change.model)._base_manager.filter(pk=change.pk).first()
    if found is None:
        raise Refused("Something that this had changed is no longer there.")
    return found


def _python(model: str, name: str, value: Any) -> Any:
    return apps.get_model(model)._meta.get_field(name).to_python(value)


def _check_unchanged(changes: Iterable[Change]) -> None:
    """Every field that is about to be set back must still be as the act had left it."""
    by_model: dict[str, list[Change]] = {}
    for change in changes:
        if change.before is not None and change.after is not None:
            by_model.setdefault(change.model, []).append(change)
    for label, wanted in by_model.items():
        rows = apps.get_model(label)._base_manager.in_bulk([change.pk for change in wanted])
        for change in wanted:
            row = rows.get(change.pk)
            if row is None:
                raise Refused("Something that this had changed is no longer there.")
            for key, value in (change.before or {}).items():
                if key not in MAY_DIFFER and plain(getattr(row, key)) != value:
                    named = row.code if isinstance(row, Component) else "One of the codings"
                    raise Refused(f"{named} has been changed since then; undo that first.")


def check(review: Review) -> None:
    """Refused unless the tree is one: no circle, no namesakes, nothing in use below what is not."""
    nodes = {each.pk: each for each in Component.objects.filter(review=review)}
    parents = {
        each.code: nodes[each.parent_id].code if each.parent_id else None for each in nodes.values()
    }
    seen: dict[tuple[int | None, str], str] = {}
    for each in nodes.values():
        if way := circle(each.code, parents):
            raise Refused(f"{each.code} would be below itself ({' > '.join(reversed(way))}).")
        if each.retired_at:
            continue
        above = nodes[each.parent_id] if each.parent_id else None
        if above and above.retired_at:
            raise Refused(f"{each.code} would hang below {above.code}, which is retired.")
        other = seen.setdefault((each.parent_id, each.name.casefold()), each.code)
        if other != each.code:
            raise Refused(f"{other} and {each.code} would stand beside each other with one name.")
    if any(levels(code, parents) > DEEPEST for code in parents):
        raise Refused(f"That would make the tree deeper than {DEEPEST} levels.")
