"""The PRISMA numbers as they stood at the end of a past day, and the list behind each."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from citations.models import Record, Report
from reviews import jobs
from reviews.jobs import Run, work
from reviews.models import Job, Review, User
from reviews.refusal import Refused

from .. import flow
from . import days, prisma
from .days import Kept, first_day

KIND = "past-day"
# From this many reports on a day takes longer than a page may: then a job counts it.
MANY = 20_000


class NotCounted(Refused):
    """A job has to count that day first."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day.isoformat()} has to be counted first; that takes some seconds.")
        self.day = day


def check(review: Review, day: date) -> None:
    """Refused: a day before the review began or one that has not come, and a day that cannot be told
    because what later acts replaced was not kept then."""
    first = first_day(review)
    if day > timezone.localdate():
        raise Refused(f"{day.isoformat()} has not come yet.")
    if day < first:
        raise Refused(f"This review began on {first.isoformat()}.")
    lost = flow.unknown(review, days.end_of(day))
    if lost and day < timezone.localdate():
        acts = ", ".join(f"“{verb}” ({n})" for verb, n in lost)
        raise Refused(
            f"The numbers of {day.isoformat()} cannot be told: what later acts replaced was not "
            f"kept at that time ({acts})."
        )


def report(review: Review, day: date) -> dict[str, Any]:
    """What `prisma.report` said at the end of `day`; of today, what it says now.

    NotCounted in a large review, until `begin` has counted that day; else Refused as `check` does.
    """
    check(review, day)
    if day == timezone.localdate():
        return prisma.report(review)
    known = days.numbers_kept(review, day)
    return known if known is not None else _told(review, day).numbers


def ready(review: Review, asked: str | None) -> None:
    """See to it that the lists of the day in an address are there. Refused as `report` does."""
    day = days.past_day_in(asked)
    if day is not None:
        check(review, day)
        if days.kept(review, day) is None:
            _told(review, day)


def _told(review: Review, day: date) -> Kept:
    if review.reports.count() >= MANY:
        raise NotCounted(day)
    return count(review, day)


def count(review: Review, day: date) -> Kept:
    """Count a day that is over, and keep what was counted."""
    with flow.as_of(review, days.end_of(day)) as then:
        numbers = prisma.counted(then)
        told = Kept(numbers, _lists(then, numbers))
    days.keep(review, day, told)
    return told


def _lists(then: Review, numbers: dict[str, Any]) -> dict[str, bytes]:
    """{name: packed ids} (days.Kept) behind every number, by the rules that open the lists of today."""
    found: dict[str, Any] = {}

    def ids(rows: Any) -> Any:
        return rows.order_by().values_list("pk", flat=True)

    found |= {f"box {box}": rows for box, rows in flow.ids_by_box(then).items()}
    for box, rows in (("D8", numbers["reasons"]), ("O8", numbers["other_reasons"])):
        for reason in [row["id"] for row in rows if row["id"]]:
            found[f"box {box} {reason}"] = ids(flow.reports_in(then, box, reason=reason))
    standing: dict[str, list[int]] = {
        place: [] for place in flow.Place if place not in flow.NOWHERE
    }
    for pk, place in Report.objects.filter(review=then).order_by().values_list("pk", "place"):
        if place in standing:
            standing[place].append(pk)
    found |= {f"place {place}": rows for place, rows in standing.items()}
    for box in flow.RECORD_BOXES:
        found[f"records {box}"] = ids(flow.records_in(then, box))
    for search in then.searches.all():
        found[f"source {search.pk}"] = ids(
            Record.objects.filter(review=then, search=search).arrived()
        )
    for box in flow.STUDY_BOXES:
        found[f"studies {box}"] = ids(flow.studies_of(then, box))
    found["studies"] = ids(flow.studies_in(then))
    return {name: days.packed(rows) for name, rows in found.items()}


@transaction.atomic
def begin(review: Review, day: date, *, by: User) -> Job:
    """Have a job count `day`; the one that is at it, if there is one. Refused as `check` does."""
    check(review, day)
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    open_ = [Job.State.QUEUED, Job.State.RUNNING]
    at_it = review.jobs.filter(kind=KIND, state__in=open_, payload__day=day.isoformat()).first()
    return at_it or jobs.enqueue(review, KIND, by=by, day=day.isoformat())


@work(KIND, needs="read")
def count_as_job(run: Run) -> dict[str, Any]:
    """{"day", "text", "url"}. It writes nothing but what is kept of the day, so a second run does no harm."""
    day = date.fromisoformat(run.payload["day"])
    run.step(0, doing="Laying out records, decisions and files as they were then")
    count(run.job.review, day)
    address = reverse("screening:prisma", args=[run.job.review.slug])
    return {
        "day": day.isoformat(),
        "text": f"{day.isoformat()} is counted.",
        "url": f"{address}?on={day.isoformat()}",
    }
