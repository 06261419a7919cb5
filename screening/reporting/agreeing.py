"""The agreement panel: which decisions count, and the figures of agreement.py over them.

Only reports on which everybody who was to decide has decided, and on each the first answers
(changed later or not) of the first people, as many as the rules asked for when they answered: those
that were given without sight of another's. So no figure moves by an answer whose counterpart is
still blind, or by one that was given after the others could be seen. What was taken back while blind
was a slip of the hand and is left out.

In a pilot round everybody answers blind until it is closed, so all answers of that time count, and
the report belongs to the round.

Reports that were settled by another number of people are another phase, and never pooled.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from reviews.models import AuditEvent, Review, Stage, StageRules, User

from ..actions import STAGE_NAMES
from ..models import Decision, PilotReport
from ..querysets import OPENED_AT
from .agreement import FIGURES, Cells, cohens_kappa, fleiss_kappa, intervals, krippendorff_alpha

INCLUDE, MAYBE = Decision.Verdict.INCLUDE, Decision.Verdict.MAYBE
EXCLUDE = Decision.Verdict.EXCLUDE


@dataclass(frozen=True)
class First:
    """Somebody's first answer on a report."""

    by: int
    verdict: str
    reason: int | None
    decision: int
    at: datetime

    @property
    def is_in(self) -> bool:
        """Maybe counts as include: it does not exclude (Cochrane Handbook 4.6.3). So do, at full
        text, awaiting classification and ongoing study."""
        return self.verdict != EXCLUDE


@dataclass(frozen=True)
class Answered:
    """One report with its independent answers, in the order of time."""

    report: int
    answers: tuple[First, ...]
    round: int | None = None  # the number of the pilot round in which it was decided

    @property
    def people(self) -> int:
        return len(self.answers)

    @property
    def at(self) -> datetime:
        """When the last of them was given."""
        return self.answers[-1].at

    @property
    def pairs(self) -> Iterable[tuple[First, First]]:
        """Every two of the answers, who joined Concord earlier first."""
        return combinations(sorted(self.answers, key=lambda each: each.by), 2)


@dataclass(frozen=True)
class Figure:
    """One number of the panel with its interval; None stands for "not defined"."""

    key: str
    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Together:
    """All pairs' reports of some phase, round or week in one table."""

    reports: int
    people: int
    pairs: int
    cells: Cells
    figures: dict[str, Figure]
    fleiss: float | None
    alpha: float | None

    @property
    def kappa(self) -> float | None:
        """Cohen's for one pair; of several pairs no table of two people can be made: Fleiss'."""
        return self.figures["kappa"].value if self.pairs == 1 else self.fleiss

    @property
    def kappa_interval(self) -> tuple[float, float] | None:
        """Of Cohen's kappa; none of Fleiss'."""
        return self.figures["kappa"].interval if self.pairs == 1 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of p_pos. With three answers a report its pairs are not independent: no interval."""
        return self.figures["positive"].interval if self.people == 2 else None


@dataclass(frozen=True)
class Pair:
    first: User
    second: User
    cells: Cells
    figures: dict[str, Figure]
    # With "maybe" as an answer of its own; None where nobody said maybe.
    kappa_of_three: float | None
    maybes: int
    # Of the reports that both excluded: how many for the same reason, of those with two reasons.
    same_reason: int
    with_reasons: int


@dataclass(frozen=True)
class Panel:
    stage: str
    screeners: int
    maybe_rule: str
    reports: int
    pairs: list[Pair]
    whole: Together
    answered: list[Answered]

    @property
    def together(self) -> Cells:
        return self.whole.cells

    @property
    def figures(self) -> dict[str, Figure]:
        return self.whole.figures

    @property
    def fleiss(self) -> float | None:
        return self.whole.fleiss

    @property
    def alpha(self) -> float | None:
        return self.whole.alpha

    @property
    def headline_kappa(self) -> float | None:
        return self.whole.kappa

    @property
    def headline_interval(self) -> tuple[float, float] | None:
        return self.whole.interval

    def named_pairs(self, *, nameless: bool) -> list[Pair]:
        """The pairs to show. Where the rules hide names, not one that shares a single report: its
        row would tell who decided on that and how."""
        return [pair for pair in self.pairs if not nameless or pair.cells.n > 1]


def first_answers(review: Review, rules: StageRules) -> list[Answered]:
    """Every report that is open to all at the stage of `rules`, with its independent answers.

    In the order in which the last of them came. 2 queries, 3 where the rules were changed.
    """
    stage = Stage(rules.stage)
    rows = (
        Decision.objects.independent()
        .at_stage(stage)
        .filter(
            withdrawn=False,
            report__review=review,
            report__merged_into=None,
            report__place__in=OPENED_AT[stage],
        )
        .order_by("pk")
        .values_list("report_id", "by_id", "verdict", "reason_id", "pk", "at")
    )
    answers: dict[int, dict[int, First]] = {}
    for report, *said in rows.iterator():
        first = First(*said)
        answers.setdefault(report, {}).setdefault(first.by, first)
    needed = rules.screeners
    changes = (
        _changes(review, stage) if any(len(each) != needed for each in answers.values()) else []
    )
    rounds = _rounds(review, stage)
    found = []
    for report, on_report in answers.items():
        number, closed_at = rounds.get(report, (None, None))
        in_round = sum(
            closed_at is not None and each.at <= closed_at for each in on_report.values()
        )
        independent = tuple(
            first
            for nth, first in enumerate(on_report.values(), start=1)
            if nth <= max(in_round, _seats(changes, first.at, needed))
        )
        if independent:
            # A pilot's report that got its second answer in the main round was decided there.
            found.append(Answered(report, independent, number if in_round > 1 else None))
    return sorted(found, key=lambda each: (each.at, each.report))


def _rounds(review: Review, stage: Stage) -> dict[int, tuple[int, datetime]]:
    """{report: (number of the last pilot round that drew it, when that was closed)}. 1 query."""
    drawn = PilotReport.objects.filter(
        pilot__review=review, pilot__stage=stage, pilot__closed_at__isnull=False
    )
    rows = drawn.order_by("pilot__number").values_list(
        "report", "pilot__number", "pilot__closed_at"
    )
    return {report: (number, at) for report, number, at in rows if at is not None}


def _changes(review: Review, stage: Stage) -> list[tuple[datetime, int]]:
    """(until when, how many people) of the earlier rules of `stage`, oldest first. 1 query."""
    events = AuditEvent.objects.filter(
        review=review, verb="changed the rules", target=f"rules for {STAGE_NAMES[stage]}"
    ).order_by("number")
    earlier = [(event.at, event.before or {}) for event in events]
    return [(at, before["screeners"]) for at, before in earlier if "screeners" in before]


def _seats(changes: Iterable[tuple[datetime, int]], at: datetime, now: int) -> int:
    """How many people the rules asked for at that moment."""
    return next((seats for until, seats in changes if at < until), now)


def phases(answered: Iterable[Answered]) -> dict[int, list[Answered]]:
    """{people a report: its reports}, fewest people first; who decided alone agrees with nobody."""
    found: dict[int, list[Answered]] = {}
    for each in answered:
        if each.people > 1:
            found.setdefault(each.people, []).append(each)
    return dict(sorted(found.items()))


def table(pairs: Iterable[tuple[First, First]]) -> Cells:
    found = Counter((first.is_in, second.is_in) for first, second in pairs)
    return Cells(found[True, True], found[True, False], found[False, True], found[False, False])


def together(answered: Sequence[Answered]) -> Together:
    """The figures over reports of one phase, all pairs of people in one table."""
    pairs = [pair for each in answered for pair in each.pairs]
    rows = [["in" if first.is_in else "out" for first in each.answers] for each in answered]
    cells = table(pairs)
    return Together(
        reports=len(answered),
        people=answered[0].people if answered else 0,
        pairs=len({(one.by, other.by) for one, other in pairs}),
        cells=cells,
        figures=_figures(cells),
        fleiss=fleiss_kappa(rows),
        alpha=krippendorff_alpha(rows),
    )


def _figures(cells: Cells) -> dict[str, Figure]:
    spans = intervals(cells)
    return {key: Figure(key, figure(cells), spans[key]) for key, figure in FIGURES.items()}


def _pair(first: User, second: User, both: list[tuple[First, First]]) -> Pair:
    cells = table(both)
    maybes = sum(MAYBE in (one.verdict, other.verdict) for one, other in both)
    reasons = [
        (one.reason, other.reason)
        for one, other in both
        if one.verdict == other.verdict == EXCLUDE and one.reason and other.reason
    ]
    return Pair(
        first=first,
        second=second,
        cells=cells,
        figures=_figures(cells),
        kappa_of_three=(
            cohens_kappa([(one.verdict, other.verdict) for one, other in both]) if maybes else None
        ),
        maybes=maybes,
        same_reason=sum(one == other for one, other in reasons),
        with_reasons=len(reasons),
    )


def panel_of(rules: StageRules, people: int, answered: Sequence[Answered]) -> Panel:
    """The panel over the reports of the phase in which `people` decided on each. 1 query."""
    phase = phases(answered).get(people, [])
    both: dict[tuple[int, int], list[tuple[First, First]]] = {}
    for each in phase:
        for one, other in each.pairs:
            both.setdefault((one.by, other.by), []).append((one, other))
    users = User.objects.in_bulk({by for pair in both for by in pair})
    return Panel(
        stage=rules.stage,
        screeners=people,
        maybe_rule=rules.maybe,
        reports=len(phase),
        pairs=[_pair(users[one], users[other], both[one, other]) for one, other in sorted(both)],
        whole=together(phase),
        answered=phase,
    )


def panel(review: Review, stage: str, people: int | None = None) -> Panel:
    """The agreement of `review` at `stage` where `people` (None: as many as the rules ask for now)
    decided on each report. 4 queries, 5 where the rules were changed; whatever the number of reports.
    """
    rules = review.rules(Stage(stage))
    return panel_of(rules, people or rules.screeners, first_answers(review, rules))
