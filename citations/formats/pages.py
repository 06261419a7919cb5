"""Page ranges."""

import re

_SPACED_DASH = re.compile(r"\s*(?:--+|[-–—‐‑−])\s*")


def span(first: str, last: str) -> str:
    """`100-110` of start and end; the start alone when it is a range or there is no other end."""
    if not first:
        return last
    if not last or last == first or "-" in first:
        return first
    return f"{first}-{last}"


def tidy(pages: str) -> str:
    """`100--110` and `100 – 110` become `100-110`."""
    return _SPACED_DASH.sub("-", pages.strip())


_RANGE = re.compile(r"\s*([A-Za-z]{0,2})(\d{1,6})-([A-Za-z]{0,2})(\d{1,6})\s*")


def first_and_last(pages: str) -> tuple[int, int] | None:
    """(100, 110) of `100-110`, `100-10` or `S100-S110`; None for all that is not one range."""
    found = _RANGE.fullmatch(tidy(pages))
    if not found:
        return None
    before, first, again, last = found.groups()
    if again and again.lower() != before.lower():
        return None
    if len(last) < len(first):  # 100-10 stands for 100-110
        last = first[: len(first) - len(last)] + last
    return (int(first), int(last)) if int(first) <= int(last) else None
