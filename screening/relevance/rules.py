"""Ranking is switched on by the lead, for title and abstract."""

from django.db import transaction

from reviews import audit, jobs
from reviews.actions import check_reason
from reviews.models import Review, Stage, StageRules, User

from .orders import KIND


@transaction.atomic
def set_ranking(
    review: Review, *, by: User, by_relevance: bool, show_why: bool, reason: str = ""
) -> StageRules:
    """Rank title and abstract by relevance or not, and say why or not. Switched on, words are read
    in a job; until the first order is learnt the queue goes on as before.

    With a reason once the protocol is locked."""
    rules = StageRules.objects.select_for_update().get(review=review, stage=Stage.ABSTRACT)
    before = {"rank by relevance": rules.by_relevance, "show reviewers why": rules.show_why}
    after = {"rank by relevance": by_relevance, "show reviewers why": show_why}
    if before == after:
        return rules
    check_reason(Review.objects.get(pk=review.pk), reason)
    was_on = rules.by_relevance
    rules.by_relevance, rules.show_why = by_relevance, show_why
    rules.save(update_fields=["by_relevance", "show_why"])
    audit.record(
        review,
        "changed the ranking",
        by=by,
        target="rules for title and abstract",
        before={name: before[name] for name in before if before[name] != after[name]},
        after={name: after[name] for name in after if before[name] != after[name]},
        reason=reason.strip(),
    )
    if by_relevance and not was_on:
        jobs.enqueue(review, KIND, by=by, read=True)
    return rules
