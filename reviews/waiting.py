"""A tile on the review's home: what is done, what waits for me, where to go."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from .models import Review


def address(name: str, review: Review, **query: str) -> str:
    """Where a tile leads; "" when the page does not exist, as the rail hides such entries."""
    try:
        path = reverse(name, args=[review.slug])
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path


def noun(n: int, one: str) -> str:
    """ "record" for one, "records" for any other number."""
    return one if n == 1 else f"{one}s"


@dataclass(frozen=True)
class Step:
    key: str  # "duplicates"
    title: str
    url: str
    icon: str  # a name of the icon sprite
    says: str  # one line: "212 of 420 screened"
    done: int | None = None
    total: int | None = None
    waiting: int = 0  # how many things wait for this member
    waits: str = ""  # what they are and what for: "reports wait for your decision"

    @property
    def is_over(self) -> bool:
        """Whether all that there was to do is done."""
        return not self.waiting and bool(self.total) and self.done == self.total
