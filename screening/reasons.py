"""Every write about the list of reasons for exclusion.

Reasons are never deleted: decisions that gave one keep it, in the words that people chose. A reason
that was merged into another is counted as that one until the merge is undone.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from reviews import audit, past
from reviews.actions import criteria_in_force
from reviews.models import SCREENING_STAGES, AuditEvent, Criterion, Review, Stage, User
from reviews.refusal import Clash, Refused

from . import actions, flow
from .models import Decision, Reason
from .querysets import OPENED_AT

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
    """The reasons that can be chosen at `stage`, in their order, each followed by those under it."""
    return arranged(review.reasons.filter(stage=stage, retired_at=None).select_related("parent"))


def arranged(reasons: Iterable[Reason]) -> list[Reason]:
    found = list(reasons)
    here = {reason.pk for reason in found}
    return [
        each
        for top in found
        if top.parent_id not in here
        for each in (top, *(under for under in found if under.parent_id == top.pk))
    ]


def given_on(review: Review, stage: str) -> dict[int, int]:
    """{reason id: on how many reports a standing decision gives it}. 1 query.

    Only where everybody who was to decide has decided: the number must not tell of a vote.
    """
    decided = Decision.objects.current().at_stage(stage).exclude(reason=None)
    rows = decided.filter(report__review=review, report__place__in=OPENED_AT[Stage(stage)])
    return dict(rows.order_by().values_list("reason").annotate(n=Count("report", distinct=True)))


HISTORY = [
    "changed the reasons",
    "renamed a reason",
    "merged a reason",
    "undid a merge of reasons",
    "copied the reasons",
]


def history(review: Review, limit: int = 50) -> list[AuditEvent]:
    """What was done to the lists, newest first. 1 query."""
    return list(review.events.filter(verb__in=HISTORY).select_related("actor")[:limit])


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
    for order, reason in enumerate(arranged(reasons)):
        if reason.order != order:
            reason.order = order
            reason.save()


def _put_back(reason: Reason, in_use: Sequence[Reason]) -> None:
    """Let a retired reason be chosen again, at the place of the list that it had."""
    if reason.label.casefold() in {each.label.casefold() for each in in_use}:
        raise Refused(f"There is a reason “{reason.label}” again; rename that one first.")
    if reason.parent and reason.parent.retired_at:
        raise Refused(f"Bring “{reason.parent.label}” back first: it stood under that one.")
    reason.retired_at = None
    reason.save()
    here = min(reason.order, len(in_use))
    _renumber([*in_use[:here], reason, *in_use[here:]])


def what_they_count_as(reasons: Sequence[Reason]) -> list[int | None]:
    """For each of `reasons` (all of a stage or review) the id of that to which its merges lead; None:
    it was not merged, and counts as itself."""
    merged = {each.pk: each for each in reasons}
    found = []
    for reason in reasons:
        end = reason
        for _ in reasons:  # no chain is longer, also not one that somebody has tampered with
            end = merged[end.merged_into_id] if end.merged_into_id else end
        found.append(end.pk if end is not reason else None)
    return found


def _count_anew(review: Review, stage: str) -> None:
    """Write what each merged reason counts as, and settle what that moves.

    Two people who excluded for two reasons that are one now have agreed.
    """
    reasons = list(review.reasons.filter(stage=stage))
    for reason, counts_as in zip(reasons, what_they_count_as(reasons), strict=True):
        if reason.counts_as_id != counts_as:
            past.keep(review, Reason.objects.filter(pk=reason.pk), "counts_as")
            reason.counts_as_id = counts_as
            reason.save(update_fields=["counts_as"])
    if stage == Stage.FULLTEXT:
        # Held first: a decision that is being taken at this moment must not be left unsettled.
        read = review.reports.filter(place__in=flow.ASSESSED).order_by("pk")
        actions.moved(review, list(read.select_for_update().values_list("pk", flat=True)))


def _narrower_in_use(reason: Reason) -> bool:
    return reason.narrower.filter(retired_at=None).exists()


def _record_reasons(review: Review, stage: str, before: Sequence[str], *, by: User) -> list[Reason]:
    now = reasons_in_use(review, stage)
    after = [reason.full_label for reason in now]
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
    known = review.reasons.filter(stage=stage, label=label, merged_into=None)
    retired = known.exclude(retired_at=None).last()
    reason = retired or Reason(review=review, stage=stage, label=label, order=0)
    if retired:
        retired.retired_at = retired.parent = None
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
    before = [reason.full_label for reason in in_use]
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
    _record_reasons(review, stage, [each.full_label for each in in_use], by=by)
    return made


@transaction.atomic
def rename_reason(reason: Reason, label: str, *, by: User) -> Reason:
    """Give a reason another name.

    One that decisions use is retired and a new one takes its place in the order: what people
    chose keeps the words that they chose, and is counted under the new ones.
    """
    in_use = _lock_reasons(reason.review, reason.stage)
    if reason.pk not in {each.pk for each in in_use}:
        raise Clash(f"The reason “{reason.label}” is no longer in use.")
    label = _checked_label(label, [each for each in in_use if each.pk != reason.pk])
    new = old = next(each for each in in_use if each.pk == reason.pk)
    was = old.label
    if was == label:
        return old
    if old.decisions.exists() or old.absorbed.exists():
        new = _named(old.review, old.stage, label)
        new.parent = old.parent
        new.save(update_fields=["parent"])
        old.narrower.update(parent=new)
        _merge(old, new)
    else:
        old.label = label
        old.save(update_fields=["label"])
    for each in in_use:
        each.parent_id = new.pk if each.parent_id == old.pk else each.parent_id
    _renumber([new if each.pk == reason.pk else each for each in in_use])
    _count_anew(old.review, old.stage)
    audit.record(
        old.review,
        "renamed a reason",
        by=by,
        target=f"{old.stage} reasons",
        before={"reason": was},
        after={"reason": label},
    )
    return new


def _merge(reason: Reason, into: Reason) -> None:
    reason.merged_into, reason.merged_at = into, timezone.now()
    reason.was_retired = reason.retired_at is not None
    reason.retired_at = reason.retired_at or reason.merged_at
    reason.save()


@transaction.atomic
def merge_reason(reason: Reason, into: Reason, *, by: User) -> Reason:
    """Count `reason` as `into` from now on; nobody can choose it any more.

    Decisions keep what they gave. Reports on which two people excluded, one for the one and one for
    the other, are no longer in conflict.
    """
    review, stage = reason.review, reason.stage
    in_use = {each.pk: each for each in _lock_reasons(review, stage)}
    reason = Reason.objects.select_related("review").get(pk=reason.pk)
    if into.pk not in in_use:
        raise Refused(f"“{into.label}” is not in use at this stage; merge into one that is.")
    if reason.pk == into.pk:
        raise Refused("A reason can't be merged into itself.")
    if reason.merged_into_id:
        raise Clash(f"“{reason.label}” has been merged already.")
    if _narrower_in_use(reason):
        raise Refused(f"Other reasons stand under “{reason.label}”; move or merge those first.")
    _merge(reason, into)
    _renumber([each for each in in_use.values() if each.pk != reason.pk])
    _count_anew(review, stage)
    audit.record(
        review,
        "merged a reason",
        by=by,
        target=f"{stage} reasons",
        before={
            "reason": reason.label,
            "given on reports": given_on(review, stage).get(reason.pk, 0),
        },
        after={"counts as": into.label},
    )
    return reason


@transaction.atomic
def unmerge_reason(reason: Reason, *, by: User) -> Reason:
    """Undo a merge, in whatever order: the reason counts as itself, and is where it was in the list."""
    review, stage = reason.review, reason.stage
    in_use = _lock_reasons(review, stage)
    reason = Reason.objects.select_related("review", "parent", "merged_into").get(pk=reason.pk)
    into = reason.merged_into
    if into is None:
        raise Clash(f"“{reason.label}” is not merged (any more).")
    reason.merged_into = reason.merged_at = None
    if reason.was_retired:
        reason.save()
    else:
        _put_back(reason, in_use)
    _count_anew(review, stage)
    audit.record(
        review,
        "undid a merge of reasons",
        by=by,
        target=f"{stage} reasons",
        before={"counts as": into.label},
        after={"reason": reason.label},
    )
    return reason


@transaction.atomic
def restore_reason(reason: Reason, *, by: User) -> Reason:
    """Let a retired reason be chosen again."""
    review, stage = reason.review, reason.stage
    in_use = _lock_reasons(review, stage)
    reason = Reason.objects.select_related("review", "parent").get(pk=reason.pk)
    if reason.merged_into_id:
        raise Refused(f"“{reason.label}” was merged into another one; undo the merge.")
    if reason.retired_at:
        _put_back(reason, in_use)
        _record_reasons(review, stage, [each.full_label for each in in_use], by=by)
    return reason


@transaction.atomic
def put_under(reason: Reason, parent: Reason | None, *, by: User) -> Reason:
    """Let a reason stand under `parent`, or by itself (None). There are two levels."""
    review, stage = reason.review, reason.stage
    in_use = _lock_reasons(review, stage)
    before = [each.full_label for each in in_use]
    known = {each.pk: each for each in in_use}
    if reason.pk not in known or (parent is not None and parent.pk not in known):
        raise Clash("Only reasons in use can be arranged.")
    reason = known[reason.pk]
    if parent is not None:
        if parent.pk == reason.pk:
            raise Refused("A reason can't stand under itself.")
        if known[parent.pk].parent_id or _narrower_in_use(reason):
            raise Refused("Reasons have two levels: one that stands under another has none below.")
    reason.parent = known[parent.pk] if parent else None
    reason.save(update_fields=["parent"])
    _renumber(in_use)
    _record_reasons(review, stage, before, by=by)
    return reason


@transaction.atomic
def move_reason(reason: Reason, by_places: int, *, by: User) -> list[Reason]:
    """Move a reason up (negative) or down the order in which reviewers try them."""
    in_use = _lock_reasons(reason.review, reason.stage)
    before = [each.full_label for each in in_use]
    ids = [each.pk for each in in_use]
    if reason.pk not in ids:
        raise Clash(f"The reason “{reason.label}” is no longer in use.")
    moving = in_use[ids.index(reason.pk)]
    siblings = [each for each in in_use if each.parent_id == moving.parent_id]
    here = siblings.index(moving)
    siblings.insert(min(max(here + by_places, 0), len(siblings) - 1), siblings.pop(here))
    rest = [each for each in in_use if each.parent_id != moving.parent_id]
    # `arranged` puts each below its parent again.
    in_use = [*siblings, *rest] if moving.parent_id is None else [*rest, *siblings]
    _renumber(in_use)
    return _record_reasons(reason.review, reason.stage, before, by=by)


@transaction.atomic
def retire_reason(reason: Reason, *, by: User) -> Reason:
    """Take a reason out of use: decisions keep it, nobody can choose it."""
    in_use = _lock_reasons(reason.review, reason.stage)
    if reason.pk in {each.pk for each in in_use}:
        if _narrower_in_use(reason):
            raise Refused(
                f"Other reasons stand under “{reason.label}”; move or retire those first."
            )
        _retire(reason)
        _renumber([each for each in in_use if each.pk != reason.pk])
        _record_reasons(reason.review, reason.stage, [each.label for each in in_use], by=by)
    return reason
