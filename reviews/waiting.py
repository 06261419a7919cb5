"""A tile on the review's home: what is done, what waits for me, where to go."""

from dataclasses import dataclass


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
