"""Handing reports out, so that no two people sit on the last seat of one.

A report has as many seats at a stage as the rules ask for answers. A decision takes one for good, a
lease for a while: what a reviewer was handed counts as if he had decided until the lease lapses.
Where one include is enough, one person at a time: whether a second is needed follows from the first.
Leases steer what is handed out and nothing else: an answer that comes late, after an hour in a
tunnel, is taken as long as the stage is open (screening/actions.py), since work that was done
matters more than a place in the queue.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone

from citations.models import Report
from reviews.models import Membership, Review, Stage, StageRules, User
from reviews.written import prepared

from .. import flow
from ..models import Decision, Lease
from ..relevance import orders
from . import queue

# How long a reviewer may sit on what he was handed; each look at the queue renews it.
LASTS = {Stage.ABSTRACT: timedelta(minutes=15), Stage.FULLTEXT: timedelta(hours=1)}
Own = list[tuple[int, str, datetime]]  # a person's leases: report, stage, until
A_MOMENT = timedelta(microseconds=1)
TRIES = 3  # when others were faster at the same reports


def hand_out(
    member: Membership,
    stage: str,
    limit: int,
    *,
    without: Collection[int] = (),
    at: queue.Serving | None = None,
    half_will_do: bool = False,
) -> list[Report]:
    """The next `limit` reports for `member`, in the order of the queue, each with a seat that is his.

    `without` are ids that the member's browser holds already; their leases are renewed. `at` is how
    the stage is served, where the caller knows it. `half_will_do`: for who asks again after each
    answer and keeps nothing. While more than half of `limit` is left of what he was handed he is
    handed that again, so that the queue is looked through and written to once in a while.
    """
    stage = Stage(stage)
    own: Own = _leases_of(member.user_id)
    if without:
        _renew(member, stage, without, own)
    found: list[Report] = []
    at = at or queue.serving(member, stage)
    if at.rules.by_relevance:
        orders.keep_fresh(member)
    # In a pilot round everybody answers on everything: there are no seats to take.
    if at.pilot:
        return queue.next_for(member, stage, limit, without=without, at=at)
    if half_will_do:
        before = [pk for pk in _fresh(own, stage) if pk not in without][:limit]
        if len(before) > limit // 2:
            left = queue.standing(member, before, at)
            if len(left) > limit // 2:
                return left
    for _ in range(TRIES):
        more = queue.next_for(
            member,
            stage,
            limit - len(found),
            without=[*without, *(each.pk for each in found)],
            at=at,
        )
        seats = _seated(member, at.rules, [report.pk for report in more], own)
        # A seat once taken is handed over, whatever the next try finds: one that nobody is told of
        # would keep the others waiting until its lease lapses.
        found += [report for report in more if report.pk in seats]
        if len(seats) == len(more):
            break
    return found


@prepared
def _leases_of(user: int) -> Any:
    return Lease.objects.filter(by_id=user).values_list("report", "stage", "until")


def _fresh(own: Own, stage: Stage) -> list[int]:
    """The reports of leases that have much of their time left, in the order of handing out."""
    half = timezone.now() + LASTS[stage] / 2
    return [
        pk
        for until, pk in sorted(
            (until, pk) for pk, at, until in own if at == stage and until > half
        )
    ]


def live() -> QuerySet[Lease]:
    return Lease.objects.filter(until__gt=timezone.now())


def _seated(member: Membership, rules: StageRules, ids: list[int], own: Own) -> set[int]:
    """Take a seat for `member` on each of `ids` that has one; those that he sits on then.

    `own`: his leases at the beginning of the request. One that has much of its time left holds
    the seat whatever the others do.
    """
    stage, now = Stage(rules.stage), timezone.now()
    seated = set(_fresh(own, stage)) & set(ids)
    wanted = [pk for pk in ids if pk not in seated]
    if not wanted:
        return seated
    with transaction.atomic():
        # Whoever hands one of these out at this moment, or decides on it, is ahead of us.
        held = {pk for (pk,) in _open_and_held(tuple(sorted(wanted)), stage=str(stage))}
        if rules.one_include:
            others = live().filter(stage=stage, report__in=held).exclude(by=member.user_id)
            held -= set(others.values_list("report", flat=True))
        taken = taken_seats(stage, held, besides=member.user_id)
        free = [pk for pk in wanted if pk in held and taken[pk] < rules.screeners]
        if any(until < now for _, _, until in own):
            Lease.objects.filter(by_id=member.user_id, until__lt=now).delete()
        lease(free, stage, by=member.user)
    return seated | set(free)


def taken_seats(stage: str, reports: Iterable[int], *, besides: int) -> Counter[int]:
    """{report: seats that others than the user `besides` have by a decision or a lease}. 1 query."""
    ids = tuple(reports)
    rows = _sitting(ids, ids, besides, besides, timezone.now(), stage=str(stage))
    return Counter(report for report, _ in rows)


@prepared
def _open_and_held(ids: tuple[int, ...], *, stage: str) -> Any:
    """Those of `ids` that are open, locked by us; those that others hold at this moment are not
    waited for."""
    rows = Report.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    open_ = rows.filter(pk__in=ids, place__in=flow.OPEN_PLACES[Stage(stage)])
    return open_.order_by("pk").values_list("pk")


@prepared
def _sitting(
    ids: tuple[int, ...],
    again: tuple[int, ...],
    user: int,
    same: int,
    now: datetime,
    *,
    stage: str,
) -> Any:
    """(report, person) of decisions and of leases that live; the union names each once."""
    votes = Decision.objects.current().independent().at_stage(stage).filter(report__in=ids)
    leases = Lease.objects.filter(until__gt=now, stage=stage, report__in=again)
    sat, sitting = (
        rows.exclude(by=person).order_by().values_list("report", "by")
        for rows, person in ((votes, user), (leases, same))
    )
    return sat.union(sitting)


def lease(reports: Sequence[int], stage: str, *, by: User) -> None:
    """Give `by` a lease, or a fresh one, on each of `reports` (ids, held by the caller).

    Each lapses a moment after the one before it: that is how their order is known later.
    """
    if not reports:
        return
    until = timezone.now() + LASTS[Stage(stage)]
    rows: list[Any] = []
    for n, pk in enumerate(reports):
        moment = connection.ops.adapt_datetimefield_value(until + n * A_MOMENT)
        rows += (pk, str(stage), by.pk, moment)
    blanks = ", ".join(["(%s, %s, %s, %s)"] * len(reports))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO screening_lease (report_id, stage, by_id, until) VALUES {blanks} "  # noqa: S608
            "ON CONFLICT (report_id, stage, by_id) DO UPDATE SET until = EXCLUDED.until",
            rows,
        )


def look_anew(review: Review, stage: str) -> None:
    """What was handed out stays with whom it was handed to; at the next look the queue is asked."""
    half = timezone.now() + LASTS[Stage(stage)] / 2
    Lease.objects.filter(report__review=review, stage=stage, until__gt=half).update(until=half)


def give_back(report: Report, stage: str, *, by: User) -> None:
    """End the lease of who has decided: the decision holds the seat from here on."""
    _end(report.pk, by.pk, stage=str(stage))


@prepared
def _end(report: int, user: int, *, stage: str) -> Any:
    sql = "DELETE FROM screening_lease WHERE report_id = %s AND by_id = %s AND stage = %s"
    return sql, (report, user, stage)


def _renew(member: Membership, stage: Stage, ids: Collection[int], own: Own) -> None:
    now = timezone.now()
    # One write for many looks at the queue: a lease is renewed when half of it has passed.
    half = now + LASTS[stage] / 2
    old = [pk for pk, at, until in own if at == stage and pk in ids and now < until < half]
    if old:
        standing = live().filter(by_id=member.user_id, stage=stage, report__in=old)
        standing.update(until=F("until") + LASTS[stage] / 2)


def seconds_to_wait(member: Membership, stage: str) -> int | None:
    """When nothing can be handed out although something is left: until the next lease lapses."""
    places = flow.OPEN_PLACES[Stage(stage)]
    others = live().filter(
        stage=stage, report__review_id=member.review_id, report__place__in=places
    )
    first = others.exclude(by=member.user_id).aggregate(first=Min("until"))["first"]
    return max(1, round((first - timezone.now()).total_seconds())) if first else None
