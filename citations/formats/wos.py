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
_NONE = ("",)


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    open_record: str | None = None
    for block in cut(chunks, START):
        if open_record is not None:
            yield Problem(
                block.line,
                "The record before this PT has no ER (end of record); it was closed here.",
                open_record,
            )
        text, problems = text_of(block)
        yield from problems
        parts = _TAG.split("\n" + text)
        open_record = None
        if "PT" in parts[1::2]:
            yield from _record(parts, block)
            if "ER" not in parts[1::2]:
                open_record = excerpt(text)
        elif any(tag not in ("FN", "VR", "EF", "ER") for tag in parts[1::2]):
            yield from _without_type(parts, block)
    if open_record is not None:
        yield Problem(
            block.line,
            "The file ends inside this record (no ER): it may be cut short.",
            open_record,
        )


def _without_type(parts: list[str], block: Block) -> Iterator[Item]:
    """Tags before the first PT: a record whose own PT is missing."""
    yield Problem(
        block.line, "This record begins without PT (type of publication).", excerpt(" ".join(parts))
    )
    yield from _record(parts, block)


def _record(parts: list[str], block: Block) -> Iterator[Item]:
    raw: dict[str, list[str]] = {}
    end_line = block.line
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        if tag in ("ER", "EF"):
            if stray := value.strip(" \t\n\ufeff"):
                yield Problem(end_line + 1, "This text belongs to no record.", excerpt(stray))
            continue
        end_line += value.count("\n") + 1
        if tag in ("FN", "VR"):
            continue
        value = value.strip("\n")
        if tag in _LISTS and "\n" in value:
            raw.setdefault(tag, []).extend(
                line.strip() for line in value.split("\n") if line.strip()
            )
        else:
            raw.setdefault(tag, []).append(value)
    if not any(tag != "PT" and any(map(str.strip, values)) for tag, values in raw.items()):
        yield Problem(
            block.line,
            "This record has no title and no other field; it was not imported.",
            excerpt(" ".join(parts)),
        )
        return
    yield from_tags(raw, block.line, min(end_line, block.end_line))


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
        for value in raw.get(tag, ()):
            if value and not value.isspace():
                return readable(value)
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
    return [readable(word) for word in split_list(values, ";")]
