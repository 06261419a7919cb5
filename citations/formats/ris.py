"""RIS, in all its dialects.

A record runs from `TY` to `ER`. Both may be missing: a new `TY` closes the open record, tags
after an `ER` open one without a type; both are reported. Text between records (`1.`, `<1>`,
`Record #3 of 18`, `Provider: …`) is what databases print there and is skipped when it looks
like that, reported otherwise.
"""

import re
from collections.abc import Iterable, Iterator

from citations.formats import dates, identifiers, pages, people
from citations.formats.blocks import Block, cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, readable, split_list

LABEL = "RIS"
# The newline comes first for speed; Cochrane writes two spaces after the dash, others a tab.
START = re.compile(rb"\n[ \t]{0,3}TY(?:[ \t]{1,3})-")
LOOKS_LIKE = re.compile(r"^[ \t]{0,3}TY[ \t]{1,3}-", re.MULTILINE)

# "ER in the emergency room", "TI-tanium", "SP  500" are text: a tag has two spaces or a tab
# before its dash, and one space only in records whose own TY is written so.
_TAG = re.compile(r"\n[ ]{0,3}([A-Z][A-Z0-9]|PMID)(?:  | ?\t)-[ \t]?")
_TAG_ONE_SPACE = re.compile(r"\n[ ]{0,3}([A-Z][A-Z0-9]|PMID)[ \t]{1,2}-[ \t]?")
_ONE_SPACE_TY = re.compile(r"[ \t]{0,3}TY -")
_NOISE = re.compile(
    r"""\s* (?: \ufeff | <?\d+[.>]{0,2} | Record\ \#?\d+ .* | EXPORT\ DATE .* | \d+\ (?:records|articles) .*
        | (?:Provider|Database|Content|Source|Search|Date|Set|Results?|Vendor|Records?|Copyright|Exported) \b .* )? \s* $""",
    re.VERBOSE | re.IGNORECASE,
)
_DOI_URL = re.compile(r"doi\.org/|[?&/]doi[=/]|^doi:", re.IGNORECASE)
_PMID_NOTE = re.compile(r"\b(?:PMID|PubMed(?: ID)?|MEDLINE)\b[:\s]*(\d{4,9})\b", re.IGNORECASE)

_OPENERS = frozenset({"TY", "TI", "T1", "AU", "A1"})
_PMID_VALUE = re.compile(r"\s*(\d{1,9})\s*(?:\(http\S*\))?\s*\Z")
TITLE = ("TI", "T1", "CT", "BT", "TT")
JOURNAL = ("JF", "T2", "JO", "JA", "J2", "J1", "BT", "T3")
BOOKS = frozenset({"BOOK", "EDBOOK", "THES", "RPRT", "COMP", "WEB", "ELEC"})


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    missing_er: str | None = None  # the first line of a record that is still open
    for block in cut(chunks, START):
        if missing_er is not None:
            yield Problem(
                block.line,
                "The record before this TY has no ER (end of record); it was closed here.",
                missing_er,
            )
            missing_er = None
        text, problems = text_of(block)
        yield from problems
        parts = (_TAG_ONE_SPACE if _ONE_SPACE_TY.match(text) else _TAG).split("\n" + text)
        if "ER" in parts[1::2]:
            yield from _closed(block, parts)
        elif len(parts) > 1:
            yield from _one(block.line, block.end_line, parts[1:], typed=parts[1] == "TY")
            missing_er = excerpt(text)
        yield from _between(parts[0], block.line)
    if missing_er is not None:
        yield Problem(
            block.line,
            "The file ends inside this record (no ER): it may be cut short.",
            missing_er,
        )


def _closed(block: Block, parts: list[str]) -> Iterator[Item]:
    """The records of a block that holds an ER: one, and those whose TY is missing.

    Tags after an ER that name neither title nor author (Ovid's `NL`) still belong to the record
    before it.
    """
    pieces: list[_Piece] = []
    line = block.line + parts[0].count("\n")
    piece = _Piece(line)
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        lines = value.count("\n") + 1
        if tag == "ER":
            piece.end = line
            piece.after = value
            pieces.append(piece)
            piece = _Piece(line + lines)
        else:
            piece.tags += (tag, value)
        line += lines
    piece.end = block.end_line
    if piece.tags:
        pieces.append(piece)
    for at in range(len(pieces) - 1, 0, -1):
        if not pieces[at].opens_a_record:
            pieces[at - 1].tags += pieces[at].tags
            pieces[at - 1].end = pieces[at].end
            pieces[at - 1].after += pieces[at].after or ""
            pieces[at - 1].stray_ers += pieces[at].stray_ers + (not pieces[at].tags)
            del pieces[at]
    for piece in pieces:
        if piece.tags:
            yield from _one(piece.line, piece.end, piece.tags, typed=piece.tags[0] == "TY")
        else:
            yield Problem(
                piece.line, "An ER (end of record) without a record.", excerpt(piece.after or "")
            )
        if piece.stray_ers:
            yield Problem(piece.end, "An ER (end of record) without a record.", "")
        if piece.after is None:
            yield Problem(
                piece.line,
                "The record that begins here has no ER (end of record).",
                excerpt(" ".join(piece.tags)),
            )
        elif piece.after.strip():
            yield from _between(piece.after, piece.end)


class _Piece:
    """Tags and values up to an ER; `after` is what stands behind it, None without an ER."""

    def __init__(self, line: int) -> None:
        self.line = self.end = line
        self.tags: list[str] = []
        self.after: str | None = None
        self.stray_ers = 0

    @property
    def opens_a_record(self) -> bool:
        return not _OPENERS.isdisjoint(self.tags[::2])


def _one(line: int, end_line: int, parts: list[str], *, typed: bool) -> Iterator[Item]:
    raw: dict[str, list[str]] = {}
    for tag, value in zip(parts[::2], parts[1::2], strict=True):
        if tag in raw:
            raw[tag].append(value)
        else:
            raw[tag] = [value]
    if parts[-1].endswith("\n"):
        raw[parts[-2]][-1] = parts[-1].rstrip("\n")
    if not any(tag != "TY" and any(map(str.strip, values)) for tag, values in raw.items()):
        yield Problem(
            line,
            "This record has no title and no other field; it was not imported.",
            excerpt(" ".join(parts)),
        )
        return
    if not typed:
        yield Problem(
            line,
            "This record begins without TY (type of reference); its type is unknown.",
            excerpt(" ".join(parts)),
        )
    yield from_tags(raw, line, end_line)


def _between(text: str, line: int) -> Iterator[Problem]:
    """Report text outside any record, unless it is what databases print there."""
    if not text.strip():
        return
    for offset, piece in enumerate(text.split("\n")):
        if not _NOISE.match(piece):
            yield Problem(line + offset, "This line belongs to no record.", excerpt(piece))


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these RIS tags describe."""
    get = raw.get
    kind = one_line(get("TY", _NONE)[0]).partition(" ")[0] if "TY" in raw else ""
    title = _first(raw, TITLE)
    journal = _first(raw, JOURNAL)
    if journal and journal == title and kind in BOOKS:
        journal = ""
    if not title and "ST" in raw:
        title = _first(raw, ("ST",))
    year = dates.first_year(*get("PY", _NONE), *get("Y1", _NONE), *get("DA", _NONE))
    return ParsedRecord(
        0,
        line,
        end_line,
        title,
        people.listed(_people(raw)),
        year,
        journal,
        _first(raw, ("VL", "VO")),
        _first(raw, ("IS",)),
        pages.span(_first(raw, ("SP",)), _first(raw, ("EP",))),
        _doi(raw),
        _pmid(raw),
        _isbn(raw, kind),
        _abstract(raw),
        split_list(raw["KW"], r"\n") if "KW" in raw else [],
        kind,
        _first(raw, ("UR", "LK", "L2")),
        _first(raw, ("LA",)),
        raw,
    )


_NONE: tuple[str, ...] = ("",)


def _first(raw: dict[str, list[str]], tags: tuple[str, ...]) -> str:
    for tag in tags:
        if tag in raw:
            for value in raw[tag]:
                value = value.strip()
                if value:
                    if "\n" in value or "&" in value or "<" in value or "  " in value:
                        return readable(value)
                    return value
    return ""


def _people(raw: dict[str, list[str]]) -> list[str]:
    if "A1" not in raw:
        names = raw.get("AU", [])
    elif "AU" not in raw:
        names = raw["A1"]
    else:  # WoS gives the institution as A1 after the people, others the same people twice
        names = [name for tag in raw if tag in ("AU", "A1") for name in raw[tag]]
        names = people.unrepeated([name.strip() for name in names])
    return [name for name in names if name and not name.isspace()]


def _doi(raw: dict[str, list[str]]) -> str:
    for tag in ("DO", "DI", "M3"):
        for value in raw.get(tag, ()):
            if doi := identifiers.doi_of(value):
                return doi
    for tag in ("UR", "L2", "L3", "LK", "N1"):
        for value in raw.get(tag, ()):
            if "10." in value and _DOI_URL.search(value) and (doi := identifiers.doi_of(value)):
                return doi
    return ""


def _pmid(raw: dict[str, list[str]]) -> str:
    for tag in ("PM", "PMID", "C2", "C5"):  # C2: Scopus, C5: Embase
        for value in raw.get(tag, ()):
            if match := _PMID_VALUE.match(value):
                return match[1]
    for tag in ("C3", "AN", "N1"):  # C3: Cochrane, `PUBMED 37362617`
        for value in raw.get(tag, ()):
            if match := _PMID_NOTE.search(value):
                return match[1]
    return ""


def _isbn(raw: dict[str, list[str]], kind: str) -> str:
    for tag in ("SN", "BN"):
        for value in raw.get(tag, ()):
            if isbn := identifiers.isbn_of(value):
                return isbn
    return ""


def _abstract(raw: dict[str, list[str]]) -> str:
    values = [v for v in raw.get("AB") or raw.get("N2") or () if v.strip()]
    if not values:
        values = [v for v in raw.get("N2", ()) if v.strip()]
    return readable("\n".join(values)) if values else ""
