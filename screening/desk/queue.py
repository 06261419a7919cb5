"""Which report a reviewer sees next. Every query walks an index and stops after a few rows.

The order, for one member and stage:

1. Half-decided reports first, so that pairs get complete. That somebody has decided is all that
   the order follows from; how they decided never enters it.
2. Then reports that nobody has touched. Each member begins at a point of their own in the range
   of ids and goes round, so that many people at once seldom hold the same report.

   Where the stage is ranked by relevance, the untouched come in the order that was learnt last for
   this member (screening/relevance/orders.py), from what is settled and the member's own answers
   alone; what it does not know yet, and everything while there is none, follows as above.

A report whose seats are all taken, by decisions or by leases (screening/desk/leases.py), is passed over.
Where one include is enough a report has one seat at a time: what the first says decides whether a
second person is needed.

While a pilot round is open its reports, and no others, are served: all of them to everybody, in the
order of the draw, whatever seats there are.

Both follow the index (review, place, id). Untouched reports need no look at decisions at all. Among
the half-decided ones those of the member's own lie behind the point where they are now, so the
search begins ahead of it and, while untouched reports remain, looks at no more than HALF_WINDOW.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import TupleGreaterThanOrEqual, TupleLessThan
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from citations.models import Report
from reviews.access import abilities
from reviews.models import Membership, Stage, StageRules

from .. import flow
from ..models import Decision, Lease, Pilot
from ..relevance.orders import ids_of, order_for

# How many half-decided reports are looked through before an untouched one is served instead.
HALF_WINDOW = 400

# How many reports of a learnt order are looked through, a part at a time.
LIKELY_WINDOWS = (100, 1000, 10_000)

# Multiples of the golden ratio, modulo 1, spread any number of members evenly over the ids.
GOLDEN = (sqrt(5) - 1) / 2

LAST_ID = 2**63 - 1


def _mine(member: Membership, stage: str) -> Exists:
    return Exists(
        Decision.objects.current()
        .independent()
        .filter(report=OuterRef("pk"), stage=stage, by_id=member.user_id)
    )


def _at(
    member: Membership, place: str, *, since: int = 0, before: int = LAST_ID
) -> QuerySet[Report]:
    """The reports at `place` with since <= id < before, walked along the index.

    PostgreSQL drops a column that is compared for equality from the order, and may then walk the
    primary key past every report that stands elsewhere; a comparison of pairs keeps it on the
    index. SQLite needs the plain form.
    """
    reports = Report.objects.filter(review_id=member.review_id)
    if connection.vendor == "postgresql":
        pair = (F("place"), F("pk"))
        reports = reports.filter(
            TupleGreaterThanOrEqual(pair, (place, since)), TupleLessThan(pair, (place, before))
        )
    else:
        reports = reports.filter(place=place, pk__gte=since, pk__lt=before)
    return reports.order_by("place", "pk")


def _starting_point(member: Membership, place: str) -> int:
    """An id within the range of those at `place`: the member's own fraction of the way through."""
    ids = _at(member, place).values_list("pk", flat=True)
    low, high = ids.first() or 0, ids.last() or 0
    return low + int((member.pk * GOLDEN) % 1 * (high - low))


def _round(
    member: Membership, place: str, start: int, limit: int, unless: Q | None = None
) -> list[int]:
    """Up to `limit` ids in the order of id from `start` on, then from the lowest. 1 or 2 queries."""
    found: list[int] = []
    for part in (_at(member, place, since=start), _at(member, place, before=start)):
        if len(found) < limit:
            ids = (part.filter(~unless) if unless else part).values_list("pk", flat=True)
            found += ids[: limit - len(found)]
    return found


def _likely(member: Membership, place: str, limit: int, *, unless: Q) -> list[int]:
    """Up to `limit` ids in the order that was learnt for `member`. 1 to 5 queries.

    The head of an order is worn away by decisions until the next one is learnt, so few of it are
    looked through, and many only when a worker has been gone for long.
    """
    order = order_for(member)
    if order is None:
        return []
    ids, found, at = ids_of(order), list[int](), 0
    for window in LIKELY_WINDOWS:
        some = ids[at : at + window].tolist()
        here = Report.objects.filter(~unless, review_id=member.review_id, place=place, pk__in=some)
        waiting = set(here.values_list("pk", flat=True))
        found += [pk for pk in some if pk in waiting]
        at += window
        if len(found) >= limit or at >= len(ids):
            break
    return found[:limit]


def _half_decided(
    member: Membership, rules: StageRules, start: int, limit: int, *, window: int | None
) -> list[int]:
    """Half-decided reports that `member` has not decided on, from `start` on, then from the lowest.

    `window`: how many half-decided ones to look through at the most; None: all.
    """
    stage = Stage(rules.stage)
    place = flow.HALF_PLACE[stage]
    if window is None:
        passed = Q(_mine(member, stage)) | _full(member, rules)
        return _round(member, place, start, limit, unless=passed)
    looked_at = _round(member, place, start, window)
    votes = Decision.objects.current().independent().at_stage(stage).filter(report__in=looked_at)
    leases = Lease.objects.filter(stage=stage, report__in=looked_at, until__gt=timezone.now())
    sitting: dict[int, set[int]] = {}
    decided, held = set(), set()
    for report, by in votes.values_list("report", "by"):
        sitting.setdefault(report, set()).add(by)
        if by == member.user_id:
            decided.add(report)
    for report, by in leases.exclude(by=member.user_id).values_list("report", "by"):
        sitting.setdefault(report, set()).add(by)
        held.add(report)
    passed_over = decided | held if rules.one_include else decided
    seats = rules.screeners
    free = (pk for pk in looked_at if pk not in passed_over and len(sitting.get(pk, ())) < seats)
    return list(islice(free, limit))


def _full(member: Membership, rules: StageRules, *, untouched: bool = False) -> Q:
    """Whether others have taken every seat of a report, by a decision or a lease that lives.

    `untouched` ones have no decisions, so leases alone are counted.
    """
    here: dict[str, Any] = {"report": OuterRef("pk"), "stage": rules.stage}
    votes = Decision.objects.current().independent().filter(**here)
    leases = Lease.objects.filter(**here, until__gt=timezone.now()).exclude(by=member.user_id)

    if rules.one_include:
        return Q(Exists(leases))

    def count(rows: QuerySet[Any]) -> Coalesce:
        counted = rows.order_by().values("report").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted), 0)

    taken = count(leases) if untouched else count(votes) + count(leases)
    return Q(GreaterThanOrEqual(taken, rules.screeners))


def pilot_open(member: Membership, stage: str) -> Pilot | None:
    """The pilot round of `stage` that is open now. 1 query."""
    return Pilot.objects.filter(review=member.review_id, stage=stage, closed_at=None).first()


def _of_pilot(pilot: Pilot, member: Membership) -> QuerySet[Report]:
    """What `member` has still to answer in `pilot`, in the order of the draw."""
    asked = Report.objects.filter(
        ~_mine(member, pilot.stage),
        pilots__pilot=pilot,
        place__in=flow.OPEN_PLACES[Stage(pilot.stage)],
    )
    return asked.order_by("pilots__pk")


def next_for(
    member: Membership,
    stage: str,
    limit: int,
    *,
    without: Collection[int] = (),
    rules: StageRules | None = None,
) -> list[Report]:
    """The next `limit` reports for `member` to decide on at `stage`, in order.

    `without` are ids that the member's browser holds already; `rules` are those of the stage, where
    the caller knows them. Empty for who does not screen. It reserves nothing: what goes to a
    reviewer is handed out by screening/desk/leases.py.
    At most 11 queries, 16 where the stage is ranked.
    """
    if "screen" not in abilities(member):
        return []
    stage = Stage(stage)
    if pilot := pilot_open(member, stage):
        return list(_of_pilot(pilot, member).exclude(pk__in=without)[:limit])
    rules = rules or member.review.rules(stage)
    untouched = flow.UNTOUCHED_PLACE[stage]
    start = _starting_point(member, untouched)
    wanted = limit + len(without)
    taken = _full(member, rules, untouched=True)
    likely = _likely(member, untouched, wanted, unless=taken) if rules.by_relevance else []
    fresh = _round(member, untouched, start, wanted, unless=taken) if len(likely) < wanted else []
    here = fresh[0] if fresh else start
    fresh = [*likely, *fresh]
    window = HALF_WINDOW + len(without) if len(fresh) >= wanted else None
    half = _half_decided(member, rules, here, wanted, window=window)
    held = set(without)
    # A report that somebody decided on between the two looks stands in both lists.
    both = dict.fromkeys([*half, *fresh])
    chosen = list(islice((pk for pk in both if pk not in held), limit))
    reports = Report.objects.in_bulk(chosen)
    return [reports[pk] for pk in chosen]


def still_asked(member: Membership, stage: str, ids: Collection[int]) -> set[int]:
    """Those of the reports `ids` on which `member` may still decide at `stage`. 2 queries."""
    if "screen" not in abilities(member):
        return set()
    if pilot := pilot_open(member, stage):
        return set(_of_pilot(pilot, member).filter(pk__in=ids).values_list("pk", flat=True))
    waiting = Report.objects.filter(
        ~_mine(member, stage),
        pk__in=ids,
        review_id=member.review_id,
        place__in=flow.OPEN_PLACES[Stage(stage)],
    )
    return set(waiting.values_list("pk", flat=True))


@dataclass(frozen=True)
class Progress:
    """How far one member is at one stage, in reports."""

    done: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.left


def left_for(member: Membership, stage: str) -> int:
    """How many reports wait for `member`'s decision at `stage`. 3 queries."""
    if "screen" not in abilities(member):
        return 0
    stage = Stage(stage)
    if pilot := pilot_open(member, stage):
        return _of_pilot(pilot, member).count()
    half = _at(member, flow.HALF_PLACE[stage])
    # A report is untouched, or half-decided by others, or half-decided by me as well.
    waiting = Report.objects.filter(
        review_id=member.review_id, place__in=flow.OPEN_PLACES[stage]
    ).count()
    return waiting - half.filter(_mine(member, stage)).count()


def progress_of(member: Membership, stage: str) -> Progress:
    """What `member` has decided at `stage` and what is left. 4 queries."""
    done = (
        Decision.objects.current()
        .independent()
        .filter(by_id=member.user_id, stage=stage, report__review_id=member.review_id)
        .count()
    )
    return Progress(done=done, left=left_for(member, stage))
