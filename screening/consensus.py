"""Consensus: those who decided on a report settle its conflict themselves, where the stage says so.

They write to each other and each proposes how it ends; when all of them propose the same, that is
the final word. Their first decisions stay as they are, and agreement is counted on those alone.
Nobody else takes part or reads along but the lead, who can end one that is stuck by a final word.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from citations.models import Report
from reviews import audit
from reviews.access import abilities
from reviews.actions import criteria_version
from reviews.models import Membership, Stage, StageRules, User
from reviews.refusal import Clash, Refused

from . import actions, flow, interests
from .models import Decision, Proposal, Reason, Remark

LONGEST = 5000  # letters of a remark


def stages_of(member: Membership) -> list[Stage]:
    """The stages that are settled by consensus. 1 query."""
    rules = member.review.stage_rules.filter(settled_by=StageRules.SettledBy.CONSENSUS)
    return [Stage(stage) for stage in rules.values_list("stage", flat=True)]


def of(member: Membership, stages: list[Stage] | None = None) -> QuerySet[Report]:
    """The reports in conflict whose consensus `member` is part of, by `stages` (None: looked up)."""
    stages = stages_of(member) if stages is None else stages
    mine = Decision.objects.current().independent().filter(by_id=member.user_id)
    found = Report.objects.none()
    for stage in stages:
        here = Report.objects.filter(
            Exists(mine.at_stage(stage).filter(report=OuterRef("pk"))),
            review_id=member.review_id,
            place=flow.CONFLICT_PLACE[stage],
        )
        found = found | here
    return found.exclude(pk__in=interests.kept_from(member.user_id)).order_by("pk")


def concerns(member: Membership, report: Report, stage: Stage) -> bool:
    """Whether `member` decided on it, or leads, and is not bound to it: nobody else reads what is
    said, nor does who declared an interest after having said something. 2 queries."""
    if interests.kept_from(member.user_id).filter(report=report).exists():
        return False
    if "manage" in abilities(member):
        return True
    mine = Decision.objects.current().independent().on(report).at_stage(stage)
    return mine.filter(by_id=member.user_id).exists()


def conflict_of(member: Membership, report: Report) -> Stage | None:
    """The stage at which `report` is in a conflict whose thread `member` may read. 1 to 4 queries."""
    stage = next((at for at, place in flow.CONFLICT_PLACE.items() if place == report.place), None)
    if stage is None or not concerns(member, report, stage):
        return None
    settled_by = member.review.rules(stage).settled_by
    return stage if settled_by == StageRules.SettledBy.CONSENSUS else None


@dataclass(frozen=True)
class Standing:
    """Where a consensus stands: who is part of it, and who would end it how."""

    decisions: list[Decision]
    proposals: dict[int, Proposal]  # {user: the one that stands}

    @property
    def parties(self) -> list[int]:
        return [each.by_id for each in self.decisions]

    @property
    def agreed(self) -> Proposal | None:
        """A proposal that everybody has made."""
        said = {(each.verdict, each.reason_id) for each in self.proposals.values()}
        everybody = set(self.parties) <= set(self.proposals)
        return next(iter(self.proposals.values())) if everybody and len(said) == 1 else None


def standing(report: Report, stage: str) -> Standing:
    """2 queries. A proposal from before one of them changed their decision stands for nothing."""
    decisions = list(
        Decision.objects.current()
        .independent()
        .on(report)
        .at_stage(stage)
        .select_related("by", "reason")
        .order_by("pk")
    )
    since = max((each.at for each in decisions), default=timezone.now())
    made = Proposal.objects.filter(
        report=report,
        stage=stage,
        superseded_at=None,
        at__gte=since,
        by__in=[each.by_id for each in decisions],
    )
    found = {each.by_id: each for each in made.select_related("by", "reason")}
    return Standing(decisions, found)


def _open(report: Report, stage: str, by: User) -> Standing:
    """The standing of a conflict that `by` may take part in; refused in words where not."""
    if stage not in flow.CONFLICT_PLACE:
        raise Refused("Conflicts arise on title and abstract, and on full text.")
    if report.review.rules(Stage(stage)).settled_by != StageRules.SettledBy.CONSENSUS:
        raise Refused("At this stage an adjudicator settles conflicts.")
    if report.place != flow.CONFLICT_PLACE[Stage(stage)]:
        raise Clash("There is no conflict on this report (any more).")
    found = standing(report, stage)
    if by.pk not in found.parties:
        raise Refused("Only those who decided on this report find a consensus on it.")
    member = report.review.memberships.filter(user=by, left_at=None).first()
    if "screen" not in abilities(member):
        raise Refused("You do not screen in this review any more.")
    interests.check_none(report, by)
    return found


@transaction.atomic
def remark(report: Report, stage: str, text: str, *, by: User) -> Remark:
    """Say something to the others who decided."""
    report = actions.locked(report)
    _open(report, stage, by)
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused("Write something first.")
    if len(text) > LONGEST:
        raise Refused(f"A remark has {LONGEST} letters at the most.")
    return Remark.objects.create(report=report, stage=stage, text=text, by=by)


@transaction.atomic
def propose(
    report: Report, stage: str, verdict: str, *, by: User, reason: Reason | None = None
) -> Decision | None:
    """Propose how it ends; the final word, when with this all propose the same. Else None.

    An earlier proposal of `by` is superseded. To confirm what another proposes is to propose it too.
    """
    report = actions.locked(report)
    _open(report, stage, by)
    actions.check_final(report, stage, verdict, reason)
    mine = Proposal.objects.filter(report=report, stage=stage, by=by, superseded_at=None)
    now = timezone.now()
    mine.update(superseded_at=now)
    Proposal.objects.create(
        report=report, stage=stage, verdict=verdict, reason=reason, by=by, at=now
    )
    found = standing(report, stage)
    if found.agreed is None:
        return None
    word = Decision.objects.create(
        report=report,
        stage=stage,
        verdict=verdict,
        reason=reason,
        by=by,
        at=now,
        final=True,
        consensus=True,
        criteria_version=criteria_version(report.review),
    )
    ids = [each.pk for each in found.proposals.values()]
    Proposal.objects.filter(pk__in=ids).update(superseded_at=now, word=word)
    actions.moved(report.review, [report.pk])
    who = sorted(each.by.username for each in found.decisions)
    after = {"verdict": verdict, "reason": str(reason or ""), "by": who}
    audit.record(report.review, "found a consensus", by=by, target=report, after=after)
    actions.tell(report, stage)
    return word


@transaction.atomic
def take_proposal_back(report: Report, stage: str, *, by: User) -> None:
    """Propose nothing any more."""
    report = actions.locked(report)
    _open(report, stage, by)
    mine = Proposal.objects.filter(report=report, stage=stage, by=by, superseded_at=None)
    mine.update(superseded_at=timezone.now())


def own_proposals(member: Membership, reports: list[int]) -> QuerySet[Proposal]:
    """What `member` proposes on `reports`. 1 query."""
    mine = Proposal.objects.filter(by=member.user_id, superseded_at=None, report__in=reports)
    return mine.select_related("reason")


def may_reopen(word: Decision, member: Membership) -> bool:
    """Whether `member` may take a consensus back: one of those who found it, or who adjudicates."""
    if "adjudicate" in abilities(member):
        return True
    return word.consensus and word.proposals.filter(by_id=member.user_id).exists()


def reopen(word: Decision, *, member: Membership, reason: str) -> Report:
    """Take a consensus back; the conflict stands again, and nobody has proposed anything."""
    if not may_reopen(word, member):
        raise Refused("Only those who found this consensus take it back.")
    return actions.reopen(word.report, word.stage, by=member.user, reason=reason)


def found_by(member: Membership) -> QuerySet[Decision]:
    """The consensus that `member` was part of and that stand, newest first."""
    found: QuerySet[Decision] = (
        Decision.objects.current()
        .filter(
            final=True,
            consensus=True,
            report__review_id=member.review_id,
            report__merged_into=None,
            proposals__by=member.user_id,
        )
        .exclude(report__in=interests.kept_from(member.user_id))
        .select_related("report", "reason")
        .order_by("-pk")
    )
    return found
