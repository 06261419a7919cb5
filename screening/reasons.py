"""Every write about the list of reasons for exclusion.

Reasons are never deleted: decisions that gave one keep it, in the words that people chose.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from reviews import audit
from reviews.actions import criteria_in_force
from reviews.models import SCREENING_STAGES, Criterion, Review, User
from reviews.refusal import Clash, Refused

from .models import Reason

# A start that most reviews need; the order is the order in which to try them.
USUAL_REASONS = [
    "Wrong population",
    "Not a program or intervention",
    "No component or outcome described",
    "Wrong study design",
    "Wrong publication type",
    "Duplicate report",
]


def criteria_by_kind(review: Review) -> list[Criterion]:
    """The criteria in force, what is included before what is excluded. 1 query."""
    return sorted(criteria_in_force(review), key=lambda each: each.kind != Criterion.Kind.INCLUSION)


def reasons_in_use(review: Review, stage: str) -> list[Reason]:
    """The reasons that can be chosen at `stage`, in their order."""
    return list(review.reasons.filter(stage=stage, retired_at=None))


def _checked_label(label: str, others: Iterable[Reason]) -> str:
    label = " ".join(label.split())
    if not label:
        raise Refused("A reason needs a name.")
    if len(label) > 120:
        raise Refused("A reason has at most 120 letters.")
    if label.casefold() in {other.label.casefold() for other in others}:
        raise Refused(f"There is a reason “{label}” already.")
    return label


def _renumber(reasons: Sequence[Reason]) -> None:
    for order, reason in enumerate(reasons):
        if reason.order != order:
            reason.order = order
            reason.save()


def _record_reasons(review: Review, stage: str, before: Sequence[str], *, by: User) -> list[Reason]:
    now = reasons_in_use(review, stage)
    after = [reason.label for reason in now]
    if after != list(before):
        target = f"{stage} reasons"
        audit.record(
            review, "changed the reasons", by=by, target=target, before=list(before), after=after
        )
    return now


def _lock_reasons(review: Review, stage: str) -> list[Reason]:
    """The reasons in use, with the review held so that two leads change them one after the other."""
    if stage not in SCREENING_STAGES:
        raise Refused("Reasons belong to title and abstract, or to full text.")
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    return reasons_in_use(review, stage)


def _named(review: Review, stage: str, label: str) -> Reason:
    """A reason called `label`: the retired one of that name, taken up again, or a new one."""
    retired = review.reasons.filter(stage=stage, label=label).exclude(retired_at=None).last()
    reason = retired or Reason(review=review, stage=stage, label=label, order=0)
    if retired:
        retired.retired_at = None
    reason.save()
    return reason


def _retire(reason: Reason) -> None:
    reason.retired_at = timezone.now()
    reason.save(update_fields=["retired_at"])


@transaction.atomic
def set_reasons(review: Review, stage: str, labels: Sequence[str], *, by: User) -> list[Reason]:
    """Make `labels` the reasons of `stage`, in that order.

    A reason that is missing from `labels` is retired: decisions keep it, nobody can choose it.
    """
    in_use = _lock_reasons(review, stage)
    before = [reason.label for reason in in_use]
    wanted = [" ".join(label.split()) for label in labels if label.strip()]
    if len({label.casefold() for label in wanted}) != len(wanted):
        raise Refused("Two reasons have the same name.")
    for label in wanted:
        _checked_label(label, [])
    for reason in in_use:
        if reason.label not in wanted:
            _retire(reason)
    current = {reason.label: reason for reason in in_use}
    _renumber([current.get(label) or _named(review, stage, label) for label in wanted])
    return _record_reasons(review, stage, before, by=by)


@transaction.atomic
def add_reason(review: Review, stage: str, label: str, *, by: User) -> Reason:
    """Append a reason to those of `stage`."""
    in_use = _lock_reasons(review, stage)
    made = _named(review, stage, _checked_label(label, in_use))
    _renumber([*in_use, made])
    _record_reasons(review, stage, [reason.label for reason in in_use], by=by)
    return made


@transaction.atomic
def rename_reason(reason: Reason, label: str, *, by: User) -> Reason:
    """Give a reason another name.

    One that decisions use is retired and a new one takes its place in the order: what people
    chose keeps the words that they chose.
    """
    in_use = _lock_reasons(reason.review, reason.stage)
    before = [each.label for each in in_use]
    if reason.pk not in {each.pk for each in in_use}:
        raise Clash(f"The reason “{reason.label}” is no longer in use.")
    label = _checked_label(label, [each for each in in_use if each.pk != reason.pk])
    old = next(each for each in in_use if each.pk == reason.pk)
    if old.label == label:
        return old
    if old.decisions.exists():
        _retire(old)
        new = _named(reason.review, reason.stage, label)
    else:
        old.label = label
        old.save(update_fields=["label"])
        new = old
    _renumber([new if each.pk == reason.pk else each for each in in_use])
    _record_reasons(reason.review, reason.stage, before, by=by)
    return new


@transaction.atomic
def move_reason(reason: Reason, by_places: int, *, by: User) -> list[Reason]:
    """Move a reason up (negative) or down the order in which reviewers try them."""
    in_use = _lock_reasons(reason.review, reason.stage)
    before = [each.label for each in in_use]
    ids = [each.pk for each in in_use]
    if reason.pk not in ids:
        raise Clash(f"The reason “{reason.label}” is no longer in use.")
    here = ids.index(reason.pk)
    moving = in_use.pop(here)
    in_use.insert(min(max(here + by_places, 0), len(in_use)), moving)
    _renumber(in_use)
    return _record_reasons(reason.review, reason.stage, before, by=by)


@transaction.atomic
def retire_reason(reason: Reason, *, by: User) -> Reason:
    """Take a reason out of use: decisions keep it, nobody can choose it."""
    in_use = _lock_reasons(reason.review, reason.stage)
    if reason.pk in {each.pk for each in in_use}:
        _retire(reason)
        _renumber([each for each in in_use if each.pk != reason.pk])
        _record_reasons(reason.review, reason.stage, [each.label for each in in_use], by=by)
    return reason
