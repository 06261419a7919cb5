"""The tables of `tabling.py` as files. Pure: tables in, bytes out."""

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from components.sheets import guarded
from reviews.word_files import saved

from .tabling import Table

# Letters that XML, and so a Word document, cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767  # letters; XLSX has no room for more


def text(cell: Any) -> str:
    """`cell` as a file can hold it."""
    return UNWRITABLE.sub(" ", "" if cell is None else str(cell))


def as_xlsx(title: str, tables: Iterable[Table]) -> bytes:
    """A workbook with a sheet for each table; the head stays in sight."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    fixed = datetime(2020, 1, 1, tzinfo=UTC)  # otherwise the moment of the download
    book.set_properties({"title": text(title), "author": "", "created": fixed})
    bold, plain = (
        book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#eef0fb"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    for table in tables:
        sheet = book.add_worksheet(table.name[:31])
        for column, words in enumerate(table.head):
            sheet.write_string(0, column, text(words)[:LONGEST_CELL], bold)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell, plain)
                elif words := text(cell):
                    sheet.write_string(number, column, words[:LONGEST_CELL], plain)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(len(table.head) - 1, 0), 18)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.head) - 1)
    book.close()
    return out.getvalue()


def as_docx(title: str, heading: str, tables: Iterable[Table], note: str = "") -> bytes:
    """A landscape Word document, a table each with a head that repeats; it names nobody."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = text(f"{heading}: {title}")[:255]
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading(heading, level=1)
    document.add_paragraph(text(title))
    for table in tables:
        document.add_heading(text(table.name), level=2)
        made = document.add_table(rows=1, cols=len(table.head), style="Table Grid")
        made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for line in [table.head, *table.rows]:
            row = made.rows[0] if line is table.head else made.add_row()
            for words, cell in zip(line, row.cells, strict=True):
                run = cell.paragraphs[0].add_run(text(words))
                run.font.size = Pt(8)
                run.bold = line is table.head
    if note:
        document.add_paragraph(note)
    return saved(document)


def as_json(title: str, tables: Iterable[Table]) -> dict[str, Any]:
    """{"review", "tables": {name: [{column: cell}]}}, every cell text or a number."""
    return {
        "schema": "concord-evidence/1",
        "review": title,
        "tables": {
            table.name: [
                {
                    key: cell if isinstance(cell, int) else text(cell)
                    for key, cell in zip(table.head, row, strict=True)
                }
                for row in table.rows
            ]
            for table in tables
        },
    }


def csv_text(table: Table) -> str:
    """CSV as spreadsheets read it: a mark in front, no cell a formula."""
    import csv

    out = io.StringIO()
    writer = csv.writer(out)
    for line in [table.head, *table.rows]:
        writer.writerow([guarded(cell) for cell in line])
    return "\ufeff" + out.getvalue()
