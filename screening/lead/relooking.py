"""Looking again at what was decided under an earlier text of the criteria.

The lead begins it for a stage; each reviewer is then served the reports of their own decisions that
still carry an earlier version, and keeps or changes the answer. Either writes a new decision under
the version in force, so what is left follows from the decisions alone: there is no list to keep.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from reviews import audit
from reviews.access import abilities
from reviews.actions import criteria_version
from reviews.models import (
    SCREENING_STAGES,
    AuditEvent,
    Criterion,
    Membership,
    Review,
    Stage,
    User,
)
from reviews.refusal import Clash, Refused

from .. import interests
from ..actions import STAGE_NAMES
from ..flow import ASIDE_PLACE, Place
from ..models import Decision, Relook
from ..querysets import DecisionQuerySet
from .wording import Change, compare

# Where an answer of a stage can still be changed by who gave it (actions.decide says the same); a
# final word, or a decision on the full text, ends that.
_CHANGEABLE = {
    Stage.ABSTRACT: [
        Place.ABSTRACT_HALF,
        Place.ABSTRACT_CONFLICT,
        Place.ABSTRACT_OUT,
        Place.SOUGHT,
    ],
    Stage.FULLTEXT: [
        Place.FULLTEXT_HALF,
        Place.FULLTEXT_CONFLICT,
        Place.FULLTEXT_OUT,
        *ASIDE_PLACE.values(),
        Place.INCLUDED,
    ],
}


def _standing(review: Review, stage: str) -> DecisionQuerySet:
    """Reviewers' own decisions of `review` that stand at `stage`."""
    here = Decision.objects.current().independent().at_stage(stage)
    return here.filter(report__review=review)


def changeable(review: Review, stage: str) -> DecisionQuerySet:
    """Those decisions that their makers may still change."""
    here = Decision.objects.current().filter(report=OuterRef("report"))
    found = _standing(review, stage).filter(report__place__in=_CHANGEABLE[Stage(stage)])
    found = found.filter(~Exists(here.filter(stage=stage, final=True)))
    if stage == Stage.ABSTRACT:
        found = found.filter(~Exists(here.filter(stage=Stage.FULLTEXT)))
    return found


def open_relooks(review: Review) -> dict[str, Relook]:
    """{stage: the act that is going on there}. 1 query."""
    found = Relook.objects.filter(review=review, ended_at=None).select_related("by")
    return {relook.stage: relook for relook in found}


def waiting_for(member: Membership, relook: Relook | None) -> DecisionQuerySet:
    """`member`'s own decisions that wait to be looked at again, the oldest first."""
    if relook is None or "screen" not in abilities(member):
        return Decision.objects.none()
    mine = changeable(member.review, relook.stage).filter(by_id=member.user_id)
    mine = mine.exclude(report__in=interests.kept_from(member.user_id))
    return mine.filter(criteria_version__lte=relook.version).order_by("pk")


@dataclass(frozen=True)
class Part:
    """One person's part in looking again, in decisions."""

    user: User
    left: int
    done: int
    screens: bool


def parts(relook: Relook) -> list[Part]:
    """Everybody whose decisions are concerned, in the order of their names. 4 queries."""
    review, stage = relook.review, relook.stage

    def by_person(found: QuerySet[Any]) -> dict[int, int]:
        return dict(found.order_by().values_list("by").annotate(n=Count("pk")))

    left = by_person(changeable(review, stage).filter(criteria_version__lte=relook.version))
    before = Decision.objects.filter(
        report=OuterRef("report"),
        stage=stage,
        by=OuterRef("by"),
        final=False,
        criteria_version__lte=relook.version,
        superseded_at__gte=relook.at,
    )
    again = _standing(review, stage).filter(criteria_version__gt=relook.version, at__gte=relook.at)
    done = by_person(again.filter(Exists(before)))
    members = review.memberships.select_related("user")
    screening = {each.user_id for each in members if "screen" in abilities(each)}
    people = User.objects.filter(pk__in={*left, *done}).order_by("name", "username")
    return [
        Part(user, left.get(user.pk, 0), done.get(user.pk, 0), user.pk in screening)
        for user in people
    ]


@transaction.atomic
def begin(review: Review, stage: str, *, by: User, reason: str) -> Relook:
    """Ask everybody to look again at what they decided at `stage` under earlier criteria."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if stage not in SCREENING_STAGES:
        raise Refused("Reviewers decide on title and abstract, and on full text.")
    if not reason.strip():
        raise Refused("Say why the decisions are looked at again; the reason is kept in the log.")
    earlier = criteria_version(review) - 1
    found = changeable(review, stage).filter(criteria_version__lte=earlier)
    if not found.exists():
        raise Refused("No decision under earlier criteria can still be changed at this stage.")
    try:
        with transaction.atomic():
            relook = Relook.objects.create(review=review, stage=stage, version=earlier, by=by)
    except IntegrityError:
        raise Clash("Somebody has begun that already.") from None
    audit.record(
        review,
        "asked to look again",
        by=by,
        target=f"decisions on {STAGE_NAMES[Stage(stage)]}",
        after={"criteria up to version": earlier, "decisions": found.count()},
        reason=reason.strip(),
    )
    return relook


@transaction.atomic
def end(relook: Relook, *, by: User) -> Relook:
    """Ask no longer. What was answered stands; the other decisions stay as they were."""
    relook = Relook.objects.select_for_update().get(pk=relook.pk)
    if relook.ended_at:
        return relook
    relook.ended_at, relook.ended_by = timezone.now(), by
    relook.save(update_fields=["ended_at", "ended_by"])
    target = f"decisions on {STAGE_NAMES[Stage(relook.stage)]}"
    audit.record(relook.review, "stopped asking to look again", by=by, target=target)
    return relook


# --- What changed ---------------------------------------------------------------------------


def counts(review: Review, user: User | None = None) -> dict[tuple[int, str], int]:
    """{(version, stage): reviewers' own standing decisions}, of `user` alone if given. 1 query."""
    found = Decision.objects.current().independent()
    found = found.filter(report__review=review, stage__in=SCREENING_STAGES)
    if user is not None:
        found = found.filter(by=user)
    rows = found.order_by().values_list("criteria_version", "stage").annotate(n=Count("pk"))
    return {(version, stage): n for version, stage, n in rows}


def differences(
    criteria: Iterable[Criterion], old: int, new: int
) -> list[tuple[str, list[Change]]]:
    """[("Include when", changes), …] from version `old` to `new`, out of all rows of a review."""
    rows = sorted(criteria, key=lambda each: (each.order, each.pk))

    def at(version: int, kind: str) -> list[str]:
        return [
            row.text
            for row in rows
            if row.kind == kind
            and row.since_version <= version
            and (row.until_version is None or row.until_version > version)
        ]

    kinds = sorted(Criterion.Kind.choices, key=lambda kind: kind[0] != Criterion.Kind.INCLUSION)
    return [(str(label), compare(at(old, kind), at(new, kind))) for kind, label in kinds]


# --- Where it all stands --------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """One version of the criteria, and the decisions that stand under it."""

    number: int
    event: AuditEvent | None  # of its making; None for the first
    stages: list[tuple[Stage, int, int]]  # decisions: everybody's, and the reader's own
    since: list[tuple[str, list[Change]]]  # what changed since the one before


@dataclass(frozen=True)
class AtStage:
    """What of a stage was decided under earlier versions, and who looks at it again."""

    stage: Stage
    relook: Relook | None
    parts: list[Part]
    mine: int  # decisions of the reader's that wait to be looked at again
    old: int
    changeable: int


@dataclass(frozen=True)
class Overview:
    latest: int
    versions: list[Version]  # the newest first
    stages: list[AtStage]


def overview(member: Membership) -> Overview:
    """Decisions by version of the criteria, and what is looked at again, as `member` may know it."""
    review, latest = member.review, criteria_version(member.review)
    everybody, mine = counts(review), counts(review, member.user)
    rows = list(review.criteria.all())
    events = review.events.filter(verb="changed the criteria").select_related("actor")
    made = {event.target: event for event in events}
    versions = [
        Version(
            number=number,
            event=made.get(f"criteria {number}"),
            stages=[
                (stage, everybody.get((number, stage), 0), mine.get((number, stage), 0))
                for stage in SCREENING_STAGES
            ],
            since=differences(rows, number - 1, number) if number > 1 else [],
        )
        for number in range(latest, 0, -1)
    ]
    going_on = open_relooks(review)
    stages = []
    for stage in SCREENING_STAGES:
        relook = going_on.get(stage)
        under = changeable(review, stage).filter(criteria_version__lt=latest)
        stages.append(
            AtStage(
                stage=stage,
                relook=relook,
                parts=parts(relook) if relook else [],
                mine=waiting_for(member, relook).count(),
                old=sum(n for (v, at), n in everybody.items() if at == stage and v < latest),
                changeable=under.count(),
            )
        )
    return Overview(latest, versions, stages)
