"""Decisions of other programs: what a file says of which documents.

Read are an ASReview project (.asreview: a zip with SQLite databases, of which the tables `results`
with record_id and label, and one with record_id and title, are looked for), a CSV that ASReview wrote
(`asreview_label`, `included`, `label_included`, `label`: 0 or 1), and a CSV or RIS that Rayyan wrote
(its notes hold RAYYAN-INCLUSION: {"Name"=>"Included"}, beside labels and reasons, which are passed
over). Two people of Rayyan who differ, "Maybe" and what is not labelled say nothing.
"""

import csv
import io
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from citations.formats import detect, ris
from citations.formats.record import ParsedRecord, Unreadable
from citations.formats.source import decode

MOST_BYTES = 500_000_000  # of one database, unpacked
LABELS = ("asreview_label", "label_included", "included", "label")
NOTES = ("N1", "N2", "AB")  # of RIS; some exports put the notes at the end of the abstract
_HEAD = 65_536  # characters by which a format is told

# A name may hold a brace, an arrow or an escaped quote; what follows the brace that closes (labels,
# reasons, and whatever people wrote there) says nothing.
# Bounded, so that no text takes long to refuse.
_QUOTED = r'"(?:[^"\\]|\\.){0,500}"'
_PAIR = re.compile(rf"{_QUOTED}\s?=>\s?({_QUOTED})")
_RAYYAN = re.compile(
    rf"RAYYAN-INCLUSION:\s?\{{\s?({_PAIR.pattern}(?:\s?,\s?{_PAIR.pattern})*)\s?\}}"
)


class Undecidable(ValueError):
    """The file holds no decisions that can be read; the text says why, in a sentence."""


@dataclass(frozen=True)
class Said:
    doi: str
    title: str
    relevant: bool


def decisions(content: bytes, name: str) -> list[Said]:
    """What a file says. Undecidable when it says nothing."""
    found = list(_project(content) if zipfile.is_zipfile(io.BytesIO(content)) else _text(content))
    if not found:
        raise Undecidable(f"No decision was found in {name}.")
    return found


def _text(content: bytes) -> Iterator[Said]:
    text = decode(content)[0].removeprefix("\ufeff").replace("\0", "")
    try:
        is_ris = detect.format_of(text[:_HEAD]) == "ris"
    except Unreadable as error:
        raise Undecidable(str(error)) from error
    return _references(text) if is_ris else _table(text)


def _references(text: str) -> Iterator[Said]:
    """What the notes of RIS records say. One that is cut short costs itself and no other."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for each in ris.records([lines.encode("utf-8", "replace")]):
        if isinstance(each, ParsedRecord):
            notes = [note for tag in NOTES for note in each.raw.get(tag, ())]
            said = _rayyan("\n".join(notes))
            if said is not None and (each.title or each.doi):
                yield Said(each.doi, each.title, said)


def _table(text: str) -> Iterator[Said]:
    csv.field_size_limit(2**31 - 1)
    lines = csv.DictReader(io.StringIO(text, newline=""))
    names = {(name or "").strip().lower(): name for name in lines.fieldnames or ()}
    if "title" not in names and "doi" not in names:
        raise Undecidable("The file has no column title or doi.")
    label = next((names[each] for each in LABELS if each in names), None)
    if label is None and "notes" not in names:
        raise Undecidable("The file has no column of decisions, and no notes of Rayyan.")
    try:
        for row in lines:
            said = _number(row[label]) if label else _rayyan(row[names["notes"]] or "")
            if said is not None:
                doi, title = (row.get(names.get(each, "")) or "" for each in ("doi", "title"))
                yield Said(doi, title, said)
    except csv.Error as error:
        raise Undecidable(f"The file is no table: {error}.") from error


def _number(text: object) -> bool | None:
    return {"1": True, "1.0": True, "0": False, "0.0": False}.get(str(text or "").strip())


def _rayyan(notes: str) -> bool | None:
    """What all who spoke agree on, over all notes of a record; None where they don't."""
    said = {word.strip('"') for told in _RAYYAN.finditer(notes) for word in _PAIR.findall(told[1])}
    return {"Included": True, "Excluded": False}.get(said.pop()) if len(said) == 1 else None


def _project(content: bytes) -> Iterator[Said]:
    """Join every database's records to every database's labels: one file of ASReview 3, two of 2."""
    records: dict[int, tuple[str, str]] = {}
    labels: dict[int, bool] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed, tempfile.TemporaryDirectory() as folder:
        for info in packed.infolist():
            if not info.filename.endswith((".db", ".sql")):
                continue
            if info.file_size > MOST_BYTES:
                raise Undecidable("A database of this project is larger than 500 MB.")
            path = Path(folder) / "one.db"
            try:
                path.write_bytes(packed.read(info))
                _look_into(path, records, labels)
            except (sqlite3.Error, zipfile.BadZipFile, RuntimeError) as error:
                raise Undecidable(f"A database of this project cannot be read: {error}.") from error
    for number, relevant in labels.items():
        if number in records:
            yield Said(*records[number], relevant)


def _look_into(path: Path, records: dict[int, tuple[str, str]], labels: dict[int, bool]) -> None:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            quoted = '"' + table.replace('"', '""') + '"'
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted})")}
            if {"record_id", "title", "doi"} <= columns:
                rows = connection.execute(f"SELECT record_id, doi, title FROM {quoted}")  # noqa: S608
                records.update({pk: (str(doi or ""), str(title or "")) for pk, doi, title in rows})
            if table == "results" and {"record_id", "label"} <= columns:
                rows = connection.execute("SELECT record_id, label FROM results")
                labels.update({pk: bool(label) for pk, label in rows if label in (0, 1)})
    finally:
        connection.close()
