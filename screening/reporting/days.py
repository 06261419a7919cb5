"""A past day in an address, and the lists behind its numbers as `past.py` kept them.

A list is the ids of reports, records or studies; they are of that day, what is shown of each is of the
present. Its key says what was counted: see `Kept`.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Any

from django.core.cache import cache
from django.http import Http404
from django.utils import timezone

from reviews.models import Review
from reviews.refusal import Refused

# A day that is over never changes; it is kept so that figure, files and lists of one day are counted once.
KEPT_FOR = timedelta(hours=12)


def day_in(text: str | None) -> date | None:
    """The day that an address names (YYYY-MM-DD); None: none, so the present. Refused: not a day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Give the day as year-month-day, for example 2026-03-31.") from None


def past_day_in(text: str | None) -> date | None:
    """The same, and None for today, whose lists are those of the present."""
    day = day_in(text)
    return None if day == timezone.localdate() else day


def first_day(review: Review) -> date:
    return timezone.localdate(review.created_at)


def end_of(day: date) -> datetime:
    """The first moment after `day`, in the site's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@dataclass(frozen=True)
class Kept:
    """The numbers of a day (of prisma.report), and by name the packed ids behind each.

    Names: "box D8", "box D8 3" (of reason 3), "place included", "records D1_db", "source 5",
    "studies I_studies", "studies" (all).
    """

    numbers: dict[str, Any]
    lists: dict[str, bytes]

    def named(self, begin: str) -> list[str]:
        return [name for name in self.lists if name.startswith(begin)]

    def ids(self, *names: str) -> list[int]:
        """The ids of the lists of these names together; Http404 for a name that the day doesn't know."""
        if not self.lists.keys() >= set(names):
            raise Http404("That day knows no such number.")
        return [pk for name in names for pk in unpacked(self.lists[name])]


def packed(ids: Iterable[int]) -> bytes:
    """A few bits an id, where ids stand close together."""
    return zlib.compress(array("q", (b - a for a, b in pairwise([0, *sorted(ids)]))).tobytes())


def unpacked(held: bytes) -> Sequence[int]:
    steps = array("q")
    steps.frombytes(zlib.decompress(held))
    return list(accumulate(steps))


def _key(review: Review, day: date) -> str:
    return f"prisma-day:{review.pk}:{review.created_at.timestamp()}:{day.isoformat()}"


def keep(review: Review, day: date, what: Kept) -> None:
    # Two entries: the page needs the numbers alone.
    seconds = KEPT_FOR.total_seconds()
    cache.set(f"{_key(review, day)}:lists", what.lists, seconds)
    cache.set(_key(review, day), what.numbers, seconds)


def numbers_kept(review: Review, day: date) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(_key(review, day))
    return found


def kept(review: Review, day: date) -> Kept | None:
    """What `keep` kept, if all of it is still there."""
    numbers, lists = numbers_kept(review, day), cache.get(f"{_key(review, day)}:lists")
    return Kept(numbers, lists) if numbers is not None and lists is not None else None


def lists_of(review: Review, asked: str | None) -> Kept | None:
    """What stands behind the day that an address asks for; None: the present.

    Refused while it has not been counted: `past.ready` counts.
    """
    day = past_day_in(asked)
    if day is None:
        return None
    found = kept(review, day)
    if found is None:
        raise Refused(
            f"The lists of {day.isoformat()} have not been counted. Open PRISMA of that day first."
        )
    return found
