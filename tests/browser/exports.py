"""Export files read a second time, line by line and without the application, to count against it."""

import csv
import io
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What this count needs of one record."""

    title: str
    authors: str = ""
    year: str = ""
    doi: str = ""


def in_ris(path):
    """One record from each TY to its ER."""
    found = []
    for part in re.split(r"^ER  -.*$", path.read_text("utf-8-sig"), flags=re.MULTILINE):
        tags = re.findall(r"^([A-Z][A-Z0-9])  - ?(.*?)\s*$", part, flags=re.MULTILINE)
        if ("TY" in dict(tags)) is False:
            continue
        of = {}
        for tag, value in tags:
            of.setdefault(tag, []).append(value)
        title = (of.get("TI") or of.get("T1") or [""])[0]
        year = (of.get("PY") or of.get("Y1") or [""])[0][:4]
        authors = ";".join(of.get("AU") or of.get("A1") or [])
        found.append(Line(title, authors, year, of.get("DO", [""])[0].lower()))
    return found


def in_bibtex(path):
    """One record for each @type{key, that is not a comment, string or preamble."""
    entries = re.split(r"^@(?=\w+\s*\{)", path.read_text("utf-8-sig"), flags=re.MULTILINE)[1:]
    kept = [e for e in entries if not re.match(r"(comment|string|preamble)\b", e, re.IGNORECASE)]

    def field(entry, name):
        found = re.search(rf"^\s*{name}\s*=\s*[{{\"](.*?)[}}\"],?\s*$", entry, re.M | re.I)
        return found.group(1) if found else ""

    return [
        Line(field(e, "title"), field(e, "author"), field(e, "year"), field(e, "doi").lower())
        for e in kept
    ]


def in_csv(path, *, title, doi):
    """One record for each row below the head."""
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    return [Line(row[title], doi=row[doi].lower()) for row in rows]


def write_csv(path, rows):
    """A list as somebody keeps it by hand: title, authors, year, journal, doi."""
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, ["title", "authors", "year", "journal", "doi"])
        out.writeheader()
        out.writerows(rows)
    return path
