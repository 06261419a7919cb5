"""Where a report may be had: the institution's link resolver, and the letter to its author.

Both are templates of the review with places in braces, such as {doi}. Only the places named here
are filled; nothing of a template is ever run.
"""

import re
from urllib.parse import quote, urlencode, urlsplit

from .models import Report, RetrievalRules

PLACES = ["doi", "pmid", "title", "author", "year", "journal", "volume", "issue", "pages"]
OPENURL = "openurl"  # all that is known, in the words of OpenURL 1.0 (ANSI/NISO Z39.88)
_PLACE = re.compile(r"\{(\w+)\}")

LETTER = """Dear {author},

for a systematic review we would like to read your publication:

{citation}
{doi_link}

We could not obtain it through our libraries. Could you kindly send us a copy, or tell us where it can be found?
Should a full report not exist, a word about that would help us as well.

With kind regards,
{sender}
{review}"""
REMINDER = """Dear {author},

on {asked_on} we asked you for a copy of your publication:

{citation}
{doi_link}

We would be glad to include it in our systematic review, and would be grateful for a copy, or for a word that it can't
be shared. If we don't hear from you we shall report it as not retrieved.

With kind regards,
{sender}
{review}"""
LETTER_PLACES = ["author", "citation", "doi_link", "sender", "review", "asked_on"]


def problem_with(resolver: str) -> str:
    """One sentence about what is wrong with a link resolver's template; "" for a good one."""
    if not resolver:
        return ""
    filled = _PLACE.sub("x", resolver)
    try:
        parts = urlsplit(filled)
        host = parts.hostname or ""
    except ValueError:
        return "This is no web address."
    if parts.scheme != "https" or "." not in host or parts.username or not filled.isprintable():
        return "The address begins with https:// and names a host."
    if " " in filled or "{" in filled or "}" in filled:
        return "The address holds a space or a brace that belongs to no place."
    if _PLACE.search(resolver.split("//", 1)[1].split("/", 1)[0].split("?", 1)[0]):
        return "The places belong behind the host, not into it."
    named = _PLACE.findall(resolver)
    if unknown := [name for name in named if name not in (*PLACES, OPENURL)]:
        return f"There is no place {{{unknown[0]}}}; there are {_listed([*PLACES, OPENURL])}."
    if not named:
        return f"Say where the report goes, by {_listed([OPENURL, *PLACES[:3]])}."
    return ""


def problem_with_letter(letter: str) -> str:
    unknown = [name for name in _PLACE.findall(letter) if name not in LETTER_PLACES]
    if unknown:
        return f"There is no place {{{unknown[0]}}}; there are {_listed(LETTER_PLACES)}."
    return ""


def _listed(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _values(report: Report) -> dict[str, str]:
    values = {name: str(getattr(report, name, "") or "") for name in PLACES}
    values["author"] = str(report.authors[0]) if report.authors else ""
    return values


def library_link(report: Report, resolver: str) -> str:
    """The report in the institution's link resolver; "" without one or where it can't be asked.

    A template that asks by an identifier alone is of no use for a report without it.
    """
    if not resolver or problem_with(resolver):
        return ""
    values = _values(report)
    if not any(name == OPENURL or values[name] for name in _PLACE.findall(resolver)):
        return ""
    openurl = _openurl(values)
    return _PLACE.sub(
        lambda found: openurl if found[1] == OPENURL else quote(values[found[1]], safe=""), resolver
    )


def _openurl(values: dict[str, str]) -> str:
    told = {
        "url_ver": "Z39.88-2004",
        "rft_val_fmt": "info:ofi/fmt:kev:mtx:journal",
        "rft.atitle": values["title"],
        "rft.jtitle": values["journal"],
        "rft.au": values["author"],
        "rft.date": values["year"],
        "rft.volume": values["volume"],
        "rft.issue": values["issue"],
        "rft.pages": values["pages"],
    }
    ids = [f"info:doi/{values['doi']}"] if values["doi"] else []
    ids += [f"info:pmid/{values['pmid']}"] if values["pmid"] else []
    pairs = [(key, value) for key, value in told.items() if value]
    return urlencode([*pairs, *(("rft_id", each) for each in ids)], quote_via=quote)


def letter(report: Report, rules: RetrievalRules | None, *, sender: str, asked_on: str = "") -> str:
    """The text to the author: the first letter, or the reminder once one was sent on `asked_on`."""
    if asked_on:
        text = (rules.reminder if rules else "") or REMINDER
    else:
        text = (rules.letter if rules else "") or LETTER
    values = {
        "author": _in_order(str(report.authors[0])) if report.authors else "author",
        "citation": report.citation,
        "doi_link": f"https://doi.org/{report.doi}" if report.doi else "",
        "sender": sender,
        "review": report.review.title,
        "asked_on": asked_on,
    }
    filled = _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
    return re.sub(r"\n{3,}", "\n\n", filled)


def _in_order(author: str) -> str:
    """ "Abara, Ada" as one writes to her: "Ada Abara"."""
    family, _, given = author.partition(",")
    return f"{given.strip()} {family.strip()}".strip()
