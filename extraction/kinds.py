"""What each kind of field takes for an answer, and when two answers are the same.

Pure, apart from the field it is told about. Answers are JSON: str, [str] or None (empty).
"""

import re
import unicodedata
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from reviews.refusal import Refused

LONGEST_TEXT = 20_000  # letters in an answer or a quote
LONGEST_PAGE = 20  # letters: "12", "12-13", "S4"
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what a database of text can't keep


class Asked(Protocol):
    """The part of a field that matters here."""

    kind: str

    @property
    def options(self) -> Sequence[tuple[str, str]]: ...


def accept(field: Asked, given: Any) -> Any:
    """`given` (a str, or a list of str) as it is stored; None when it is empty.

    Refused with what the field wants when it can't be taken.
    """
    if field.kind == "component_group":
        if given not in (None, "", []):
            raise Refused("Components are added one by one.")
        return None
    if field.kind == "multiple":
        return _several(field, given)
    if given is None:
        return None
    if not isinstance(given, str):
        raise Refused("Write one answer.")
    text = storable(given).strip()
    if not text:
        return None
    if field.kind == "number":
        if not NUMBER.fullmatch(text):
            raise Refused("Write a number in digits, like 12 or 12.5, without words or commas.")
        return text
    if field.kind in ("single", "yes_no_unclear"):
        if text not in [stored for stored, _ in field.options]:
            raise Refused("Choose one of the list.")
        return text
    return text


def _several(field: Asked, given: Any) -> list[str] | None:
    if given in (None, ""):
        return None
    chosen = [given] if isinstance(given, str) else list(given)
    offered = [stored for stored, _ in field.options]
    if not all(choice in offered for choice in chosen):
        raise Refused("Choose from the list.")
    return [choice for choice in offered if choice in chosen] or None


def storable(text: str) -> str:
    """`text` with plain line ends; Refused when it can't be stored or is too long."""
    text = text.replace("\r\n", "\n")
    if UNSTORABLE.search(text):
        raise Refused("The text holds characters that can't be stored; paste it as plain text.")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"The text is longer than {LONGEST_TEXT} letters.")
    return text


def accept_page(given: str) -> str:
    page = storable(given).strip()
    if len(page) > LONGEST_PAGE:
        raise Refused(f"A page is at most {LONGEST_PAGE} letters, like 12 or 12-13.")
    return page


def plain(text: str) -> str:
    """`text` without what does not make a difference: spaces, case, ways to compose a letter."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def normal(kind: str, value: Any) -> Hashable:
    """`value` so that answers that say the same are equal.

    >>> normal("number", "12.50") == normal("number", "12.5")
    True
    """
    if value is None:
        return None
    if kind == "multiple":
        return frozenset(plain(choice) for choice in value)
    if kind == "number":
        # A Decimal compares by what it is worth: 12.50 equals 12.5, -0 equals 0.
        return Decimal(value)
    return plain(value)


def shown(field: Asked, value: Any, not_reported: bool = False) -> str:
    """The answer in words, for lists and files."""
    if not_reported:
        return "not reported"
    if value is None:
        return ""
    words = dict(field.options)
    chosen: list[str] = value if isinstance(value, list) else [value]
    return "; ".join(words.get(each, each) for each in chosen)
