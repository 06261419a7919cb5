"""Agreement on each criterion, where reviewers answered them one by one: which wording divides whom.

Counted are the answers that came with the first decisions of agreeing.py, by pair: yes, no and unclear
are three answers, and a pair counts where both gave one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviews.models import Review, Stage

from ..desk.by_criterion import Asked, criterion_answers
from ..models import Decision
from .agreeing import Answered, First
from .agreement import cohens_kappa, krippendorff_alpha
from .behind import Behind

# From which share of unlike answers on a cell of the map is a shade darker.
SHADES = [0.0, 0.05, 0.1, 0.2, 0.35]

Answers = Mapping[int, Mapping[Asked, str]]


@dataclass(frozen=True)
class Cell:
    """One criterion and one pair of people, or all of them: how often their answers were unlike."""

    answered: int  # pairs of answers
    unlike: int
    behind: Behind

    @property
    def share(self) -> float | None:
        return self.unlike / self.answered if self.answered else None

    @property
    def percent(self) -> int | None:
        return None if self.share is None else round(100 * self.share)

    @property
    def shade(self) -> int:
        """0 (never unlike) to 5."""
        return sum(self.share > limit for limit in SHADES) if self.share is not None else 0


@dataclass(frozen=True)
class Row:
    asked: Asked
    whole: Cell
    pairs: list[Cell]
    kappa: float | None  # Cohen's over three answers, for one pair
    alpha: float | None  # Krippendorff's, for any number of people


def answers_of(review: Review, stage: str) -> Answers:
    """{decision id: {criterion: answer}} at `stage`, of decisions still blind too: look up in it only
    what agreeing.py counts. 1 query."""
    own = Decision.objects.independent().at_stage(stage).filter(report__review=review)
    return criterion_answers(own.values("pk"))


def wordings(review: Review) -> dict[Asked, int]:
    """{criterion: the id of the first row that ever had these words}, for addresses. 1 query."""
    found: dict[Asked, int] = {}
    for pk, kind, text in review.criteria.order_by("pk").values_list("pk", "kind", "text"):
        found.setdefault(Asked(kind, text), pk)
    return found


def both(one: First, other: First, asked: Asked, answers: Answers) -> tuple[str, str] | None:
    """What two people said of a criterion; None unless both said something."""
    said = tuple(answers.get(each.decision, {}).get(asked, "") for each in (one, other))
    return (said[0], said[1]) if all(said) else None


def rows(
    review: Review,
    phase: Sequence[Answered],
    pairs: Iterable[tuple[int, int]],
    behind: Behind,
    answers: Answers | None = None,
) -> list[Row]:
    """A row for each criterion that a pair answered on a report of `phase`, what divides most first.

    `pairs`: the columns, as ids of users. At most 2 queries.
    """
    answers = answers_of(review, Stage(behind.stage)) if answers is None else answers
    if not answers:
        return []
    columns = list(pairs)
    ids = wordings(review)
    said: dict[Asked, dict[tuple[int, int], list[tuple[str, str]]]] = {}
    for report in phase:
        for one, other in report.pairs:
            for asked in answers.get(one.decision, {}):
                if two := both(one, other, asked, answers):
                    said.setdefault(asked, {}).setdefault((one.by, other.by), []).append(two)
    found = []
    for asked, by_pair in said.items():
        here = behind.but(criterion=ids[asked])
        everything = [two for some in by_pair.values() for two in some]
        on_each = [
            [answers.get(first.decision, {}).get(asked, "") for first in report.answers]
            for report in phase
        ]
        found.append(
            Row(
                asked=asked,
                whole=_cell(everything, here),
                pairs=[_cell(by_pair.get(pair, []), here.but(pair=pair)) for pair in columns],
                kappa=cohens_kappa(everything) if len(by_pair) == 1 else None,
                alpha=krippendorff_alpha([[each for each in row if each] for row in on_each]),
            )
        )
    return sorted(
        found, key=lambda row: (-(row.whole.share or 0), -row.whole.answered, ids[row.asked])
    )


def _cell(said: list[tuple[str, str]], behind: Behind) -> Cell:
    unlike = sum(one != other for one, other in said)
    return Cell(len(said), unlike, behind)
