"""The codebook to print or to append to a paper: what is asked, and each component with its rules, as
Word and as PDF. Both say which versions they are of."""

from collections.abc import Iterator
from dataclasses import dataclass

from components import versions
from components.interchange import Node
from components.nodes import nodes_of
from reviews.word_files import saved
from screening.reporting import figure_pdf

from .files import text
from .models import Field
from .tabling import Held, condition

INK, MUTED = "#1b1d22", "#4b4d55"
WIDE, HIGH, MARGIN = 794.0, 1123.0, 72.0  # A4 in units of 1/96 inch
STEP = 1.4  # from baseline to baseline, in sizes


@dataclass(frozen=True)
class Entry:
    """One question or component: its title and what is said of it, [(what, words)]."""

    title: str
    lines: list[tuple[str, str]]


def chapters(held: Held) -> list[tuple[str, list[Entry]]]:
    """(heading, entries): the questions section by section, then the components in use."""
    found: dict[str, list[Entry]] = {}
    for field in held.asked:
        found.setdefault(field.section, []).append(_question(field))
    nodes = [node for node in nodes_of(held.review) if not node.retired]
    parts = [(f"Questions: {name}", entries) for name, entries in found.items()]
    return [*parts, *([("Components", [_component(node) for node in nodes])] if nodes else [])]


def _question(field: Field) -> Entry:
    told = [
        ("Kind", f"{field.get_kind_display()}{f', {field.unit}' if field.unit else ''}"),
        ("Choices", "; ".join(field.choices)),
        ("Asked only if", condition(field)),
        ("Part of", str(field.part_of or "")),
        ("Help", field.help),
        ("Example", field.example),
        ("Needs an answer", "yes" if field.required else ""),
    ]
    return Entry(field.label, [(what, words) for what, words in told if words])


def _component(node: Node) -> Entry:
    def quoted(text: str, source: str) -> str:
        return f"“{text}”{f' ({source})' if source else ''}" if text else ""

    told = [
        ("Below", node.parent or ""),
        ("Definition", node.definition),
        ("Include when", node.include_when),
        ("Exclude when", node.exclude_when),
        ("Example", quoted(node.exemplar, node.exemplar_source)),
        ("Counter-example", quoted(node.counter_exemplar, node.counter_exemplar_source)),
        ("TIDieR items", ", ".join(str(item) for item in node.tidier_items)),
        ("Can be coded", "" if node.is_codable else "no, a heading"),
    ]
    return Entry(f"{node.code} {node.name}", [(what, words) for what, words in told if words])


def about(held: Held) -> str:
    """Which versions it is of: "Questions: version 2, 17 May 2026. Components: version 1.1."."""
    book, tree = held.codebook, versions.current(held.review)
    parts = []
    if book:
        when = f", {book.published_at:%-d %B %Y}" if book.published_at else ""
        parts.append(f"Questions: {f'version {book.version}{when}' if book.version else 'draft'}.")
    if tree:
        parts.append(f"Components: version {tree.name}{'' if tree.frozen_at else ' (draft)'}.")
    return " ".join(parts)


def as_docx(held: Held) -> bytes:
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = text(f"Codebook: {held.review.title}")[:255]
    document.add_heading("Codebook", level=1)
    document.add_paragraph(text(held.review.title))
    document.add_paragraph(text(about(held)))
    for heading, entries in chapters(held):
        document.add_heading(text(heading), level=2)
        for entry in entries:
            document.add_heading(text(entry.title), level=3)
            for what, words in entry.lines:
                paragraph = document.add_paragraph()
                paragraph.add_run(f"{what}: ").bold = True
                paragraph.add_run(text(words))
    return saved(document)


def as_pdf(held: Held) -> bytes:
    """The same on A4; the same codebook is the same bytes."""

    def draw(sheet: figure_pdf.Sheet) -> None:
        page = _Page(sheet)
        page.write("Codebook", 24, bold=True)
        page.write(text(held.review.title), 15)
        page.write(about(held), 12, colour=MUTED)
        for heading, entries in chapters(held):
            page.write(text(heading), 18, bold=True, above=22)
            for entry in entries:
                page.write(text(entry.title), 14, bold=True, above=12, with_next=2)
                for what, words in entry.lines:
                    page.write(text(f"{what}: {words}"), 12)
        page.number()

    return figure_pdf.drawn(WIDE, HIGH, draw, figure_pdf.saved)


class _Page:
    """Writes lines from the top down and goes on to the next page where one is full."""

    def __init__(self, sheet: figure_pdf.Sheet) -> None:
        self.sheet, self.y, self.pages = sheet, MARGIN, 1

    def write(
        self, words: str, size: float, *, bold: bool = False, colour: str = INK,
        above: float = 4, with_next: int = 0,
    ) -> None:  # fmt: skip
        """`above` is the room in front; `with_next` lines more must fit below a title."""
        self.y += above
        for line in self._lines(words, size, bold):
            if self.y + size * STEP * (1 + with_next) > HIGH - MARGIN:
                self.number()
                self.sheet.next_page()
                self.pages, self.y = self.pages + 1, MARGIN
            self.y += size * STEP
            self.sheet.text(line, MARGIN, self.y, size=size, colour=colour, bold=bold)

    def number(self) -> None:
        self.sheet.text(
            str(self.pages), WIDE / 2, HIGH - MARGIN / 2, size=11, colour=MUTED, centred=True
        )

    def _lines(self, words: str, size: float, bold: bool) -> Iterator[str]:
        """`words` in lines that are no wider than the page; a word that is, is cut."""
        room = (WIDE - 2 * MARGIN) / size
        for paragraph in words.split("\n"):
            line, width = "", 0.0
            for word in _cut(self.sheet, paragraph.split(), room, bold):
                wide = self.sheet.width_of(word, bold=bold)
                if line and width + 0.28 + wide > room:
                    yield line
                    line, width = "", 0.0
                line, width = (f"{line} {word}", width + 0.28 + wide) if line else (word, wide)
            if line:
                yield line


def _cut(sheet: figure_pdf.Sheet, words: list[str], room: float, bold: bool) -> Iterator[str]:
    for word in words:
        while len(word) > 30 and sheet.width_of(word, bold=bold) > room:
            yield word[:30]
            word = word[30:]
        yield word
