"""Tables that people open in a spreadsheet: a cell must never become a formula there."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

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


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV download: UTF-8 with a mark, because spreadsheets guess wrongly without one."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([guarded(cell) for cell in head])
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return response
