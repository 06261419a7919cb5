"""The year of publication out of the many ways to write a date."""

import re
from functools import lru_cache

_YEAR = re.compile(r"(?<![\d.])(1[5-9]\d\d|20\d\d)(?!\d)")
_COMPACT = re.compile(r"\s*(1[5-9]\d\d|20\d\d)(?:0[0-9]|1[0-2])(?:[0-2]\d|3[01])\s*\Z")
EARLIEST, LATEST = 1500, 2099


@lru_cache(maxsize=1024)  # a file has thousands of dates and a few dozen different ones
def year_of(text: str) -> int | None:
    """1988 of `1988/00/00/Spring`, `c. 1988`, `Mar 1988`, `19880312`; None if no year is there."""
    head = text[:4]
    if len(head) == 4 and head.isdecimal() and head.isascii() and not text[4:5].isalnum():
        year = int(head)
        return year if EARLIEST <= year <= LATEST else None
    match = _YEAR.search(text) or _COMPACT.match(text)
    return int(match[1]) if match else None


def first_year(*texts: str) -> int | None:
    """The year of the first text that has one."""
    for text in texts:
        if text and (year := year_of(text)):
            return year
    return None
