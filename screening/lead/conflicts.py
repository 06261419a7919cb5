"""Conflicts as people see them: which reports, what was said, and what kind of conflict it is."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from citations.models import Report
from reviews.models import Membership, Stage

from .. import flow
from ..models import Decision
from ..querysets import DecisionQuerySet

STAGE_OF: dict[str, Stage] = {place: stage for stage, place in flow.CONFLICT_PLACE.items()}


def waiting(member: Membership, stage: Stage) -> QuerySet[Report]:
    """Reports in conflict at `stage`, oldest first; `is_own` where `member` is one of the voters."""
    own = Decision.objects.current().independent().at_stage(stage).filter(by_id=member.user_id)
    return (
        Report.objects.filter(review_id=member.review_id, place=flow.CONFLICT_PLACE[stage])
        .annotate(is_own=Exists(own.filter(report=OuterRef("pk"))))
        .order_by("pk")
    )


def settled(member: Membership) -> DecisionQuerySet:
    """The final words that stand, newest first."""
    return (
        Decision.objects.visible_to(member)
        .current()
        .filter(final=True, stage__in=list(flow.CONFLICT_PLACE), report__merged_into=None)
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
        .order_by("pk")
    )
    found: dict[int, list[Decision]] = {report.pk: [] for report in reports}
    for row in rows:
        found[row.report_id].append(row)
    return found
