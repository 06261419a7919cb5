"""Which database or tool wrote a file, as far as its beginning tells. Shown, never relied on."""

import re

_RIS = (
    ("cochrane", r"^DO {2}- {2}10\.\d+|^AN {2}- {2}CN-\d|Provider: John Wiley"),
    ("rayyan", r"rayyan-\d+|RAYYAN-INCLUSION"),
    ("eppi-reviewer", r"eppi-reviewer"),
    ("covidence", r"^NS {2}- |covidence"),
    ("asreview", r"ASReview_"),
    ("dimensions", r"^AN {2}- pub\.\d+|app\.dimensions\.ai"),
    ("openalex", r"openalex\.org"),
    ("lens", r"lens\.org"),
    ("scopus", r"scopus\.com|DB {2}- Scopus|Source: Scopus"),
    ("embase", r"embase\.com|DB {2}- Embase"),
    ("psycinfo-ebsco", r"ebscohost\.com[^\n]*db=psyh|Database: PsycINFO"),
    ("ebsco", r"ebscohost\.com|DP {2}- EBSCOhost"),
    ("proquest", r"search\.proquest\.com|www\.proquest\.com"),
    ("ovid", r"^<?\d+[.>] *\n+TY|ovidweb\.cgi|ovidsp"),
    ("refworks", r"RefID:|refworks"),
    ("google-scholar", r"scholar\.google"),
    ("wos", r"^AN {2}- (?:WOS|ISI|BIOSIS|ZOOREC|SCIELO):"),
    ("mendeley", r"mendeley\.com"),
    ("citavi", r"swiss academic software|citavi"),
    ("endnote", r"^ID {2}- \d{1,6}$"),
    ("zotero", r"^L[14] {2}- |^DA {2}- \d{4}/\d\d"),
)
_BIBTEX = (
    ("scopus", r"scopus\.com|Source: Scopus|source *= *\{Scopus"),
    ("wos", r"Unique-ID *= *\{+ ?(?:WOS|ISI|MEDLINE|BIOSIS)"),
    ("jabref", r"jabref-meta|% Encoding:"),
    ("biblatex", r"(?:journaltitle|langid|eprinttype) *="),
    ("mendeley", r"mendeley-tags|mendeley-groups"),
    ("zotero", r"urldate *=|file *= *\{[^\n]*:application/pdf"),
)
_TABLE = (
    ("covidence", r"covidence #"),
    ("rayyan", r"rayyan-\d|^\W*key,title,year,month"),
    ("abstrackr", r"\(internal\) id"),
    ("cochrane", r"cochrane review group|central id"),
    ("cinahl", r"plink"),
    ("embase", r"emtree"),
    ("scopus", r"2-s2\.0-|scopus"),
    ("ieee", r"date added to xplore"),
    ("lens", r"lens id"),
    ("openalex", r"openalex\.org"),
    ("pubmed", r"pmid,title,authors,citation"),
    ("refworks-tsv", r"authors, primary"),
    ("springer", r"item doi"),
    ("zotero", r"item type.{0,20}publication year|manual tags"),
    ("googlescholar", r"^\W*authors,title,publication,volume,number,pages,year,publisher"),
    ("asysd", r"record_id.{0,6}label"),
)
_XML = (("mendeley", r"mendeley"), ("zotero", r"zotero"), ("endnote", r"endnote|\.enl"))
_WOS = (
    ("wos-other-db", r"^UT (?:BIOSIS|ZOOREC|SCIELO|CABI|KJD|RSCI|DRCI)"),
    ("wos-core", r"Web of Science|^UT (?:WOS|ISI)"),
)
_MARKS = {
    "ris": _RIS,
    "bibtex": _BIBTEX,
    "csv": _TABLE,
    "xlsx": _TABLE,
    "xls": (*_TABLE, ("wos", r"ut \(unique wos id\)|wos:")),
    "endnote-xml": _XML,
    "wos": _WOS,
    "refer": (("google-scholar", r"%0 Journal Article\n%T "), ("endnote-enw", r"^%0 ")),
}
_ALWAYS = {"nbib": "pubmed", "pubmed-xml": "pubmed", "ovid-text": "ovid"}


def dialect_of(format: str, head: str) -> str:
    """A short name such as `scopus`, "" when the file does not say."""
    for name, pattern in _MARKS.get(format, ()):
        if re.search(pattern, head, re.MULTILINE | re.IGNORECASE):
            return name
    return _ALWAYS.get(format, "")
