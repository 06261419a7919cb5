"""CSL-JSON: an array of items, one item, a line each, or an object that wraps an array.

Items are cut out of the stream one at a time and parsed by themselves, so that a damaged or cut
one does not take the others with it and the file never stands in memory.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from citations.formats import dates, identifiers, own, pages
from citations.formats.blocks import MAX_BLOCK
from citations.formats.record import Item, ParsedRecord, Problem, Unreadable, excerpt
from citations.formats.source import decode
from citations.formats.text import one_line, readable, split_list, storable

DEEPEST = 60  # brackets inside brackets; an item of CSL has four
# A lone quote is a string that the bytes at hand do not close.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+|"', re.DOTALL)
_WRAPPED = re.compile(
    rb'\s*\{[^\[]{0,4000}?"(?:items|references|data|records)"\s*:\s*\[', re.DOTALL
)
_NAME_PARTS = ("non-dropping-particle", "family", "suffix")


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every item and problem, in file order."""
    for number, (line, end_line, data, fault) in enumerate(_items(chunks), 1):
        shown = decode(data[:1000])[0]
        if fault:
            yield Problem(line, fault, excerpt(shown), lost=True)
            continue
        text, as_windows = decode(data)
        if as_windows:
            yield Problem(
                line,
                "This item holds bytes that are not UTF-8; they were read as Windows-1252.",
                excerpt(text),
                record=line,
            )
        try:
            item = json.loads(text.replace("\0", ""), strict=False)
        except (ValueError, RecursionError) as error:
            reason = str(error).split(":")[0]
            yield Problem(
                line,
                f"Item {number} is not well-formed JSON ({reason}).",
                excerpt(text),
                lost=True,
            )
            continue
        if not isinstance(item, dict):
            yield Problem(
                line,
                f"Item {number} is not an object; it was not imported.",
                excerpt(text),
                lost=True,
            )
            continue
        if "\0" in text or "\\u0000" in text:
            yield Problem(line, "A NUL character was removed.", excerpt(text), record=line)
        record = from_item(item, line, end_line)
        if says_nothing(record):
            yield Problem(
                line,
                f"Item {number} has no title and no other field; it was not imported.",
                excerpt(text),
                lost=True,
            )
            continue
        yield record


def says_nothing(record: ParsedRecord) -> bool:
    """Whether the item has none of the fields of a reference."""
    return not (
        record.title or record.authors or record.doi or record.pmid or record.url or record.journal
        or record.abstract or record.isbn or record.year
    )  # fmt: skip


Cut = tuple[int, int, bytes, str]


class _Cutter:
    """Walks over the tokens and hands out what stands at the level of the items."""

    def __init__(self) -> None:
        self.data = b""
        self.at = 0  # first byte that is not yet a token
        self.line = 1  # of data[0]
        self.depth = 0
        self.start: int | None = None
        self.in_array = False
        self.first = True

    def feed(self, chunk: bytes, *, last: bool) -> Iterator[Cut]:
        self.data += chunk
        if self.first and self.data.strip():
            self.first = False
            if wrapped := _WRAPPED.match(self.data):
                self.at, self.in_array = wrapped.end(), True
        for match in _TOKEN.finditer(self.data, self.at):
            token = match[0]
            unfinished = token == b'"' or (
                match.end() == len(self.data) and token not in (b"]", b"}", b",", b"[", b"{")
            )
            if unfinished and not last:
                break
            self.at = match.end()
            yield from self._token(token, match.start(), match.end())
        self._forget(self.at if self.start is None else self.start)
        if self.start is not None and len(self.data) > MAX_BLOCK:
            raise Unreadable(
                f"An item of this JSON file is longer than {MAX_BLOCK >> 20} MB.", line=self.line
            )

    def _token(self, token: bytes, begin: int, end: int) -> Iterator[Cut]:
        if token in (b"{", b"["):
            if self.depth == 0 and self.start is None:
                if token == b"[" and not self.in_array:
                    self.in_array = True
                    return
                self.start = begin
            self.depth += 1
            if self.depth > DEEPEST:
                raise Unreadable(
                    "JSON nested too deep; this is no list of citations.", line=self._line(begin)
                )
        elif token in (b"}", b"]"):
            if self.depth == 0:
                return  # the end of the array of items, or a bracket too many
            self.depth -= 1
            if self.depth == 0 and self.start is not None:
                yield self._cut(self.start, end, "")
                self.start = None
        elif self.depth == 0 and token not in (b",", b":"):
            yield self._cut(begin, end, "")

    def _cut(self, begin: int, end: int, fault: str) -> Cut:
        return self._line(begin), self._line(end), self.data[begin:end], fault

    def _line(self, at: int) -> int:
        return self.line + self.data.count(b"\n", 0, at)

    def _forget(self, upto: int) -> None:
        self.line += self.data.count(b"\n", 0, upto)
        self.data = self.data[upto:]
        self.at -= upto
        if self.start is not None:
            self.start -= upto

    def rest(self) -> Iterator[Cut]:
        if self.start is not None and self.data.strip():
            yield self._cut(
                self.start,
                len(self.data),
                "Truncated JSON: the file ends inside this item, which was not imported.",
            )


def _items(chunks: Iterable[bytes]) -> Iterator[Cut]:
    cutter = _Cutter()
    for chunk in chunks:
        # Small steps keep the line counting of many small items linear.
        for begin in range(0, len(chunk), 1 << 16):
            yield from cutter.feed(chunk[begin : begin + (1 << 16)], last=False)
    yield from cutter.feed(b"", last=True)
    yield from cutter.rest()


def from_item(item: dict[str, Any], line: int, end_line: int) -> ParsedRecord:
    """The record that this CSL item describes, as far as its values have the right types."""
    raw = {storable(key): [_raw(value)] for key, value in item.items()}
    if own.is_our_csl(item):
        return own.of_csl(item, raw, line, end_line)
    note = _text(item.get("note"))
    return ParsedRecord(
        0,
        line,
        end_line,
        title=readable(_text(item.get("title"))),
        authors=_names(item.get("author")),
        year=_year(item.get("issued"))
        or _year(item.get("published-print"))
        or dates.year_of(_text(item.get("year"))),
        journal=readable(_text(item.get("container-title"))),
        volume=one_line(_text(item.get("volume"))),
        issue=one_line(_text(item.get("issue"))),
        pages=pages.tidy(_text(item.get("page"))),
        doi=identifiers.doi_of(_text(item.get("DOI"))) or _noted(note, "DOI"),
        pmid=identifiers.pmid_of(_text(item.get("PMID")) or _noted(note, "PMID")),
        isbn=_text(item.get("ISBN")),
        abstract=readable(_text(item.get("abstract"))),
        keywords=_keywords(item.get("keyword")),
        entry_type=_text(item.get("type")),
        url=_text(item.get("URL")),
        language=_text(item.get("language")),
        raw=raw,
    )


def _raw(value: Any) -> str:
    return storable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _text(value: Any) -> str:
    """A string out of a string, number or list of them; "" for anything else."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, list) and value:
        return _text(value[0])
    return ""


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [one_line(storable(value))] if value.strip() else []
    if isinstance(value, dict):
        value = [value]
    names = [_name(one) for one in value] if isinstance(value, list) else []
    return [name for name in names if name]


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return one_line(_text(value))
    family = one_line(" ".join(_text(value.get(part)) for part in _NAME_PARTS))
    given = one_line(f"{_text(value.get('given'))} {_text(value.get('dropping-particle'))}")
    if family and given:
        return f"{family}, {given}"
    return family or given or one_line(_text(value.get("literal")) or _text(value.get("name")))


def _year(value: Any) -> int | None:
    if isinstance(value, dict):
        parts = value.get("date-parts")
        while isinstance(parts, list) and parts:
            parts = parts[0]
        for said in (parts, value.get("raw"), value.get("literal")):
            if year := dates.year_of(_text(said)):
                return year
        return None
    return dates.year_of(_text(value))


def _keywords(value: Any) -> list[str]:
    if isinstance(value, list):
        return [word for one in value if (word := one_line(_text(one)))]
    text = _text(value)
    return [readable(word) for word in split_list([text], r"[;\n]" if ";" in text else r"[,\n]")]


def _noted(note: str, name: str) -> str:
    """Zotero writes what CSL has no field for into the note: `PMID: 123`."""
    match = re.search(rf"^{name}: *(\S+)", note, re.MULTILINE)
    if match is None:
        return ""
    return identifiers.doi_of(match[1]) if name == "DOI" else match[1]
