"""The lead's board: who has done and has left what, how fast, and when it ends.

Blinding: every number here is a number of answers or of reports that still take one. None says how
somebody decided, so a lead who screens as well may look at all of it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from reviews.access import abilities
from reviews.models import SCREENING_STAGES, Membership, Review, Stage

from .. import flow, interests
from ..models import Decision, Pilot
from ..sharing import dividing
from ..sharing.setting import Waiting, waiting_for
from .pace import days_until

PACE_DAYS = 7  # the pace is that of the last seven days, quiet ones included
FORESEEN_DAYS = 3650  # a forecast beyond ten years is none


@dataclass(frozen=True)
class Line:
    """One person at one stage, in reports."""

    member: Membership
    screens: bool
    done: int
    left: int  # that still take an answer from this person
    half: int  # those of them on which somebody else has decided already
    kept: int  # open reports that an interest keeps from this person
    last: datetime | None
    pace: float  # reports a day
    ends: date | None = None

    @property
    def total(self) -> int:
        return self.done + self.left


@dataclass(frozen=True)
class Board:
    """One stage: where its reports stand, and everybody's part in it."""

    stage: Stage
    pilot: Pilot | None  # the round that is open
    is_shared: bool  # the lead has shared the reports out
    untouched: int
    half: int
    conflicts: int
    decided: int  # reports that have passed the stage or were excluded at it
    seats: int  # answers that each report takes
    missing: int  # answers that are still to be given
    pace: float  # answers a day, of all who screen
    ends: date | None
    lines: list[Line]

    @property
    def total(self) -> int:
        """Every report that is or was at this stage."""
        return self.untouched + self.half + self.conflicts + self.decided

    @property
    def places(self) -> dict[str, str]:
        """{"untouched": "abstract-open", …}: the lists that the numbers open."""
        return {
            "untouched": flow.UNTOUCHED_PLACE[self.stage],
            "half": flow.HALF_PLACE[self.stage],
            "conflict": flow.CONFLICT_PLACE[self.stage],
        }


def _when(days: float | None) -> date | None:
    if days is None or days > FORESEEN_DAYS:
        return None
    return timezone.localdate() + timedelta(days=ceil(days))


@dataclass(frozen=True)
class _Work:
    """What one person has done at one stage."""

    done: int = 0
    half: int = 0  # decided, and the report waits for somebody else
    recent: int = 0  # reports decided on within PACE_DAYS
    last: datetime | None = None


def _work(review: Review) -> dict[tuple[int, str], _Work]:
    """{(user, stage): what they did}. 1 query."""
    standing = Q(superseded_at=None)
    half = Q()
    for stage, place in flow.HALF_PLACE.items():
        half |= Q(stage=stage, report__place=place)
    since = timezone.now() - timedelta(days=PACE_DAYS)
    rows = (
        Decision.objects.independent()
        .filter(report__review=review, stage__in=SCREENING_STAGES)
        .order_by()
        .values_list("by", "stage")
        .annotate(
            done=Count("pk", filter=standing),
            half=Count("pk", filter=standing & half),
            recent=Count("report", filter=Q(at__gte=since, withdrawn=False), distinct=True),
            last=Max("at"),
        )
    )
    return {(by, stage): _Work(*numbers) for by, stage, *numbers in rows}


def _kept(review: Review) -> Counter[tuple[int, str]]:
    """{(user, place): open reports that an interest keeps from them and they have not decided}. 1
    query."""
    mine = Decision.objects.current().independent()
    mine = mine.filter(report=OuterRef("report"), by=OuterRef("user"))
    still = Q()
    for stage, places in flow.OPEN_PLACES.items():
        still |= Q(report__place__in=places) & ~Q(Exists(mine.filter(stage=stage)))
    rows = interests.standing().filter(still, report__review=review)
    return Counter(rows.order_by().values_list("user", "report__place"))


def boards(review: Review) -> list[Board]:
    """Title and abstract, and full text. 8 queries, however many people and reports; 5 more for a
    stage that is shared out."""
    work, kept = _work(review), _kept(review)
    people = list(review.memberships.select_related("user").order_by("left_at", "pk"))
    rules = {each.stage: each for each in review.stage_rules.all()}
    rows = review.reports.order_by().values_list("place").annotate(n=Count("pk"))
    places: dict[str, int] = dict(rows)
    pilots = {each.stage: each for each in review.pilots.filter(closed_at=None)}
    found = []
    for stage in SCREENING_STAGES:
        pilot, division = pilots.get(stage), dividing.division(rules[stage])
        shared = waiting_for(review, stage, division) if division else None
        seats = rules[stage].screeners
        found.append(_board(stage, people, work, kept, places, seats, pilot, shared))
    return found


def _board(
    stage: Stage,
    people: Iterable[Membership],
    work: dict[tuple[int, str], _Work],
    kept: Counter[tuple[int, str]],
    places: dict[str, int],
    seats: int,
    pilot: Pilot | None,
    shared: Waiting | None,
) -> Board:
    untouched, half = (
        places.get(flow.UNTOUCHED_PLACE[stage], 0),
        places.get(flow.HALF_PLACE[stage], 0),
    )
    conflicts = places.get(flow.CONFLICT_PLACE[stage], 0)
    everything = flow.SCREENED if stage == Stage.ABSTRACT else flow.ASSESSED
    total = sum(places.get(place, 0) for place in everything)
    # A half-decided report takes as many answers as it has not got yet.
    got = sum(each.half for (_, at), each in work.items() if at == stage)
    missing = seats * (untouched + half) - got
    lines = []
    for member in people:
        did = work.get((member.user_id, stage))
        screens = "screen" in abilities(member)
        if did is None and not screens:
            continue
        did = did or _Work()
        barred = kept[member.user_id, flow.HALF_PLACE[stage]] if screens else 0
        barred_untouched = kept[member.user_id, flow.UNTOUCHED_PLACE[stage]] if screens else 0
        open_half = half - did.half - barred if screens else 0
        left = untouched - barred_untouched + open_half if screens else 0
        if shared and screens:
            open_half = shared.half_by_person.get(member.user_id, 0)
            left = shared.by_person.get(member.user_id, 0)
        lines.append(
            Line(
                member=member,
                screens=screens,
                done=did.done,
                left=left,
                half=open_half,
                kept=barred + barred_untouched,
                last=did.last,
                pace=did.recent / PACE_DAYS,
            )
        )
    at_work = [(line.pace, line.left) for line in lines if line.screens]
    days = days_until(missing, at_work)
    return Board(
        stage=stage,
        pilot=pilot,
        is_shared=shared is not None,
        untouched=untouched,
        half=half,
        conflicts=conflicts,
        decided=total - untouched - half - conflicts,
        seats=seats,
        missing=missing,
        pace=sum(pace for pace, _ in at_work),
        ends=_when(days),
        lines=[_with_end(line, days) for line in lines],
    )


def _with_end(line: Line, days: float | None) -> Line:
    """`line` with the day on which nothing is left for its person: never after the stage's own."""
    if not line.left or not line.pace:
        return line
    own = line.left / line.pace
    ends = _when(own if days is None else min(own, days))
    return Line(**{**vars(line), "ends": ends})
