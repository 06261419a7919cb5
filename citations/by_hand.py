"""What a person types about one reference, as a file: it then goes the way of every import.

CSL-JSON, because it keeps each field apart. `key` is the form's own: the same form sent twice gives
the same bytes and so one record, two forms with the same words give two, which the search for
duplicates then joins or asks about.
"""

import json
from datetime import date
from typing import Any

# Our names of fields -> CSL's.
_CSL = {
    "title": "title",
    "journal": "container-title",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "isbn": "ISBN",
    "abstract": "abstract",
    "entry_type": "type",
    "url": "URL",
    "language": "language",
    "found": "found",  # ours: how it was found, in words
}
ENTRY_TYPES = {
    "article-journal": "Journal article",
    "report": "Report",
    "webpage": "Web page",
    "book": "Book",
    "chapter": "Book chapter",
    "thesis": "Thesis",
    "paper-conference": "Conference paper",
    "article": "Preprint",
    "dataset": "Dataset",
    "document": "Other",
}


def as_file(values: dict[str, Any], *, key: str) -> bytes:
    """One CSL item. `authors` and `keywords` are lists, `year` an int or None, `seen_on` a date or
    None, all others text."""
    item: dict[str, Any] = {"id": key}
    item |= {csl: values[ours] for ours, csl in _CSL.items() if values.get(ours)}
    if authors := [_name(name) for name in values.get("authors", [])]:
        item["author"] = authors
    if keywords := values.get("keywords"):
        item["keyword"] = "; ".join(keywords) + ";"
    if year := values.get("year"):
        item["issued"] = {"date-parts": [[year]]}
    if seen := values.get("seen_on"):
        item["accessed"] = {"date-parts": [_parts(seen)]}
    return json.dumps([item], ensure_ascii=False, indent=1).encode()


def _name(written: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in written.partition(","))
    return {"family": family, "given": given} if comma and given else {"literal": written.strip()}


def _parts(day: date) -> list[int]:
    return [day.year, day.month, day.day]
