"""Ovid's text export: `<7. >` opens a record, fields as `TI  - …` or as a label over its text."""

import re
from collections.abc import Iterable, Iterator

from citations.formats import dates, identifiers, pages, people
from citations.formats.blocks import cut, text_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, readable, split_list

START = re.compile(rb"\n[ \t]{0,3}<\d{1,7}\.? ?>[ \t]*(?=\n)")
_OPENING = re.compile(r"[ \t\ufeff]{0,4}<\d{1,7}\.? ?>[ \t]*(?=\n|\Z)")
_TAG = re.compile(r"\n ?([A-Z][A-Z0-9]) {1,3}- ?")
_LABEL = re.compile(r"\n([A-Z][A-Za-z&/ ()-]{1,60})\n(?=[ \t]+\S)")
_LABELS = {
    "Title": "TI", "Author": "AU", "Authors": "AU", "Source": "SO", "Abstract": "AB",
    "DOI Number": "DO", "Digital Object Identifier": "DO", "Author Keywords": "KW", "Keywords": "KW",
    "Year of Publication": "YR", "Publication Type": "PT", "Language": "LG", "Link to the Ovid Full Text or citation": "XL",
    "Publication Date": "DP", "Book Title": "BT", "PMID": "PM", "URL": "UR", "Journal Name": "JN",
    "Author Keyword": "KW", "Subject Headings": "SH", "Unique Identifier": "UI",
}  # fmt: skip
_ROLE = re.compile(r"\s*(?:\[[^\]]*\]|\([^()]*@[^()]*\))")
_DEGREES = re.compile(
    r"[\s,;]+(?:MD|PhD|MPH|MSc|MS|MA|BSc|BS|RN|DrPH|DO|DDS|MBA|FAAN|FRCP|FACP|Dr|Prof|JD|ScD|EdD|PharmD|MBBS|BA)\b.*$"
)
_NUMBERS = re.compile(r"\s+\d[\d,\s*]*\.?$|\s*\*+$")
_NOTE_IN_TITLE = re.compile(
    r"\s*\.?\s*\[(?:Article|Review|Miscellaneous|References|Letter|Editorial|Report|Miscellaneous Article)\]\.?\s*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"""^(?P<journal>.+?)[.,]?\s+
        (?:(?:[A-Z][a-z]+\s+)?(?P<year1>\d{4});\s*)?
        (?:Vol\.?\s*)?(?P<volume>[A-Z]?\d[\w-]*)?\s*
        (?:\((?P<issue>[^()]{1,40})\))?
        (?:\s*[:,]\s*(?:pp?\.\s*)?(?P<pages>[A-Za-z]?\d[\w.-]*(?:\s*-\s*\w+)?))?""",
    re.VERBOSE,
)
_PAGES = re.compile(
    r"(?:pp?\.\s*|:\s*)([A-Za-z]?\d+\s*-\s*[A-Za-z]?\d+|[A-Za-z]?\d+)(?=[\s.,;]|$)|(?<=[.\s])(\d+-\d+)\.?\s*$"
)
# `Kamp, Roza Maria [Editor], Calvete, Juan J. [Editor]. Methods in proteome analysis.:371-397`
_EDITORS = re.compile(r"^.*\[(?:[^\]]*\b)?Ed(?:itor|s)?\b[^\]]*\]\.\s*")
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Autumn|Fall|Winter)[a-z]*"
)
_BEFORE_DATE = re.compile(rf"\s+{_MONTH}\b.*$")


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    for block in cut(chunks, START):
        text, problems = text_of(block)
        yield from problems
        opening = _OPENING.match(text)
        if opening is None:
            body = text.lstrip("\n\ufeff \t")
            opening = _OPENING.match(body)
            if opening is None:
                if body.strip():
                    yield Problem(block.line, "This text belongs to no record.", excerpt(body))
                continue
            block.line += text.count("\n", 0, len(text) - len(body))
            text = body
        raw = _raw(text[opening.end() :])
        if not raw:
            yield Problem(
                block.line,
                "This record has no title and no other field; it was not imported.",
                excerpt(text),
                lost=True,
            )
            continue
        yield from_tags(raw, block.line, block.end_line)


def _raw(body: str) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    tagged = _TAG.split(body)
    parts = tagged if len(tagged) > 2 else _LABEL.split(body)
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        if value.strip():
            raw.setdefault(tag, []).append(value.strip("\n"))
    return raw


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these Ovid fields describe."""
    said: dict[str, list[str]] = {}
    for tag, values in raw.items():
        said.setdefault(_LABELS.get(tag, tag), []).extend(values)
    get = said.get
    source = one_line(" ".join(get("SO", ())))
    journal, volume, issue, span = _source(source)
    book = readable(" ".join(get("BT", ())))
    return ParsedRecord(
        0,
        line,
        end_line,
        title=_title(one_line(" ".join(get("TI", ())[:1]))),
        authors=_authors(get("AU", [])),
        year=dates.first_year(
            *get("YR", _NONE), *get("DP", _NONE), source, *get("DG", _NONE), book
        ),
        journal=readable(next(iter(get("JN", ())), "")) or journal or _source(book)[0],
        volume=_one(said, "VO") or volume,
        issue=_one(said, "IP") or issue,
        pages=pages.tidy(_one(said, "PG") or span or _book_pages(book)),
        doi=next(
            (d for tag in ("DO", "DI") for v in get(tag, ()) if (d := identifiers.doi_of(v))), ""
        ),
        pmid=identifiers.pmid_of(get("PM", _NONE)[0]),
        isbn=identifiers.isbn_of(" ".join((*get("IB", ()), *get("IS", ())))),
        abstract=readable("\n".join(get("AB", ()))),
        keywords=[readable(word).rstrip(".") for word in split_list(get("KW", []), r";|\s,\s|\n")],
        entry_type=_one(said, "PT"),
        url=_one(said, "UR") or _one(said, "XL"),
        language=_one(said, "LG").rstrip("."),
        raw=raw,
    )


_NONE = ("",)


def _one(said: dict[str, list[str]], tag: str) -> str:
    return readable(said[tag][0]) if tag in said else ""


def _title(title: str) -> str:
    title = readable(title)
    while (shorter := _NOTE_IN_TITLE.sub("", title)) != title:
        title = shorter
    title = title.rstrip()
    if title.startswith('"') and title.rstrip(".").endswith('"') and title.count('"') == 2:
        title = title.rstrip(".")[1:-1]
    return title.removesuffix(".")


def _authors(values: list[str]) -> list[str]:
    names = []
    for value in values:
        for name in one_line(value).split(";") if ";  " in value or len(values) == 1 else [value]:
            name = _NUMBERS.sub("", _ROLE.sub("", one_line(name)))
            name = _NUMBERS.sub("", _DEGREES.sub("", name)).rstrip(" ,;")
            name = name if re.search(r"\b[A-Z]\.$", name) else name.rstrip(".")
            if name and not _DEGREES.match(" " + name):
                names.append(people.tidy(readable(name)))
    return names


def _source(source: str) -> tuple[str, str, str, str]:
    """(journal, volume, issue, pages) of `Ecohydrology. 8(6):1048-1064, September 2015.`"""
    if editors := _EDITORS.match(source):
        book, _, rest = source[editors.end() :].partition(".")
        span = _PAGES.search("." + rest)
        return book.strip(" ["), "", "", (span[1] or span[2] or "").replace(" ", "") if span else ""
    match = re.search(r"(?:Vol\.?\s*)?(?<![\w(])([A-Z]?\d[\w-]*)\s*\(([^()]{1,40})\)", source)
    if match is None:
        match = re.search(r"\bVol\.?\s*(\d+)()", source)
    span = _PAGES.search(source[match.end() :] if match else source)
    pages_said = (span[1] or span[2] or "").replace(" ", "") if span else ""
    if match is None:
        journal = re.split(rf",\s|\.\s+(?=\d)|\s+{_MONTH}\b", source)[0]
        return journal.rstrip(" .,"), "", "", pages_said
    journal = _BEFORE_DATE.sub("", source[: match.start()].rstrip(" ,;"))
    journal = re.sub(r"[.,;]?\s*(?:Vol\.?)?\s*$", "", journal)
    return journal.rstrip(" .,"), match[1], match[2], pages_said


def _book_pages(book: str) -> str:
    match = re.search(r"\b(\d+-\d+)\b(?!\))", book)
    return match[1] if match else ""
