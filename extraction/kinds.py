"""What each kind of field takes for an answer, and when two answers are the same.

Pure, apart from the field it is told about. Answers are JSON: str, [str] or None (empty).
"""

import datetime
import json
import re
import unicodedata
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from reviews.refusal import Refused

LONGEST_TEXT = 20_000  # letters in an answer or a quote
LONGEST_PAGE = 20  # letters: "12", "12-13", "S4"
WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
MOST_ROWS = 200  # of a table
MOST_ITEMS = 40  # of a repeating group
LONGEST_NAME = 200  # letters of an item
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
    if field.kind == "repeating":
        return _names(given)
    if field.kind == "file":
        # The form's own files are taken in attaching.py.
        if given not in (None, "", []):
            raise Refused("A file is sent, not written: take A or B, or say that none is reported.")
        return None
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
    if field.kind == "integer" and not WHOLE.fullmatch(text):
        raise Refused("Write a whole number in digits, like 12, without words or commas.")
    if field.kind == "date":
        return _date(text)
    if field.kind == "table":
        return _table(text, len(field.options))
    if field.kind in ("single", "yes_no_unclear", "scale", "judgement", "overall"):
        if text not in [stored for stored, _ in field.options]:
            raise Refused("Choose one of the list.")
        return text
    return text


def _date(text: str) -> str:
    """A day, a month or a year, as exactly as the report has it."""
    if DATE.fullmatch(text):
        try:
            datetime.date.fromisoformat((text + "-01-01")[:10])
        except ValueError:
            pass
        else:
            return text
    raise Refused("Write a date like 2019, 2019-05 or 2019-05-17, as far as the report has it.")


def rows_of(text: str, width: int) -> list[list[str]]:
    """The rows of a table: JSON as the form sends it, or lines whose cells a bar divides."""
    try:
        rows = json.loads(text)
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        rows = [line.split("|") for line in text.split("\n")]  # as an adjudicator types it
    cells = [[str(cell).strip() for cell in row] for row in rows]
    return [row + [""] * (width - len(row)) for row in cells if any(row)]


def _table(text: str, width: int) -> list[list[str]] | None:
    rows = rows_of(text, width)
    if any(len(row) > width for row in rows):
        raise Refused(f"A row has more than {width} cells.")
    if len(rows) > MOST_ROWS:
        raise Refused(f"A table has at most {MOST_ROWS} rows.")
    return rows or None


def _names(given: Any) -> list[str] | None:
    """The items of a repeating group, in their order: a list, or one a line."""
    lines = given.split("\n") if isinstance(given, str) else list(given or [])
    if not all(isinstance(line, str) for line in lines):
        raise Refused("Write the names of the items, one a line.")
    names = [" ".join(storable(line).split()) for line in lines]
    names = [name for name in names if name]
    if len(names) > MOST_ITEMS:
        raise Refused(f"At most {MOST_ITEMS} items.")
    if any(len(name) > LONGEST_NAME for name in names):
        raise Refused(f"A name has at most {LONGEST_NAME} letters.")
    said: set[str] = set()
    for name in names:
        if plain(name) in said:
            raise Refused(f"“{name}” is there already.")
        said.add(plain(name))
    return names or None


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
    if kind == "file":
        return str(value[1])  # the same bytes under two names are the same file
    if kind in ("multiple", "repeating"):
        return frozenset(plain(choice) for choice in value)
    if kind == "table":
        return frozenset(tuple(plain(cell) for cell in row) for row in value)
    if kind in ("number", "integer"):
        # A Decimal compares by what it is worth: 12.50 equals 12.5, -0 equals 0.
        return Decimal(value)
    return plain(value)


def shown(field: Asked, value: Any, not_reported: bool = False) -> str:
    """The answer in words, for lists and files."""
    if not_reported:
        return "not reported"
    if value is None:
        return ""
    if field.kind == "table":
        return "; ".join(" | ".join(row) for row in value)
    if field.kind == "file":
        return str(value[0])
    words = dict(field.options)
    chosen: list[str] = value if isinstance(value, list) else [value]
    return "; ".join(words.get(each, each) for each in chosen)
