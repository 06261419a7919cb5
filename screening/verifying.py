"""Does what is stored agree with what it follows from?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from citations import blobs, stored
from citations.models import Merge, Report
from reviews import audit
from reviews.models import Review

from . import flow
from .reasons import what_they_count_as
from .reporting import snapshots


@dataclass
class Check:
    name: str
    looked_at: int
    differences: list[str] = field(default_factory=list)


def checks(review: Review) -> Iterator[Check]:
    """Every check on one review; a difference is a sentence that names the row."""
    yield _places(review)
    yield _identities(review)
    yield _merges(review)
    yield _reasons(review)
    yield Check(
        "PRISMA snapshots", snapshots.of(review).count(), snapshots.changed_afterwards(review)
    )
    yield _audit(review)
    yield _files(review)


def _places(review: Review) -> Check:
    wrong = [
        f"report {pk} is stored as {stored} and stands at {computed}"
        for pk, stored, computed in flow.misplaced(review)
    ]
    return Check("places", review.reports.count(), wrong)


def _identities(review: Review) -> Check:
    identities = flow.identities(review, flow.boxes(review))
    wrong = [
        f"identity {each.number} ({each.says}): {each.left} against {each.right}"
        for each in identities
        if not each.holds
    ]
    return Check("PRISMA identities", len(identities), wrong)


def _merges(review: Review) -> Check:
    """Every absorbed report hangs on a standing one, by a merge that stands."""
    absorbed = Report.objects.filter(review=review).exclude(merged_into=None)
    standing = set(
        Merge.objects.filter(review=review, undone_at=None).values_list("absorb_id", flat=True)
    )
    wrong = []
    for report in absorbed.select_related("merged_into"):
        if report.merged_into and report.merged_into.merged_into_id:
            wrong.append(
                f"report {report.pk} hangs on report {report.merged_into_id}, itself merged"
            )
        if report.pk not in standing:
            wrong.append(f"report {report.pk} is absorbed without a merge on record")
        if report.records.exists():
            wrong.append(f"report {report.pk} is absorbed and still has records")
    return Check("merges", absorbed.count(), wrong)


def _reasons(review: Review) -> Check:
    """Every merged reason counts as the one to which its standing merges lead."""
    stored = list(review.reasons.order_by("pk"))
    wrong = [
        f"reason {reason.pk} (“{reason.label}”) is stored as counting as "
        f"{reason.counts_as_id or 'itself'} and counts as {computed or 'itself'}"
        for reason, computed in zip(stored, what_they_count_as(stored), strict=True)
        if reason.counts_as_id != computed
    ]
    return Check("merged reasons", len(stored), wrong)


def _audit(review: Review) -> Check:
    return Check("audit chain", review.events.count(), audit.broken_links(review))


def _files(review: Review) -> Check:
    """Every stored file still holds the bytes whose hash is on record."""
    named = stored.of_review(review)
    wrong = [
        f"the file “{name}” ({sha256[:12]}…) is missing or was changed"
        for sha256, name in named.items()
        if not blobs.is_whole(sha256)
    ]
    return Check("files", len(named), wrong)
