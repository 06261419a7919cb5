"""Labels: words that people put on reports for later ("animal study", "ask the author").

The list belongs to the review, and anybody who screens may add to it. Who put which label on which
report is blind as decisions are: others see it when they may see the decisions of that stage
(`visible_to` in screening/querysets.py, the only way in which it reaches a page, the API or a file).
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from citations.models import Report
from reviews import audit
from reviews.models import SCREENING_STAGES, Membership, Review, User
from reviews.refusal import Clash, Refused
from reviews.written import prepared

from .. import flow
from ..actions import locked
from ..models import Label, Labelling
from ..querysets import is_blind

LONGEST = 60  # letters
MOST = 200  # labels in one review


def in_use(review: Review) -> list[Label]:
    """The review's labels by name. 1 query."""
    return list(review.labels.order_by("name", "pk"))


def _named(review: Review, name: str, *, by: User) -> Label:
    """The label of that name, whatever its capitals; made when there is none."""
    name = " ".join(name.split())
    if not name:
        raise Refused("A label needs a name.")
    if len(name) > LONGEST:
        raise Refused(f"A label has at most {LONGEST} letters.")
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    labels = in_use(review)
    for label in labels:
        if label.name.casefold() == name.casefold():
            return label
    if len(labels) >= MOST:
        raise Refused(f"There are {MOST} labels already; use one of them.")
    made = Label.objects.create(review=review, name=name)
    audit.record(review, "added a label", by=by, target=made.name)
    return made


@transaction.atomic
def put(report: Report, stage: str, name: str, *, by: User, on: bool | None = None) -> Labelling:
    """Put the label `name` on `report`, or take `by`'s own off it; `on` None does what is not.

    Returns the labelling; one that was taken off has no pk. Clash when the report has gone.
    """
    if stage not in SCREENING_STAGES:
        raise Refused("Labels are given on title and abstract, and on full text.")
    label = _named(report.review, name, by=by)
    report = locked(report)
    if report.merged_into_id:
        raise Clash("This report has been merged into another one; label that.")
    if report.place in flow.NOWHERE:
        raise Clash("The import that brought this report has been undone.")
    mine = Labelling.objects.filter(report=report, label=label, by=by).first()
    wanted = mine is None if on is None else on
    if wanted:
        return mine or Labelling.objects.create(report=report, label=label, stage=stage, by=by)
    if mine is None:
        return Labelling(report=report, label=label, stage=stage, by=by)
    mine.delete()
    return mine


def of(reports: Iterable[Report], member: Membership) -> dict[int, dict[str, list[str]]]:
    """{report id: {"mine": [names], "theirs": [names]}}, no more than `member` may see. 1 query."""
    found: dict[int, dict[str, list[str]]] = {
        each.pk: {"mine": [], "theirs": []} for each in reports
    }
    if not found:
        return found
    rows = _given(tuple(found), member.review_id, member.user_id, blind=is_blind(member))
    for report, by, name in rows:
        names = found[report]["mine" if by == member.user_id else "theirs"]
        if name not in names:
            names.append(name)
    return found


@prepared
def _given(reports: tuple[int, ...], review: int, user: int, *, blind: bool) -> Any:
    """(report, person, name) of the labels on `reports` that the person may see."""
    seen = Labelling.objects.seen_by(user, review, blind=blind).filter(report__in=reports)
    return seen.order_by("label__name", "pk").values_list("report", "by", "label__name")


def names_on(reports: Iterable[int], member: Membership) -> dict[int, list[str]]:
    """{report id: names of the labels that `member` may see on it, each once}. 1 query."""
    found: dict[int, list[str]] = {}
    rows = Labelling.objects.visible_to(member).filter(report__in=list(reports))
    for report, name in rows.order_by("label__name").values_list("report", "label__name"):
        names = found.setdefault(report, [])
        if name not in names:
            names.append(name)
    return found


def described(labelling: Labelling) -> dict[str, Any]:
    """A label on a report as who gave it gets it back."""
    return {
        "report": labelling.report_id,
        "stage": labelling.stage,
        "label": labelling.label.name,
        "on": labelling.pk is not None,
    }
