"""Which source a file probably came from, by its name and by what wrote it. Offered, never decided."""

import re
from dataclasses import dataclass

# By words in the file's name: people name exports after the database more often than not.
_BY_NAME = (
    (r"embase", "Embase", "database"),
    (r"psyc.?info", "PsycINFO", "database"),
    (r"cinahl", "CINAHL", "database"),
    (r"scopus", "Scopus", "database"),
    (r"savedrecs|web.?of.?science|(?:\b|_)wos(?:\b|_)", "Web of Science", "database"),
    (r"cochrane|(?:\b|_)central(?:\b|_)", "CENTRAL", "database"),
    (r"pubmed", "PubMed", "database"),
    (r"medline", "MEDLINE", "database"),
    (r"(?:\b|_)eric(?:\b|_)", "ERIC", "database"),
    (r"ieee", "IEEE Xplore", "database"),
    (r"(?:\b|_)lens(?:\b|_)", "The Lens", "database"),
    (r"dimensions", "Dimensions", "database"),
    (r"openalex", "OpenAlex", "database"),
    (r"lilacs", "LILACS", "database"),
    (r"assia", "ASSIA", "database"),
    (r"proquest", "ProQuest", "database"),
    (r"google.?scholar", "Google Scholar", "website"),
    (r"clinicaltrials|(?:\b|_)ctgov", "ClinicalTrials.gov", "register"),
    (r"ictrp", "ICTRP", "register"),
    (r"forward|backward|snowball|citation.?(?:search|chas)", "Citation searching", "citation"),
)
# By what wrote the file (citations/formats/dialects.py). Reference managers are no sources.
_BY_DIALECT = {
    "cochrane": ("CENTRAL", "database"),
    "dimensions": ("Dimensions", "database"),
    "openalex": ("OpenAlex", "database"),
    "lens": ("The Lens", "database"),
    "scopus": ("Scopus", "database"),
    "embase": ("Embase", "database"),
    "psycinfo-ebsco": ("PsycINFO", "database"),
    "cinahl": ("CINAHL", "database"),
    "wos": ("Web of Science", "database"),
    "wos-core": ("Web of Science", "database"),
    "pubmed": ("PubMed", "database"),
    "ieee": ("IEEE Xplore", "database"),
    "google-scholar": ("Google Scholar", "website"),
    "googlescholar": ("Google Scholar", "website"),
}


@dataclass(frozen=True)
class Guess:
    name: str
    kind: str


def source_of(file_name: str, format: str = "", dialect: str = "") -> Guess | None:
    """The source that the file's name speaks of, else the one whose export it looks like."""
    for pattern, name, kind in _BY_NAME:
        if re.search(pattern, file_name, re.IGNORECASE):
            return Guess(name, kind)
    if format == "identifiers":
        return Guess("Citation searching", "citation")
    said = _BY_DIALECT.get(dialect)
    return Guess(*said) if said else None
