"""The agreement panel: which decisions count, and the figures of agreement.py over them.

Only reports on which everybody who was to decide has decided, and on each the first answers
(changed later or not) of the first people, as many as the rules ask for: those that were given
without sight of another's. So no figure moves by an answer whose counterpart is still blind, or by
one that was given after the others could be seen. What was taken back while blind was a slip of
the hand and is left out.
"""

from dataclasses import dataclass
from itertools import combinations

from reviews.models import Review, Stage, User

from ..models import Decision
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


@dataclass(frozen=True)
class Figure:
    """One number of the panel with its interval; None stands for "not defined"."""

    key: str
    value: float | None
    interval: tuple[float, float] | None


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
    together: Cells  # all pairs' reports in one table
    figures: dict[str, Figure]
    fleiss: float | None
    alpha: float | None

    @property
    def headline_kappa(self) -> float | None:
        """Cohen's for one pair; of several pairs no table of two people can be made: Fleiss'."""
        return self.figures["kappa"].value if len(self.pairs) == 1 else self.fleiss

    @property
    def headline_interval(self) -> tuple[float, float] | None:
        """Of p_pos. With three answers a report its pairs are not independent: no interval."""
        return self.figures["positive"].interval if self.screeners == 2 else None


def first_answers(review: Review, stage: Stage, needed: int) -> dict[int, list[First]]:
    """{report id: the first `needed` independent answers, in the order of time}. 1 query."""
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
        .values_list("report_id", "by_id", "verdict", "reason_id")
    )
    answers: dict[int, dict[int, First]] = {}
    for report, by, verdict, reason in rows.iterator():
        on_report = answers.setdefault(report, {})
        if by not in on_report and len(on_report) < needed:
            on_report[by] = First(by, verdict, reason)
    # Reports that were settled under rules with fewer people are another phase: never pooled.
    return {pk: list(each.values()) for pk, each in answers.items() if len(each) == needed}


def _is_in(verdict: str) -> bool:
    """Maybe counts as include: it does not exclude (Cochrane Handbook 4.6.3). So do, at full text,
    awaiting classification and ongoing study."""
    return verdict != EXCLUDE


def _table(pairs: list[tuple[First, First]]) -> Cells:
    cells = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for first, second in pairs:
        cells[_is_in(first.verdict), _is_in(second.verdict)] += 1
    return Cells(*cells.values())


def _figures(cells: Cells) -> dict[str, Figure]:
    spans = intervals(cells)
    return {key: Figure(key, figure(cells), spans[key]) for key, figure in FIGURES.items()}


def _pair(first: User, second: User, both: list[tuple[First, First]]) -> Pair:
    cells = _table(both)
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


def panel(review: Review, stage: str) -> Panel:
    """The agreement of `review` at `stage`. 3 queries, whatever the number of reports."""
    stage = Stage(stage)
    rules = review.rules(stage)
    answers = first_answers(review, stage, rules.screeners)
    both: dict[tuple[int, int], list[tuple[First, First]]] = {}
    for given in answers.values():
        for one, other in combinations(sorted(given, key=lambda each: each.by), 2):
            both.setdefault((one.by, other.by), []).append((one, other))
    people = User.objects.in_bulk({by for pair in both for by in pair})
    pairs = [_pair(people[one], people[other], both[one, other]) for one, other in sorted(both)]
    together = _table([each for shared in both.values() for each in shared])
    rows = [["in" if _is_in(each.verdict) else "out" for each in row] for row in answers.values()]
    return Panel(
        stage=stage,
        screeners=rules.screeners,
        maybe_rule=rules.maybe,
        reports=len(answers) if rules.screeners > 1 else 0,
        pairs=pairs,
        together=together,
        figures=_figures(together),
        fleiss=fleiss_kappa(rows),
        alpha=krippendorff_alpha(rows),
    )
