"""A list of DOIs or PMIDs, one a line: each becomes a record that says nothing but its identifier.

Read are `10.1000/x`, `doi:10.1000/x`, `https://doi.org/10.1000/x`, `PMID: 123`, PubMed's addresses
and bare numbers, also several on a line. A line that holds anything else is reported as a whole:
half of a reference would be a guess at the other half. What begins with # is a remark.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote

from citations.formats.blocks import lines
from citations.formats.identifiers import doi_of
from citations.formats.record import Item, ParsedRecord, Problem, excerpt

LOOKED_AT = 200  # lines that tell whether a text is such a list
HEADINGS = frozenset(
    {"doi", "dois", "pmid", "pmids", "pubmed id", "pubmed ids", "identifier", "identifiers"}
)
NEITHER = "This line is neither a DOI nor a PMID; it was not imported."

_NUMBERING = re.compile(r"^(?:[-*•–]|\d{1,4}[.)])[ \t]+(?=\S)")
_APART = re.compile(r"[,;|]+(?=https?://|doi\b|10\.\d{4,9}/|pmid\b)", re.IGNORECASE)
_LABEL = re.compile(r"\b(doi|pmid)[ \t]*:?[ \t]+(?=\d)", re.IGNORECASE)
_DOI = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:?)?(10\.\d{4,9}(?:/|%2f)\S+)", re.IGNORECASE
)
_PUBMED = re.compile(
    r"(?:pmid:?|https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/)"
    r"([1-9]\d{0,7})/?",
    re.IGNORECASE,
)
_BARE = re.compile(r"[1-9]\d{0,7}")  # PubMed has given out eight digits since 1996

Identifier = tuple[str, str]  # ("doi", "10.1000/x") or ("pmid", "123")


def identifiers_of(text: str) -> list[Identifier]:
    """What stands in one line, in its order; [] where anything else stands there too."""
    text = _LABEL.sub(lambda label: f"{label[1]}:", _NUMBERING.sub("", text.strip()))
    found = []
    for word in _words(text):
        identifier = _identifier(word)
        if identifier is None:
            return []
        found.append(identifier)
    return found


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        for part in _APART.split(word):
            # A DOI may hold commas and semicolons, numbers may not.
            for piece in [part] if "/" in part else re.split(r"[,;|]+", part):
                if piece:
                    yield piece


def _identifier(word: str) -> Identifier | None:
    if match := _DOI.fullmatch(word):
        doi = doi_of(match[1] if "/" in match[1] else unquote(match[1]))
        return ("doi", doi) if doi else None
    word = word.rstrip(".")
    if match := _PUBMED.fullmatch(word):
        return "pmid", match[1]
    return ("pmid", word) if _BARE.fullmatch(word) else None


def is_list(head: str) -> bool:
    """Whether this beginning of a file is such a list.

    More than half of the lines are identifiers; where they are bare numbers only, all are, and
    have three digits at least.
    """
    good = bad = named = short = 0
    for text in islice((line for line in head.split("\n") if line.strip()), LOOKED_AT):
        if text.startswith("#") or text.strip().lower().rstrip(":") in HEADINGS:
            continue
        found = identifiers_of(text)
        good, bad = good + bool(found), bad + (not found)
        named += any(kind == "doi" for kind, _ in found) or "p" in text.lower()
        short += any(len(value) < 3 for _, value in found)
    if named:
        return good > bad
    return good > 0 and not bad and not short


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    seen: dict[Identifier, int] = {}
    first = True
    for line in lines(chunks):
        text = line.text.replace("\0", "").strip()
        if not text or text.startswith("#"):
            continue
        if first and text.lower().rstrip(":") in HEADINGS:
            first = False
            continue
        first = False
        found = [] if line.cut_off else identifiers_of(text)
        if not found:
            yield Problem(line.number, NEITHER, excerpt(text), lost=True)
            continue
        kinds = [kind for kind, _ in found]
        # A DOI and a PMID beside each other are the two names of one document.
        together = [found] if sorted(kinds) == ["doi", "pmid"] else [[each] for each in found]
        for names in together:
            known = next((name for name in names if name in seen), None)
            if known is not None:
                yield Problem(
                    line.number,
                    f"{_said(known)} stands in line {seen[known]} already; it was not added twice.",
                    excerpt(text),
                    lost=True,
                )
                continue
            seen.update(dict.fromkeys(names, line.number))
            said = dict(names)
            yield ParsedRecord(
                0,
                line.number,
                line.number,
                doi=said.get("doi", ""),
                pmid=said.get("pmid", ""),
                raw={"line": [text]},
            )


def _said(identifier: Identifier) -> str:
    kind, value = identifier
    return value if kind == "doi" else f"PMID {value}"
