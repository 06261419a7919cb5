"""The tile of searches and import on the review's home."""

from django.urls import reverse

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step

from .models import Record


def steps(member: Membership) -> list[Step]:
    review = member.review
    records = Record.objects.filter(review=review).arrived().count()
    sources = review.searches.count()
    waiting = 0
    if "import_records" in abilities(member):
        waiting = review.uploads.filter(confirmed_at=None, imported_at=None).count()
    if waiting:
        says = f"{waiting} file{'s' if waiting > 1 else ''} to look at before import"
    elif records:
        says = f"{records} records from {sources} source{'s' if sources != 1 else ''}"
    else:
        says = "Nothing has been imported yet"
    return [
        Step(
            key="searches",
            title="Searches & import",
            url=reverse("citations:searches", args=[review.slug]),
            icon="cloud-arrow-up",
            says=says,
            waiting=waiting,
        )
    ]
