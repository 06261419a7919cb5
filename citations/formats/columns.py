"""A table whose header nobody knows: what a person needs to see to say which column is what.

sheet = sheet_of(path, name="export.csv")
sheet.header, sheet.rows, sheet.guess        # shown, with a choice for each column
read(path, columns=sheet.columns({0: "title", 2: "year"}))
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from citations.formats import csv_table, detect, workbook
from citations.formats.identifiers import doi_of
from citations.formats.record import Unreadable
from citations.formats.source import ENCODINGS, open_source, survey
from citations.formats.table import FIELDS, HEADER_LINE, Header, header_of
from citations.formats.text import one_line

__all__ = ["FIELDS", "Sheet", "sheet_of"]

ROWS_SHOWN = 5
LONGEST_SHOWN = 300  # letters of a cell
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d(?:\.0)?")
_NO_HEADING = re.compile(r"[\d.,/-]+|https?:.*|10\.\d{4,}/.*", re.IGNORECASE)


@dataclass(slots=True)
class Sheet:
    """The beginning of one table.

    `header` has one name a column ("" where there is none), `rows` the first rows below it, as
    long as the header and cut at LONGEST_SHOWN letters. `guess` maps columns, counted from 0, to
    one of FIELDS. `header_line` counts from 1 and is 0 when the first row already seems to be
    data. `recognised` says that the file can be read without anybody choosing.
    """

    format: str  # csv, xlsx or xls
    header: list[str]
    rows: list[list[str]]
    header_line: int
    guess: dict[int, str] = field(default_factory=dict)
    recognised: bool = False
    name: str = ""  # of the sheet, in a workbook
    encoding: str = ""

    def columns(
        self, chosen: Mapping[int, str], *, header_line: int | None = None
    ) -> dict[str, str]:
        """What `read(..., columns=…)` takes, of columns from 0 and their fields ("" for none).

        `header_line` overrules the line that was found; 0 says that every row is data.
        """
        at = self.header_line if header_line is None else header_line
        said = {str(column + 1): to for column, to in chosen.items() if to}
        return {HEADER_LINE: str(at), **said}


def sheet_of(
    source: bytes | BinaryIO | Path,
    *,
    name: str = "",
    encoding: str | None = None,
    header_line: int | None = None,
) -> Sheet:
    """The beginning of a CSV, TSV, XLSX or XLS table. `header_line` overrules what is found.

    Raises `Unreadable` for what is no table. Reads the first 256 kB of a text, and of a workbook
    what the library needs for its first rows.
    """
    file = open_source(source)
    start = file.read(16)
    detect.refuse_what_no_export_is(start)
    if start.startswith(detect.ZIP) and workbook.is_workbook(file):
        return _of_sheets("xlsx", workbook.xlsx_sheets(file), header_line)
    if start.startswith(detect.OLE):
        return _of_sheets("xls", workbook.xls_sheets(file), header_line)
    if encoding is not None and encoding not in ENCODINGS:
        raise Unreadable(f"There is no encoding named {encoding!r}.")
    seen = survey(file, encoding)
    head = seen.head.decode("utf-8", "replace").replace("\0", "")
    if not head.strip(" \t\n\ufeff\v\f"):
        raise Unreadable("The file is empty.")
    known = csv_table.find_header(head)
    delimiter = known[1] if known else csv_table.delimiter_of(head)
    numbered = csv_table.numbered_rows(head, delimiter)
    sheet = _sheet("csv", numbered, known[0] if known else None, header_line)
    sheet.encoding = seen.encoding
    return sheet


def _of_sheets(format: str, sheets: Sequence[workbook.Sheet], header_line: int | None) -> Sheet:
    """Of the sheet whose header is recognised, else of the first that holds anything."""
    best: Sheet | None = None
    for title, rows in sheets:
        begin = list(enumerate(islice(rows, csv_table.HEADER_WITHIN), start=1))
        filled = [(number, cells) for number, cells in begin if any(cells)]
        if not filled:
            continue
        telling = [number for number, cells in filled if header_of(cells).is_telling]
        sheet = _sheet(format, filled, telling[0] if telling else None, header_line)
        sheet.name = title
        if best is None or (sheet.recognised and not best.recognised):
            best = sheet
    if best is None:
        raise Unreadable("The workbook is empty.")
    return best


def _sheet(
    format: str,
    numbered: list[tuple[int, list[str]]],
    known_line: int | None,
    header_line: int | None,
) -> Sheet:
    """`numbered` are the rows that are not blank, each with its line."""
    if header_line is None:
        header_line = _likely_header(numbered) if known_line is None else known_line
    cells = next((row for number, row in numbered if number == header_line), [])
    below = [row for number, row in numbered if number > header_line]
    width = max([len(cells)] + [len(row) for row in below])
    names = [one_line(cell.replace("\ufeff", "")) for cell in cells]
    names += [""] * (width - len(names))
    return Sheet(
        format,
        names,
        [_shown(row, width) for row in below[:ROWS_SHOWN]],
        header_line,
        _guess(header_of(names), below),
        recognised=known_line is not None,
    )


def _shown(row: list[str], width: int) -> list[str]:
    cells = [one_line(cell) for cell in row] + [""] * (width - len(row))
    return [cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…" for cell in cells]


def _likely_header(numbered: list[tuple[int, list[str]]]) -> int:
    """The line of the first row as wide as most, 0 if it holds numbers or long text like data."""
    widths = [_filled(row) for _, row in numbered]
    usual = max(set(widths), key=widths.count, default=0)
    for line, row in numbered:
        if _filled(row) >= usual:
            named = [cell.strip() for cell in row if cell.strip()]
            tidy = all(len(cell) <= 60 and not _NO_HEADING.fullmatch(cell) for cell in named)
            return line if tidy else 0
    return 0


def _filled(row: list[str]) -> int:
    """How many cells there are up to the last that says something."""
    return max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _guess(header: Header, rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """By the names of the columns, and where these say nothing by what cannot be anything else."""
    guess = {places[0]: name for name, places in header.places.items()}
    taken = set(guess.values())
    for at in range(len(header.names)):
        if at in guess:
            continue
        cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
        if cells and (said := _kind(cells)) and said not in taken:
            guess[at] = said
            taken.add(said)
    return dict(sorted(guess.items()))


def _kind(cells: list[str]) -> str:
    if all(doi_of(cell) for cell in cells):
        return "doi"
    if all(_YEAR.fullmatch(cell) for cell in cells):
        return "year"
    if all(cell.startswith(("http://", "https://")) for cell in cells):
        return "url"
    if sum(map(len, cells)) > 400 * len(cells):
        return "abstract"
    return ""
