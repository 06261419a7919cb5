"""Forms of who goes: what was begun is set aside, so that another person can take the study.

What was handed in stays as it is. A form that had been handed in, was seen by the others and then
reopened counts as it stands: the study has been weighed with it, and nobody else can close it.
"""

from django.utils import timezone

from reviews import audit
from reviews.access import Abilities
from reviews.leaving import lets_go
from reviews.models import Membership, User

from . import actions
from .adjudicating import locked_study
from .models import Codebook, Extraction

WHY = "{name} no longer extracts in this review."


@lets_go
def set_forms_aside(member: Membership, keeps: Abilities, by: User) -> None:
    if "extract" in keeps:
        return
    drafts = list(
        Extraction.objects.filter(
            study__review_id=member.review_id,
            by_id=member.user_id,
            submitted_at=None,
            set_aside_at=None,
        )
        .select_related("study")
        .order_by("study", "pk")
    )
    # Every lock before the first audit event: that one holds the review's row.
    for draft in drafts:
        locked_study(draft.study)
    list(
        Codebook.objects.select_for_update(of=("self",))
        .filter(review_id=member.review_id)
        .order_by("pk")
    )
    for draft in drafts:
        if draft.opened_at is None:
            actions.set_aside(draft, by=by, reason=WHY.format(name=member.user))
            continue
        Extraction.objects.filter(pk=draft.pk, submitted_at=None).update(
            submitted_at=timezone.now()
        )
        audit.record(
            draft.study.review,
            "closed a reopened extraction",
            by=by,
            target=draft.study,
            reason=WHY.format(name=member.user),
        )
