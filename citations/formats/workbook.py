"""XLSX and XLS workbooks: rows as records, behind a gate that looks at sizes before parsing."""

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import openpyxl
import xlrd

from citations.formats.csv_table import HEADER_WITHIN, NO_HEADER
from citations.formats.record import Columns, Item, Problem, Unreadable, excerpt
from citations.formats.table import (
    Header,
    header_by_hand,
    header_line_of,
    header_of,
    record_of,
    says_nothing,
)
from citations.formats.text import storable

# 100,000 rows with abstracts unpack to about 200 MB.
LARGEST_UNPACKED = 256 << 20
LARGEST_XLS = 128 << 20
# Text packs to a tenth, a sheet of empty cells to a fiftieth.
DENSEST = 200
SMALL = 16 << 20
NOT_A_WORKBOOK = "This file can't be read as an Excel workbook; it may be damaged or protected."

# Excel writes `_x0041_` where those letters are meant, not the character, as `_x005F_x0041_`.
_ESCAPED_UNDERSCORE = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)")

Sheet = tuple[str, Iterable[list[str]]]


def is_workbook(file: BinaryIO) -> bool:
    """Whether this ZIP archive is an XLSX workbook; `Unreadable` says what else it is."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError) as error:
        raise Unreadable("This ZIP archive is damaged.") from error
    if any(name.startswith("xl/") for name in names):
        return True
    if any(name.startswith("word/") for name in names):
        raise Unreadable("This is a Word document, not a citation export.")
    if "content.xml" in names:
        raise Unreadable("This is an OpenDocument file; save it as XLSX or CSV first.")
    raise Unreadable("This is a ZIP archive; unpack it and upload the files in it.")


def xlsx_records(file: BinaryIO, columns: Columns | None = None) -> Iterator[Item]:
    """Every row below the header of each sheet that has one."""
    return _records(xlsx_sheets(file), columns)


def xls_records(file: BinaryIO, columns: Columns | None = None) -> Iterator[Item]:
    """The same for the binary format of Excel 97."""
    return _records(xls_sheets(file), columns)


def xlsx_sheets(file: BinaryIO) -> Sequence[Sheet]:
    """Name and rows of each sheet; the rows are read when they are asked for."""
    _refuse_bombs(file)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [(sheet.title, _xlsx_rows(sheet)) for sheet in book.worksheets]
    except Exception as error:  # whatever a damaged workbook makes the library raise
        raise Unreadable(NOT_A_WORKBOOK) from error
    return sheets


def xls_sheets(file: BinaryIO) -> Sequence[Sheet]:
    """The same for the binary format of Excel 97."""
    file.seek(0)
    data = file.read(LARGEST_XLS + 1)
    if len(data) > LARGEST_XLS:
        raise Unreadable(f"This workbook is larger than {LARGEST_XLS >> 20} MB; save it as CSV.")
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=_Silent())
        sheets = [(sheet.name, _xls_rows(sheet, book.datemode)) for sheet in book.sheets()]
    except Exception as error:  # whatever a damaged workbook makes the library raise
        raise Unreadable(NOT_A_WORKBOOK) from error
    return sheets


class _Silent:
    """xlrd prints its doubts; ours go to the person as problems."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        return None


def _refuse_bombs(file: BinaryIO) -> None:
    """By the sizes in the ZIP directory, beyond which `zipfile` never reads a member, and by
    the absence of entity declarations."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members) or 1
            if unpacked > LARGEST_UNPACKED or (unpacked > SMALL and unpacked > DENSEST * packed):
                raise Unreadable(
                    f"This workbook expands to {unpacked >> 20} MB, more than the limit; "
                    "it was not opened."
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        start = part.read(4096)
                    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                        raise Unreadable(
                            "This workbook declares XML entities, which are not allowed."
                        )
    except Unreadable:
        raise
    except Exception as error:  # a damaged archive fails in as many ways as a damaged workbook
        raise Unreadable(NOT_A_WORKBOOK) from error


def _xlsx_rows(sheet: Any) -> Iterator[list[str]]:
    try:
        for row in sheet.iter_rows(values_only=True):
            yield [_shown(value) for value in row]
    except Exception as error:  # a damaged sheet, found only while reading it
        raise Unreadable(NOT_A_WORKBOOK) from error


def _xls_rows(sheet: Any, datemode: int) -> Iterator[list[str]]:
    for at in range(sheet.nrows):
        yield [_xls_shown(cell, datemode) for cell in sheet.row(at)]


def _shown(value: Any) -> str:
    """A cell as a person sees it: 2020, not 2020.0."""
    if value is None:
        return ""
    if isinstance(value, str):
        return storable(_ESCAPED_UNDERSCORE.sub("_", value) if "_x005F_" in value else value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _xls_shown(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ""
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _shown(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _shown(xlrd.xldate_as_datetime(cell.value, datemode))
        except (ValueError, OverflowError, xlrd.XLDateError):
            return _shown(cell.value)
    return _shown(cell.value)


def _records(sheets: Sequence[Sheet], columns: Columns | None) -> Iterator[Item]:
    """Raises at once if no sheet has a header; hands out the rows afterwards."""
    found: list[tuple[str, Header, int, Iterator[list[str]], list[list[str]]]] = []
    others: list[tuple[str, bool]] = []
    for name, rows in sheets:
        iterator = iter(rows)
        begin: list[list[str]] = []
        for row in iterator:
            begin.append(row)
            if len(begin) == HEADER_WITHIN:
                break
        # Columns are chosen for one sheet: the first that has them.
        header, at = (None, 0) if columns and found else _find_header(begin, columns)
        if header is None:
            others.append((name, any(any(row) for row in begin)))
        else:
            found.append((name, header, at, iterator, begin[at:]))
    if not found:
        raise Unreadable(
            NO_HEADER if any(filled for _, filled in others) else "The workbook is empty."
        )
    return _rows_as_items(found, [name for name, filled in others if filled])


def _find_header(rows: list[list[str]], columns: Columns | None) -> tuple[Header | None, int]:
    """The header and the index of the first row of data."""
    best: Header | None = None
    best_at = 0
    if columns is not None:
        return _header_by_hand(rows, columns)
    for at, row in enumerate(rows):
        if not any(row):
            continue
        header = header_of(row)
        if header.is_telling and (best is None or header.recognised > best.recognised):
            best, best_at = header, at + 1
    return best, best_at


def _header_by_hand(rows: list[list[str]], columns: Columns) -> tuple[Header | None, int]:
    """The same as a person chose it: by the number of its row, else the first that has the names."""
    chosen = header_line_of(columns)
    filled = [at for at, row in enumerate(rows) if any(row)]
    if chosen is not None:
        if chosen > len(rows) or not filled:
            return None, 0
        widest = max(rows, key=len)
        header, _ = header_by_hand(rows[chosen - 1] if chosen else widest, columns)
        return header, chosen
    refusal: Unreadable | None = None
    for at in filled:
        try:
            header, has_names = header_by_hand(rows[at], columns)
        except Unreadable as error:
            refusal = refusal or error
        else:
            return header, at + 1 if has_names else at
    if refusal is not None:
        raise refusal
    return None, 0


def _rows_as_items(
    found: list[tuple[str, Header, int, Iterator[list[str]], list[list[str]]]], others: list[str]
) -> Iterator[Item]:
    rows = 0
    for name, header, at, iterator, begin in found:
        number = at
        for source in (begin, iterator):
            for cells in source:
                number += 1
                record = record_of(header, cells, number, number)
                if record is None:
                    continue
                rows += 1
                if says_nothing(header, cells):
                    yield Problem(
                        number,
                        f"This row of sheet {name} has nothing in the columns that say what it is; "
                        "it was not imported.",
                        excerpt(" | ".join(cell for cell in cells if cell)),
                        lost=True,
                    )
                    continue
                yield record
    for name in others:
        yield Problem(1, f"Sheet {name} has no header that was recognised; it was not read.", "")
    if not rows:
        yield Problem(1, "There are no rows below the header.", "")
