"""Which reports stand behind a number of the agreement panel, as words in an address.

`agreed=abstract_2` are the reports that two people decided on at title and abstract; further words
narrow them: `round.2` those of the second pilot round
(`round.0` those of none), `pair.3.5` those of users 3 and 5, `b` one cell of the table (of all pairs, or of that
pair), `same` two exclusions for one reason, `block.50.2` the second fifty in the order of time,
`week.2026-03-02` those completed in the week of that Monday, `criterion.7` those on which both of a
pair answered criterion 7, `criterion.7_unlike` differently.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from reviews.models import SCREENING_STAGES, Criterion, Review, Stage, User

from ..models import CriterionAnswer
from .agreeing import Answered, First, first_answers

MAIN_ROUND = 0  # what was decided outside of pilot rounds
CELLS = {"a": (True, True), "b": (True, False), "c": (False, True), "d": (False, False)}
_WORDS = re.compile(
    r"(?P<stage>[a-z]+)_(?P<people>\d)"
    r"(?:_round\.(?P<round>\d{1,4}))?"
    r"(?:_pair\.(?P<one>\d{1,18})\.(?P<other>\d{1,18}))?"
    r"(?:_block\.(?P<size>\d{1,6})\.(?P<number>\d{1,6}))?"
    r"(?:_week\.(?P<week>\d{4}-\d\d-\d\d))?"
    r"(?:_criterion\.(?P<criterion>\d{1,18}))?"
    r"(?:_(?P<cell>[abcd]|same|unlike))?"
)


@dataclass(frozen=True)
class Behind:
    """The reports behind one number; what is None or empty does not narrow."""

    stage: Stage
    people: int
    round: int | None = None  # the number of a pilot round, or MAIN_ROUND
    pair: tuple[int, int] | None = None
    block: tuple[int, int] | None = None  # reports a block, which one from 1 on
    week: date | None = None  # its Monday
    # A criterion by the first row that had its words; only with it the cell "unlike".
    criterion: int | None = None
    cell: str = ""

    def __str__(self) -> str:
        words = [f"{self.stage}_{self.people}"]
        words += [f"round.{self.round}"] if self.round is not None else []
        words += [f"pair.{self.pair[0]}.{self.pair[1]}"] if self.pair else []
        words += [f"block.{self.block[0]}.{self.block[1]}"] if self.block else []
        words += [f"week.{self.week}"] if self.week else []
        words += [f"criterion.{self.criterion}"] if self.criterion else []
        words += [self.cell] if self.cell else []
        return "_".join(words)

    @property
    def tells_who(self) -> bool:
        """Whether the list tells what one person said, to whoever knows who the people are."""
        return self.pair is not None or self.cell in ("b", "c")

    def but(self, **more: Any) -> "Behind":
        return replace(self, **more)

    def of(
        self, phase: Sequence[Answered], said: Mapping[int, str] | None = None
    ) -> list[Answered]:
        """Those of `phase` (the reports of one phase, in the order of time) that are meant.

        `said`: {decision id: answer} to the criterion, where one is named.
        """
        found = list(phase)
        if self.round is not None:
            found = [each for each in found if (each.round or MAIN_ROUND) == self.round]
        if self.block:
            size, number = self.block
            found = found[(number - 1) * size : number * size]
        if self.week:
            found = [each for each in found if monday(each) == self.week]
        said = said or {}
        return [each for each in found if any(self._means(*two, said) for two in each.pairs)]

    def _means(self, one: First, other: First, said: Mapping[int, str]) -> bool:
        if self.pair and (one.by, other.by) != self.pair:
            return False
        if self.criterion:
            first, second = (said.get(each.decision) for each in (one, other))
            if not first or not second:
                return False
            return self.cell != "unlike" or first != second
        if self.cell == "same":
            both_out = not one.is_in and not other.is_in
            return both_out and one.reason is not None and one.reason == other.reason
        return not self.cell or (one.is_in, other.is_in) == CELLS[self.cell]

    def in_words(self) -> str:
        said = [f"{self.stage.label}, {self.people} people a report"]
        if self.round is not None:
            said.append(f"pilot round {self.round}" if self.round else "main round")
        if self.pair:
            users = User.objects.in_bulk(self.pair)
            one, other = (str(users.get(pk, "somebody")) for pk in self.pair)
            said.append(f"{one} and {other}")
        else:
            one, other = "the first of a pair", "the second"
        if self.block:
            size, number = self.block
            said.append(f"reports {(number - 1) * size + 1} to {number * size} in time")
        if self.week:
            said.append(f"week of {self.week:%d %B %Y}".replace(" 0", " "))
        says = {
            "a": "both include",
            "b": f"{one} includes, {other} excludes",
            "c": f"{one} excludes, {other} includes",
            "d": "both exclude",
            "same": "both exclude for the same reason",
            "unlike": "their answers differ",
        }
        if self.criterion:
            asked = Criterion.objects.filter(pk=self.criterion).first()
            said.append(f"criterion “{asked.text}”" if asked else "a criterion")
        return "agreement: " + "; ".join([*said, *([says[self.cell]] if self.cell else [])])


def monday(answered: Answered) -> date:
    """The Monday of the week in which the last answer came."""
    day = timezone.localdate(answered.at)
    return day - timedelta(days=day.weekday())


def read(text: str) -> Behind | None:
    """What `text` of an address means; None for what we never write."""
    found = _WORDS.fullmatch(text)
    if not found or found["stage"] not in SCREENING_STAGES:
        return None
    try:
        week = date.fromisoformat(found["week"]) if found["week"] else None
    except ValueError:
        return None
    if found["cell"] and bool(found["criterion"]) != (found["cell"] == "unlike"):
        return None
    if found["size"] and not int(found["size"]):
        return None
    return Behind(
        stage=Stage(found["stage"]),
        people=int(found["people"]),
        round=int(found["round"]) if found["round"] is not None else None,
        pair=(int(found["one"]), int(found["other"])) if found["one"] else None,
        block=(int(found["size"]), int(found["number"])) if found["size"] else None,
        week=week,
        criterion=int(found["criterion"]) if found["criterion"] else None,
        cell=found["cell"] or "",
    )


def ids(review: Review, behind: Behind) -> list[int]:
    """The ids of the reports. Nothing that is blind to anybody: agreement knows open reports alone."""
    answered = first_answers(review, review.rules(behind.stage))
    phase = [each for each in answered if each.people == behind.people]
    said = _said(review, behind) if behind.criterion else None
    return [each.report for each in behind.of(phase, said)]


def _said(review: Review, behind: Behind) -> dict[int, str]:
    """{decision id: answer} to the criterion that is meant, in whatever row it had these words."""
    asked = review.criteria.filter(pk=behind.criterion or 0).first()
    if asked is None:
        return {}
    found = CriterionAnswer.objects.filter(
        criterion__review=review,
        criterion__kind=asked.kind,
        criterion__text=asked.text,
        decision__stage=behind.stage,
        decision__final=False,
    )
    return dict(found.values_list("decision", "says"))
