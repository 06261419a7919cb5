"""PubMed/MEDLINE text (.nbib), also as ERIC and Europe PMC write it.

A tag fills four characters before its dash; a continued line begins with spaces. A record
begins with PMID, or with OWN or PMC after a blank line where there is no PMID.
"""

import re
from collections.abc import Iterable, Iterator

from citations.formats import dates, identifiers, pages, people
from citations.formats.blocks import Block, cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, prose, readable

START = re.compile(rb"\n(?:PMID-|\n(?:OWN |PMC )-)")
_TAG = re.compile(r"\n([A-Z][A-Z0-9 ]{3}) ?- ?")
_WITH_KIND = re.compile(r"\s*\[([a-z]+)\]\s*$", re.IGNORECASE)
_INDENT = "\n      "
_ARTICLE_NUMBER = re.compile(r"([A-Za-z]?\d{1,8}) \[pii\]$")
_NONE = ("",)


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    last: Block | None = None
    complete = True
    for block in cut(chunks, START):
        text, problems = text_of(block)
        yield from problems
        items = list(_record(text, block))
        yield from items
        if any(isinstance(item, ParsedRecord) for item in items):
            last = block
            # PubMed closes every record with its source line and every file with a newline.
            complete = text.endswith("\n") or "\nSO  - " in text[text.rfind("\n", 0, -1) :]
    if last is not None and not complete:
        yield Problem(
            _first_line(last.data.decode("utf-8", "replace"), last.line),
            "The file ends inside this record: it may be cut short.",
            excerpt(text),
            record=last.line,
        )


def _first_line(text: str, line: int) -> int:
    return line + len(text) - len(text.lstrip("\n"))


def _record(text: str, block: Block) -> Iterator[Item]:
    line = _first_line(text, block.line)
    body = "\n" + text.rstrip("\n")
    parts = _TAG.split(body)
    if parts[0].strip():
        for offset, piece in enumerate(parts[0].split("\n")[1:]):
            if piece.strip(" \ufeff"):
                yield Problem(
                    block.line + offset, "This line belongs to no record.", excerpt(piece)
                )
    if len(parts) < 3:
        return
    raw: dict[str, list[str]] = {}
    odd: list[Problem] = []
    # Nearly always each line is a tag or begins with a space: then no value has to be looked at.
    tidy = body.count("\n") == body.count("\n ") + len(parts) // 2
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        if not tidy and "\n" in value and value.count("\n") != value.count("\n "):
            value, bad = _continued(value)
            if bad:
                raw.setdefault("", []).extend(bad)
                odd = odd or _invalid_lines(text, block.line)
        if tag in raw:
            raw[tag].append(value)
        else:
            raw[tag] = [value]
    raw = {tag.rstrip(" "): values for tag, values in raw.items()}
    if not any(any(values) for tag, values in raw.items() if tag not in ("OWN", "STAT", "")):
        yield Problem(
            line,
            "This record has no title and no other field; it was not imported.",
            excerpt(text),
            lost=True,
        )
        return
    yield from_tags(raw, line, block.end_line)
    yield from odd


def _continued(value: str) -> tuple[str, list[str]]:
    """The value as written, and the lines under it that continue nothing."""
    first, *rest = value.split("\n")
    rest = [piece for piece in rest if piece and not piece.isspace()]
    bad = [piece for piece in rest if piece[0] not in " \t"]
    if bad:
        rest = [piece for piece in rest if piece[0] in " \t"]
    return "\n".join([first, *rest]), bad


def _invalid_lines(text: str, line: int) -> list[Problem]:
    return [
        Problem(
            line + offset,
            "This line is neither a tag nor the continuation of one; it was left out.",
            excerpt(piece),
            record=line,
        )
        for offset, piece in enumerate(text.split("\n"))
        if piece.strip() and piece[0] not in " \t" and not _TAG.match("\n" + piece)
    ]


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these MEDLINE tags describe."""
    get = raw.get
    people_tags = ("FAU", "CN") if "FAU" in raw else ("AU", "CN")
    return ParsedRecord(
        0,
        line,
        end_line,
        title=_joined(raw, "TI", "CTI", "BTI", "TT"),
        authors=people.listed(_plain(raw, *people_tags)),
        year=dates.first_year(*get("DP", _NONE), *get("DEP", _NONE), *get("YR", _NONE)),
        journal=_joined(raw, "JT", "TA")
        or (_joined(raw, "BTI") if "CTI" in raw or "TI" in raw else ""),
        volume=_joined(raw, "VI"),
        issue=_joined(raw, "IP"),
        pages=pages.tidy(_joined(raw, "PG")) or _article_number(raw),
        doi=_doi(raw),
        pmid=identifiers.pmid_of(get("PMID", _NONE)[0]),
        isbn=identifiers.isbn_of(" ".join(get("ISBN", ()))),
        abstract=_joined(raw, "AB", "OAB"),
        keywords=_plain(raw, "MH", "OT"),
        entry_type=_joined(raw, "PT"),
        url=next(
            (
                v
                for tag in ("URLF", "URL", "LID", "UR")
                for v in get(tag, ())
                if v.startswith("http")
            ),
            "",
        ),
        language=_joined(raw, "LA"),
        raw=raw,
    )


def _plain(raw: dict[str, list[str]], *tags: str) -> list[str]:
    """The values of these tags that say something; one look at all of them is the quickest."""
    values = [shown for tag in tags for value in raw.get(tag, ()) if (shown := value.strip())]
    text = "".join(values)
    if "\n" in text or "&" in text or "<" in text:
        return [
            readable(value) if "&" in value or "<" in value or "\n" in value else value
            for value in values
        ]
    return values


def _joined(raw: dict[str, list[str]], *tags: str) -> str:
    for tag in tags:
        if tag not in raw:
            continue
        for value in raw[tag]:
            if value and not value.isspace():
                if "\n" in value:
                    value = value.replace(_INDENT, " ")
                return readable(value) if "\n" in value or len(value) < 400 else prose(value)
    return ""


def _article_number(raw: dict[str, list[str]]) -> str:
    """Journals without page numbers: `LID - 1042 [pii]`; long publisher identifiers are none."""
    for value in raw.get("LID", ()):
        if match := _ARTICLE_NUMBER.match(value):
            return match[1]
    return ""


def _doi(raw: dict[str, list[str]]) -> str:
    """The DOI marked as such in LID or AID; else one that stands there unmarked or as address."""
    values = [value for tag in ("LID", "AID", "DOI", "SO") for value in raw.get(tag, ())]
    for value in values:
        if "[doi]" in value and (said := one_line(value)).endswith("[doi]"):
            return identifiers.doi_of(said[:-5])
    for value in map(one_line, values):
        if "doi" in value.lower() or not _WITH_KIND.search(value):
            doi = identifiers.doi_of(value)
            if doi:
                return doi
    return ""
