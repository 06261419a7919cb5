"""Each criterion as a question beside a decision: what is asked, what was said, where people differ.

The lead switches it on for a stage. The answers explain a decision and make none: nobody has to
answer, and whatever they say, the verdict is the person's own. A criterion is known again by its kind
and its words, since an edit of the list makes new rows of all of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from reviews.actions import criteria_in_force
from reviews.models import Criterion, Review, StageRules
from reviews.refusal import Refused

from ..models import CriterionAnswer, Decision

Says = CriterionAnswer.Says
# Along with decisions that their reader may see: 1 query.
WITH_ANSWERS = Prefetch("answers", CriterionAnswer.objects.select_related("criterion"))


@dataclass(frozen=True)
class Asked:
    """A criterion as a question: yes to "include when" speaks for it, to "exclude when" against."""

    kind: str
    text: str

    @property
    def kind_label(self) -> str:
        return Criterion.Kind(self.kind).label


def asked(rules: StageRules) -> list[Criterion]:
    """The questions of a stage, inclusion first; none where it does not ask. 1 query."""
    if not rules.ask_criteria:
        return []
    found = criteria_in_force(rules.review)
    return sorted(found, key=lambda each: each.kind != Criterion.Kind.INCLUSION)


def read(sent: Any) -> dict[int, str]:
    """{criterion id: yes, no or unclear} from {"12": "yes"}, as it comes from outside.

    Refused with a sentence when it is of another shape.
    """
    if not isinstance(sent, Mapping) or len(sent) > 500:
        raise Refused("The answers to the criteria are an object: {criterion id: answer}.")
    found = {}
    for number, says in sent.items():
        text = str(number)
        if not (text.isdecimal() and text.isascii() and len(text) < 19):
            raise Refused(f"“{text[:40]}” is no criterion.")
        if says not in Says.values:
            raise Refused("Each criterion is answered by yes, no or unclear.")
        found[int(text)] = str(says)
    return found


def check(review: Review, answers: Mapping[int, str]) -> None:
    """Refused for a criterion that this review never had, or another answer than the three. 1 query."""
    if not set(answers.values()) <= set(Says.values):
        raise Refused("Each criterion is answered by yes, no or unclear.")
    if review.criteria.filter(pk__in=list(answers)).count() != len(answers):
        raise Refused("There is no such criterion in this review.")


def keep(decision: Decision, answers: Mapping[int, str]) -> None:
    """Store what was said along with `decision`, in the transaction that made it."""
    CriterionAnswer.objects.bulk_create(
        CriterionAnswer(decision=decision, criterion_id=pk, says=says)
        for pk, says in sorted(answers.items())
    )


def given_with(decision: Decision) -> dict[int, str]:
    """{criterion id: answer} of a decision."""
    return {each.criterion_id: each.says for each in decision.answers.all()}


def given_with_each(decisions: Iterable[Decision]) -> dict[int, dict[int, str]]:
    """{decision id: {criterion id: answer}} of those that have any. 1 query."""
    found: dict[int, dict[int, str]] = {}
    for each in CriterionAnswer.objects.filter(decision__in=list(decisions)):
        found.setdefault(each.decision_id, {})[each.criterion_id] = each.says
    return found


def carried(decision: Decision) -> dict[int, str]:
    """What was said with `decision` of those criteria that stand in the same words today. 2 queries.

    {criterion id in force: answer}, for a decision that is kept under a new version of the criteria.
    """
    said = criterion_answers([decision.pk]).get(decision.pk)
    if not said:
        return {}
    now = criteria_in_force(decision.report.review)
    return {each.pk: said[key] for each in now if (key := Asked(each.kind, each.text)) in said}


def criterion_answers(
    decisions: Collection[int] | QuerySet[Any, Any],
) -> dict[int, dict[Asked, str]]:
    """{decision id: {criterion: yes, no or unclear}} of those that have any. 1 query.

    `decisions`: ids, a page of them at the most, or a query of ids.

    Whoever calls it has to be allowed to see the decisions: it asks nobody.
    """
    rows = CriterionAnswer.objects.filter(decision__in=decisions).values_list(
        "decision_id", "criterion__kind", "criterion__text", "says"
    )
    found: dict[int, dict[Asked, str]] = {}
    for decision, kind, text, says in rows:
        found.setdefault(decision, {})[Asked(kind, text)] = says
    return found


@dataclass(frozen=True)
class Line:
    """One criterion and what each of several people said of it; "" for who did not answer."""

    asked: Asked
    said: list[str]

    @property
    def differs(self) -> bool:
        return len({each for each in self.said if each}) > 1


def lines(said: Iterable[Mapping[Asked, str]]) -> list[Line]:
    """Every criterion that somebody answered, those on which they differ first."""
    people = list(said)
    criteria = dict.fromkeys(each for one in people for each in one)
    found = [Line(each, [one.get(each, "") for one in people]) for each in criteria]
    return sorted(found, key=lambda line: not line.differs)


def differing(said: Iterable[Mapping[Asked, str]]) -> list[Asked]:
    """The criteria to which people gave different answers."""
    return [line.asked for line in lines(said) if line.differs]
