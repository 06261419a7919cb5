"""The PRISMA 2020 flow diagram as boxes on a plane: what each says, where it stands.

Wording: the official templates "new reviews, databases and registers only" (v1) and "… and other
sources" (v2), and the two for updated reviews, Page et al., BMJ 2021;372:n71, figure 1. Pure: numbers in, geometry out; the SVG is
a Django template over it. Units are SVG user units (1 unit = 1 px at 100 %).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

LINE_HEIGHT = 17
PADDING = 11
FONT_SIZE = 13
BOX_WIDTH = 256
GAP = 36
SIDE_BAR = 30
TOP = 92  # below the column headings

NOTE_SIZE = 11

# (box id, reason id, or several joined by dots) -> address, "" for none
Link = Callable[[str, int | str | None], str]


@dataclass(frozen=True)
class Colours:
    """As #rrggbb; on paper, so the same in both themes of the screen."""

    ink: str = "#16202b"
    line: str = "#46566a"
    link: str = "#0b4f8a"
    heading: str = "#f4d58d"
    muted_heading: str = "#e3e7ec"
    heading_line: str = ""
    phase: str = "#bcd3e8"
    warning: str = "#9a3412"


BLACK_AND_WHITE = Colours(
    ink="#000000",
    line="#000000",
    link="#000000",
    heading="#ffffff",
    muted_heading="#ffffff",
    heading_line="#000000",
    phase="#ffffff",
    warning="#000000",
)


@dataclass(frozen=True)
class Line:
    text: str
    href: str = ""
    indent: int = 0
    strong: bool = False
    goes_on: bool = False  # the line before it, which was too long for the box


@dataclass
class Box:
    id: str
    lines: list[Line]
    x: float = 0
    y: float = 0
    width: float = BOX_WIDTH

    @property
    def height(self) -> float:
        return len(self.lines) * LINE_HEIGHT + 2 * PADDING

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def statements(self) -> list[Line]:
        """The lines as they were before they were broken to fit."""
        found: list[Line] = []
        for line in self.lines:
            if line.goes_on:
                before = found.pop()
                line = replace(before, text=f"{before.text} {line.text}")
            found.append(line)
        return found

    def placed_lines(self) -> list[tuple[float, float, Line]]:
        """(x, baseline y, line) of each line."""
        first = self.y + PADDING + FONT_SIZE - 1
        return [
            (self.x + PADDING + 2 + line.indent, first + n * LINE_HEIGHT, line)
            for n, line in enumerate(self.lines)
        ]


@dataclass(frozen=True)
class Arrow:
    points: str  # of an SVG polyline


@dataclass(frozen=True)
class Heading:
    text: str
    x: float
    width: float
    muted: bool = False


@dataclass(frozen=True)
class Phase:
    text: str
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass
class Diagram:
    width: float
    height: float
    title: str
    headings: list[Heading]
    phases: list[Phase]
    boxes: list[Box]
    arrows: list[Arrow]
    draft: str = ""
    notes: list[Line] = field(default_factory=list)
    notes_y: float = 0
    colours: Colours = field(default_factory=Colours)

    def placed_notes(self) -> list[tuple[float, Line]]:
        return [(self.notes_y + n * 15, line) for n, line in enumerate(self.notes)]


# Widths of letters in shares of the size, to break lines without a browser: those of DejaVu Sans,
# the widest face that a machine without Helvetica or Arial falls back to. What is not listed
# counts as 0.62.
_NARROW = dict.fromkeys("iIlj.,:;'|! ", 0.32) | dict.fromkeys("rtf()[]-/*", 0.41)
_WIDE = dict.fromkeys("mwMW%@", 0.98) | dict.fromkeys("ABCDEFGHKNOPQRSUVXYZ", 0.76)


def text_width(text: str) -> float:
    letters = _NARROW | _WIDE
    return sum(letters.get(letter, 0.62) for letter in text) * FONT_SIZE


def wrap(text: str, width: float) -> list[str]:
    """Break `text` at spaces so that each line fits `width`; a longer word is cut.

    "(n = 12)" stays in one piece.
    """
    lines = [""]
    for word in re.findall(r"\(n = [\d,]+\)|\S+", text):
        candidate = f"{lines[-1]} {word}".strip()
        if text_width(candidate) <= width:
            lines[-1] = candidate
            continue
        if lines[-1]:
            lines.append("")
        while text_width(word) > width:
            cut = next(n for n in range(len(word), 0, -1) if text_width(word[:n]) <= width)
            lines[-1], word = word[:cut], word[cut:]
            lines.append("")
        lines[-1] = word
    return lines


def number(n: int) -> str:
    return f"(n = {n:,})"


def said(text: str, href: str = "", indent: int = 0, strong: bool = False) -> list[Line]:
    """One statement as lines that fit a box."""
    room = BOX_WIDTH - 2 * PADDING - 4 - indent
    parts = wrap(text, room)
    return [Line(part, href, indent, strong, goes_on=n > 0) for n, part in enumerate(parts)]


def draw(
    numbers: dict[str, Any], *, link: Link | None = None, title: str = "", plain: bool = False
) -> Diagram:
    """The diagram of `numbers` (the shape of screening.reporting.prisma.report); `plain`: black and white."""
    to: Link = link or (lambda box, reason: "")
    b = numbers["boxes"]
    kind, columns = numbers["template"].split()
    updated, both = kind == "updated", columns == "v2"

    def line(text: str, box: str, indent: int = 0) -> list[Line]:
        return said(f"{text} {number(b[box])}", to(box, None), indent)

    def listed(kinds: Iterable[str]) -> list[Line]:
        """One line a source, as the template's footnote asks where there are several."""
        found = [each for each in numbers["sources"] if each["kind"] in kinds]
        if len(found) < 2:
            return []
        return [
            part
            for each in found
            for part in said(
                f"{each['name']} {number(each['n'])}", to("source", each["id"]), indent=14
            )
        ]

    def excluded(box: str, why: list[dict[str, Any]]) -> list[Line]:
        lines = said("Reports excluded:", to(box, None))
        for row in why:
            lines += said(f"{row['reason']} {number(row['n'])}", to(box, row["id"]), 8)
        return lines if why else line("Reports excluded", box)

    def aside(column: str) -> list[Line]:
        """What was read and neither included nor excluded: an optional box (PRISMA.md 4.5, 6)."""
        here = ("C", "Reports awaiting classification"), ("G", "Reports of ongoing studies")
        found = [(f"{column}_{which}", words) for which, words in here]
        return [part for box, words in found if b.get(box) for part in line(words, box)]

    # PRISMA's second footnote. A snapshot of an earlier release knows of no tool.
    by_tools = (
        line("By a human", "D4_human", 8) + line("By automation tools", "D4_auto", 8)
        if b.get("D4_auto")
        else []
    )
    boxes = {
        "D1": Box(
            "D1",
            said("Records identified from*:")
            + line("Databases", "D1_db", 8)
            + listed(["database"])
            + line("Registers", "D1_reg", 8)
            + listed(["register"]),
        ),
        "D2": Box(
            "D2",
            said("Records removed before screening:")
            + line("Duplicate records removed", "D2_dup", 8)
            + line("Records marked as ineligible by automation tools", "D2_auto", 8)
            + line("Records removed for other reasons", "D2_other", 8),
        ),
        "D3": Box("D3", line("Records screened", "D3")),
        "D4": Box("D4", line("Records excluded**", "D4") + by_tools),
        "D5": Box("D5", line("Reports sought for retrieval", "D5")),
        "D6": Box("D6", line("Reports not retrieved", "D6")),
        "D7": Box("D7", line("Reports assessed for eligibility", "D7")),
        "D8": Box("D8", excluded("D8", numbers["reasons"])),
        "I": Box(
            "I",
            line("New studies included in review", "I_studies")
            + line("Reports of new included studies", "I_reports")
            if updated
            else line("Studies included in review", "I_studies")
            + line("Reports of included studies", "I_reports"),
        ),
    }
    if updated:
        boxes["P"] = Box(
            "P",
            line("Studies included in previous version of review", "P_studies")
            + line("Reports of studies included in previous version of review", "P_reports"),
        )
        boxes["T"] = Box(
            "T",
            line("Total studies included in review", "T_studies")
            + line("Reports of total included studies", "T_reports"),
        )
    if both:
        boxes |= {
            "O1": Box(
                "O1",
                said("Records identified from:")
                + line("Websites", "O1_website", 8)
                + line("Organisations", "O1_organisation", 8)
                + line("Citation searching", "O1_citation", 8),
            ),
            "O5": Box("O5", line("Reports sought for retrieval", "O5")),
            "O6": Box("O6", line("Reports not retrieved", "O6")),
            "O7": Box("O7", line("Reports assessed for eligibility", "O7")),
            "O8": Box("O8", excluded("O8", numbers["other_reasons"])),
        }
    for column in "DO" if both else "D":
        if lines := aside(column):
            boxes[f"{column}9"] = Box(f"{column}9", lines)
    diagram = _arrange(boxes, both, updated)
    diagram.colours = BLACK_AND_WHITE if plain else Colours()
    diagram.title = title or "PRISMA 2020 flow diagram"
    _annotate(diagram, numbers, both)
    return diagram


# Which column a box stands in, counted from the first of the databases; the previous studies of an
# update stand to the left of it.
_COLUMN = {
    "P": -1,
    "D2": 1,
    "D4": 1,
    "D6": 1,
    "D8": 1,
    "D9": 1,
    "O1": 2,
    "O5": 2,
    "O7": 2,
    "O6": 3,
    "O8": 3,
    "O9": 3,
}


_BELOW = {"D8": "D9", "O8": "O9"}
ROOM_ABOVE_ASIDE = 12


def _arrange(boxes: dict[str, Box], both: bool, updated: bool) -> Diagram:
    """Rows of equal middle, columns of equal width; arrows between what belongs together."""
    left = SIDE_BAR + 24 + (BOX_WIDTH + GAP if updated else 0)
    columns = [left + n * (BOX_WIDTH + GAP) for n in range(4 if both else 2)]
    for box in boxes.values():
        box.x = left + _COLUMN.get(box.id, 0) * (BOX_WIDTH + GAP)
    rows = [
        ["P", "D1", "D2", "O1"],
        ["D3", "D4"],
        ["D5", "D6", "O5", "O6"],
        ["D7", "D8", "O7", "O8"],
        ["I"],
        ["T"],
    ]
    y, tops = float(TOP), []
    for row in rows if updated else rows[:-1]:
        here = [boxes[name] for name in row if name in boxes]
        height = max(_with_aside(box, boxes) for box in here)
        tops.append((y, height))
        for box in here:
            # Boxes hang at the top of their row, so that long lists of reasons grow downwards.
            box.y = y
            if below := boxes.get(_BELOW.get(box.id, "")):
                below.y = y + box.height + ROOM_ABOVE_ASIDE
        y += height + 34
    arrows = [
        *(
            _right(boxes[a], boxes[c])
            for a, c in (("D1", "D2"), ("D3", "D4"), ("D5", "D6"), ("D7", "D8"))
        ),
        *(
            _down(boxes[a], boxes[c])
            for a, c in (("D1", "D3"), ("D3", "D5"), ("D5", "D7"), ("D7", "I"))
        ),
    ]
    if both:
        arrows += [
            _down(boxes["O1"], boxes["O5"]),
            _right(boxes["O5"], boxes["O6"]),
            _down(boxes["O5"], boxes["O7"]),
            _right(boxes["O7"], boxes["O8"]),
            _into(boxes["O7"], boxes["I"], boxes["O8"]),
        ]
    arrows += [_beside(boxes[f"{c}7"], boxes[f"{c}9"]) for c in "DO" if f"{c}9" in boxes]
    if updated:
        arrows += [_down(boxes["I"], boxes["T"]), _under(boxes["P"], boxes["T"])]
    new = "new studies" if updated else "studies"
    wide = 2 * BOX_WIDTH + GAP
    headings = [Heading(f"Identification of {new} via databases and registers", columns[0], wide)]
    if updated:
        headings.insert(0, Heading("Previous studies", boxes["P"].x, BOX_WIDTH, True))
    if both:
        headings.append(
            Heading(f"Identification of {new} via other methods", columns[2], wide, True)
        )
    screening = tops[1][0]
    phases = [
        Phase("Identification", tops[0][0], tops[0][1]),
        Phase("Screening", screening, tops[3][0] + tops[3][1] - screening),
        Phase("Included", tops[4][0] - 8, tops[-1][0] + tops[-1][1] - tops[4][0] + 16),
    ]
    width = columns[-1] + BOX_WIDTH + 24
    return Diagram(width, y, "", headings, phases, list(boxes.values()), arrows)


def _with_aside(box: Box, boxes: dict[str, Box]) -> float:
    """The height of a box with the one that hangs below it."""
    below = boxes.get(_BELOW.get(box.id, ""))
    return box.height + (ROOM_ABOVE_ASIDE + below.height if below else 0)


def _right(a: Box, c: Box) -> Arrow:
    level = a.y + min(a.height, c.height) / 2
    return Arrow(f"{a.x + a.width},{level} {c.x - 2},{level}")


def _down(a: Box, c: Box) -> Arrow:
    return Arrow(f"{a.centre},{a.y + a.height} {a.centre},{c.y - 2}")


def _beside(a: Box, c: Box) -> Arrow:
    """From the right side of a box down and to the right, into the side of one that stands lower."""
    level, between = a.y + a.height / 2, a.x + a.width + GAP / 2
    return Arrow(
        f"{a.x + a.width},{level} {between},{level} {between},{c.middle} {c.x - 2},{c.middle}"
    )


def _into(a: Box, c: Box, beside: Box) -> Arrow:
    """From the right column down and to the left, into the side of the last box."""
    return Arrow(
        f"{a.centre},{a.y + a.height} {a.centre},{c.middle} {c.x + c.width + 2},{c.middle}"
    )


def _under(a: Box, c: Box) -> Arrow:
    """From the left column down and to the right, into the side of the last box."""
    return Arrow(f"{a.centre},{a.y + a.height} {a.centre},{c.middle} {c.x - 2},{c.middle}")


PENDING_WORDS = {
    "abstract": "title and abstract",
    "retrieval": "retrieval",
    "fulltext": "full text",
    "previous": "of the previous version",
    "duplicates": "questions about duplicates",
}


def _annotate(diagram: Diagram, numbers: dict[str, Any], both: bool) -> None:
    """Footnotes, and the draft's line with each pending number."""
    pending = {key: n for key, n in numbers["pending"].items() if n}
    if pending:
        parts = ", ".join(f"{PENDING_WORDS[key]} {n:,}" for key, n in pending.items())
        diagram.draft = f"Draft – {sum(pending.values()):,} pending: {parts}"
    elif numbers.get("empty"):  # a snapshot of an earlier release does not say
        diagram.draft = "Draft – no records yet"
    notes = [
        "* The number of records identified from each database or register is given where there "
        "are several.",
        "** How many records people and how many automation tools excluded is given apart."
        if numbers["boxes"].get("D4_auto")
        else "** Excluded by people; no automation tool has excluded a record at this stage.",
    ]
    # A snapshot of an earlier release does not say whether screening was stopped.
    for stop in numbers.get("stopped", []):
        bound = (
            ""
            if stop["recall"] is None
            else f"; recall at least {stop['recall']} % (95 % confidence)"
        )
        notes.append(
            f"Of the records marked as ineligible by automation tools, {stop['n']:,} were not screened: "
            f"screening in ranked order was stopped on {stop['on']}{bound}."
        )
    if n := numbers.get("included_elsewhere"):
        notes.append(
            f"Of the reports included, {n:,} had been included elsewhere, and were not screened for "
            "this review."
        )
    if both and numbers["boxes"]["O_U"]:
        notes.append(
            f"Of the records from other methods, {numbers['boxes']['O_U']:,} were known already, "
            "set aside or still pending before retrieval; the template has no box for them."
        )
    notes.append(
        "Layout and wording: Page MJ et al. The PRISMA 2020 statement. BMJ 2021;372:n71 (CC BY 4.0)."
    )
    room = diagram.width - SIDE_BAR - 60
    diagram.notes = [
        Line(part) for note in notes for part in wrap(note, room * FONT_SIZE / NOTE_SIZE)
    ]
    diagram.notes_y = diagram.height + 8
    diagram.height += len(diagram.notes) * 15 + 18
