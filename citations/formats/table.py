"""Tables: which column says what, and one row as a record. Shared by CSV, XLSX and XLS."""

import ast
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from citations.formats import dates, identifiers, own, pages, people
from citations.formats.record import Columns, ParsedRecord, Unreadable
from citations.formats.text import one_line, readable, split_list

# For each field the column names that databases and tools use, the best first. Names are
# compared in lower case with every run of other characters as one space.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "article title", "document title", "item title", "title primary", "primary title",
        "ti", "t1", "display name", "paper title", "study title", "reference title", "titel",
        "publication title primary", "dc title", "titles",
    ),
    "authors": (
        "authors", "author", "author s", "author names", "authors primary", "first authors",
        "au", "a1", "author full names", "authorships author display name", "creators", "creator",
        "author name", "primary authors", "contributors", "autor", "autoren", "book authors",
        "authorships raw author name", "authors full", "author list",
    ),
    "year": (
        "year", "publication year", "published year", "pub year", "year published", "py", "y1",
        "year of publication", "date", "publication date", "date of publication",
        "date published", "published", "issued", "jahr", "cover date", "da", "published date",
    ),
    "journal": (
        "journal", "source title", "journal title", "publication title", "periodical full",
        "journal book", "publication name", "publication", "periodical", "journal name",
        "jf", "t2", "jo", "so", "primary location source display name", "host venue display name",
        "secondary title", "title secondary", "container title", "book title", "conference title",
        "periodical abbrev", "abbreviated source title", "journal abbreviation",
        "journal iso abbreviation", "alternate title3", "alternate title 3", "zeitschrift",
        "source",
    ),
    "volume": ("volume", "journal volume", "vl", "vol", "biblio volume", "band"),
    "issue": ("issue", "number", "issue number", "journal issue", "is", "no", "biblio issue", "heft"),
    "pages": ("pages", "page range", "page numbers", "page", "pp", "pg", "seiten"),
    "first_page": ("start page", "first page", "page start", "beginning page", "sp", "bp", "biblio first page"),
    "last_page": ("end page", "last page", "page end", "ending page", "ep", "biblio last page"),
    "doi": ("doi", "item doi", "di", "do", "digital object identifier", "doi link", "ids doi", "doi url"),
    "pmid": ("pmid", "pubmed id", "pubmedid", "medline pmid", "pm", "ids pmid", "pubmed", "medline id"),
    "isbn": ("isbn", "isbns", "isbn 13", "issn isbn", "bn"),
    "abstract": ("abstract", "abstract note", "abstracts", "ab", "n2", "notes abstract", "abstract text", "summary"),
    "keywords": (
        "keywords", "author keywords", "keyword", "keywords display name", "kw", "de", "manual tags",
        "keywords author", "descriptors",
    ),
    "entry_type": (
        "document type", "item type", "publication type", "type of reference", "reference type",
        "ty", "doctype", "content type", "type", "pt", "dt", "entry type", "referencetype",
    ),
    "url": (
        "url", "link", "urls", "ur", "plink", "open url link", "primary location landing page url",
        "pdf link", "external url", "source urls", "article url",
    ),
    "language": ("language", "language of original document", "la", "languages"),
}  # fmt: skip
FIELDS = tuple(SYNONYMS)
# A key among a person's columns: its value is the number of the header's line, not a field.
HEADER_LINE = "header_line"
# A header must name at least one of these, and one more field of any kind.
TELLING = frozenset({"title", "doi", "pmid", "abstract"})

_BY_NAME = {name.replace(" ", ""): key for key, names in SYNONYMS.items() for name in names}
_RANK = {
    key: {name.replace(" ", ""): rank for rank, name in enumerate(names)}
    for key, names in SYNONYMS.items()
}
_NOTHING = frozenset({"na", "n/a", "nan", "null", "none", "undefined", "-"})
_NOT_LETTERS = re.compile(r"[^\w]+|_+")
# Lens and OpenAlex write `Remco de Bree`.
_GIVEN_FIRST = re.compile(
    r"author/s|authorships\.(?:author\.display_name|raw_author_name)", re.IGNORECASE
)
_EXCEL_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_INITIALS_LAST = re.compile(
    r"^[^\W\d_].*\s(?:[^\W\d_a-z]\.?[-‐]?\s?){1,5}(?:\s(?:Jr|Sr|II|III|IV)\.?)?$"
)
_INITIALS_FIRST = re.compile(r"^(?:[^\W\d_a-z]\.[\s-]*)+[^\W\d_]{2,}")
_GLUED = re.compile(r"[a-z]{2,}[A-Z][a-z]+\s|\b[A-Z]\.[A-Z][a-z]+\s[A-Z]\.")
_CITATION = re.compile(
    r"^(?P<journal>.+?) \((?P<year>\d{4})\)\s*(?P<volume>[\w -]{1,20})?(?::(?P<issue>[\w /-]{1,20}))?"
    r"(?:\s*\((?P<pages>[\w-]{1,30})\))?"
)
_AUTHOR_ID = re.compile(r"\s*\(\d{6,}\)")


def plain_name(header: str) -> str:
    """`Publication_Year ` and `PublicationYear` → `publicationyear`."""
    return _NOT_LETTERS.sub("", header.casefold())


@dataclass(slots=True)
class Header:
    """The columns of one table. `places` lists, for each field, its columns, the best first."""

    names: list[str]
    places: dict[str, list[int]] = field(default_factory=dict)
    given_first: bool = False
    own_at: int | None = None  # the first of our own columns, if we wrote this table

    @property
    def recognised(self) -> int:
        return len(self.places)

    @property
    def is_telling(self) -> bool:
        return len(self.places) >= 2 and not TELLING.isdisjoint(self.places)


def header_of(cells: Sequence[str]) -> Header:
    """What this row would say if it were the header."""
    header = Header([one_line(cell.replace("\ufeff", "")) for cell in cells])
    plain = [plain_name(cell) if len(cell) < 80 else "" for cell in cells]
    for name in SYNONYMS:
        found = [(_RANK[name][p], at) for at, p in enumerate(plain) if _BY_NAME.get(p) == name]
        if found:
            header.places[name] = [at for _, at in sorted(found)]
    header.own_at = own.begin_of_table(header.names)
    best = header.places.get("authors", [])
    header.given_first = bool(best) and bool(_GIVEN_FIRST.fullmatch(header.names[best[0]]))
    return header


def header_line_of(columns: Columns | None) -> int | None:
    """The line (or row) from 1 that a person says is the header, 0 for none; None if unsaid."""
    said = (columns or {}).get(HEADER_LINE, "")
    return int(said) if said.isdecimal() else None


def header_by_hand(cells: Sequence[str], columns: Columns) -> tuple[Header, bool]:
    """The header that a person chose, and whether this first row is the header.

    `columns` maps a column's name, or its number from 1, to one of FIELDS. With HEADER_LINE in it
    columns are numbers only, and this row is the header unless that line is 0.
    """
    at_line = header_line_of(columns)
    if at_line is not None:
        columns = {column: to for column, to in columns.items() if column != HEADER_LINE}
    unknown = sorted(set(columns.values()) - set(FIELDS))
    if unknown:
        raise Unreadable(f"There is no field named {', '.join(unknown)} to put a column into.")
    names = [one_line(cell.replace("\ufeff", "")) for cell in cells]
    by_name = {}
    if at_line is None:
        by_name = {name: at for at, name in reversed(list(enumerate(names)))}
    header = Header(names)
    has_names = bool(at_line)
    for column, chosen in columns.items():
        if one_line(column) in by_name:
            at = by_name[one_line(column)]
            has_names = True
        elif column.strip().isdecimal() and 1 <= int(column) <= max(len(names), 1):
            at = int(column) - 1
        else:
            raise Unreadable(f"The file has no column named {column!r}.")
        header.places.setdefault(chosen, []).append(at)
    if not has_names:
        header.names = [f"Column {at}" for at in range(1, len(names) + 1)]
    return header, has_names


def record_of(
    header: Header, cells: Sequence[str], line: int, end_line: int
) -> ParsedRecord | None:
    """The record in this row, None if every cell is empty."""
    raw: dict[str, list[str]] = {}
    for at, written in enumerate(cells):
        if written and not written.isspace():
            name = header.names[at] if at < len(header.names) else f"Column {at + 1}"
            raw.setdefault(name or f"Column {at + 1}", []).append(written)
    if not raw:
        return None
    if header.own_at is not None:
        return own.of_row(header.names, header.own_at, cells, raw, line, end_line)

    def cell(name: str, nothing: frozenset[str] = _NOTHING) -> str:
        for at in header.places.get(name, ()):
            if at < len(cells) and (value := cells[at].strip()) and value.lower() not in nothing:
                if value.startswith('="') and (match := _EXCEL_TEXT.match(value)):
                    value = match[1].strip()
                if value:
                    return value
        return ""

    years = (cells[at] for at in header.places.get("year", ()) if at < len(cells))
    record = ParsedRecord(
        0,
        line,
        end_line,
        title=readable(cell("title")),
        authors=authors_of(cell("authors"), given_first=header.given_first),
        year=dates.first_year(*years),
        journal=readable(cell("journal")),
        # A literal NA is the file's own word here: it can be neither checked nor told from a name.
        volume=one_line(cell("volume", frozenset())),
        issue=one_line(cell("issue", frozenset())),
        pages=pages.tidy(cell("pages"))
        or pages.span(one_line(cell("first_page")), one_line(cell("last_page"))),
        doi=identifiers.doi_of(cell("doi")),
        pmid=_pmid(cell("pmid")),
        isbn=identifiers.isbn_of(cell("isbn")),
        abstract=readable(cell("abstract")),
        keywords=keywords_of(cell("keywords")),
        entry_type=one_line(cell("entry_type")),
        url=_first_listed(cell("url")),
        language=_first_listed(cell("language")),
        raw=raw,
    )
    _from_citation(record)
    return record


def says_nothing(header: Header, cells: Sequence[str]) -> bool:
    """Whether no column that we know says anything: a section line, a total, a remark."""
    known = (at for places in header.places.values() for at in places)
    return not any(at < len(cells) and cells[at].strip() for at in known)


def _pmid(value: str) -> str:
    return "" if value.strip("0") == "" else identifiers.pmid_of(value)


def _from_citation(record: ParsedRecord) -> None:
    """Embase's `Source`: `Cancer (2004) 102:4 (253-258). Date of Publication: …`, taken apart."""
    if "(" not in record.journal or record.volume or record.pages:
        return
    match = _CITATION.match(record.journal)
    if match is None:
        return
    record.journal = match["journal"]
    record.year = record.year or int(match["year"])
    record.volume = (match["volume"] or "").strip()
    record.issue = record.issue or (match["issue"] or "").strip()
    record.pages = match["pages"] or ""


def _listed(value: str) -> list[str] | None:
    """The strings of a Python or JSON list, None if the value is not written as one."""
    if not (value.startswith("[") and value.endswith("]")):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list):
            return [str(item) for item in found if isinstance(item, str | int | float)]
    return None


def _first_listed(value: str) -> str:
    parts = _listed(value)
    return one_line(parts[0] if parts else value)


def authors_of(value: str, *, given_first: bool = False) -> list[str]:
    """One name each, out of the separators that databases use."""
    value = value.strip()
    if not value:
        return []
    found = _listed(value)
    if found is None:
        found = list(_separated(value))
    names = [
        one_line(_AUTHOR_ID.sub("", name)) if "(" in name else one_line(name) for name in found
    ]
    if given_first or all(_INITIALS_FIRST.match(name) for name in names if "," not in name):
        return [people.family_last(readable(name)) for name in names if name]
    return [people.tidy(readable(name)) for name in names if name]


def _separated(value: str) -> Iterable[str]:
    if ";" in value:
        return value.split(";")
    if "|" in value:
        return value.split("|")
    if len(names := re.split(r"\s+and\s+", value)) > 1:
        return names
    if "\n" in value:
        return value.split("\n")
    parts = [part.strip() for part in value.rstrip(".").split(",")]
    if len(parts) > 1 and all(_INITIALS_LAST.match(part) for part in parts if part):
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    return [value]


def are_glued(authors: list[str]) -> bool:
    """Whether a single name is several written without a separator (`Andy SmithTom Weber`)."""
    return len(authors) == 1 and bool(_GLUED.search(authors[0]))


def keywords_of(value: str) -> list[str]:
    """Keywords split at the separator that the cell uses."""
    parts = _listed(value)
    if parts is None:
        separator = next((s for s in (";", "|", "\n") if s in value), ",")
        parts = value.split(separator)
    return split_list([readable(part) for part in parts], r"\n")
