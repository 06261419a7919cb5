"""Where in a document some words stand: page and box, and the address that opens the reader there.

Pure. A box is [left, top, width, height] as shares (0 to 1) of its page.
"""

import math
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote as escaped

from reviews.refusal import Refused

Box = list[float]
_NUMBER = re.compile(r"\d{1,6}")
_IN_ADDRESS = 400  # letters of a quote: enough to find it, short enough for any browser


def accept_box(given: Any, page: str) -> Box:
    """`given` (four numbers, or "left,top,width,height") as it is stored: to a ten-thousandth of the
    page. [] for none, and where no page is named that it could be on."""
    if given in (None, "", []) or not page:
        return []
    parts = given.split(",") if isinstance(given, str) else given
    try:
        left, top, width, height = (round(float(part), 4) for part in parts)
    except (TypeError, ValueError, OverflowError):
        raise Refused("A box is four shares of its page: left, top, width, height.") from None
    box = [left, top, width, height]
    is_there = all(math.isfinite(part) and 0 <= part <= 1 for part in box) and width and height
    if not is_there or left + width > 1.001 or top + height > 1.001:
        raise Refused("The box lies outside its page.")
    return box


def page_number(page: str) -> int | None:
    """The page to open: of "12-13" the first. None where none is named."""
    found = _NUMBER.search(page)
    return int(found[0]) if found else None


def box_text(box: Sequence[float]) -> str:
    """As an address and a form carry it: "0.1,0.2,0.3,0.04"; "" for none."""
    return ",".join(f"{part:g}" for part in box)


def fragment(quote: str, page: str, box: Sequence[float]) -> str:
    """The end of the reader's address: "page-3&box=0.1,0.2,0.3,0.04&quote=Two%20workers"; "" where
    there is nothing to open at."""
    number = page_number(page)
    parts = [f"page-{number}"] if number else []
    if number and box:
        parts.append(f"box={box_text(box)}")
    if quote:
        parts.append("quote=" + escaped(quote[:_IN_ADDRESS], safe=""))
    return "&".join(parts)
