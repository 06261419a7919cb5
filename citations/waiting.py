"""The tile of the sources on a review's home."""

from reviews.access import abilities
from reviews.models import Membership
from reviews.waiting import Step, address, noun

from .models import Record


def steps(member: Membership) -> list[Step]:
    """What came in, and the files that wait to be confirmed. 3 queries."""
    review = member.review
    records = Record.objects.filter(review=review).arrived().count()
    sources = review.searches.count()
    unconfirmed = 0
    if "import_records" in abilities(member):
        read = review.uploads.filter(confirmed_at=None, unreadable="").exclude(summary={})
        unconfirmed = read.count()
    says = f"{records} {noun(records, 'record')} from {sources} {noun(sources, 'source')}"
    return [
        Step(
            key="searches",
            title="Searches & import",
            url=address("citations:searches", review),
            icon="cloud-arrow-up",
            says=says if records else "No records yet",
            waiting=unconfirmed,
            waits=f"{noun(unconfirmed, 'file')} to look at before the import",
        )
    ]
