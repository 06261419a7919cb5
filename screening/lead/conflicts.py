"""Conflicts as people see them: which reports, what was said, and what kind of conflict it is."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from citations.models import Report
from reviews.models import Membership, Stage

from .. import flow, interests
from ..models import Decision, Reason
from ..querysets import DecisionQuerySet

STAGE_OF: dict[str, Stage] = {place: stage for stage, place in flow.CONFLICT_PLACE.items()}


def waiting(member: Membership, stage: Stage, kind: str = "") -> QuerySet[Report]:
    """Reports in conflict at `stage`, oldest first; `is_own` where `member` is one of the voters.

    `kind`: only those of one class (a key of KINDS). None in which `member` declared an interest.
    """
    own = Decision.objects.current().independent().at_stage(stage).filter(by_id=member.user_id)
    return (
        Report.objects.filter(review_id=member.review_id, place=flow.CONFLICT_PLACE[stage])
        .annotate(is_own=Exists(own.filter(report=OuterRef("pk"))))
        .filter(*_of_kind(stage, kind))
        .exclude(pk__in=interests.kept_from(member.user_id))
        .order_by("pk")
    )


def _of_kind(stage: Stage, kind: str) -> list[Q]:
    """The same rule as `kind_of`, for the database."""
    votes = Decision.objects.current().independent().at_stage(stage).filter(report=OuterRef("pk"))
    out = Exists(votes.filter(verdict=Decision.Verdict.EXCLUDE))
    others = Exists(votes.exclude(verdict=Decision.Verdict.EXCLUDE))
    aside = Exists(votes.filter(verdict__in=list(flow.ASIDE_PLACE)))
    rules: dict[str, list[Q]] = {
        "reasons": [Q(out), ~Q(others)],
        "outcomes": [Q(aside)],
        "verdicts": [Q(out), Q(others), ~Q(aside)],
        "unsure": [~Q(out), ~Q(aside)],
    }
    return rules.get(kind, [])


def proposed_reason(said: list[Decision], in_use: list[Reason]) -> Reason | None:
    """Of the reasons that people gave, the first in the declared order that can be chosen."""
    given = {(each.reason.counts_as_id or each.reason_id) for each in said if each.reason}
    return next((reason for reason in in_use if reason.pk in given), None)


def settled(member: Membership) -> DecisionQuerySet:
    """The final words that stand, newest first."""
    return (
        Decision.objects.visible_to(member)
        .current()
        .of_conflicts()
        .filter(stage__in=list(flow.CONFLICT_PLACE), report__merged_into=None)
        .select_related("report", "by", "reason")
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Kind:
    """What people disagree about, in the words of the page."""

    key: str
    label: str


VERDICTS = Kind("verdicts", "Include against exclude")
REASONS = Kind("reasons", "Exclude for different reasons")
UNSURE = Kind("unsure", "Maybe")
_WORDS = {
    Decision.Verdict.INCLUDE: "include",
    Decision.Verdict.EXCLUDE: "exclude",
    Decision.Verdict.AWAITING: "awaiting classification",
    Decision.Verdict.ONGOING: "ongoing study",
}


def kind_of(decisions: list[Decision]) -> Kind:
    """The class of a conflict, from the decisions that stand."""
    said = {decision.verdict for decision in decisions}
    if said == {Decision.Verdict.EXCLUDE}:
        return REASONS
    if said & set(flow.ASIDE_PLACE):
        words = " against ".join(_WORDS[each] for each in _WORDS if each in said)
        return Kind("outcomes", words[:1].upper() + words[1:])
    if Decision.Verdict.EXCLUDE in said and Decision.Verdict.INCLUDE in said:
        return VERDICTS
    if Decision.Verdict.EXCLUDE in said:
        return Kind("verdicts", "Maybe against exclude")
    return UNSURE


# What the list can be narrowed to: {key of a class: its words}.
KINDS = {
    "verdicts": "Include or maybe against exclude",
    "reasons": REASONS.label,
    "outcomes": "Different outcomes",
    "unsure": UNSURE.label,
}


def said_about(
    member: Membership, reports: list[Report], stage: Stage
) -> dict[int, list[Decision]]:
    """{report id: the reviewers' own standing decisions that `member` may see}. 1 query."""
    rows = (
        Decision.objects.visible_to(member)
        .current()
        .independent()
        .at_stage(stage)
        .filter(report__in=reports)
        .select_related("by", "reason")
        .prefetch_related("others")
        .order_by("pk")
    )
    found: dict[int, list[Decision]] = {report.pk: [] for report in reports}
    for row in rows:
        found[row.report_id].append(row)
    return found
