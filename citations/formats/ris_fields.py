"""What RIS tags mean: from tags and values to a record. The order of tags is their rank."""

import re

from citations.formats import dates, identifiers, own, pages, people
from citations.formats.record import ParsedRecord
from citations.formats.text import prose, readable, words

TITLE = ("TI", "T1", "CT", "BT", "TT")
JOURNAL = ("JF", "T2", "JO", "JA", "J2", "J1", "BT", "T3")
BOOKS = frozenset({"BOOK", "EDBOOK", "THES", "RPRT", "COMP", "WEB", "ELEC"})

_DOI_URL = re.compile(r"doi\.org/|[?&/]doi[=/]|^doi:", re.IGNORECASE)
_PMID_NOTE = re.compile(r"\b(?:PMID|PubMed(?: ID)?|MEDLINE)\b[:\s]*(\d{4,9})\b", re.IGNORECASE)

_PMID_VALUE = re.compile(r"\s*(\d{1,9})\s*(?:\(http\S*\))?\s*\Z")


_MARK, _MARKED = own.RIS_MARK[0], [own.RIS_MARK[1]]


def from_tags(raw: dict[str, list[str]], line: int, end_line: int) -> ParsedRecord:
    """The record that these RIS tags describe."""
    if _MARK in raw and raw[_MARK] == _MARKED:
        return own.of_ris(raw, line, end_line)
    kind = raw["TY"][0].strip().partition(" ")[0] if "TY" in raw else ""
    title = _first(raw, TITLE)
    journal = _first(raw, JOURNAL)
    if journal and journal == title and kind in BOOKS:
        journal = ""
    if not title and "ST" in raw:
        title = _first(raw, ("ST",))
    year = None
    for tag in ("PY", "Y1", "DA"):
        if tag in raw and (year := dates.year_of(raw[tag][0]) or dates.first_year(*raw[tag])):
            break
    first_page = _short(raw, "SP") if "SP" in raw else ""
    last_page = _short(raw, "EP") if "EP" in raw else ""
    return ParsedRecord(
        0,
        line,
        end_line,
        title,
        people.listed(_people(raw)),
        year,
        journal,
        _short(raw, "VL") if "VL" in raw else _short(raw, "VO") if "VO" in raw else "",
        _short(raw, "IS") if "IS" in raw else "",
        pages.span(first_page, last_page) if last_page else first_page,
        (identifiers.doi_of(raw["DO"][0]) if "DO" in raw else "") or _doi(raw),
        _pmid(raw),
        _isbn(raw) if "SN" in raw or "BN" in raw else "",
        _abstract(raw),
        words(raw["KW"]) if "KW" in raw else [],
        kind,
        (_short(raw, "UR") if "UR" in raw else "") or _first(raw, ("LK", "L2")),
        _short(raw, "LA") if "LA" in raw else "",
        raw,
    )


def _short(raw: dict[str, list[str]], tag: str) -> str:
    """The first value that says something, of a tag without prose."""
    values = raw.get(tag)
    if values is None:
        return ""
    if values[0].isalnum():
        return values[0]
    value = values[0].strip()
    if value and "\n" not in value and "&" not in value:
        return value
    return _first(raw, (tag,))


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
    return names


def _doi(raw: dict[str, list[str]]) -> str:
    for tag in ("DO", "DI", "M3"):
        if tag in raw:
            for value in raw[tag]:
                if doi := identifiers.doi_of(value):
                    return doi
    for tag in ("UR", "L2", "L3", "LK", "N1"):
        if tag in raw:
            for value in raw[tag]:
                if "10." in value and _DOI_URL.search(value) and (doi := identifiers.doi_of(value)):
                    return doi
    return ""


_PMID_TAGS = frozenset({"PM", "PMID", "C2", "C5", "C3", "AN", "N1"})


def _pmid(raw: dict[str, list[str]]) -> str:
    if _PMID_TAGS.isdisjoint(raw):
        return ""
    for tag in ("PM", "PMID", "C2", "C5"):  # C2: Scopus, C5: Embase
        if tag in raw:
            for value in raw[tag]:
                if match := _PMID_VALUE.match(value):
                    return match[1]
    for tag in ("C3", "AN", "N1"):  # C3: Cochrane, `PUBMED 37362617`
        if tag in raw:
            for value in raw[tag]:
                if ("PMID" in value or tag == "C3") and (match := _PMID_NOTE.search(value)):
                    return match[1]
    return ""


def _isbn(raw: dict[str, list[str]]) -> str:
    for tag in ("SN", "BN"):
        if tag in raw:
            for value in raw[tag]:
                if len(value) > 9 and (isbn := identifiers.isbn_of(value)):
                    return isbn
    return ""


def _abstract(raw: dict[str, list[str]]) -> str:
    for tag in ("AB", "N2"):
        if tag in raw:
            values = raw[tag]
            if text := prose(values[0] if len(values) == 1 else " ".join(values)):
                return text
    return ""
