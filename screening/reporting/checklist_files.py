"""The checklists as a Word document and as CSV, with the gaps marked."""

import csv
import io
from collections.abc import Iterator

from citations.writing import guarded
from reviews.models import Review
from reviews.word_files import saved

from .checklist import GAP, Row
from .checklist_items import CITED
from .methods import Part, as_text
from .searchlog_files import UNWRITABLE


def _told(row: Row) -> str:
    if not row.is_gap:
        return "\n".join(part for part in (row.text, row.note) if part)
    return f"{GAP}. {row.hint}".rstrip() if row.hint else f"{GAP}."


def as_csv(sections: list[tuple[str, list[Row]]]) -> Iterator[str]:
    def line(cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow([guarded(cell) for cell in cells])
        return out.getvalue()

    yield "\ufeff" + line(["Section", "Item", "Topic", "Asks", "Reported", "Where reported (page)"])
    for name, rows in sections:
        for row in rows:
            yield line([name, row.item.number, row.item.topic, row.item.asks, _told(row), ""])


def as_docx(review: Review, paragraph: list[Part], sections: list[tuple[str, list[Row]]]) -> bytes:
    """The paragraph, then a table with a column for the pages of the paper."""
    import docx
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = f"PRISMA 2020 checklist: {UNWRITABLE.sub('', review.title)}"
    document.styles["Normal"].font.size = Pt(9)
    document.add_heading("PRISMA 2020", level=1)
    document.add_paragraph(UNWRITABLE.sub("", review.title))
    document.add_heading("Search and selection", level=2)
    document.add_paragraph(UNWRITABLE.sub("", as_text(paragraph)))
    document.add_heading("Checklist", level=2)
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    table.autofit = False
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(table.rows[0].cells, ("Item", "Asks", "Reported", "Page"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for name, rows in sections:
        heading = table.add_row().cells
        heading[0].merge(heading[3]).paragraphs[0].add_run(name).bold = True
        for row in rows:
            cells = table.add_row().cells
            cells[0].paragraphs[0].add_run(f"{row.item.number}. {row.item.topic}").bold = True
            cells[1].paragraphs[0].add_run(row.item.asks)
            cells[2].paragraphs[0].add_run(UNWRITABLE.sub("", _told(row))).italic = row.is_gap
    for each in table.rows:
        for cell, width in zip(each.cells, (3.2, 4.6, 7, 1.4), strict=False):
            cell.width = Cm(width)
    document.add_paragraph()
    document.add_paragraph(CITED)
    return saved(document)
