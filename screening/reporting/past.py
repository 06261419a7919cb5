"""The PRISMA numbers as they stood at the end of a past day."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from reviews.models import Review
from reviews.refusal import Refused

from .. import flow
from . import prisma

# A day that is over never changes; it is kept so that figure and files of one day are counted once.
KEPT_FOR = timedelta(hours=12)


def day_in(text: str | None) -> date | None:
    """The day that an address names (YYYY-MM-DD); None: none, so the present. Refused: not a day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Give the day as year-month-day, for example 2026-03-31.") from None


def first_day(review: Review) -> date:
    return timezone.localdate(review.created_at)


def end_of(day: date) -> datetime:
    """The first moment after `day`, in the site's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def report(review: Review, day: date) -> dict[str, Any]:
    """What `prisma.report` said at the end of `day`; of today, what it says now.

    Refused: a day before the review began or one that has not come, and a day that cannot be told
    because what later acts replaced was not kept then.
    """
    today, first = timezone.localdate(), first_day(review)
    if day > today:
        raise Refused(f"{day.isoformat()} has not come yet.")
    if day < first:
        raise Refused(f"This review began on {first.isoformat()}.")
    if day == today:
        return prisma.report(review)
    lost = flow.unknown(review, end_of(day))
    if lost:
        acts = ", ".join(f"“{verb}” ({n})" for verb, n in lost)
        raise Refused(
            f"The numbers of {day.isoformat()} cannot be told: what later acts replaced was not "
            f"kept at that time ({acts})."
        )
    key = f"prisma:{review.pk}:{review.created_at.timestamp()}:{day.isoformat()}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        with flow.as_of(review, end_of(day)) as then:
            known = prisma.counted(then)
        cache.set(key, known, KEPT_FOR.total_seconds())
    return known
