"""DOIs, PMIDs and ISBNs out of the places where databases put them."""

import html
import re
from urllib.parse import unquote

# Old DOIs of Wiley, Elsevier and BioOne hold angle brackets: 10.1892/0891-6640(2003)017<0680:…
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9./_()-]*[A-Za-z0-9]\Z")
_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>]|<(?![/a-zA-Z])|>(?=[\d:;.]))+")
_PMID = re.compile(r"(?<!\d)[1-9]\d{0,8}(?!\d)")
_ISBN = re.compile(r"(?<![\dXx-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx-])")


def doi_of(text: str) -> str:
    """The first DOI in the text, lower case (they compare so), without prefix or final stop."""
    if _PLAIN_DOI.match(text) and ")" not in text:
        return text.lower()
    if "10." not in text:
        return "" if "10%2" not in text.lower() else doi_of(unquote(text))
    if "&" in text:
        text = html.unescape(text)
    match = _DOI.search(text)
    if match is None:
        return ""
    doi = match[0]
    if "%" in doi:
        doi = unquote(doi)
    doi = doi.rstrip(".,;:'\u201d\u2019")
    while doi.endswith((")", "]", "}")) and doi.count(doi[-1]) > doi.count(_OPENING[doi[-1]]):
        doi = doi[:-1].rstrip(".,;")
    return doi.lower().replace("\0", "")


_OPENING = {")": "(", "]": "[", "}": "{"}


def pmid_of(text: str) -> str:
    """The digits of a PMID in a field that holds one, else ""."""
    if len(text) < 10 and text.isdecimal() and text.isascii() and text[0] != "0":
        return text
    match = _PMID.search(text)
    return match[0] if match else ""


def isbn_of(text: str) -> str:
    """The first ISBN-10 or ISBN-13 in the text, as written; "" for an ISSN."""
    if len(text) < 10:
        return ""
    match = _ISBN.search(text)
    return match[0].strip() if match else ""
