"""References as files: RIS, BibTeX, CSV, XLSX and JSON. Streaming where the format allows it.

A row is a plain dict with the bibliographic fields and, after them, whatever the caller adds (the
place, decisions that the reader may see): writers put those into notes or columns of their own.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Row = dict[str, Any]
BIBLIOGRAPHIC = [
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "isbn",
    "abstract",
    "keywords",
    "entry_type",
    "url",
    "language",
]
CONTENT_TYPES = {
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def one_line(text: Any) -> str:
    return " ".join(str(text).split())


def flat(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(one_line(each) for each in value)
    return "" if value is None else str(value)


def ris(rows: Iterable[Row]) -> Iterator[str]:
    types = {"book": "BOOK", "chapter": "CHAP", "thesis": "THES", "report": "RPRT"}
    simple = [
        ("title", "TI"),
        ("year", "PY"),
        ("journal", "JO"),
        ("volume", "VL"),
        ("issue", "IS"),
        ("pages", "SP"),
        ("doi", "DO"),
        ("pmid", "AN"),
        ("isbn", "SN"),
        ("abstract", "AB"),
        ("url", "UR"),
        ("language", "LA"),
    ]
    for row in rows:
        lines = [f"TY  - {types.get(str(row.get('entry_type', '')).lower(), 'JOUR')}"]
        lines += [f"AU  - {one_line(author)}" for author in row.get("authors") or []]
        for name, tag in simple:
            value = row.get(name)
            if value in (None, ""):
                continue
            if name == "pages":
                first, _, last = one_line(value).partition("-")
                lines.append(f"SP  - {first}")
                if last:
                    lines.append(f"EP  - {last}")
            else:
                lines.append(f"{tag}  - {one_line(value)}")
        lines += [f"KW  - {one_line(keyword)}" for keyword in row.get("keywords") or []]
        extra = {name: value for name, value in row.items() if name not in BIBLIOGRAPHIC}
        lines += [
            f"N1  - {name}: {one_line(flat(value))}" for name, value in extra.items() if value
        ]
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def bib(rows: Iterable[Row]) -> Iterator[str]:
    import bibtexparser
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    named = {
        "title": "title",
        "year": "year",
        "journal": "journal",
        "volume": "volume",
        "issue": "number",
        "pages": "pages",
        "doi": "doi",
        "isbn": "isbn",
        "abstract": "abstract",
        "url": "url",
        "language": "language",
    }
    for number, row in enumerate(rows, start=1):
        fields = [("author", " and ".join(one_line(a) for a in row.get("authors") or []))]
        fields += [(key, flat(row.get(name))) for name, key in named.items()]
        fields.append(("keywords", flat(row.get("keywords") or [])))
        extra = [
            f"{name}: {flat(value)}"
            for name, value in row.items()
            if name not in BIBLIOGRAPHIC and value
        ]
        fields.append(("note", "; ".join(extra)))
        entry = Entry(
            "article",
            f"ref{row.get('id', number)}",
            [Field(key, "{" + _braced(value) + "}") for key, value in fields if value],
        )
        yield bibtexparser.write_string(Library([entry]))


def _braced(value: str) -> str:
    """A value that may stand between braces: unbalanced ones are taken out."""
    text = one_line(value)
    return text if text.count("{") == text.count("}") else text.replace("{", "").replace("}", "")


def comma_separated(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    def line(cells: Iterable[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow(cells)
        return out.getvalue()

    yield "﻿" + line(columns)
    for row in rows:
        yield line(guarded(flat(row.get(name))) for name in columns)


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    first = True
    yield "["
    for row in rows:
        yield ("" if first else ",") + "\n" + json.dumps(row, ensure_ascii=False, default=str)
        first = False
    yield "\n]\n"


def xlsx(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    # strings_to_formulas off: a cell that begins with "=" is words here.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("References")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, bold)
        for place, row in enumerate(rows, start=1):
            for column, name in enumerate(columns):
                # A cell of Excel holds 32,767 letters and not one more.
                sheet.write_string(place, column, flat(row.get(name))[:32767])
    return out.getvalue()
