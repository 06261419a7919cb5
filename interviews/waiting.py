"""The interviews' tile on the review's home."""

from django.urls import reverse

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step

from .models import Transcript


def steps(member: Membership) -> list[Step]:
    """One tile for those who may read transcripts; nobody else learns how many there are."""
    if "read_transcripts" not in abilities(member):
        return []
    review = member.review
    total = review.transcripts.count()
    coded = (
        Transcript.objects.filter(review=review, excerpts__codings__removed_at=None)
        .filter(excerpts__codings__isnull=False)
        .distinct()
        .count()
    )
    return [
        Step(
            key="transcripts",
            title="Interviews",
            url=reverse("interviews:transcripts", args=[review.slug]),
            icon="chat-quote",
            says=f"{coded} of {total} transcripts coded" if total else "No transcript yet",
            done=coded,
            total=total,
            waiting=total - coded,
        )
    ]
