"""Extraction on the review's home. The numbers say nothing of what another extractor answered."""

from django.urls import reverse

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step

from . import progress
from .models import Codebook


def steps(member: Membership) -> list[Step]:
    """The codebook while it is being made, then the studies. 4 queries."""
    slug = member.review.slug
    can = abilities(member)
    codebook = Codebook.objects.filter(review=member.review_id).first()
    if codebook is None or not codebook.version:
        says = "Not begun" if codebook is None else "A draft, not published yet"
        mine = 1 if "edit_codebook" in can else 0
        url = reverse("extraction:codebook", args=[slug])
        return [Step("codebook", "Codebook", url, "ui-checks", says, waiting=mine)]
    stages = progress.counts(member.review)
    total, done = sum(stages.values()), stages["settled"] + stages["imported"]
    waiting = 0
    if "extract" in can or "adjudicate_extraction" in can:
        studies = progress.of_member(progress.included(member.review), member)
        waiting = progress.waiting_for(studies, member).count()
    url = reverse("extraction:studies", args=[slug])
    if waiting:
        url += "?show=mine"
    says = f"{done} of {total} studies settled" if total else "No included studies yet"
    return [Step("studies", "Extraction", url, "book", says, done, total, waiting)]
