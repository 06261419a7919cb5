"""EndNote's and refer's %-tags (.enw, .ref).

Records are blocks between blank lines. `%T` may precede `%0`, and one record may have two `%0`;
a block that names neither title nor author nor type continues the record before it.
"""

import re
from collections.abc import Iterable, Iterator

from citations.formats import dates, identifiers, pages, people
from citations.formats.blocks import cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import readable, split_list

START = re.compile(rb"\n[ \t]*\n%[0-9A-Z@!#$&()*+<>?\[\]^~:=]")
_TAG = re.compile(r"\n%([0-9A-Z@!#$&()*+<>?\[\]^~:=])(?:[ \t]|(?=\n)|\Z)")
_OPENERS = frozenset("0TA")
_NONE = ("",)


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    waiting: tuple[list[str], int, int] | None = None
    for block in cut(chunks, START):
        text, problems = text_of(block)
        yield from problems
        body = text.lstrip(" \t\n")
        line = block.line + text.count("\n", 0, len(text) - len(body))
        parts = _TAG.split("\n" + body)
        if parts[0].strip("\n\t \ufeff"):
            yield Problem(line, "This text belongs to no record.", excerpt(parts[0]))
        parts = parts[1:]
        if not parts:
            continue
        if waiting is not None and _OPENERS.isdisjoint(parts[::2]):
            waiting = (waiting[0] + parts, waiting[1], block.end_line)
            continue
        if waiting is not None:
            yield from _record(*waiting)
        *before, last = _pieces(parts, line, block.end_line)
        for piece in before:
            yield from _record(*piece)
        waiting = last
    if waiting is not None:
        yield from _record(*waiting)


def _pieces(parts: list[str], line: int, end_line: int) -> list[tuple[list[str], int, int]]:
    """A block without blank lines may hold several records: each `%0` after a title opens one."""
    pieces = []
    begin = 0
    start = at_line = line
    for at in range(0, len(parts), 2):
        tags = parts[begin:at:2]
        if parts[at] == "0" and "T" in tags and "0" in tags and "T" in parts[at::2]:
            pieces.append((parts[begin:at], start, at_line - 1))
            begin, start = at, at_line
        at_line += parts[at + 1].count("\n") + 1
    return [*pieces, (parts[begin:], start, end_line)]


def _record(parts: list[str], line: int, end_line: int) -> Iterator[Item]:
    raw: dict[str, list[str]] = {}
    for tag, value in zip(parts[::2], parts[1::2], strict=True):
        raw.setdefault("%" + tag, []).append(value.rstrip("\n"))
    if not any(tag != "%0" and any(map(str.strip, values)) for tag, values in raw.items()):
        yield Problem(
            line,
            "This record has no title and no other field; it was not imported.",
            excerpt(" ".join(parts)),
            lost=True,
        )
        return
    yield from_tags(raw, line, end_line)


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these %-tags describe."""
    get = raw.get
    title, book = _first(raw, "%T"), _first(raw, "%B")
    return ParsedRecord(
        0,
        line,
        end_line,
        title=title or book,
        authors=people.listed(readable(name) for name in get("%A", ())),
        year=dates.first_year(*get("%D", _NONE), *get("%8", _NONE)),
        journal=_first(raw, "%J") or (book if title else ""),
        volume=_first(raw, "%V"),
        issue=_first(raw, "%N"),
        pages=pages.tidy(_first(raw, "%P")),
        doi=next((doi for tag in ("%R", "%U") for v in get(tag, ()) if (doi := _doi(tag, v))), ""),
        pmid=next(
            (
                p
                for v in get("%M", ())
                if v.lower().startswith("pmid") and (p := identifiers.pmid_of(v))
            ),
            "",
        ),
        isbn=identifiers.isbn_of(" ".join(get("%@", ()))),
        abstract=_first(raw, "%X"),
        keywords=[readable(word) for word in split_list(get("%K", []), r"[;\n]")],
        entry_type=_first(raw, "%0"),
        url=_first(raw, "%U", "%>"),
        language=_first(raw, "%G"),
        raw=raw,
    )


def _first(raw: dict[str, list[str]], *tags: str) -> str:
    for tag in tags:
        for value in raw.get(tag, ()):
            if value.strip():
                return readable(value)
    return ""


def _doi(tag: str, value: str) -> str:
    return identifiers.doi_of(value) if tag == "%R" or "doi.org" in value else ""
