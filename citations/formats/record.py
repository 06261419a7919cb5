"""What every reader hands out: a record, a problem, or a refusal of the whole file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXCERPT_LENGTH = 160


@dataclass(slots=True)
class ParsedRecord:
    """One reference as the file gives it.

    `raw` keeps every tag with every value, verbatim but for the newline style and NUL
    characters; all other fields are read from it. Text fields are "" and lists are empty
    when the file does not say. `line` and `end_line` count from 1 (rows, in a workbook).
    """

    number: int
    line: int
    end_line: int
    title: str = ""
    authors: list[str] = field(default_factory=list)
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    isbn: str = ""
    abstract: str = ""
    keywords: list[str] = field(default_factory=list)
    entry_type: str = ""
    url: str = ""
    language: str = ""
    raw: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The record as `parse_citations` prints it: null for what the file does not say."""
        return {
            "type": "record",
            "line": self.line,
            "title": self.title or None,
            "authors": self.authors,
            "year": self.year,
            "journal": self.journal or None,
            "volume": self.volume or None,
            "issue": self.issue or None,
            "pages": self.pages or None,
            "doi": self.doi or None,
            "pmid": self.pmid or None,
            "isbn": self.isbn or None,
            "abstract": self.abstract or None,
            "keywords": self.keywords,
            "entry_type": self.entry_type or None,
            "url": self.url or None,
            "raw": self.raw,
            "number": self.number,
            "end_line": self.end_line,
            "language": self.language or None,
        }


@dataclass(slots=True)
class Problem:
    """Something in the file that a person should look at: where, what, and how it looks.

    `lost` says that one record of the file could not be read; each such record has exactly one
    problem that says so. `record` is the line of a record that was read in spite of this, 0 when
    the problem is about no record (a stray line, the file as a whole).
    """

    line: int
    message: str
    excerpt: str = ""
    lost: bool = False
    record: int = 0

    def as_json(self) -> dict[str, Any]:
        """The problem as `parse_citations` prints it."""
        return {
            "type": "problem",
            "line": self.line,
            "message": self.message,
            "excerpt": self.excerpt,
            "lost": self.lost,
            "record": self.record or None,
        }


class Unreadable(Exception):
    """The file as a whole can't be read; `str()` is one sentence for the person.

    `line` is where the reason stands in the file, 1 when it is the file itself.
    """

    def __init__(self, message: str, *, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


Item = ParsedRecord | Problem
Columns = Mapping[str, str]


def excerpt(text: str) -> str:
    """The first words of a damaged place, on one line, without control characters."""
    words = " ".join(text[: EXCERPT_LENGTH * 4].split())
    words = "".join(c for c in words if c.isprintable())
    return words if len(words) <= EXCERPT_LENGTH else words[: EXCERPT_LENGTH - 1] + "…"
