"""`read`: from bytes to a `Reading`, the stream of one file's records and problems."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from citations.formats import bibtex, csv_table, detect, ris
from citations.formats.dialects import dialect_of
from citations.formats.record import Columns, Item, ParsedRecord, Problem, Unreadable
from citations.formats.source import ENCODINGS, Survey, open_source, survey, text_chunks

Reader = Callable[[Iterable[bytes]], Iterator[Item]]

_TEXT_READERS: dict[str, Reader] = {
    "ris": ris.records,
    "bibtex": bibtex.records,
}
FORMATS: dict[str, str] = {
    "ris": "RIS",
    "bibtex": "BibTeX or BibLaTeX",
    "csv": "CSV or TSV table",
}


class Reading:
    """Iterate to get each `ParsedRecord` and `Problem`, in file order, once.

    `format`, `dialect`, `encoding` and `newline` say how the file is read; `records` and
    `problems` count what has been handed out so far.
    """

    def __init__(
        self, items: Iterator[Item], *, format: str, dialect: str, encoding: str, newline: str
    ) -> None:
        self._items = items
        self.format = format
        self.dialect = dialect
        self.encoding = encoding
        self.newline = newline
        self.records = 0
        self.problems = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self._items:
            if type(item) is ParsedRecord:
                self.records += 1
                item.number = self.records
            else:
                self.problems += 1
            yield item


def read(
    source: bytes | BinaryIO | Path,
    *,
    name: str = "",
    format: str | None = None,
    encoding: str | None = None,
    columns: Columns | None = None,
) -> Reading:
    """Open a file of citations. Raises `Unreadable` when it can't be read as a whole.

    `format` and `encoding` overrule what the content says; `columns` says what the columns of
    a table mean (column name, or number from 1, to field). `name` is asked last, and only
    between formats that the content leaves open.
    """
    if format is not None and format not in FORMATS:
        raise Unreadable(f"There is no format named {format!r}; known are {', '.join(FORMATS)}.")
    if encoding is not None and encoding not in ENCODINGS:
        raise Unreadable(f"There is no encoding named {encoding!r}; known are {', '.join(ENCODINGS)}.")
    file = open_source(source)
    start = file.read(16)
    file.seek(0)
    detect.refuse_what_no_export_is(start)
    seen = survey(file, encoding)
    head = seen.head.decode("utf-8", "replace").replace("\0", "")
    if not head.strip(" \t\n\ufeff\v\f"):
        raise Unreadable("The file is empty.")
    chosen = format or ("csv" if columns else detect.format_of(head))
    if chosen is None:
        chosen = _by_header_or_name(head, name)
    chunks = text_chunks(file, seen.encoding)
    if chosen == "csv":
        items = csv_table.records(chunks, head=head, columns=columns)
    else:
        items = _TEXT_READERS[chosen](chunks)
    return Reading(
        _told(seen, items),
        format=chosen,
        dialect=dialect_of(chosen, head[:60_000]),
        encoding=seen.encoding,
        newline=seen.newline,
    )


def _by_header_or_name(head: str, name: str) -> str:
    """A table has no mark but its header; without one the name may still say that it is a table."""
    if csv_table.find_header(head) is not None:
        return "csv"
    if name.lower().endswith((".csv", ".tsv", ".tab")):
        raise Unreadable(csv_table.NO_HEADER)
    raise Unreadable("No known citation format was recognised in this file.")


def _told(seen: Survey, items: Iterator[Item]) -> Iterator[Item]:
    """The items, after what there is to say about the file as a whole."""
    if seen.guessed:
        label = ENCODINGS.get(seen.encoding, seen.encoding)
        yield Problem(1, f"The file is not UTF-8; it was read as {label}.", "")
    yield from items
