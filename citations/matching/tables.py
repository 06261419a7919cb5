"""Read citations from the CSV that CONTRACT.md describes, plain or gzipped."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO, cast

from citations.matching.citation import Citation
from citations.matching.normal import ABSTRACT_READ

COLUMNS = (
    "record_id",
    "source",
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "isbn",
    "abstract",
    "entry_type",
)


class Unreadable(ValueError):
    """The table as a whole can't be read; the message says why in one sentence."""


def is_ours(path: Path) -> bool:
    """Is it a CSV with a column record_id? Other tables have columns that need a mapping."""
    if not path.name.lower().endswith((".csv", ".csv.gz")):
        return False
    try:
        with _lines(path) as lines:
            return "record_id" in next(csv.reader(lines), [])
    except (gzip.BadGzipFile, EOFError, csv.Error) as error:
        raise Unreadable(f"{path.name} can't be read: {error}.") from error


def _lines(path: Path) -> TextIO:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    return cast(TextIO, opener(path, "rt", encoding="utf-8-sig", errors="replace", newline=""))


def read_csv(path: Path) -> list[Citation]:
    """Citations in the order of the file. Raises Unreadable, or OSError where it isn't there."""
    csv.field_size_limit(2**31 - 1)
    try:
        with _lines(path) as lines:
            return list(_citations(lines))
    except (gzip.BadGzipFile, EOFError, csv.Error) as error:
        raise Unreadable(f"{path.name} can't be read: {error}.") from error


def _citations(lines: Iterable[str]) -> Iterator[Citation]:
    rows = csv.DictReader(lines)
    if "record_id" not in (rows.fieldnames or []):
        raise Unreadable("The table has no column record_id.")
    seen: set[str] = set()
    for row in rows:
        cell = {name: row.get(name) or "" for name in COLUMNS}
        if cell["record_id"] in seen:
            raise Unreadable(f"The record_id {cell['record_id']!r} stands there twice.")
        seen.add(cell["record_id"])
        digits = "".join(c for c in cell["year"] if c.isascii() and c.isdigit())[:4]
        yield Citation(
            id=cell["record_id"],
            title=cell["title"],
            authors=tuple(part.strip() for part in cell["authors"].split(";") if part.strip()),
            year=int(digits) if len(digits) == 4 else None,
            journal=cell["journal"],
            volume=cell["volume"],
            issue=cell["issue"],
            pages=cell["pages"],
            doi=cell["doi"],
            pmid=cell["pmid"],
            isbn=cell["isbn"],
            abstract=cell["abstract"][:ABSTRACT_READ],
            entry_type=cell["entry_type"],
            source=cell["source"],
        )
