"""Updating a review: what was found so far becomes the previous version, new searches make the next.

PRISMA 2020 has a template of its own for updates (Page et al. 2021, BMJ 372:n71, figure 1): the
searches, records and reports in its columns are those of the update alone; what earlier versions
included stands in a box of its own. Nothing moves: decisions, places and files stay as they are, and
only the version that new searches are given changes.
"""

from django.db import transaction

from citations.models import Search
from reviews import audit, past
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from .. import flow

MOST = 1_000_000  # studies or reports that an earlier version may be said to have included


def _locked(review: Review) -> Review:
    return Review.objects.select_for_update(no_key=True).get(pk=review.pk)


def _keep_version(review: Review) -> None:
    rows = Review.objects.filter(pk=review.pk)
    past.keep(review, rows, "version", "previous_studies", "previous_reports")


@transaction.atomic
def begin(review: Review, *, by: User, version: int) -> Review:
    """Begin the update that follows `version`; a second person who asks for the same is told."""
    review = _locked(review)
    if review.version != version:
        raise Clash("Somebody has just begun this update, or taken it back.")
    if not review.searches.filter(version=version).exists():
        raise Refused("This version has no search yet, so there is nothing to update.")
    numbers = flow.boxes(review)
    _keep_version(review)
    review.version += 1
    review.save(update_fields=["version"])
    audit.record(
        review,
        "began an update",
        by=by,
        target=f"version {review.version}",
        before={box: numbers[box] for box in ("T_studies", "T_reports", "D1", "O1", "D3")},
        after={"version": review.version},
    )
    return review


@transaction.atomic
def take_back(review: Review, *, by: User) -> Review:
    """Undo `begin`, as long as no search was made for the update."""
    review = _locked(review)
    if review.version == 1:
        raise Clash("No update has been begun.")
    if Search.objects.filter(review=review, version=review.version).exists():
        raise Refused("The update has searches already; it can no longer be taken back.")
    _keep_version(review)
    review.version -= 1
    review.save(update_fields=["version"])
    audit.record(review, "took an update back", by=by, after={"version": review.version})
    return review


@transaction.atomic
def declare_previous(review: Review, *, by: User, studies: int, reports: int) -> Review:
    """Say what an earlier version of the review, made elsewhere, had included. Zeros: there is none."""
    review = _locked(review)
    if not (0 <= studies <= MOST and 0 <= reports <= MOST):
        raise Refused("Give the studies and reports of the earlier version as whole numbers.")
    if studies and not reports:
        raise Refused("An earlier version with studies has at least one report of them.")
    before = {"studies": review.previous_studies, "reports": review.previous_reports}
    after = {"studies": studies, "reports": reports}
    if before != after:
        _keep_version(review)
        review.previous_studies, review.previous_reports = studies, reports
        review.save(update_fields=["previous_studies", "previous_reports"])
        audit.record(review, "declared an earlier version", by=by, before=before, after=after)
    return review
