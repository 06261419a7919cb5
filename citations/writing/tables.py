"""CSV and XLSX: a row a record, a column a field; no cell is ever run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from citations.formats.own import CONTINUED, guarded
from citations.writing.rows import Row, cell
from citations.writing.workbook import Cell, workbook

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


def xlsx(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    """A workbook with one sheet, piece by piece. Whole numbers are numbers, all else is text.

    The last column, CONTINUED, and those beside it hold the rest of texts too long for a cell, as
    `abstract: …`.
    """
    return workbook("References", [*columns, CONTINUED], (_cells(row, columns) for row in rows))


def _cells(row: Row, columns: Sequence[str]) -> list[Cell]:
    cells: list[Cell] = []
    rest: list[str] = []
    for name in columns:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            cells.append(value)
            continue
        first, *more = _parts(cell(_allowed(value)))
        cells.append(guarded(first) if first else None)
        rest += [f"{name}: {part}" for part in more]
    return [*cells, *(guarded(part) for part in rest)]


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
