"""Which format a file has, told by what is in it. Its name is never asked before its content."""

import re

from citations.formats import csv_table, identifier_list
from citations.formats.record import Unreadable

_RIS = re.compile(r"^[ \t]{0,3}TY[ \t]{1,3}-", re.MULTILINE)
_RIS_TAGS = re.compile(r"^[A-Z][A-Z0-9]  - ", re.MULTILINE)
_MEDLINE = re.compile(r"^(?:PMID- ?\d|(?:OWN|STAT|DCOM|FAU|PMC|LID|JT|TI) {1,2}- )", re.MULTILINE)
_WOS = re.compile(
    r"^(?:FN |VR 1\.|PT [A-Z]$|UT (?:WOS|ISI|BIOSIS|ZOOREC|SCIELO|MEDLINE|CABI|KJD))", re.MULTILINE
)
_WOS_TAGS = re.compile(r"^(?:PT|AU|TI|SO|PY|UT|ER)(?: \S|$)", re.MULTILINE)
_REFER = re.compile(r"^%[0-9A-Z@!#$&()*+<>?\[\]^~:]\s", re.MULTILINE)
_BIBTEX = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]{1,40}(?:[ \t]*[{(]|\s{1,64}\{)", re.MULTILINE)
_OVID = re.compile(r"^[ \t]{0,3}<\d{1,7}\.? ?>[ \t]*$", re.MULTILINE)
_HTML = re.compile(
    r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_ENDNOTE = re.compile(r"<(?:rec-number|ref-type|database\b|records>|record>|contributors)")
_PUBMED = re.compile(
    r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle|PubmedBookData|MedlineCitation)\b"
)

_MAGIC = (
    (b"%PDF", "This is a PDF, not a citation export."),
    (b"{\\rtf", "This is an RTF document, not a citation export."),
    (b"\x1f\x8b", "This file is compressed (gzip); unpack it first."),
    (b"Rar!", "This is a RAR archive; unpack it and upload the files in it."),
    (b"7z\xbc\xaf", "This is a 7-Zip archive; unpack it and upload the files in it."),
    (b"\x89PNG", "This is a picture, not a citation export."),
    (b"\xff\xd8\xff", "This is a picture, not a citation export."),
)
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse_what_no_export_is(start: bytes) -> None:
    """Raise `Unreadable` for files that are recognisably something else."""
    for magic, sentence in _MAGIC:
        if start.lstrip().startswith(magic):
            raise Unreadable(sentence)


def format_of(head: str) -> str | None:
    """The key of the text format that this beginning of a file is written in, else None.

    Raises `Unreadable` for an HTML page, which is what a proxy's sign-in page is.
    """
    if _HTML.match(head):
        raise Unreadable("This is an HTML page, not a citation export; sign in and export again.")
    body = head.lstrip()
    if body.startswith("<") and not _OVID.match(body):
        return _xml_kind(body)
    if body.startswith(("[", "{")) and not _BIBTEX.search(body[:2000]):
        return "csl-json"
    return _tagged_kind(head)


def _xml_kind(body: str) -> str | None:
    pubmed, endnote = _PUBMED.search(body), _ENDNOTE.search(body)
    if pubmed and (not endnote or pubmed.start() < endnote.start()):
        return "pubmed-xml"
    if endnote:
        return "endnote-xml"
    if body.startswith(("<?xml", "<!DOCTYPE", "<xml")):
        return "endnote-xml"
    return None


def _tagged_kind(head: str) -> str | None:
    """By the mark of each format, and by the tags it takes for granted where the mark is missing."""
    own = csv_table.find_header(head.lstrip("\ufeff").partition("\n")[0])
    if own is not None and own[2].own_at is not None:
        return "csv"  # our own table, whatever its cells hold
    if _RIS.search(head):
        return "ris"
    if _OVID.search(head):
        return "ovid-text"
    if len(_MEDLINE.findall(head[:20000])) >= 2 or re.match(r"\s*PMID- ?\d", head):
        return "nbib"
    if _WOS.search(head) and len(_WOS_TAGS.findall(head)) >= 2:
        return "wos"
    if len(_RIS_TAGS.findall(head[:20000])) >= 3:
        return "ris"
    bibtex, refer = _BIBTEX.search(head), _REFER.search(head)
    first = min((match.start() for match in (bibtex, refer) if match), default=len(head))
    if csv_table.find_header(head[:first]) is not None:
        return "csv"  # a cell may begin with @ or %
    if refer and (not bibtex or refer.start() < bibtex.start()):
        return "refer"
    if bibtex:
        return "bibtex"
    return "identifiers" if identifier_list.is_list(head) else None
