"""A list of studies that were included elsewhere: a CSV table, read, and made a file of references.

A row is a report; `study_id` says of which study it tells, `program` which program that describes.
"""

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from reviews.refusal import Refused

LONGEST = 5_000_000  # bytes
MOST = 5_000  # rows
NAME = 200  # letters of a study's or a program's name
TITLES = ("citation", "title")


@dataclass(frozen=True)
class Row:
    """One report of the list. `columns` has all of its row, by the names of the columns."""

    study: str
    title: str
    year: str
    program: str
    columns: dict[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """By which the same row is known again: (study, its title without case and spacing)."""
        return self.study, plain(self.title)


def plain(title: str) -> str:
    return re.sub(r"\W+", " ", title.casefold()).strip()


def read(data: bytes) -> list[Row]:
    """The rows of a CSV file, each (study, title) once. Refused, with the row's number as a
    spreadsheet shows it, when anything is missing: then nothing of it is taken."""
    if len(data) > LONGEST:
        raise Refused(f"This list is longer than {LONGEST // 1_000_000} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"Row {at}: this file is not UTF-8; save it as “CSV UTF-8”.") from error
    if "\0" in text:
        at = text.count("\n", 0, text.index("\0")) + 1
        raise Refused(f"Row {at}: this is no text; send a CSV file.")
    table = _table(text)
    header = [name.strip().casefold() for name in table[0]] if table else []
    if "study_id" not in header:
        raise Refused("Row 1: there is no column “study_id”.")
    if not set(TITLES) & set(header):
        raise Refused("Row 1: there is no column “citation” (or “title”).")
    rows: dict[tuple[str, str], Row] = {}
    for number, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            row = _row(number, header, cells)
            rows.setdefault(row.key, row)
    if not rows:
        raise Refused("There is no row below the header, so there is nothing to bring in.")
    if len(rows) > MOST:
        raise Refused(f"This list has more than {MOST:,} rows; bring it in in parts.")
    return list(rows.values())


def _table(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    comma = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=comma))
    except csv.Error as error:
        raise Refused(f"This is no CSV file ({error}).") from error


def _row(number: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        raise Refused(f"Row {number}: it has more cells than the header.")
    columns = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    study, program = columns.get("study_id", ""), columns.get("program", "")
    title = next((columns[name] for name in TITLES if columns.get(name)), "")
    if not study:
        raise Refused(f"Row {number}: study_id is empty.")
    if not title:
        raise Refused(f"Row {number}: there is no citation.")
    if max(len(study), len(program)) > NAME:
        raise Refused(f"Row {number}: a study_id or a program has at most {NAME} letters.")
    return Row(study, title, columns.get("year", ""), program, columns)


def as_file(rows: Iterable[Row]) -> bytes:
    """The rows as CSL-JSON: they then go the way of every import, and each record keeps its row."""
    items = []
    for row in rows:
        item: dict[str, object] = {"id": row.study, "title": row.title}
        if re.fullmatch(r"\d{4}", row.year):
            item["issued"] = {"date-parts": [[int(row.year)]]}
        items.append({**item, "study_id": row.study, "program": row.program, "row": row.columns})
    return json.dumps(items, ensure_ascii=False, indent=1).encode()
