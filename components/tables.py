"""Trees as tables: CSV and a Word table, written and read with the same columns. Pure."""

import csv
import io
import re
import zipfile
from typing import Any

from reviews.refusal import Refused
from reviews.word_files import saved

from .interchange import LARGEST, MOST, Node
from .interchange import node as node_of

COLUMNS = {
    "id": "id",
    "parent": "parent",
    "name": "name",
    "can be coded": "is_codable",
    "definition": "definition",
    "include when": "include_when",
    "exclude when": "exclude_when",
    "exemplar": "exemplar",
    "exemplar from": "exemplar_source",
    "counter-exemplar": "counter_exemplar",
    "counter-exemplar from": "counter_exemplar_source",
    "TIDieR items": "tidier_items",
    "colour": "colour",
    "pattern": "pattern",
    "status": "status",
}
BY_WORDS = {words.casefold(): name for words, name in COLUMNS.items()} | {
    "code": "id",
    "below": "parent",
    "label": "name",
    "description": "definition",
    "color": "colour",
    "is_codable": "is_codable",
}
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A cell that a spreadsheet would run has an apostrophe in front; it is not part of the words.
GUARDED = re.compile(r"'(?=\s*[=+\-@＝＋－＠\t\r])")


def cells(node: Node) -> list[str]:
    """A row of the table."""
    return [
        node.code,
        node.parent or "",
        node.name,
        "yes" if node.is_codable else "no",
        node.definition,
        node.include_when,
        node.exclude_when,
        node.exemplar,
        node.exemplar_source,
        node.counter_exemplar,
        node.counter_exemplar_source,
        ", ".join(map(str, node.tidier_items)),
        node.colour,
        node.pattern,
        "retired" if node.retired else "active",
    ]


def write_docx(title: str, nodes: list[Node], version: str = "") -> bytes:
    """A landscape Word table with a head that repeats: the codebook as an appendix."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = UNWRITABLE.sub(" ", f"Components: {title}")[:255]
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading("Codebook of components", level=1)
    said = f"{title}, version {version}" if version else title
    document.add_paragraph(UNWRITABLE.sub(" ", said))
    table = document.add_table(rows=1, cols=len(COLUMNS), style="Table Grid")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    rows = [list(COLUMNS), *(cells(node) for node in nodes)]
    for line in rows:
        row = table.rows[0] if line is rows[0] else table.add_row()
        for text, cell in zip(line, row.cells, strict=True):
            run = cell.paragraphs[0].add_run(UNWRITABLE.sub(" ", text))
            run.font.size = Pt(7)
            run.bold = line is rows[0]
    return saved(document)


def read_csv(content: bytes) -> tuple[list[Node], list[str]]:
    """(nodes, what was left out) of a CSV file with a head."""
    if len(content) > LARGEST:
        raise Refused("The file is larger than 5 MB; a tree of components is not.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("The file is not text in UTF-8; save the table as CSV in UTF-8.") from None
    head = text.partition("\n")[0]
    divider = max(",;\t", key=head.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=divider) if any(row)]
    except csv.Error:
        raise Refused("The file is not a table that can be read as CSV.") from None
    return _read(rows)


def read_docx(content: bytes) -> tuple[list[Node], list[str]]:
    """(nodes, what was left out) of the first table of a Word document that has our head."""
    if len(content) > LARGEST:
        raise Refused("The file is larger than 5 MB; a tree of components is not.")
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > 20 * LARGEST:
                raise Refused("The document unpacks to more than 100 MB; it is not read.")
        document = docx.Document(io.BytesIO(content))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise Refused("The file is not a Word document.") from None
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows and {"id", "name"} <= {_column(words) for words in rows[0]}:
            return _read(rows)
    raise Refused("The document has no table with the columns “id” and “name”.")


def _column(words: str) -> str:
    return BY_WORDS.get(" ".join(words.split()).casefold(), "")


def _read(rows: list[list[str]]) -> tuple[list[Node], list[str]]:
    if not rows:
        raise Refused("The table is empty.")
    names = [_column(words) for words in rows[0]]
    if not {"id", "name"} <= set(names):
        raise Refused("The table needs a head with the columns “id” and “name” at least.")
    if len(rows) - 1 > MOST:
        raise Refused(f"The file holds more than {MOST} components.")
    strange = [words for words, name in zip(rows[0], names, strict=True) if not name and words]
    told = [f"The column “{words[:40]}” is not one of ours and was left out." for words in strange]
    nodes: list[Node] = []
    for number, row in enumerate(rows[1:], start=2):
        given: dict[str, Any] = {
            name: GUARDED.sub("", cell, count=1).strip()
            for name, cell in zip(names, row, strict=False)
            if name
        }
        nodes.append(node_of(number, _typed(given, number) | {"order": number - 2}))
    if not nodes:
        raise Refused("The table has a head and no rows.")
    return nodes, told


def _typed(given: dict[str, Any], number: int) -> dict[str, Any]:
    coded = given.pop("is_codable", "").casefold()
    items = given.pop("tidier_items", "")
    numbers = [each for each in re.split(r"[,;\s]+", items) if each]
    if not all(each.isdecimal() for each in numbers):
        raise Refused(f"Row {number} has TIDieR items that are not numbers from 1 to 12.")
    for key in ("exemplar", "counter_exemplar"):
        source = given.pop(f"{key}_source", "")
        given[key] = {"text": given.get(key, ""), "source": source}
    return given | {
        "is_codable": coded not in ("no", "false", "0"),
        "tidier_items": [int(each) for each in numbers],
        "parent": given.get("parent") or None,
    }
