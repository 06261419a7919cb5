"""CSV and XLSX: a row a record, a column a field; no cell is ever run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from citations.formats.own import CONTINUED, guarded
from citations.writing.rows import Row, cell

# A cell of Excel holds 32,767 letters, counted in UTF-16; what is longer goes on to the right.
LONGEST_CELL = 32_000
# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def comma_separated(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    """One piece a row, the header first, after a mark that tells spreadsheets it is UTF-8."""

    def line(cells: Iterable[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow(cells)
        return out.getvalue()

    yield "\ufeff" + line(columns)
    for row in rows:
        yield line(guarded(cell(row.get(name))) for name in columns)


def xlsx(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """A workbook with one sheet. Whole numbers are numbers, all else is text.

    The last column, CONTINUED, and those beside it hold the rest of texts too long for a cell, as
    `abstract: …`.
    """
    import xlsxwriter

    out = io.BytesIO()
    # strings_to_formulas off: a cell that begins with "=" is words here.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        # Otherwise the moment of the download: the same list is the same bytes.
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet("References")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate([*columns, CONTINUED]):
            sheet.write_string(0, column, name, bold)
        for place, row in enumerate(rows, start=1):
            rest: list[str] = []
            for column, name in enumerate(columns):
                value = row.get(name)
                if isinstance(value, int) and not isinstance(value, bool):
                    sheet.write_number(place, column, value)
                    continue
                first, *more = _parts(cell(_allowed(value)))
                if first:
                    sheet.write_string(place, column, guarded(first))
                rest += [f"{name}: {part}" for part in more]
            for column, part in enumerate(rest, start=len(columns)):
                sheet.write_string(place, column, guarded(part))
    return out.getvalue()


def _allowed(value: Any) -> Any:
    if isinstance(value, list):
        return [_FORBIDDEN.sub("", str(each)) for each in value]
    return value if value is None else _FORBIDDEN.sub("", str(value))


def _parts(text: str) -> list[str]:
    """The text in pieces that a cell can hold; letters beyond U+FFFF count twice there."""
    size = (
        LONGEST_CELL if text.isascii() or max(text, default="") <= "\uffff" else LONGEST_CELL // 2
    )
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]
