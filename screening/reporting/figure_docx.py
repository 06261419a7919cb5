"""The figure as a Word document: a table whose cells are the boxes, so that all of it can be edited.

Boxes are cells with a border, arrows are characters in cells without one. Landscape A4; the document's
properties name nobody.
"""

from typing import Any

from reviews.word_files import saved

from .diagram import Box, Diagram
from .searchlog_files import UNWRITABLE

ROWS = [
    ["P", "D1", "D2", "O1", ""],
    ["", "D3", "D4", "", ""],
    ["", "D5", "D6", "O5", "O6"],
    ["", "D7", "D8", "O7", "O8"],
    ["", "", "D9", "", "O9"],
    ["", "I", "", "", ""],
    ["", "T", "", "", ""],
]
PHASES = {"D1": "Identification", "D3": "Screening", "I": "Included"}  # by the box it begins with
BAR, ARROW, PAGE = 0.8, 0.8, 26.7  # widths in cm


def docx(d: Diagram) -> bytes:
    import docx as word
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    boxes = {box.id: box for box in d.boxes}
    document = word.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = UNWRITABLE.sub("", d.title)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(1.5))
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(8)
    style.paragraph_format.space_after = Pt(0)
    if d.draft:
        _write(document.add_paragraph(), d.draft, bold=True)

    updated, both = "P" in boxes, "O1" in boxes
    # The diagram's columns that are there, by their place in ROWS.
    shown = [at for at in range(5) if (at > 0 or updated) and (at < 3 or both)]
    rows = [row for row in ROWS if any(name in boxes for name in row)]
    table = document.add_table(rows=0, cols=2 * len(shown))
    table.autofit = False
    width = (PAGE - BAR - ARROW * (len(shown) - 1)) / len(shown)
    widths = [BAR, *[width, ARROW] * len(shown)][: 2 * len(shown)]

    _headings(table.add_row().cells, d, shown, updated)
    bars: dict[str, list[Any]] = {}
    phase = ""
    for number, names in enumerate(rows):
        phase = PHASES.get(names[1], phase)
        cells = table.add_row().cells
        bars.setdefault(phase, []).append(cells[0])
        for place, at in enumerate(shown):
            if box := boxes.get(names[at]):
                _fill(cells[1 + 2 * place], box)
            if _pointed(names, at, boxes) and place + 1 < len(shown):
                _write(cells[2 + 2 * place].paragraphs[0], "→", centred=True)
        if number + 1 < len(rows):
            _arrows(table.add_row().cells, bars[phase], rows, number, shown, boxes)
    for name, cells in bars.items():
        bar = cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0]
        _bar(bar, name, d.colours.phase)
    for each in table.rows:
        for cell, wide in zip(each.cells, widths, strict=False):
            cell.width = Cm(wide)
    document.add_paragraph()
    note = " ".join(line.text for line in d.notes)
    _write(document.add_paragraph(), note)
    return saved(document)


def _headings(cells: Any, d: Diagram, shown: list[int], updated: bool) -> None:
    """A heading over each pair of columns, and over the previous studies."""
    texts = [heading.text for heading in d.headings]
    at = 1
    if updated:
        _heading(cells[at], texts.pop(0), d.colours.muted_heading)
        at += 2
    for number, text in enumerate(texts):
        fill = d.colours.muted_heading if number else d.colours.heading
        _heading(cells[at].merge(cells[at + 2]), text, fill)
        at += 4


def _heading(cell: Any, text: str, fill: str) -> None:
    _write(cell.paragraphs[0], text, bold=True)
    _shade(cell, fill)
    _border(cell)


def _pointed(names: list[str], at: int, boxes: dict[str, Box]) -> bool:
    """Whether an arrow leads from the main column `at` to the box beside it."""
    return at in (1, 3) and names[at + 1] in boxes


def _arrows(
    cells: Any, bar: list[Any], rows: list[list[str]], number: int, shown: list[int],
    boxes: dict[str, Box],
) -> None:  # fmt: skip
    """The row between two rows of boxes: an arrow down from each box of a main column."""
    bar.append(cells[0])
    for place, at in enumerate(shown):
        # Also through a row in which the column has no box, as that of other methods has.
        here = any(row[at] in boxes for row in rows[: number + 1])
        below = any(row[at] in boxes for row in rows[number + 1 :])
        if at in (1, 3) and here and (below or at == 3):
            turn = at == 3 and not below
            _write(cells[1 + 2 * place].paragraphs[0], "↲" if turn else "↓", centred=True)


def _fill(cell: Any, box: Box) -> None:
    from docx.shared import Cm

    for number, line in enumerate(box.statements):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(line.indent / 40)
        _write(paragraph, line.text)
    _border(cell)


def _bar(cell: Any, name: str, fill: str) -> None:
    """A phase at the left, to be read from below."""
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for empty in cell.paragraphs[1:]:
        empty._p.getparent().remove(empty._p)
    _write(cell.paragraphs[0], name, bold=True, centred=True)
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    turned = OxmlElement("w:textDirection")
    turned.set(qn("w:val"), "btLr")
    cell._tc.get_or_add_tcPr().append(turned)
    _shade(cell, fill)
    _border(cell)


def _write(paragraph: Any, text: str, *, bold: bool = False, centred: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    run = paragraph.add_run(UNWRITABLE.sub("", text))
    run.bold = bold
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _shade(cell: Any, fill: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), fill.removeprefix("#"))
    cell._tc.get_or_add_tcPr().append(shade)


def _border(cell: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "single")
        line.set(qn("w:sz"), "6")
        line.set(qn("w:color"), "46566A")
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)
