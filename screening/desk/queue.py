"""Which report a reviewer sees next. Every query walks an index and stops after a few rows.

The order, for one member and stage:

1. Half-decided reports first, so that pairs get complete. That somebody has decided is all that
   the order follows from; how they decided never enters it.
2. Then reports that nobody has touched. Each member begins at a point of their own in the range
   of ids and goes round, so that many people at once seldom hold the same report; or in the order
   that the lead has chosen (screening/desk/orders.py).

   Where the stage is ranked by relevance, the untouched come in the order that was learnt last for
   this member (screening/relevance/orders.py), from what is settled and the member's own answers
   alone; what it does not know yet, and everything while there is none, follows as above.

A report in which the member has declared an interest (screening/interests.py) is never served.

A report whose seats are all taken, by decisions or by leases (screening/desk/leases.py), is passed over.
Where one include is enough a report has one seat at a time: what the first says decides whether a
second person is needed.

Where the lead has shared the reports out (screening/sharing/), a member is served those of their lots,
in the same order.

While a pilot round is open its reports, and no others, are served: all of them to everybody, in the
order of the draw, whatever seats there are.

Both follow the index (review, place, id). Untouched reports need no look at decisions at all. Among
the half-decided ones those of the member's own lie behind the point where they are now, so the
search begins ahead of it and, while untouched reports remain, looks at no more than HALF_WINDOW.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import sqrt
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import TupleGreaterThanOrEqual, TupleLessThan
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from citations.models import RelatedReport, Report
from reviews.access import abilities
from reviews.models import Membership, Stage, StageRules
from reviews.written import instances, prepared, written

from .. import flow
from ..models import Decision, Interest, Labelling, Lease, Pilot, Sharing
from ..relevance.orders import ids_of, order_for
from ..sharing.dividing import division
from . import orders

# How many half-decided reports are looked through before an untouched one is served instead.
HALF_WINDOW = 400

# How many reports of a learnt order are looked through, a part at a time.
LIKELY_WINDOWS = (100, 1000, 10_000)

# Up to so many open reports are counted at each look, more of them every so many seconds.
COUNTED_EACH_TIME = 5_000
COUNTED_FOR = 30.0
STARTS_FOR = 60  # seconds that a range of ids is kept, when it is WIDE
WIDE = 5_000

# Multiples of the golden ratio, modulo 1, spread any number of members evenly over the ids.
GOLDEN = (sqrt(5) - 1) / 2

LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class Serving:
    """How a stage is served to one member now: looked up once and handed to whoever asks."""

    rules: StageRules
    pilot: Pilot | None
    only: Q | None  # what is shared out to the member; None: everything
    sharing: int  # the id of the one in force, 0 for none
    hiding: tuple[str, ...]  # the stages whose rules hide where reports come from
    labelled: bool = True  # whether any report of the review has a label
    linked: bool = True  # whether any two are linked as related

    @property
    def says(self) -> str:
        """The order, in words for who screens."""
        if self.pilot:
            return "as the pilot round was drawn, the same for everybody"
        likely = "by relevance, then " if self.rules.by_relevance else ""
        return f"half-decided first, then {likely}{orders.sentence(self.rules)}"

    @property
    def stage(self) -> Stage:
        return Stage(self.rules.stage)


def pilot_open(member: Membership, stage: str) -> Pilot | None:
    """The pilot round of `stage` that is open now. 1 query."""
    return Pilot.objects.filter(review=member.review_id, stage=stage, closed_at=None).first()


@prepared
def _rules_now(review: int, *, stage: str) -> Any:
    """The rules of each stage: all columns; then of `stage` the open pilot round and the sharing in
    force, and whether the review has labels on reports, and links between them."""
    here = {"review": review, "stage": stage}
    newest = Sharing.objects.filter(**here, undone_at=None).order_by("-number")
    columns = [field.attname for field in StageRules._meta.concrete_fields]
    return (
        StageRules.objects.filter(review=review)
        .annotate(
            pilot=Subquery(Pilot.objects.filter(**here, closed_at=None).values("pk")[:1]),
            sharing=Subquery(newest.values("pk")[:1]),
            labelled=Exists(Labelling.objects.filter(label__review=review)),
            linked=Exists(RelatedReport.objects.filter(review=review, removed_at=None)),
        )
        .values_list(*columns, "pilot", "sharing", "labelled", "linked")
    )


def serving(member: Membership, stage: str) -> Serving:
    """1 query, 1 more for an open pilot round, 3 more where the lead has shared the reports out."""
    rows = _rules_now(member.review_id, stage=str(stage))
    by_stage = {
        each.stage: (each, row[-4:])
        for each, row in zip(instances(StageRules, [row[:-4] for row in rows]), rows, strict=True)
    }
    rules, (pilot_pk, sharing_pk, labelled, linked) = by_stage[stage]
    rules.review = member.review
    hiding = tuple(each.stage for each, _ in by_stage.values() if each.hide_source)
    beside = (hiding, bool(labelled), bool(linked))
    # A pilot round is for everybody.
    if pilot_pk and (pilot := Pilot.objects.filter(pk=pilot_pk, closed_at=None).first()):
        return Serving(rules, pilot, None, 0, *beside)
    shared = None
    if sharing_pk:
        sharing = Sharing.objects.get(pk=sharing_pk)
        if sharing.kind != Sharing.Kind.ALL:
            shared = division(rules, sharing)
    only = shared.only(member.user_id) if shared else None
    return Serving(rules, None, only, sharing_pk or 0, *beside)


def _mine(user: int, stage: str) -> Exists:
    return Exists(
        Decision.objects.current()
        .independent()
        .filter(report=OuterRef("pk"), stage=stage, by_id=user)
    )


def _not_kept_from(user: int) -> Q:
    """Reports in which `user` has declared no interest. The list is read once a query."""
    own = Interest.objects.filter(user_id=user, withdrawn_at=None)
    return ~Q(pk__in=own.values("report"))


def _at(
    user: int,
    review: int,
    place: str,
    only: Q | None = None,
    *,
    since: int = 0,
    before: int = LAST_ID,
) -> QuerySet[Report]:
    """The reports at `place` with since <= id < before, walked along the index.

    `only`: those that are shared out to `user`, where the lead has shared them.

    PostgreSQL drops a column that is compared for equality from the order, and may then walk the
    primary key past every report that stands elsewhere; a comparison of pairs keeps it on the
    index. SQLite needs the plain form.
    """
    reports = Report.objects.filter(_not_kept_from(user), review_id=review)
    if connection.vendor == "postgresql":
        pair = (F("place"), F("pk"))
        reports = reports.filter(
            TupleGreaterThanOrEqual(pair, (place, since)), TupleLessThan(pair, (place, before))
        )
    else:
        reports = reports.filter(place=place, pk__gte=since, pk__lt=before)
    return (reports if only is None else reports.filter(only)).order_by("place", "pk")


def _starting_point(member: Membership, place: str) -> int:
    """An id within the range of those at `place`: the member's own fraction of the way through.

    2 queries, or none for a while: a point that others have passed is as good a one.
    """
    key = f"range-{member.review_id}-{place}"
    low, high = cache.get(key) or (0, 0)
    if high - low < WIDE:
        ids = _at(member.user_id, member.review_id, place).values_list("pk", flat=True)
        low, high = ids.first() or 0, ids.last() or 0
        if high - low >= WIDE:
            cache.set(key, (low, high), STARTS_FOR)
    return low + int((member.pk * GOLDEN) % 1 * (high - low))


def _most(limit: int) -> int:
    """The next power of two: a query is written anew for each limit, so there are few."""
    return 1 << max(0, limit - 1).bit_length()


@written
def _untouched(
    user: int,
    review: int,
    since: int,
    before: int,
    now: datetime,
    *,
    rules: "Seats",
    limit: int,
    only: Q | None = None,
) -> Any:
    """Ids of untouched reports with a seat for `user`, since <= id < before."""
    place = flow.UNTOUCHED_PLACE[Stage(rules.stage)]
    here = _at(user, review, place, only, since=since, before=before)
    return here.filter(~_full(user, rules, now)).values_list("pk")[:limit]


@written
def _half(
    user: int,
    review: int,
    since: int,
    before: int,
    now: datetime,
    *,
    rules: "Seats",
    limit: int,
    window: int | None,
    only: Q | None = None,
) -> Any:
    """Ids of half-decided reports with a seat for `user` on which he has not decided.

    No more than `window` half-decided ones are looked through, one after the other, and no further
    than `limit` are found: the inner query keeps to its order, so the outer one can stop.
    """
    place = flow.HALF_PLACE[Stage(rules.stage)]
    walked = _at(user, review, place, only, since=since, before=before).values("pk", "place")
    inner, inside = walked[:window].query.sql_with_params()
    lease = "l.report_id = w.pk AND l.stage = %s AND l.until > %s AND l.by_id <> %s"
    vote = "d.report_id = w.pk AND d.stage = %s AND d.superseded_at IS NULL AND NOT d.final"
    alone = f"AND NOT EXISTS (SELECT 1 FROM screening_lease l WHERE {lease})"  # noqa: S608
    moment = connection.ops.adapt_datetimefield_value(now)
    leased = (rules.stage, moment, user)
    sql = f"""
        SELECT w.pk FROM ({inner}) w
        WHERE NOT EXISTS (SELECT 1 FROM screening_decision d WHERE {vote} AND d.by_id = %s)
        {alone if rules.one_include else ""}
        AND (SELECT COUNT(*) FROM (
            SELECT d.by_id FROM screening_decision d WHERE {vote}
            UNION SELECT l.by_id FROM screening_lease l WHERE {lease}
        ) s) < %s
        ORDER BY w.place, w.pk LIMIT {int(limit)}"""  # noqa: S608
    told = (*inside, rules.stage, user, *(leased if rules.one_include else ()))
    return sql, (*told, rules.stage, *leased, rules.screeners)


@dataclass(frozen=True)
class Seats:
    """What the rules of a stage say about how many people are asked: the shape of a query."""

    stage: str
    screeners: int
    one_include: bool


def seats_of(rules: StageRules) -> Seats:
    return Seats(str(rules.stage), rules.screeners, rules.one_include)


def _round(member: Membership, at: Serving, find: Any, start: int, limit: int, **more: Any) -> Any:
    """Up to `limit` ids that `find` gives, in the order of id from `start` on, then from the lowest.
    1 or 2 queries."""
    found: list[int] = []
    now = timezone.now()
    shape = more | {"rules": seats_of(at.rules), "limit": _most(limit)}
    for since, before in ((start, LAST_ID), (0, start)):
        if len(found) < limit and since < before:
            ends = (member.user_id, member.review_id, since, before, now)
            # What is shared out differs from person to person: such a query is not kept.
            rows = (
                find(*ends, **shape) if at.only is None else find.once(*ends, **shape, only=at.only)
            )
            found += [pk for (pk,) in rows]
    return found[:limit]


def _likely(
    member: Membership, place: str, limit: int, *, unless: Q, only: Q | None = None
) -> list[int]:
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
        here = Report.objects.filter(
            ~unless,
            _not_kept_from(member.user_id),
            review_id=member.review_id,
            place=place,
            pk__in=some,
        )
        here = here if only is None else here.filter(only)
        waiting = set(here.values_list("pk", flat=True))
        found += [pk for pk in some if pk in waiting]
        at += window
        if len(found) >= limit or at >= len(ids):
            break
    return found[:limit]


def _half_decided(
    member: Membership, at: Serving, start: int, limit: int, *, window: int | None
) -> list[int]:
    """Half-decided reports that `member` has not decided on, from `start` on, then from the lowest.

    `window`: how many half-decided ones to look through at the most; None: all.
    """
    window = window and _most(window)
    return list(_round(member, at, _half, start, limit, window=window))


def _full(user: int, rules: Seats, now: datetime) -> Q:
    """Whether others have taken every seat of an untouched report: nobody has decided on it, so
    leases that live are counted."""
    leases = Lease.objects.filter(report=OuterRef("pk"), stage=rules.stage, until__gt=now).exclude(
        by=user
    )
    if rules.one_include:
        return Q(Exists(leases))
    counted = leases.order_by().values("report").annotate(n=Count("pk")).values("n")
    return Q(GreaterThanOrEqual(Coalesce(Subquery(counted), 0), rules.screeners))


def _of_pilot(pilot: Pilot, member: Membership) -> QuerySet[Report]:
    """What `member` has still to answer in `pilot`, in the order of the draw."""
    asked = Report.objects.filter(
        ~_mine(member.user_id, pilot.stage),
        _not_kept_from(member.user_id),
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
    at: Serving | None = None,
) -> list[Report]:
    """The next `limit` reports for `member` to decide on at `stage`, in order.

    `without` are ids that the member's browser holds already; `at` is how the stage is served, where
    the caller knows it. Empty for who does not screen. It reserves nothing: what goes to a
    reviewer is handed out by screening/desk/leases.py.
    At most 12 queries, 14 where the stage is shared out, 3 more in an order that is sorted, 5 more
    where the stage is ranked.
    """
    if "screen" not in abilities(member):
        return []
    at = at or serving(member, stage)
    if at.pilot:
        return list(_of_pilot(at.pilot, member).exclude(pk__in=without)[:limit])
    untouched = flow.UNTOUCHED_PLACE[at.stage]
    start = _starting_point(member, untouched)
    wanted = limit + len(without)
    likely, rest = list[int](), list[int]()
    in_order = orders.order_of(at.rules).by is not None
    if at.rules.by_relevance or in_order:
        taken = _full(member.user_id, seats_of(at.rules), timezone.now())
    if at.rules.by_relevance:
        likely = _likely(member, untouched, wanted, unless=taken, only=at.only)
    if len(likely) < wanted and in_order:
        waiting = _at(member.user_id, member.review_id, untouched, at.only)
        rest = orders.first_in_order(at.rules, waiting, ~taken, wanted)
    elif len(likely) < wanted:
        rest = _round(member, at, _untouched, start, wanted)
    fresh = [*likely, *rest]
    here = rest[0] if rest and not in_order else start
    # In an order of the lead's my own half-decided ones lie anywhere.
    window = HALF_WINDOW + len(without) if len(fresh) >= wanted and not in_order else None
    half = _half_decided(member, at, here, wanted, window=window)
    held = set(without)
    # A report that somebody decided on between the two looks stands in both lists.
    both = dict.fromkeys([*half, *fresh])
    chosen = list(islice((pk for pk in both if pk not in held), limit))
    if not chosen:
        return []
    reports = {each.pk: each for each in instances(Report, _named(tuple(chosen)))}
    return [reports[pk] for pk in chosen]


@prepared
def _named(ids: tuple[int, ...]) -> Any:
    return Report.objects.filter(pk__in=ids)


def standing(member: Membership, ids: Sequence[int], at: Serving) -> list[Report]:
    """Those of the reports `ids`, which `member` was handed, that still wait for him: in their order,
    the half-decided first. 1 query."""
    if "screen" not in abilities(member):
        return []
    asked = member.user_id, member.review_id, tuple(ids)
    if at.only is None:
        found = instances(Report, _standing(*asked, stage=str(at.stage)))
    else:
        found = list(_standing.query(*asked, stage=str(at.stage)).filter(at.only))
    reports = {each.pk: each for each in found}
    left = [reports[pk] for pk in ids if pk in reports]
    return sorted(left, key=lambda each: each.place == flow.UNTOUCHED_PLACE[at.stage])


@prepared
def _standing(user: int, review: int, ids: tuple[int, ...], *, stage: str) -> Any:
    places = flow.OPEN_PLACES[Stage(stage)]
    return Report.objects.filter(
        ~_mine(user, stage), _not_kept_from(user), pk__in=ids, review_id=review, place__in=places
    )


def still_asked(
    member: Membership, stage: str, ids: Collection[int], at: Serving | None = None
) -> set[int]:
    """Those of the reports `ids` on which `member` may still decide at `stage`.

    Sharing says what is served and no more: an answer on a report that was before somebody when the
    shares changed is taken. 2 queries, less what `at` has asked already.
    """
    if "screen" not in abilities(member):
        return set()
    pilot = at.pilot if at else pilot_open(member, stage)
    if pilot:
        return set(_of_pilot(pilot, member).filter(pk__in=ids).values_list("pk", flat=True))
    waiting = Report.objects.filter(
        ~_mine(member.user_id, stage),
        _not_kept_from(member.user_id),
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


def left_for(
    member: Membership,
    stage: str,
    at: Serving | None = None,
    besides: Collection[int] = frozenset(),
) -> int:
    """How many reports wait for `member`'s decision at `stage`, `besides` those that the answers on
    their way are about. 2 queries beside those of `at`.

    One of these answers may arrive between two of the queries: it is taken off once all the same.

    Where very many wait they are counted now and then, and what `member` has decided since is taken
    off: others' answers on the same reports show after COUNTED_FOR, or later where counting takes long.
    """
    if "screen" not in abilities(member):
        return 0
    at = at or serving(member, stage)
    if at.pilot:
        return _of_pilot(at.pilot, member).exclude(pk__in=besides).count()
    key = f"left-{member.pk}-{stage}-{at.sharing}-{at.rules.screeners}"
    if kept := cache.get(key):
        left, newest = kept
        since = _decided_since(member.user_id, member.review_id, newest, stage=str(stage))
        return max(0, left - len({report for (report,) in since}.union(besides)))
    began = time.monotonic()
    waiting, left = _counted(member, at, besides)
    if waiting > COUNTED_EACH_TIME:
        lasts = max(COUNTED_FOR, 20 * (time.monotonic() - began))
        ids = Decision.objects.filter(by_id=member.user_id).order_by("-pk").values_list("pk")
        newest = ids.first()
        cache.set(key, (left + len(besides), newest[0] if newest else 0), lasts)
    return left


@prepared
def _decided_since(user: int, review: int, newest: int, *, stage: str) -> Any:
    own = Decision.objects.current().independent().filter(by_id=user, stage=stage)
    return own.filter(pk__gt=newest, report__review_id=review).values_list("report_id")


def _counted(member: Membership, at: Serving, besides: Collection[int]) -> tuple[int, int]:
    """(reports that are open to answers, those of them that wait for `member`), `besides` these. 2
    queries."""
    half = _at(member.user_id, member.review_id, flow.HALF_PLACE[at.stage], at.only)
    # A report is untouched, or half-decided by others, or half-decided by me as well.
    waiting = Report.objects.filter(
        _not_kept_from(member.user_id),
        review_id=member.review_id,
        place__in=flow.OPEN_PLACES[at.stage],
    )
    if at.only is not None:
        waiting = waiting.filter(at.only)
    mine = half.filter(_mine(member.user_id, at.stage))
    if besides:
        waiting, mine = waiting.exclude(pk__in=besides), mine.exclude(pk__in=besides)
    open_ = waiting.count()
    return open_, open_ - mine.count()


def progress_of(member: Membership, stage: str, at: Serving | None = None) -> Progress:
    """What `member` has decided at `stage` and what is left. 3 queries beside those of `at`."""
    done = (
        Decision.objects.current()
        .independent()
        .filter(by_id=member.user_id, stage=stage, report__review_id=member.review_id)
        .count()
    )
    return Progress(done=done, left=left_for(member, stage, at))
