"""Tables that people open in a spreadsheet: a cell must never become a formula there."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# What spreadsheets take for the beginning of a formula, also in the wide forms of East Asian text.
STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def guarded(cell: Any) -> str:
    """`cell` as text; an apostrophe in front keeps what looks like a formula from being one."""
    text = "" if cell is None else str(cell)
    starts = text.startswith(STARTS_A_FORMULA) or text.lstrip().startswith(STARTS_A_FORMULA)
    if starts and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV file with a mark in front, because spreadsheets guess UTF-8 wrongly without one."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow([guarded(cell) for cell in head])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()
