"""References as files: RIS, BibTeX, CSV, XLSX, CSL-JSON and EndNote XML. No Django here.

    for piece in write("ris", rows, columns):  # str, or bytes of a workbook
        ...

A row is a plain dict with the bibliographic fields and, after them, whatever the caller adds (the
place, decisions that the reader may see): writers put those into notes or columns of their own.
What a format can't carry: docs/formats.md.
"""

from collections.abc import Iterable, Sequence

from citations.formats.own import guarded
from citations.writing.bibtex import bib
from citations.writing.csl import csl
from citations.writing.endnote import xml
from citations.writing.ris import ris
from citations.writing.rows import BIBLIOGRAPHIC, Row
from citations.writing.tables import comma_separated, xlsx

__all__ = ["BIBLIOGRAPHIC", "CONTENT_TYPES", "Row", "guarded", "write"]

CONTENT_TYPES = {
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "xml": "application/xml; charset=utf-8",
}
_IN_PIECES = {"ris": ris, "bib": bib, "json": csl, "xml": xml}


def write(
    kind: str, rows: Iterable[Row], columns: Sequence[str]
) -> Iterable[str] | Iterable[bytes]:
    """`rows` in the format `kind` of CONTENT_TYPES; tables have `columns`, in this order."""
    if kind == "xlsx":
        return xlsx(rows, columns)
    if kind == "csv":
        return comma_separated(rows, columns)
    return _IN_PIECES[kind](rows)
