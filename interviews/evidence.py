"""What the interviews say about each component: the questions that the convergence matrix asks."""

from dataclasses import dataclass

from django.db.models import Count, Q

from reviews.models import Review

from .models import Coding, ParticipantGroup


@dataclass(frozen=True)
class Evidence:
    """One coding, with whose words they are and where they stand."""

    component: int
    group: int
    participant: int
    pseudonym: str
    stance: str
    excerpt: int
    exact: str
    transcript: int


def component_evidence(review: Review, component: int | None = None) -> list[Evidence]:
    """All standing codings of the review (or of one component). 1 query."""
    codings = Coding.objects.filter(component__review=review, removed_at=None)
    if component is not None:
        codings = codings.filter(component=component)
    rows = codings.order_by("excerpt__transcript", "excerpt__start", "pk").values_list(
        "component",
        "excerpt__transcript__participant__group",
        "excerpt__transcript__participant",
        "excerpt__transcript__participant__pseudonym",
        "stance",
        "excerpt",
        "excerpt__exact",
        "excerpt__transcript",
    )
    return [Evidence(*row) for row in rows]


def groups(review: Review) -> list[tuple[ParticipantGroup, int]]:
    """Each group with how many of its participants have a transcript (the denominator)."""
    found = ParticipantGroup.objects.filter(review=review).annotate(
        n=Count("participants", filter=Q(participants__transcripts__isnull=False), distinct=True)
    )
    return [(group, group.n) for group in found]
