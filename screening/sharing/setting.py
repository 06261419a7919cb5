"""The lead shares the reports of a stage out: who would get how many, setting it, undoing it."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from citations.models import Search
from reviews import audit
from reviews.models import Review, Stage, StageRules, User
from reviews.refusal import Clash, Refused

from .. import flow
from ..actions import STAGE_NAMES
from ..models import Decision, Share, Sharing
from .dividing import Division, divided, in_force, who_screens

SEEDS = 2**31


@dataclass(frozen=True)
class Asked:
    """One person's part as the lead has put it; a quota of None takes of what is left."""

    user: User
    quota: int | None = None
    group: str = ""
    source: Search | None = None
    year_from: int | None = None
    year_to: int | None = None


@dataclass(frozen=True)
class Line:
    user: User
    group: str
    reports: int  # that wait for an answer of this person's


@dataclass(frozen=True)
class Spread:
    """Who is asked for how many of the reports that wait now."""

    lines: list[Line]
    for_all: int  # reports in lots that are open to everybody
    without: list[User]  # who screens and has no part

    @property
    def uneven(self) -> int:
        """Between who has the most and who has the least."""
        each = [line.reports for line in self.lines]
        return max(each, default=0) - min(each, default=0)


def missing(review: Review, rules: StageRules) -> int:
    """Answers that the reports of the stage still take. 2 queries."""
    stage = Stage(rules.stage)
    waiting = review.reports.filter(place__in=flow.OPEN_PLACES[stage]).count()
    given = Decision.objects.current().independent().at_stage(stage)
    given = given.filter(report__review=review, report__place=flow.HALF_PLACE[stage])
    return max(0, rules.screeners * waiting - given.count())


def parts_of(review: Review, rules: StageRules, kind: str, asked: Sequence[Asked]) -> list[Share]:
    """The rows that `asked` makes, unsaved. Refused where they can't be carried out."""
    if kind not in Sharing.Kind.values:
        raise Refused("Choose how the reports are shared out.")
    if kind == Sharing.Kind.ALL:
        return []
    here = who_screens(review.pk)
    if strangers := [str(each.user) for each in asked if each.user.pk not in here]:
        raise Refused(f"{strangers[0]} does not screen in this review (any more).")
    if not asked:
        raise Refused("Choose at least one person.")
    if kind in (Sharing.Kind.PAIRS, Sharing.Kind.EXPERT_NOVICE) and rules.screeners < 2:
        raise Refused("Each report takes one answer at this stage, so nobody is paired.")
    groups = {each.group for each in asked}
    if kind == Sharing.Kind.EXPERT_NOVICE and not {"expert", "novice"} <= groups:
        raise Refused("Name at least one expert and one novice.")
    if kind == Sharing.Kind.SOURCE:
        return [Share(user=each.user, source=each.source) for each in asked if each.source]
    if kind == Sharing.Kind.YEAR:
        return _of_years(asked)
    if kind == Sharing.Kind.QUOTA:
        return _quotas(missing(review, rules), asked)
    of_pairs = kind == Sharing.Kind.EXPERT_NOVICE
    return [Share(user=each.user, group=each.group if of_pairs else "") for each in asked]


def _of_years(asked: Sequence[Asked]) -> list[Share]:
    for each in asked:
        first, last = each.year_from, each.year_to
        if first is None and last is None:
            raise Refused(f"From or to which year does {each.user} screen?")
        if first is not None and last is not None and first > last:
            raise Refused(f"{each.user}: {first} is after {last}.")
    return [Share(user=each.user, year_from=each.year_from, year_to=each.year_to) for each in asked]


def _quotas(needed: int, asked: Sequence[Asked]) -> list[Share]:
    given = sum(each.quota for each in asked if each.quota is not None)
    unlimited = [each for each in asked if each.quota is None]
    if not given and not unlimited:
        raise Refused("All quotas are 0.")
    if not unlimited and given < needed:
        raise Refused(
            f"The quotas come to {given} answers and {needed} are missing. Raise them, or leave one "
            "empty: that person takes what is left."
        )
    rest = max(0, needed - given)
    equal = -(-rest // len(unlimited)) if unlimited else 0
    if not given:
        equal = max(1, equal)  # nothing waits yet: equal parts of what comes
    return [
        Share(user=each.user, weight=equal if each.quota is None else each.quota) for each in asked
    ]


def spread(review: Review, rules: StageRules, kind: str, seed: int, parts: list[Share]) -> Spread:
    """Who is asked for how much if the stage were shared out like that. 6 queries."""
    stage = Stage(rules.stage)
    present = who_screens(review.pk)
    users = User.objects.in_bulk({*present, *(part.user_id for part in parts)})
    if kind == Sharing.Kind.ALL:
        return Spread([], review.reports.filter(place__in=flow.OPEN_PLACES[stage]).count(), [])
    division = divided(kind, seed, parts, rules, present)
    count = waiting_for(review, stage, division)
    group = {part.user_id: part.get_group_display() if part.group else part.years for part in parts}
    with_lots = {user for team in division.teams.values() for user in team}
    return Spread(
        lines=[
            Line(users[pk], group.get(pk, ""), count.by_person.get(pk, 0))
            for pk in sorted(with_lots, key=lambda pk: str(users[pk]).casefold())
        ],
        for_all=count.for_all,
        without=[users[pk] for pk in sorted(present - with_lots)],
    )


@dataclass(frozen=True)
class Waiting:
    """Reports that wait at a stage, by the people whose lots they are in."""

    by_person: dict[int, int]
    half_by_person: dict[int, int]
    for_all: int


def waiting_for(review: Review, stage: Stage, division: Division) -> Waiting:
    """How many reports wait for each person, without those that he has decided on. 3 queries."""
    half = review.reports.filter(place=flow.HALF_PLACE[stage])
    untouched = division.sizes(review.reports.filter(place=flow.UNTOUCHED_PLACE[stage]))
    begun = division.sizes(half)
    lots = {user: division.of(user) for user in division.present}
    own: Counter[int] = Counter()
    for (by, lot), n in division.decided(half, stage).items():
        if lot in lots.get(by, ()):
            own[by] += n
    waiting: dict[int, int] = {}
    waiting_half: dict[int, int] = {}
    for user, mine in lots.items():
        waiting_half[user] = sum(begun.get(lot, 0) for lot in mine) - own[user]
        waiting[user] = sum(untouched.get(lot, 0) for lot in mine) + waiting_half[user]
    open_ = division.open_lots()
    for_all = sum(sizes.get(lot, 0) for sizes in (untouched, begun) for lot in open_)
    return Waiting(waiting, waiting_half, for_all)


@transaction.atomic
def share_out(
    review: Review, stage: str, *, by: User, kind: str, asked: Sequence[Asked], seed: int | None
) -> Sharing:
    """Share the reports of `stage` out. Decisions and what lies before people stay as they are.

    `seed`: of the draw, 0 to 2³¹ - 1; None: a new one.
    """
    rules = StageRules.objects.select_for_update().get(review=review, stage=Stage(stage))
    parts = parts_of(review, rules, kind, asked)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    if not 0 <= seed < SEEDS:
        raise Refused(f"A seed is a number from 0 to {SEEDS - 1}.")
    before = in_force(review.pk, stage)
    newest = review.sharings.filter(stage=stage).aggregate(n=Max("number"))["n"] or 0
    sharing = Sharing.objects.create(
        review=review, stage=stage, number=newest + 1, kind=kind, seed=seed, by=by
    )
    for part in parts:
        part.sharing = sharing
    Share.objects.bulk_create(parts)
    audit.record(
        review,
        "shared the reports out",
        by=by,
        target=STAGE_NAMES[Stage(stage)],
        before={"how": str(before)} if before else None,
        after={"how": str(sharing), "seed": seed, "parts": _in_words(parts)},
    )
    return sharing


@transaction.atomic
def undo(review: Review, stage: str, *, by: User) -> Sharing:
    """Take the newest setting back: what was in force before it is again."""
    StageRules.objects.select_for_update().get(review=review, stage=Stage(stage))
    standing = review.sharings.filter(stage=stage, undone_at=None)
    sharing = standing.order_by("-number").first()
    if sharing is None:
        raise Clash("There is nothing (any more) to undo.")
    sharing.undone_at, sharing.undone_by = timezone.now(), by
    sharing.save(update_fields=["undone_at", "undone_by"])
    now = in_force(review.pk, stage)
    audit.record(
        review,
        "undid a sharing of reports",
        by=by,
        target=STAGE_NAMES[Stage(stage)],
        before={"how": str(sharing)},
        after={"how": str(now) if now else Sharing.Kind.ALL.label},
    )
    return sharing


def _in_words(parts: Iterable[Share]) -> list[str]:
    said = []
    for part in parts:
        more = part.get_group_display() if part.group else part.years
        more = f"source {part.source}" if part.source else more
        more = f"{part.weight} answers" if part.weight != 1 else more
        said.append(f"{part.user}: {more}" if more else str(part.user))
    return said
