"""What four registers say of a DOI: Unpaywall, Crossref, OpenAlex, PubMed.

Each answer is believed only for the DOI that was asked for. What it says is compared with the
report and offered to people; nothing here changes anything.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ..formats.identifiers import doi_of, pmid_of
from ..formats.pages import span, tidy
from .fetching import NotFetched, fetch

LARGEST_ANSWER = 8 << 20
MOST_AUTHORS = 500
_TAGS = re.compile(r"<[^>]{1,40}>")
_YEAR = re.compile(r"\b(1[5-9]|20)\d\d\b")
_EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"


@dataclass(frozen=True)
class Copy:
    """An open copy: the address of its PDF, and what is said of it."""

    url: str
    version: str = ""  # "publishedVersion", "acceptedVersion", "submittedVersion"
    license: str = ""
    source: str = ""


@dataclass(frozen=True)
class Said:
    """What a register says of a work; empty where it says nothing."""

    title: str = ""
    authors: list[str] = field(default_factory=list)  # "Family, Given"
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    pmid: str = ""
    copies: list[Copy] = field(default_factory=list)


def ask(source: str, doi: str, *, contact: str) -> Said | None:
    """What `source` (a key of SOURCES) says of `doi`; None when it does not know it.

    NotFetched with one sentence when it can't be asked.
    """
    try:
        return _ASKED[source](doi.strip().lower(), contact)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise NotFetched(f"{SOURCES[source]} gave an answer that can't be read.") from None


def _json(url: str, contact: str) -> Any:
    """The answer as JSON; None for "not found"."""
    answer = fetch(url, contact=contact, limit=LARGEST_ANSWER, accept="application/json")
    if answer.status == 404:
        return None
    if answer.status == 429:
        raise NotFetched(f"{answer.host} asks for a pause; try again later.")
    if answer.status != 200:
        raise NotFetched(f"{answer.host} answers with status {answer.status}.")
    return json.loads(answer.body)


def _unpaywall(doi: str, contact: str) -> Said | None:
    told = _json(
        f"https://api.unpaywall.org/v2/{quote(doi)}?{urlencode({'email': contact})}", contact
    )
    if not told or doi_of(told["doi"]) != doi_of(doi):
        return None
    places = [told.get("best_oa_location") or {}, *(told.get("oa_locations") or [])]
    return Said(
        title=_text(told.get("title")),
        authors=_people(told.get("z_authors")),
        year=_year(told.get("year")),
        journal=_text(told.get("journal_name")),
        copies=_copies((each, each.get("url_for_pdf")) for each in places),
    )


def _crossref(doi: str, contact: str) -> Said | None:
    told = _json(
        f"https://api.crossref.org/works/{quote(doi, safe='')}?{urlencode({'mailto': contact})}",
        contact,
    )
    work = (told or {}).get("message")
    if not work or doi_of(work["DOI"]) != doi_of(doi):
        return None
    parts = (work.get("issued") or {}).get("date-parts") or [[None]]
    return Said(
        title=_text((work.get("title") or [""])[0]),
        authors=_people(work.get("author")),
        year=_year(parts[0][0]),
        journal=_text((work.get("container-title") or [""])[0]),
        volume=_text(work.get("volume")),
        issue=_text(work.get("issue")),
        pages=tidy(_text(work.get("page"))),
    )


def _openalex(doi: str, contact: str) -> Said | None:
    told = _json(
        f"https://api.openalex.org/works/doi:{quote(doi)}?{urlencode({'mailto': contact})}", contact
    )
    if not told or doi_of(told["doi"]) != doi_of(doi):
        return None
    of_journal = told.get("biblio") or {}
    first = told.get("primary_location") or {}
    places = [told.get("best_oa_location") or {}, *(told.get("locations") or [])]
    names = [
        (each.get("author") or {}).get("display_name") for each in told.get("authorships") or []
    ]
    return Said(
        title=_text(told.get("title")),
        authors=[_turned(_text(name)) for name in names[:MOST_AUTHORS] if name],
        year=_year(told.get("publication_year")),
        journal=_text((first.get("source") or {}).get("display_name")),
        volume=_text(of_journal.get("volume")),
        issue=_text(of_journal.get("issue")),
        pages=span(_text(of_journal.get("first_page")), _text(of_journal.get("last_page"))),
        pmid=pmid_of(_text((told.get("ids") or {}).get("pmid"))),
        copies=_copies((each, each.get("pdf_url")) for each in places if each.get("is_oa")),
    )


def _pubmed(doi: str, contact: str) -> Said | None:
    who = {"db": "pubmed", "retmode": "json", "tool": "concord", "email": contact}
    asked = urlencode(who | {"term": f"{doi}[doi]"})
    found = _json(f"{_EUTILS}esearch.fcgi?{asked}", contact)
    for pmid in ((found or {}).get("esearchresult") or {}).get("idlist", [])[:3]:
        told = _json(f"{_EUTILS}esummary.fcgi?{urlencode(who | {'id': pmid})}", contact)
        work = ((told or {}).get("result") or {}).get(pmid) or {}
        ids = {each["idtype"]: each["value"] for each in work.get("articleids", [])}
        if doi_of(ids.get("doi", "")) == doi_of(doi):
            return Said(
                title=_text(work.get("title")).rstrip("."),
                # "Abara A": PubMed's summaries have initials.
                authors=[_initials(_text(each.get("name"))) for each in work.get("authors", [])][
                    :MOST_AUTHORS
                ],
                year=_year(work.get("pubdate")),
                journal=_text(work.get("fulljournalname")),
                volume=_text(work.get("volume")),
                issue=_text(work.get("issue")),
                pages=tidy(_text(work.get("pages"))),
                pmid=pmid_of(pmid),
            )
    return None


_ASKED: dict[str, Callable[[str, str], Said | None]] = {
    "unpaywall": _unpaywall,
    "openalex": _openalex,
    "crossref": _crossref,
    "pubmed": _pubmed,
}
SOURCES = {
    "unpaywall": "Unpaywall",
    "openalex": "OpenAlex",
    "crossref": "Crossref",
    "pubmed": "PubMed",
}


def _text(value: Any) -> str:
    """The value as one line of plain words, at most 2,000 letters."""
    plain = _TAGS.sub("", str(value if value is not None else ""))
    return " ".join(plain.replace("\x00", "").split())[:2000]


def _year(value: Any) -> int | None:
    found = _YEAR.search(str(value or ""))
    return int(found[0]) if found else None


def _people(told: Any) -> list[str]:
    names = [(_text(each.get("family")), _text(each.get("given"))) for each in told or []]
    return [", ".join(part for part in name if part) for name in names[:MOST_AUTHORS] if name[0]]


def _turned(name: str) -> str:
    """ "Ada B. Abara" as "Abara, Ada B."."""
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


def _initials(name: str) -> str:
    family, _, initials = name.rpartition(" ")
    return f"{family}, {initials}" if family else initials


def _copies(places: Iterable[tuple[dict[str, Any], Any]]) -> list[Copy]:
    """Each address once, in the register's order."""
    found: dict[str, Copy] = {}
    for place, url in places:
        if isinstance(url, str) and url.startswith("https://"):
            made = Copy(url[:2000], _text(place.get("version")), _text(place.get("license")))
            found.setdefault(url, made)
    return list(found.values())[:10]
