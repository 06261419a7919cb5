"""Judging a row of the matrix."""

from django.db import transaction
from django.utils import timezone

from components.models import Component
from interviews.models import ParticipantGroup
from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused

from . import convergence
from .matrix import Pair, matrix
from .models import Topic


@transaction.atomic
def judge(
    component: Component,
    left: ParticipantGroup | None,
    right: ParticipantGroup,
    *,
    by: User,
    same_meaning: bool | None,
    same_coverage: bool | None,
    reason: str,
) -> Topic:
    """Answer the two questions for a pair of columns; the category follows from the answers.

    Where one side is silent no question can be answered, and the category is silence. A reason is
    always given in words. The earlier judgement is superseded.
    """
    Review.objects.select_for_update(no_key=True).get(pk=component.review_id)
    if not reason.strip():
        raise Refused("Give the reason for this judgement.")
    found = matrix(component.review)
    row = found.row(component.pk)
    if row is None:
        raise Refused("This component is not a row of the matrix.")
    pair = Pair(left, right)
    if pair.key not in {each.key for each in found.pairs}:
        raise Refused("These two columns are not compared in this review.")
    one, other = len(row.sources(left)), len(row.sources(right))
    if not one or not other:
        same_meaning = same_coverage = None
    category = convergence.category(
        left=one, right=other, same_meaning=same_meaning, same_coverage=same_coverage
    )
    if category is None:
        raise Refused("Answer both questions; the category follows from them.")
    earlier = row.judgements.get(pair.key)
    if earlier:
        earlier.superseded_at = timezone.now()
        earlier.save(update_fields=["superseded_at"])
    made = Topic.objects.create(
        component=component,
        left=left,
        right=right,
        same_meaning=same_meaning,
        same_coverage=same_coverage,
        category=category,
        reason=reason.strip(),
        evidence=row.fingerprint(pair),
        by=by,
    )
    audit.record(
        component.review,
        "judged convergence",
        by=by,
        target=component,
        before={"category": earlier.category} if earlier else None,
        after={"pair": pair.key, "category": category},
    )
    return made
