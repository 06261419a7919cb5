"""Screening over time and the reasons of excluded full texts: the rows of the tables, and the pictures.

A report counts at a stage once everybody who is to decide has decided, in the week of the last
decision that stands there: nothing here moves by an answer whose counterpart is still blind.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.db.models import Max
from django.utils import timezone

from reviews.models import SCREENING_STAGES, Review, Stage

from ..flow import ADVANCED, Place
from ..flow.places import ASIDE_PLACE
from ..models import Decision
from .drift import FOOT, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, Picture, Point

WEEKS = [1, 2, 4, 13, 26, 52]  # a step
MOST = 30  # steps that are drawn

OUT = {Stage.ABSTRACT: Place.ABSTRACT_OUT, Stage.FULLTEXT: Place.FULLTEXT_OUT}
FINISHED = {
    Stage.ABSTRACT: [Place.ABSTRACT_OUT, *ADVANCED],
    Stage.FULLTEXT: [Place.FULLTEXT_OUT, *ASIDE_PLACE.values(), Place.INCLUDED],
}


@dataclass(frozen=True)
class Step:
    """Some weeks: the reports finished in them, those of them that were not excluded, and all so far."""

    first: date  # a Monday
    weeks: int
    finished: int
    kept: int
    so_far: int
    kept_so_far: int

    @property
    def excluded(self) -> int:
        return self.finished - self.kept

    @property
    def name(self) -> str:
        day = f"{self.first.day} {self.first:%B %Y}"
        return f"week of {day}" if self.weeks == 1 else f"{self.weeks} weeks from {day}"


def finished(review: Review, stage: Stage) -> list[tuple[datetime, bool]]:
    """(when its last decision came, whether it was kept) of every report finished at `stage`. 1 query."""
    said = Decision.objects.current().at_stage(stage)
    here = said.filter(report__review=review, report__place__in=FINISHED[stage])
    rows = here.order_by().values_list("report__place", "report").annotate(last=Max("at"))
    return [(last, place != OUT[stage]) for place, _, last in rows]


def steps(found: Iterable[tuple[datetime, bool]]) -> list[Step]:
    """`found` by weeks, quiet ones too; several weeks a step where the work took long."""
    weeks: Counter[date] = Counter()
    kept: Counter[date] = Counter()
    for at, is_kept in found:
        day = timezone.localdate(at)
        week = day - timedelta(days=day.weekday())
        weeks[week] += 1
        kept[week] += is_kept
    if not weeks:
        return []
    first, last = min(weeks), max(weeks)
    span = (last - first).days // 7 + 1
    each = next((size for size in WEEKS if span <= size * MOST), WEEKS[-1])
    starts = [first + timedelta(weeks=at) for at in range(0, span, each)]

    def within(counted: Counter[date]) -> list[int]:
        return [sum(counted[start + timedelta(weeks=at)] for at in range(each)) for start in starts]

    every, ours = within(weeks), within(kept)
    sums = zip(starts, every, ours, accumulate(every), accumulate(ours), strict=True)
    return [Step(start, each, n, k, so_far, k_so_far) for start, n, k, so_far, k_so_far in sums]


def draw(stage: Stage, found: Sequence[Step]) -> Picture:
    """All that was finished so far, and what of it was kept, step by step from 0."""
    whole = found[-1].so_far if found else 0
    top = ceiling(whole)
    apart = (WIDTH - LEFT - RIGHT) / max(1, len(found))

    def x(at: int) -> float:
        return round(LEFT + apart * (at + 0.5), 1)

    def y(n: float) -> float:
        return round(TOP + (1 - n / top) * (HEIGHT - TOP - FOOT), 1)

    def line(key: str, name: str, numbers: Sequence[int]) -> Line:
        points = [
            Point(x(at), y(n), f"to the end of the {step.name}: {n:,}")
            for at, (step, n) in enumerate(zip(found, numbers, strict=True))
        ]
        return Line(key, [points], name)

    every = max(1, -(-len(found) // 10))  # no more names than have room
    title = f"{stage.label}: screened so far"
    return Picture(
        title=title,
        key=f"course-{stage}",
        says=_in_words(found),
        lines=[
            line("positive", "decided", [step.so_far for step in found]),
            line("kappa", "not excluded", [step.kept_so_far for step in found]),
        ],
        ticks=[(y(top * part / 4), f"{top * part // 4:,}") for part in range(5)],
        names=[
            (x(at), f"{step.first:%d.%m.%y}") for at, step in enumerate(found) if not at % every
        ],
        zero=y(0),
    )


def ceiling(n: int) -> int:
    """The smallest of 4, 8, 20, 40, 80, 200 … that is not below `n`, so that its quarters are whole."""
    size = 4
    while True:
        for times in (1, 2, 5):
            if n <= size * times:
                return size * times
        size *= 10


def _in_words(found: Sequence[Step]) -> str:
    """What the picture shows, for those who hear it."""
    if not found:
        return "Nothing is decided yet."
    first, last = found[0], found[-1]
    return (
        f"From the {first.name} to the {last.name} {last.so_far:,} reports were decided, "
        f"{last.kept_so_far:,} of them not excluded. Every number stands in the table below the picture."
    )


# --- Reasons ------------------------------------------------------------------------------------

ROW, BAR_LEFT, NUMBER = 44, 8, 56  # height of a reason; where bars begin; room for the number
LETTERS = 90  # of a reason that fit in a line


@dataclass(frozen=True)
class Bar:
    name: str
    n: int
    y: int  # of its top
    width: float

    @property
    def short(self) -> str:
        return self.name if len(self.name) <= LETTERS else f"{self.name[: LETTERS - 1]}…"

    @property
    def number(self) -> str:
        return f"{self.n:,}"

    @property
    def number_x(self) -> float:
        return BAR_LEFT + self.width


def bars(counted: Sequence[tuple[str, int]]) -> list[Bar]:
    """A bar a reason, one below the other; the longest fills the picture."""
    most = max((n for _, n in counted), default=1)
    room = WIDTH - BAR_LEFT - NUMBER
    return [
        Bar(name, n, at * ROW, round(room * n / most, 1)) for at, (name, n) in enumerate(counted)
    ]


def stages(review: Review) -> list[tuple[Stage, list[Step]]]:
    return [(stage, steps(finished(review, stage))) for stage in map(Stage, SCREENING_STAGES)]
