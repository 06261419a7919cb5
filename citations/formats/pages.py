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
