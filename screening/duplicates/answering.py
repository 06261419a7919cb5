"""Answers to questions about duplicates, and taking them back.

"Same" joins the two reports (joining.py), "related" links them (relating.py), "different" keeps them
apart for good.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from citations.models import DuplicatePair, Merge, RelatedReport, Report
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from . import joining, questions, relating

Answer = DuplicatePair.Answer


@transaction.atomic
def answer(
    pair: DuplicatePair,
    verdict: str,
    *,
    by: User,
    kind: str = "",
    at: datetime | None = None,
) -> DuplicatePair:
    """Settle a question about duplicates; a second person who was slower is told.

    `kind` says what related reports are to each other; "" leaves it to citations/relations.py.
    """
    pair = joining.locked_pair(pair)
    if verdict not in Answer.values:
        raise Refused("Two reports are the same, different or related.")
    if kind and kind not in RelatedReport.Kind.values:
        raise Refused("There is no such kind of relation.")
    if pair.answer:
        if pair.answer == verdict:
            return pair
        who = pair.answered_by or "The matching"
        raise Clash(f"{who} has answered this already: {pair.get_answer_display().lower()}.")
    first, second = joining.standing(pair.first), joining.standing(pair.second)
    if verdict == Answer.SAME:
        if first.pk != second.pk:
            pair.merge = joining.merge(*joining.elder(first, second), by=by)
    elif first.pk == second.pk:
        raise Clash("These reports have been merged in the meantime; undo that merge first.")
    elif verdict == Answer.RELATED:
        relating.link(pair.first, pair.second, by=by, why=pair.why, kind=kind, rule=pair.rule)
    pair.answer, pair.answered_by, pair.answered_at = verdict, by, at or timezone.now()
    pair.held_by = pair.held_until = None
    pair.save(
        update_fields=["answer", "answered_by", "answered_at", "merge", "held_by", "held_until"]
    )
    audit.record(
        pair.review,
        "answered a question about duplicates",
        by=by,
        target=_named(pair),
        after={"answer": verdict, "probability": pair.probability, "rule": pair.rule},
    )
    return pair


@transaction.atomic
def answer_together(pairs: Sequence[DuplicatePair], *, by: User) -> list[DuplicatePair]:
    """All reports of these open questions are one document: all of it, or nothing.

    The answers carry one time, by which `take_last_back` takes them back together.
    """
    if not pairs:
        raise Refused("Which questions?")
    review = pairs[0].review
    joining.one_at_a_time(review)
    fresh = [joining.locked_pair(pair) for pair in sorted(pairs, key=lambda each: each.pk)]
    for pair in fresh:
        if pair.answer and pair.answer != Answer.SAME:
            who = pair.answered_by or "The matching"
            raise Clash(
                f"{who} has called two of these {pair.answer} in the meantime; nothing was joined."
            )
    heads = {joining.standing(side).pk for pair in fresh for side in (pair.first, pair.second)}
    if any(apart <= heads for apart in questions.told_apart(review)):
        raise Refused("Somebody has called two of these different; answer them one by one.")
    now = timezone.now()
    return [answer(pair, Answer.SAME, by=by, at=now) for pair in fresh]


@transaction.atomic
def take_answer_back(pair: DuplicatePair, *, by: User) -> DuplicatePair:
    """Undo an answer: the merge or link that it made is undone, the question is open again."""
    pair = joining.locked_pair(pair)
    if not pair.answer:
        raise Clash("That question is open already.")
    before = pair.answer
    if before == Answer.SAME:
        if (
            pair.merge is None
            and joining.standing(pair.first).pk == joining.standing(pair.second).pk
        ):
            raise Refused("These reports were joined through others; undo that merge instead.")
        if pair.merge is not None:
            joining.unmerge(pair.merge, by=by)
    elif before == Answer.RELATED:
        RelatedReport.objects.filter(
            first_id=pair.first_id, second_id=pair.second_id, removed_at=None
        ).update(removed_at=timezone.now())
    pair.refresh_from_db()
    if pair.answer:  # undoing a merge has opened its question
        joining.open_again(pair, by=by)
    audit.record(
        pair.review,
        "took an answer about duplicates back",
        by=by,
        target=_named(pair),
        before={"answer": before},
    )
    return pair


@transaction.atomic
def take_last_back(review: Review, *, by: User) -> list[DuplicatePair]:
    """Undo `by`'s last answer; one that was given for a whole group is undone for all of it.

    The pairs that are open again, the most probable first: the page goes on with that one.
    """
    joining.one_at_a_time(review)
    last = questions.last_answers(review, by)
    if not last:
        raise Clash("You have no answer to take back.")
    undone = []
    # Those that joined come before those that found their reports joined through others.
    for pair in sorted(last, key=lambda each: (each.merge_id is None, -(each.merge_id or 0))):
        pair.refresh_from_db()
        if pair.answer:
            undone.append(take_answer_back(pair, by=by))
    return sorted(undone, key=lambda each: (-each.probability, each.pk))


@transaction.atomic
def unlink(made: RelatedReport, *, by: User) -> None:
    """Take a link between related reports back; an answer that made it is taken back with it."""
    joining.one_at_a_time(made.review)
    made = (
        RelatedReport.objects.select_for_update(of=("self",))
        .select_related("review")
        .get(pk=made.pk)
    )
    if made.removed_at:
        raise Clash("These two are no longer linked.")
    pair = DuplicatePair.objects.filter(
        first=made.first_id, second=made.second_id, answer=Answer.RELATED
    ).first()
    if pair is not None:
        take_answer_back(pair, by=by)
        return
    RelatedReport.objects.filter(pk=made.pk).update(removed_at=timezone.now())
    audit.record(
        made.review,
        "unlinked related reports",
        by=by,
        target=f"reports {made.first_id} and {made.second_id}",
        before={"kind": made.kind},
    )


@transaction.atomic
def join_by_hand(report: Report, other: Report, *, by: User) -> Merge:
    """A person says that the two are one document, whether or not the matching had asked."""
    joining.one_at_a_time(report.review)
    fresh = Report.objects.select_related("review", "merged_into").filter(
        pk__in=[report.pk, other.pk]
    )
    heads = {joining.standing(each).pk: joining.standing(each) for each in fresh}
    first, second = heads[min(heads)], heads[max(heads)]
    if first.pk == second.pk:
        raise Refused("These two are one report already.")
    if first.review_id != second.review_id:
        raise Refused("These reports belong to different reviews.")
    pair, _ = DuplicatePair.objects.get_or_create(
        first=first,
        second=second,
        defaults={
            "review": first.review,
            "probability": 1.0,
            "rule": "by-hand",
            "why": "Named by a person.",
            "zone": "ask",
        },
    )
    made = answer(pair, Answer.SAME, by=by).merge
    if made is None:
        raise AssertionError("two standing reports were called the same, and no merge was made")
    return made


def _named(pair: DuplicatePair) -> str:
    return f"reports {pair.first_id} and {pair.second_id}"
