"""The matrix for the paper: CSV and a Word table. Counts and judgements; no quotes, no pseudonyms."""

import csv
import io
from collections.abc import Iterator

from reviews.models import Review
from reviews.word_files import saved

from .matrix import Matrix, Row

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def header(found: Matrix) -> list[str]:
    groups = [f"{group} (n = {n})" for group, n in found.groups]
    return [
        "Component",
        "Sub-component",
        "Code",
        f"Literature ({found.studies} studies)",
        *groups,
        *(pair.label for pair in found.pairs),
        "Reasons",
    ]


def cells(found: Matrix, row: Row) -> list[str]:
    judged = [row.judgements.get(pair.key) for pair in found.pairs]
    reasons = [
        f"{pair.label}: {topic.reason}"
        + (" (evidence changed since)" if row.is_stale(pair) else "")
        for pair, topic in zip(found.pairs, judged, strict=True)
        if topic
    ]
    return [
        row.heading.name if row.heading else row.component.name,
        row.component.name,
        row.component.code,
        f"{len(row.studies)}/{found.studies} studies ({len(row.programs)} programs)",
        *(f"{len(row.speakers[group.pk])}/{n}" for group, n in found.groups),
        *(topic.get_category_display() if topic else "" for topic in judged),
        " | ".join(reasons),
    ]


def as_csv(found: Matrix) -> Iterator[str]:
    for line in [header(found), *(cells(found, row) for row in found.rows)]:
        out = io.StringIO()
        csv.writer(out).writerow([guarded(cell) for cell in line])
        yield out.getvalue()


def as_docx(review: Review, found: Matrix) -> bytes:
    """A landscape Word document whose header row repeats; its properties name nobody."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = f"Convergence matrix: {review.title}"
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading("Convergence of literature and interviews", level=1)
    document.add_paragraph(review.title)
    names = header(found)
    table = document.add_table(rows=1, cols=len(names), style="Table Grid")
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for line, row in [(names, table.rows[0])] + [
        (cells(found, each), table.add_row()) for each in found.rows
    ]:
        for text, cell in zip(line, row.cells, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(8)
            run.bold = line is names
    document.add_paragraph(
        "Categories after convergence coding (Farmer et al. 2006): agreement, partial agreement, "
        "silence, dissonance. “No evidence” is this review's own word where both sides are silent."
    )
    return saved(document)
