"""How agreement moves in the course of the work: by weeks, or by blocks of so many reports.

The order of time is that in which reports got their last independent answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from .agreeing import Answered, Together, together
from .behind import Behind, monday

SIZES = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]  # reports a block
MOST = 12  # blocks that are drawn without being asked for
FEWEST_TO_COMPARE = 10  # reports; what is below is drawn and marked as few

# Of the picture, in pixels.
WIDTH, HEIGHT, LEFT, TOP, RIGHT, FOOT = 720, 260, 44, 16, 16, 44


@dataclass(frozen=True)
class Step:
    """One week or block, with its figures."""

    name: str
    short: str
    behind: Behind
    figures: Together

    @property
    def is_few(self) -> bool:
        return self.figures.reports < FEWEST_TO_COMPARE


def size_for(reports: int) -> int:
    """The smallest size of block that gives no more than MOST."""
    return next((size for size in SIZES if reports <= size * MOST), SIZES[-1])


def by_blocks(phase: Sequence[Answered], behind: Behind, size: int) -> list[Step]:
    """`phase` in blocks of `size`; the last one may hold fewer."""
    found = []
    for number, start in enumerate(range(0, len(phase), size), start=1):
        part = phase[start : start + size]
        name = f"{start + 1} to {start + len(part)}"
        found.append(Step(name, str(start + 1), behind.but(block=(size, number)), together(part)))
    return found


def by_weeks(phase: Sequence[Answered], behind: Behind) -> list[Step]:
    """`phase` by the weeks in which anything was completed."""
    return [
        Step(_day(week), f"{week:%d.%m.}", behind.but(week=week), together(list(part)))
        for week, part in groupby(phase, key=monday)
    ]


def _day(day: date) -> str:
    return f"week of {day.day} {day:%B %Y}"


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    says: str
    low: float | None = None  # y of the interval's ends
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """One figure over time: runs of points without a gap where it is not defined."""

    key: str
    runs: list[list[Point]]
    name: str

    @property
    def points(self) -> list[Point]:
        return [point for run in self.runs for point in run]

    @property
    def paths(self) -> list[str]:
        return [" ".join(f"{p.x},{p.y}" for p in run) for run in self.runs if len(run) > 1]


@dataclass
class Picture:
    title: str
    key: str  # of its ids on the page
    says: str
    lines: list[Line]
    ticks: list[tuple[float, str]]  # y, its number
    names: list[tuple[float, str]]  # x, what stands below
    zero: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - FOOT
    name_y: int = field(default=HEIGHT - FOOT + 20)


def draw(steps: Sequence[Step]) -> Picture:
    """Agreement on includes with its interval, and kappa, step by step; from -1 where any is below 0."""
    lowest = min(
        [0.0, *(step.figures.kappa for step in steps if step.figures.kappa is not None)],
        default=0.0,
    )
    bottom = -1.0 if lowest < 0 else 0.0
    span = WIDTH - LEFT - RIGHT
    apart = span / max(1, len(steps))

    def x(at: int) -> float:
        return round(LEFT + apart * (at + 0.5), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - value) / (1 - bottom) * (HEIGHT - TOP - FOOT), 1)

    def line(key: str) -> Line:
        runs: list[list[Point]] = [[]]
        for at, step in enumerate(steps):
            value = step.figures.kappa if key == "kappa" else step.figures.figures[key].value
            if value is None:
                runs.append([])
                continue
            ends = step.figures.interval if key == "positive" else None
            low, high = (y(ends[0]), y(ends[1])) if ends else (None, None)
            says = f"{step.name}: {value:.2f} of {step.figures.reports} reports"
            runs[-1].append(Point(x(at), y(value), says, low, high))
        names = {"positive": "agreement on includes, with its interval", "kappa": "κ"}
        return Line(key, [run for run in runs if run], names[key])

    every = max(1, -(-len(steps) // 16))  # no more names than have room
    marks = [1.0, 0.5, 0.0, -0.5, -1.0] if bottom < 0 else [1.0, 0.75, 0.5, 0.25, 0.0]
    return Picture(
        title="Agreement over time",
        key="drift",
        says=_in_words(steps),
        lines=[line("positive"), line("kappa")],
        ticks=[(y(mark), f"{mark:g}".replace("-", "−")) for mark in marks],
        names=[(x(at), step.short) for at, step in enumerate(steps) if not at % every],
        zero=y(0.0),
    )


def _in_words(steps: Sequence[Step]) -> str:
    """What the picture shows, for those who hear it."""
    values = [
        (step.figures.figures["positive"].value, step.name)
        for step in steps
        if step.figures.figures["positive"].value is not None
    ]
    if not values:
        return "Agreement on includes is not defined in any part."
    (first, at), (last, end) = values[0], values[-1]
    return (
        f"Agreement on includes was {first:.2f} in {at} and {last:.2f} in {end}. "
        "Every number stands in the table below the picture."
    )
