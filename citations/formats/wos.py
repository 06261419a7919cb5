"""Web of Science tagged text (.ciw, .isi, .txt), of all its databases.

A record runs from PT to ER; a continued line begins with three spaces, except where BIOSIS
forgets them. Unknown tags are kept.
"""

import re
from collections.abc import Iterable, Iterator

from citations.formats import dates, identifiers, pages, people
from citations.formats.blocks import Block, cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import readable, split_list

START = re.compile(rb"\nPT [A-Z]")
_TAG = re.compile(r"\n([A-Z][A-Z0-9])(?:[ \t]|(?=\n)|\Z)")
# Tags in which every line is a value of its own.
_LISTS = frozenset({"AU", "AF", "BA", "BF", "CA", "GP", "BE", "ED", "CR", "C1", "C3", "AE"})
_MAIL = re.compile(r"\s*\([^()]*@[^()]*\)")
_INDENT = "\n   "
_ENDS = frozenset({"ER", "EF"})
_NO_FIELDS = frozenset({"ER", "EF", "FN", "VR"})
_NONE = ("",)


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    open_record: str | None = None
    begun = 1
    for block in cut(chunks, START):
        if open_record is not None:
            yield Problem(
                block.line,
                "The record before this PT has no ER (end of record); it was closed here.",
                open_record,
                record=begun,
            )
        text, problems = text_of(block)
        yield from problems
        parts = _TAG.split("\n" + text)
        tags = parts[1::2]
        open_record = None
        yield from _before(parts[0], block.line)
        if "PT" in tags:
            yield from _record(parts, block, text.count("\n"))
            if "ER" not in tags:
                open_record, begun = excerpt(text), block.line
        elif any(tag not in ("FN", "VR", "EF", "ER") for tag in tags):
            yield from _without_type(parts, block)
    if open_record is not None:
        yield Problem(
            block.line,
            "The file ends inside this record (no ER): it may be cut short.",
            open_record,
            record=begun,
        )


def _before(text: str, line: int) -> Iterator[Problem]:
    """Text in front of a block's first tag; it begins with a line end that the file has not."""
    for offset, piece in enumerate(text.split("\n")[1:] if text else ()):
        if piece.strip(" \t\ufeff"):
            yield Problem(line + offset, "This line belongs to no record.", excerpt(piece))


def _without_type(parts: list[str], block: Block) -> Iterator[Item]:
    """Tags before the first PT: a record whose own PT is missing."""
    yield Problem(
        block.line,
        "This record begins without PT (type of publication).",
        excerpt(" ".join(parts)),
        record=block.line,
    )
    yield from _record(parts, block, block.data.count(b"\n"))


def _record(parts: list[str], block: Block, line_ends: int) -> Iterator[Item]:
    raw: dict[str, list[str]] = {}
    tags, texts = parts[1::2], parts[2::2]
    # All lines from the first tag on, but for those that belong to the ends.
    end_line = block.line + line_ends + 1 - parts[0].count("\n")
    for at, (tag, value) in enumerate(zip(tags, texts, strict=True)):
        if tag in _NO_FIELDS:
            if tag in _ENDS:
                end_line -= value.count("\n") + 1
                if stray := value.strip(" \t\n\ufeff"):
                    line = block.line + _lines(tags[:at], texts) + 1
                    yield Problem(line, "This text belongs to no record.", excerpt(stray))
            continue
        values = [value]
        if "\n" in value:
            value = value.strip("\n")
            values = (
                list(filter(None, map(str.strip, value.split("\n")))) if tag in _LISTS else [value]
            )
        if tag in raw:
            raw[tag] += values
        else:
            raw[tag] = values
    if not any(tag != "PT" and any(map(str.strip, values)) for tag, values in raw.items()):
        yield Problem(
            block.line,
            "This record has no title and no other field; it was not imported.",
            excerpt(" ".join(parts)),
            lost=True,
        )
        return
    yield from_tags(raw, block.line, min(end_line, block.end_line))


def _lines(tags: list[str], texts: list[str]) -> int:
    """How many lines these tags fill with their texts, those that end a record left out."""
    pairs = zip(tags, texts, strict=False)
    return sum(text.count("\n") + 1 for tag, text in pairs if tag not in _ENDS)


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these Web of Science tags describe."""
    get = raw.get
    return ParsedRecord(
        0,
        line,
        end_line,
        title=_first(raw, "TI", "X1", "Z1"),
        authors=people.listed(map(_name, _people(raw))),
        year=dates.first_year(*get("PY", _NONE), *get("PD", _NONE), *get("EY", _NONE)),
        journal=_first(raw, "SO", "JI", "J9", "SE"),
        volume=_first(raw, "VL"),
        issue=_first(raw, "IS"),
        pages=_pages(raw),
        doi=next(
            (doi for tag in ("DI", "D2") for v in get(tag, ()) if (doi := identifiers.doi_of(v))),
            "",
        ),
        pmid=identifiers.pmid_of(get("PM", _NONE)[0]),
        isbn=identifiers.isbn_of(" ".join(get("BN", ()))),
        abstract=_first(raw, "AB", "X4"),
        keywords=_keywords(raw),
        entry_type=_first(raw, "DT", "PT"),
        url=_first(raw, "UR", "DL"),
        language=_first(raw, "LA"),
        raw=raw,
    )


def _first(raw: dict[str, list[str]], *tags: str) -> str:
    for tag in tags:
        if tag in raw:
            for value in raw[tag]:
                if value and not value.isspace():
                    return readable(value.replace(_INDENT, " "))
    return ""


def _people(raw: dict[str, list[str]]) -> list[str]:
    for tag in ("AF", "AU", "BF", "BA", "CA", "GP"):
        if tag in raw and any(map(str.strip, raw[tag])):
            return [name for name in raw[tag] if name.strip()]
    return []


def _name(name: str) -> str:
    return _MAIL.sub("", name).strip() if "@" in name else name


def _pages(raw: dict[str, list[str]]) -> str:
    first, last = _first(raw, "BP", "BR"), _first(raw, "EP")
    return pages.tidy(pages.span(first, last) or _first(raw, "PS", "AR"))


def _keywords(raw: dict[str, list[str]]) -> list[str]:
    values = [value.replace("\n", " ") for tag in ("DE", "ID") for value in raw.get(tag, ())]
    found = split_list(values, ";")
    if any("&" in value or "<" in value for value in values):
        return [readable(word) for word in found]
    return found
