"""An UpSet picture: which sources found the same reports, as shapes on a plane. Pure.

After Lex A et al., UpSet: visualization of intersecting sets (IEEE TVCG 2014): a row a source with
the size of its set, a column a combination with the number of reports that exactly these found.
Units are SVG user units (1 unit = 1 px at 100 %); the SVG is a Django template over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROW, COLUMN = 28, 40
BARS, TOP, FOOT = 150, 26, 56  # height of the columns, space over and under them
SIZES, GAP = 104, 18  # width of the sizes' bars
LETTERS, LETTER = 30, 6.6  # of a name that fit, and their mean width


@dataclass(frozen=True)
class Row:
    """A source: its whole name, what of it fits, its number and its bar."""

    name: str
    short: str
    n: int
    href: str
    y: float  # the middle
    bar_x: float
    bar: float  # width
    number_x: float
    is_odd: bool

    @property
    def top(self) -> float:
        return self.y - ROW / 2

    @property
    def number(self) -> str:
        return f"{self.n:,}"


@dataclass(frozen=True)
class Dot:
    y: float
    is_in: bool


@dataclass(frozen=True)
class Column:
    """A combination of sources: its bar, its dots, its numbers."""

    names: str
    n: int
    included: int
    href: str
    included_href: str
    x: float  # the middle
    bar_y: float
    bar: float  # height
    dots: list[Dot]
    line: tuple[float, float] | None  # from dot to dot
    is_rest: bool = False

    @property
    def number(self) -> str:
        return f"{self.n:,}"

    @property
    def included_number(self) -> str:
        return f"{self.included:,}"


@dataclass
class Picture:
    title: str
    says: str
    width: float
    height: float
    matrix_top: float
    matrix_left: float
    foot_y: float
    rows: list[Row] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    row_height: float = ROW
    bar_width: float = 20
    base: float = TOP + BARS


@dataclass(frozen=True)
class Set:
    """What is drawn of a source."""

    name: str
    n: int
    href: str = ""


@dataclass(frozen=True)
class Overlap:
    """What is drawn of a combination; `members` are places in the list of sets, none for the rest."""

    members: Sequence[int]
    n: int
    included: int
    href: str = ""
    included_href: str = ""
    name: str = ""


def short(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1].rstrip() + "…"


def draw(sets: Sequence[Set], overlaps: Sequence[Overlap], *, title: str) -> Picture:
    """The picture of `overlaps` (largest first) between `sets`."""
    most = max([each.n for each in overlaps], default=0) or 1
    largest = max([each.n for each in sets], default=0) or 1
    top = TOP + BARS + GAP
    names = 8 + LETTER * max([len(short(each.name)) for each in sets], default=0)
    end = round(names + SIZES + GAP)
    left = end + GAP
    foot = top + len(sets) * ROW
    picture = Picture(
        title=title,
        says=_in_words(sets, overlaps),
        width=left + len(overlaps) * COLUMN + GAP,
        height=foot + FOOT,
        matrix_top=top,
        matrix_left=left,
        foot_y=foot + 24,
    )
    for at, each in enumerate(sets):
        bar = each.n / largest * (SIZES - 46)
        picture.rows.append(
            Row(
                name=each.name,
                short=short(each.name),
                n=each.n,
                href=each.href,
                y=top + at * ROW + ROW / 2,
                bar_x=round(end - bar, 1),
                bar=round(bar, 1),
                number_x=round(end - bar - 6, 1),
                is_odd=bool(at % 2),
            )
        )
    for at, overlap in enumerate(overlaps):
        bar = overlap.n / most * BARS
        ys = [picture.rows[member].y for member in sorted(overlap.members)]
        picture.columns.append(
            Column(
                names=overlap.name or " and ".join(sets[m].name for m in sorted(overlap.members)),
                n=overlap.n,
                included=overlap.included,
                href=overlap.href,
                included_href=overlap.included_href,
                x=left + at * COLUMN + COLUMN / 2,
                bar_y=round(TOP + BARS - bar, 1),
                bar=round(bar, 1),
                dots=[
                    Dot(row.y, number in overlap.members) for number, row in enumerate(picture.rows)
                ]
                if overlap.members
                else [],
                line=(min(ys), max(ys)) if len(ys) > 1 else None,
                is_rest=not overlap.members,
            )
        )
    return picture


def _in_words(sets: Sequence[Set], overlaps: Sequence[Overlap]) -> str:
    """What the picture shows, for those who hear it."""
    if not overlaps:
        return "No reports yet."
    first = overlaps[0]
    names = first.name or " and ".join(sets[member].name for member in sorted(first.members))
    return (
        f"{len(sets)} sources. The largest group of reports, {first.n:,}, was found by {names} only. "
        "Every number stands in the table below the picture."
    )
