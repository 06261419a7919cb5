"""Extraction on the review's home. The numbers say nothing of what another extractor answered."""

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step, address

from . import progress
from .models import Codebook


def steps(member: Membership) -> list[Step]:
    """The codebook while it is being made, then the studies. 4 queries."""
    can = abilities(member)
    codebook = Codebook.objects.of(member.review_id)
    if codebook is None or not codebook.version:
        says = "Not begun" if codebook is None else "A draft, not published yet"
        mine = 1 if "edit_codebook" in can else 0
        url = address("extraction:codebook", member.review)
        waits = "codebook to write and publish"
        return [Step("codebook", "Codebook", url, "ui-checks", says, waiting=mine, waits=waits)]
    stages = progress.counts(member.review)
    total, done = sum(stages.values()), stages["settled"] + stages["imported"]
    waiting = 0
    if "extract" in can or "adjudicate_extraction" in can:
        studies = progress.of_member(progress.included(member.review), member)
        waiting = progress.waiting_for(studies, member).count()
    query = {"show": "mine"} if waiting else {}
    url = address("extraction:studies", member.review, **query)
    says = f"{done} of {total} studies settled" if total else "No included studies yet"
    waits = "study waits for you" if waiting == 1 else "studies wait for you"
    return [Step("studies", "Extraction", url, "book", says, done, total, waiting, waits)]
