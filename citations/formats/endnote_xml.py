"""EndNote XML, as EndNote, Bookends, Mendeley and Zotero write it."""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from citations.formats import dates, identifiers, own, pages, people
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, readable, split_list
from citations.formats.xml_records import pieces, text_in

# Where one field stands several times in a record, each is a value of its own.
_GROUPS = {
    "contributors", "authors", "secondary-authors", "tertiary-authors", "subsidiary-authors",
    "translated-authors", "titles", "periodical", "alt-periodical", "dates", "pub-dates",
    "copyright-dates", "keywords", "urls", "related-urls", "pdf-urls", "text-urls", "web-urls",
    "image-urls", "foreign-keys",
}  # fmt: skip
_BOOKS = frozenset({"book", "edited book", "thesis", "report"})


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    for piece in pieces(chunks, ("record",)):
        yield from piece.problems
        if piece.element is None:
            continue
        raw = raw_of(piece.element)
        if not any(tag not in _ADMINISTRATIVE for tag in raw):
            yield Problem(
                piece.line,
                "This record has no title and no other field; it was not imported.",
                excerpt(" ".join(v for values in raw.values() for v in values)),
                lost=True,
            )
            continue
        yield from_tags(raw, piece.line, piece.end_line)


_ADMINISTRATIVE = frozenset(
    {"database", "source-app", "rec-number", "ref-type", "foreign-keys/key"}
)


def raw_of(record: etree._Element) -> dict[str, list[str]]:
    """Every element with text, by its path below the record: `titles/title`."""
    raw: dict[str, list[str]] = {}
    for child in record:
        tag = child.tag
        if tag in _GROUPS:
            _collect(child, tag, raw)
        elif tag == "ref-type" and (name := child.get("name")):
            raw.setdefault(tag, []).append(name)
        else:
            text = text_in(child)
            if text and not text.isspace():
                raw.setdefault(tag, []).append(text)
    return raw


def _collect(group: etree._Element, path: str, raw: dict[str, list[str]]) -> None:
    if (text := group.text) and not text.isspace():
        raw.setdefault(path, []).append(text)
    for child in group:
        tag = child.tag
        if tag in _GROUPS:
            _collect(child, f"{path}/{tag}", raw)
            continue
        text = text_in(child)
        if text and not text.isspace():
            raw.setdefault(f"{path}/{tag}", []).append(text)


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these elements describe."""
    get = raw.get
    if raw.get("source-app") == [own.NAME]:
        return own.of_xml(raw, line, end_line)
    kind = get("ref-type", _NONE)[0]
    title = _first(raw, "titles/title")
    journal = _first(
        raw, "periodical/full-title", "titles/secondary-title", "titles/alt-title",
        "alt-periodical/full-title", "periodical/abbr-1", "titles/tertiary-title",
    )  # fmt: skip
    if journal == title and kind.lower() in _BOOKS:
        journal = ""
    names = get("contributors/authors/author") or []
    url = next((one_line(v) for tag in _URLS for v in get(tag, ())), "")
    return ParsedRecord(
        0,
        line,
        end_line,
        title=title,
        authors=people.listed(readable(name) for name in names),
        year=dates.first_year(*get("dates/year", _NONE), *get("dates/pub-dates/date", _NONE)),
        journal=journal,
        volume=_first(raw, "volume"),
        issue=_first(raw, "number", "issue"),
        pages=pages.tidy(_first(raw, "pages")),
        doi=next(
            (d for v in get("electronic-resource-num", ()) if (d := identifiers.doi_of(v))), ""
        ),
        pmid=_pmid(raw),
        isbn=identifiers.isbn_of(" ".join(get("isbn", ()))),
        abstract=_first(raw, "abstract"),
        keywords=[
            readable(word) for word in split_list(get("keywords/keyword", []), r"[\n\r]|;(?!\w)")
        ],
        entry_type=kind,
        url=url,
        language=_first(raw, "language"),
        raw=raw,
    )


_NONE = ("",)
_URLS = (
    "urls/related-urls/url",
    "urls/web-urls/url",
    "urls/text-urls/url",
    "url",
    "urls/pdf-urls/url",
)
_PMID_NOTE = re.compile(r"\bPMID:?\s*(\d{4,9})\b")


def _first(raw: dict[str, list[str]], *tags: str) -> str:
    for tag in tags:
        for value in raw.get(tag, ()):
            if shown := readable(value):
                return shown
    return ""


def _pmid(raw: dict[str, list[str]]) -> str:
    """Only where it is called so: accession numbers belong to many databases."""
    for value in raw.get("accession-num", ()):
        if match := _PMID_NOTE.search(value):
            return match[1]
    return ""
