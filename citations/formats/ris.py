"""RIS, in all its dialects.

A record runs from `TY` to `ER`. Both may be missing: a new `TY` closes the open record, tags
after an `ER` open one without a type; both are reported. Text between records (`1.`, `<1>`,
`Record #3 of 18`, `Provider: …`) is what databases print there and is skipped when it looks
like that, reported otherwise.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from citations.formats.blocks import MAX_BLOCK, cut, text_of
from citations.formats.record import Item, Problem, excerpt
from citations.formats.ris_fields import from_tags

# The newline comes first for speed; Cochrane writes two spaces after the dash, others a tab.
START = re.compile(rb"\n[ \t]{0,3}TY(?:[ \t]{1,3})-")

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
_MAYBE_TAG = re.compile(r"\n[ \t]{0,3}(?:[A-Z][A-Z0-9]|PMID)[ \t]{1,3}-")
_PLAIN_TAG = re.compile(r"\n([A-Z][A-Z0-9])  - ?")
_OPENERS = frozenset({"TY", "TI", "T1", "AU", "A1"})


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    open_record: str | None = None  # the first words of a record that has no ER yet
    line = begun = 1
    for line, raw, end_line, text, problems in _texts(iter(chunks)):
        if open_record is not None:
            yield Problem(
                line,
                "The record before this TY has no ER (end of record); it was closed here.",
                open_record,
                record=begun,
            )
            open_record = None
        if raw is not None:
            yield from_tags(raw, line, end_line)
            continue
        yield from problems
        parts = _split(text)
        if "ER" in parts[1::2]:
            yield from _closed(line, parts)
        elif len(parts) > 1:
            yield from _one(line, end_line, parts[1:], typed=parts[1] == "TY")
            open_record, begun = excerpt(text), line
        yield from _between(parts[0].removeprefix("\n"), line)  # `_split` put it there
    if open_record is not None:
        yield Problem(
            line,
            "The file ends inside this record (no ER): it may be cut short.",
            open_record,
            record=begun,
        )


# (line, tags and values of a regular record, its last line, text of any other, problems)
Text = tuple[int, dict[str, list[str]] | None, int, str, list[Problem]]


def _texts(chunks: Iterator[bytes]) -> Iterator[Text]:
    """What stands from one TY to the next.

    Megabytes of plain records are decoded and split at once; what is not plain, or longer than
    a block may be, goes the way of single blocks.
    """
    line = 1
    pending = b""
    for chunk in chunks:
        data = pending + chunk
        last = data.rfind(b"\nTY  -") + 1
        if last == 0:
            pending = data
            if len(data) > MAX_BLOCK:
                yield from _by_block(chain([data], chunks), line)
                return
            continue
        pending = data[last:]
        line = yield from _of_whole_records(data[:last], line)
    if pending:
        yield from _of_whole_records(pending, line)


def _of_whole_records(data: bytes, line: int) -> Generator[Text, None, int]:
    """The texts in `data`; returns the number of the line after it, if it ends with a newline."""
    first, *rest = data.split(b"\nTY  -")
    if first.startswith(b"TY  -"):
        rest.insert(0, first[5:])
    elif first:
        yield from _by_block([first], line)
        line += first.count(b"\n") + 1
    elif rest:
        line += 1
    for part in rest:
        lines = part.count(b"\n")
        count = lines + 1
        # Each record by itself: one foreign letter would make all of a megabyte wide.
        try:
            text = part.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text:
            plain = _plain(text, lines)
            if plain is not None:
                raw, blank = plain
                yield line, raw, line + lines - blank, "", _NO_PROBLEMS
                line += count
                continue
        yield from _by_block([b"TY  -" + part + b"\n"], line)
        line += count
    return line - 1


def _by_block(chunks: Iterable[bytes], line: int) -> Iterator[Text]:
    for block in cut(chunks, START, line=line):
        text, problems = text_of(block)
        yield block.line, None, block.end_line, text, problems


_NO_PROBLEMS: list[Problem] = []


def _plain(text: str, lines: int) -> tuple[dict[str, list[str]], int] | None:
    """(tags and values, empty lines at the end) of a record without any irregularity, else None.

    The text is what follows `TY  -`, with so many line ends; the last tag is ER, and nothing but
    noise comes after it. One split is quicker than a look at each line.
    """
    parts = _PLAIN_TAG.split(text)
    if len(parts) < 5 or parts[-2] != "ER":
        return None
    end = parts.pop()
    parts.pop()
    if end and not end.isspace():
        first, *after = end.split("\n")
        if first.strip() or not all(map(_NOISE.match, filter(None, after))):
            return None
    if lines - end.count("\n") != len(parts) // 2 + 1:
        # Lines that continue a value are looked at: none may be an irregular tag.
        for value in parts:
            if "\n" in value and _MAYBE_TAG.search(value):
                return None
    following = iter(parts)
    raw = {"TY": [next(following).removeprefix(" ")]}
    for tag, value in zip(following, following, strict=True):
        if tag in raw:
            raw[tag].append(value)
        else:
            raw[tag] = [value]
    return None if "ER" in raw else (raw, len(end) - len(end.rstrip("\n")))


def _split(text: str) -> list[str]:
    """[text before, tag, value, tag, value, …]."""
    return (_TAG_ONE_SPACE if _ONE_SPACE_TY.match(text) else _TAG).split("\n" + text)


def _closed(line: int, parts: list[str]) -> Iterator[Item]:
    """The records of a block that holds an ER: one, and those whose TY is missing.

    Tags after an ER that name neither title nor author (Ovid's `NL`) still belong to the record
    before it.
    """
    pieces: list[_Piece] = []
    line += parts[0].count("\n")
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
    last = parts[-1]
    piece.end = max(piece.line, line - 1 - (len(last) - len(last.rstrip("\n"))))
    if piece.tags:
        pieces.append(piece)
    for at in range(len(pieces) - 1, 0, -1):
        if not pieces[at].opens_a_record:
            pieces[at - 1].tags += pieces[at].tags
            pieces[at - 1].end = pieces[at].end
            pieces[at - 1].after = (pieces[at - 1].after or "") + (pieces[at].after or "")
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
                record=piece.line,
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


def _tags(parts: list[str]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    for tag, value in zip(parts[::2], parts[1::2], strict=True):
        if tag in raw:
            raw[tag].append(value)
        else:
            raw[tag] = [value]
    return raw


def _one(line: int, end_line: int, parts: list[str], *, typed: bool) -> Iterator[Item]:
    raw = _tags(parts)
    if parts[-1].endswith("\n"):
        raw[parts[-2]][-1] = parts[-1].rstrip("\n")
    if not any(tag != "TY" and any(map(str.strip, values)) for tag, values in raw.items()):
        yield Problem(
            line,
            "This record has no title and no other field; it was not imported.",
            excerpt(" ".join(parts)),
            lost=True,
        )
        return
    if not typed:
        yield Problem(
            line,
            "This record begins without TY (type of reference); its type is unknown.",
            excerpt(" ".join(parts)),
            record=line,
        )
    yield from_tags(raw, line, end_line)


def _between(text: str, line: int) -> Iterator[Problem]:
    """Report text outside any record, unless it is what databases print there."""
    if not text.strip():
        return
    for offset, piece in enumerate(text.split("\n")):
        if not _NOISE.match(piece):
            yield Problem(line + offset, "This line belongs to no record.", excerpt(piece))
