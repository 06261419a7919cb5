"""`read`: from bytes to a `Reading`, the stream of one file's records and problems."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from citations.formats import (
    bibtex,
    csl_json,
    csv_table,
    detect,
    endnote_xml,
    identifier_list,
    medline,
    ovid,
    pubmed_xml,
    refer,
    ris,
    workbook,
    wos,
    xml_records,
)
from citations.formats.dialects import dialect_of
from citations.formats.record import Columns, Item, ParsedRecord, Problem, Unreadable
from citations.formats.source import (
    ENCODINGS,
    Survey,
    Undecoded,
    open_source,
    survey,
    text_chunks,
)

Reader = Callable[[Iterable[bytes]], Iterator[Item]]

_TEXT_READERS: dict[str, Reader] = {
    "ris": ris.records,
    "bibtex": bibtex.records,
    "nbib": medline.records,
    "pubmed-xml": pubmed_xml.records,
    "endnote-xml": endnote_xml.records,
    "refer": refer.records,
    "wos": wos.records,
    "csl-json": csl_json.records,
    "ovid-text": ovid.records,
    "identifiers": identifier_list.records,
}
FORMATS: dict[str, str] = {
    "ris": "RIS",
    "bibtex": "BibTeX or BibLaTeX",
    "nbib": "PubMed/MEDLINE text",
    "pubmed-xml": "PubMed XML",
    "endnote-xml": "EndNote XML",
    "refer": "EndNote tagged (.enw, refer)",
    "wos": "Web of Science tagged",
    "csv": "CSV or TSV table",
    "xlsx": "Excel workbook (XLSX)",
    "xls": "Excel 97 workbook (XLS)",
    "csl-json": "CSL-JSON",
    "ovid-text": "Ovid text",
    "identifiers": "List of DOIs or PMIDs",
}


class Reading:
    """Iterate to get each `ParsedRecord` and `Problem`, in file order, once.

    `format`, `dialect`, `encoding` and `newline` say how the file is read; `records` and
    `problems` count what has been handed out so far. `lost` are the records that could not be
    read (records + lost = records in the file), `put_right` those among `records` that have a
    problem of their own.
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
        self.lost = 0
        self.put_right = 0
        self._next_noted = False  # whether the record that comes next has a problem
        self._last_noted = False
        self._last_line = 0  # of the record handed out last

    def __iter__(self) -> Iterator[Item]:
        for item in self._items:
            if type(item) is ParsedRecord:
                self.records += 1
                item.number = self.records
                self.put_right += self._next_noted
                self._last_noted, self._next_noted = self._next_noted, False
                self._last_line = item.end_line
            elif type(item) is Problem:
                self._count(item)
            yield item

    def _count(self, problem: Problem) -> None:
        self.problems += 1
        if problem.lost:
            self.lost += 1
            self._next_noted = False
        elif problem.record > self._last_line:
            self._next_noted = True
        elif problem.record and not self._last_noted:
            self._last_noted = True
            self.put_right += 1


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
        raise Unreadable(
            f"There is no encoding named {encoding!r}; known are {', '.join(ENCODINGS)}."
        )
    file = open_source(source)
    start = file.read(16)
    file.seek(0)
    detect.refuse_what_no_export_is(start)
    if (reading := _workbook(file, start, format, columns)) is not None:
        return reading
    seen = survey(file, encoding)
    head = seen.head.decode("utf-8", "replace").replace("\0", "")
    if not head.strip(" \t\n\ufeff\v\f"):
        raise Unreadable("The file is empty.")
    chosen = format or ("csv" if columns else detect.format_of(head))
    if chosen is None:
        chosen = _by_name(name, encoding)
    undecoded: deque[Undecoded] = deque()
    chunks = text_chunks(file, seen.encoding, undecoded)
    if chosen in ("pubmed-xml", "endnote-xml"):
        xml_records.refuse_entities(seen.head)
    if chosen in ("xlsx", "xls"):
        raise Unreadable(f"This is not an {FORMATS[chosen]}.")
    if chosen == "csv":
        items = csv_table.records(chunks, head=head, columns=columns)
    else:
        items = _TEXT_READERS[chosen](chunks)
    return Reading(
        items
        if seen.encoding in ("ascii", "utf-8", "utf-8-sig")
        else _told(seen, items, undecoded),
        format=chosen,
        dialect=dialect_of(chosen, head[:20_000]),
        encoding=seen.encoding,
        newline=seen.newline,
    )


def _workbook(
    file: BinaryIO, start: bytes, format: str | None, columns: Columns | None
) -> Reading | None:
    """The reading of a workbook, None for anything else."""
    if start.startswith(detect.ZIP) and workbook.is_workbook(file):
        kind, items = "xlsx", workbook.xlsx_records(file, columns)
    elif start.startswith(detect.OLE):
        kind, items = "xls", workbook.xls_records(file, columns)
    else:
        return None
    if format not in (None, kind):
        raise Unreadable(f"This is an {FORMATS[kind]}, not {FORMATS[format or kind]}.")
    return Reading(items, format=kind, dialect="", encoding="binary", newline="none")


def _by_name(name: str, encoding: str | None) -> str:
    """What to tell when the content fits nothing: a table without header, or no citations at all."""
    if name.lower().endswith((".csv", ".tsv", ".tab")):
        raise Unreadable(csv_table.NO_HEADER)
    if encoding is not None:
        raise Unreadable(
            f"Read as {ENCODINGS[encoding]}, this file shows no citation format that is known."
        )
    raise Unreadable("No known citation format was recognised in this file.")


def _told(seen: Survey, items: Iterator[Item], undecoded: deque[Undecoded]) -> Iterator[Item]:
    """The items, after what there is to say about the encoding: of the file and at each line."""
    label = ENCODINGS.get(seen.encoding, seen.encoding)
    if seen.guessed:
        yield Problem(1, f"The file is not UTF-8; it was read as {label}.", "")
    for item in items:
        end = item.end_line if isinstance(item, ParsedRecord) else item.line
        while undecoded and undecoded[0].line <= end:
            yield _not_in(label, undecoded.popleft())
        yield item
    while undecoded:
        yield _not_in(label, undecoded.popleft())


def _not_in(label: str, place: Undecoded) -> Problem:
    message = f"This line holds bytes that {label} does not have; \ufffd stands for them."
    return Problem(place.line, message, place.excerpt, record=place.line)
