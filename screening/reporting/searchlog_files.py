"""The PRISMA-S table as files: a Word document for a supplement, and CSV."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from citations.prisma_s import NOT_YET
from citations.writing import guarded
from reviews.models import Review
from reviews.word_files import saved

from .searchlog import Said, Section

# Letters that XML, and so a Word document, cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CITED = (
    "Rethlefsen ML, Kirtley S, Waffenschmidt S, et al. PRISMA-S: an extension to the PRISMA "
    "statement for reporting literature searches in systematic reviews. Syst Rev 2021;10:39."
)


def as_csv(sections: list[Section]) -> Iterator[str]:
    """A line for each thing that is said, and one for each gap."""

    def line(cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow([guarded(cell) for cell in cells])
        return out.getvalue()

    yield "\ufeff" + line(["Section", "Item", "Name", "Source", "Reported"])
    for section in sections:
        for row in section.rows:
            head = [section.name, str(row.item.number), row.item.name]
            for said in row.said:
                yield line([*head, said.source, " ".join(_parts(said))])
            if row.gap:
                yield line([*head, ", ".join(row.missing), NOT_YET])


def _parts(said: Said) -> list[str]:
    text = said.text or said.source
    return [text, said.note] if said.note else [text]


def as_docx(review: Review, sections: list[Section]) -> bytes:
    """A Word document whose header row repeats; its properties name nobody."""
    import docx
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    def write(paragraph: Any, text: str, *, bold: bool = False, mono: bool = False) -> None:
        run = paragraph.add_run()
        for n, part in enumerate(UNWRITABLE.sub("", text).splitlines()):
            if n:
                run.add_break()
            run.add_text(part)
        run.bold = bold
        run.font.size = Pt(8 if mono else 9)
        if mono:
            run.font.name = "Courier New"

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = f"PRISMA-S: {UNWRITABLE.sub('', review.title)}"
    document.add_heading("Reporting of the searches (PRISMA-S)", level=1)
    document.add_paragraph(UNWRITABLE.sub("", review.title))
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    table.autofit = False
    widths = [Cm(4), Cm(12)]
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(table.rows[0].cells, ("Item", "Reported"), strict=True):
        write(cell.paragraphs[0], text, bold=True)
    for section in sections:
        heading = table.add_row().cells
        write(heading[0].merge(heading[1]).paragraphs[0], section.name, bold=True)
        for row in section.rows:
            name, told = table.add_row().cells
            write(name.paragraphs[0], f"{row.item.number}. {row.item.name}", bold=True)
            write(name.add_paragraph(), row.item.asks)
            lines: list[tuple[str, str, bool]] = [
                (said.source, part, said.verbatim) for said in row.said for part in _parts(said)
            ]
            if row.gap:
                lines.append(("", row.gap, False))
            for n, (source, text, mono) in enumerate(lines):
                paragraph = told.paragraphs[0] if n == 0 else told.add_paragraph()
                if source and source != text:
                    write(paragraph, f"{source}: ", bold=True)
                    if mono:
                        paragraph.add_run().add_break()
                write(paragraph, text, mono=mono)
    for each in table.rows:
        for cell, width in zip(each.cells, widths, strict=False):
            cell.width = width
    document.add_paragraph()
    write(document.add_paragraph(), CITED)
    return saved(document)
