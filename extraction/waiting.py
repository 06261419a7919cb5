"""Extraction on the review's home. The numbers say nothing of what another extractor answered."""

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step, address

from . import progress
from .models import Codebook


def steps(member: Membership) -> list[Step]:
    """The codebook while it is being made, then the studies; and appraisal. 4 queries, and 8 for
    each tool."""
    books = list(member.review.codebooks.order_by("name", "pk"))
    tools = [each for each in books if each.is_tool and each.version and not each.withdrawn_at]
    codebook = next((each for each in books if not each.is_tool), None)
    return [*_extraction(member, codebook), *_appraisal(member, tools)]


def _appraisal(member: Membership, tools: list[Codebook]) -> list[Step]:
    """Nothing where no tool is published."""
    if not tools:
        return []
    can = abilities(member)
    total = done = waiting = 0
    for tool in tools:
        stages = progress.counts(member.review, tool)
        total += sum(stages.values())
        done += stages["settled"]
        if "extract" in can or "adjudicate_extraction" in can:
            found = progress.of_member(progress.included(member.review, tool), member, tool)
            waiting += progress.waiting_for(found, member).count()
    url = address("extraction:appraisal", member.review)
    says = f"{done} of {total} appraisals settled" if total else "No study has a tool yet"
    waits = "appraisal waits for you" if waiting == 1 else "appraisals wait for you"
    return [Step("appraisal", "Appraisal", url, "shield-check", says, done, total, waiting, waits)]


def _extraction(member: Membership, codebook: Codebook | None) -> list[Step]:
    can = abilities(member)
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
