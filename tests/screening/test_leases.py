"""No two people are handed the last seat of a report; leases lapse, and never refuse an answer."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from screening import actions
from screening.desk import leases, queue
from screening.lead import ordering
from screening.models import Decision, Lease
from tests.conftest import person

pytestmark = pytest.mark.django_db


def ids(reports):
    return [report.pk for report in reports]


@pytest.fixture
def five(review, make_report):
    return [make_report(review) for _ in range(5)]


def test_two_seats_are_handed_to_two_people(cast, member, five, join):
    bo, cy, di = member(cast.bo), member(cast.cy), member(join("Di"))
    assert sorted(ids(leases.hand_out(bo, "abstract", 9))) == ids(five)
    assert sorted(ids(leases.hand_out(cy, "abstract", 9))) == ids(five)
    assert leases.hand_out(di, "abstract", 9) == []
    assert queue.left_for(di, "abstract") == 5
    assert 0 < leases.seconds_to_wait(di, "abstract") <= 15 * 60
    # Asking again gives the same reports and needs no further lease.
    assert sorted(ids(leases.hand_out(bo, "abstract", 9))) == ids(five)
    assert Lease.objects.count() == 10


def test_a_decision_takes_the_seat_for_good(cast, member, five, join):
    bo, cy, di = member(cast.bo), member(cast.cy), member(join("Di"))
    leases.hand_out(bo, "abstract", 9)
    actions.decide(five[0], "abstract", "include", by=cast.bo)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    leases.hand_out(cy, "abstract", 1)
    assert ids(leases.hand_out(cy, "abstract", 1)) == [five[0].pk]  # half-decided first
    assert five[0].pk not in ids(leases.hand_out(di, "abstract", 9))


def test_a_lease_lapses_and_is_renewed_by_looking(cast, member, five, join, settings):
    bo, di = member(cast.bo), member(join("Di"))
    held = ids(leases.hand_out(bo, "abstract", 9))
    soon = timezone.now() + timedelta(minutes=1)
    Lease.objects.update(until=soon)
    leases.hand_out(bo, "abstract", 9, without=held)
    assert Lease.objects.filter(until__gt=soon).count() == 5
    leases.hand_out(member(cast.cy), "abstract", 9)
    assert leases.hand_out(di, "abstract", 9) == []
    Lease.objects.filter(by=cast.bo).update(until=timezone.now() - timedelta(seconds=1))
    assert sorted(ids(leases.hand_out(di, "abstract", 9))) == ids(five)


def test_a_seat_once_taken_is_handed_over(cast, member, five, join, monkeypatch):
    """Also where the queue has changed between two tries, as when the lead shares out anew."""
    bo, cy, di = member(cast.bo), member(cast.cy), member(join("Di"))
    for other in (cy, di):
        leases.lease([five[1].pk], "abstract", by=other.user)
    offers = [[five[0], five[1]], [five[2], five[3]]]
    asked = []

    def next_for(member, stage, limit, *, without, at):
        asked.append((limit, list(without)))
        return offers.pop(0)[:limit]

    monkeypatch.setattr(queue, "next_for", next_for)
    handed = ids(leases.hand_out(bo, "abstract", 2))
    assert handed == [five[0].pk, five[2].pk]
    assert asked == [(2, []), (1, [five[0].pk])]
    assert sorted(handed) == sorted(
        Lease.objects.filter(by=cast.bo).values_list("report", flat=True)
    )


def test_an_answer_that_comes_late_is_taken(cast, member, five):
    """Bo was in a tunnel; his lease lapsed and others look at the report. His work still counts."""
    leases.hand_out(member(cast.bo), "abstract", 9)
    Lease.objects.all().delete()
    leases.hand_out(member(cast.cy), "abstract", 9)
    actions.decide(five[0], "abstract", "exclude", by=cast.bo)
    assert Decision.objects.current().filter(report=five[0]).count() == 1


def test_undo_keeps_the_seat(cast, member, five, join):
    bo, cy, di = member(cast.bo), member(cast.cy), member(join("Di"))
    leases.hand_out(bo, "abstract", 9)
    leases.hand_out(cy, "abstract", 9)
    decision = actions.decide(five[0], "abstract", "exclude", by=cast.bo)
    actions.withdraw(decision, by=cast.bo)
    assert leases.hand_out(di, "abstract", 9) == []


def test_the_page_says_that_others_hold_the_rest(cast, member, five, signed_in, join):
    di = join("Di")
    for who in (cast.bo, cast.cy):
        assert signed_in(who).get("/r/one/screen/").status_code == 200
    page = signed_in(di).get("/r/one/screen/").content.decode()
    assert "<div data-with-others>" in page
    assert "<div data-nothing hidden>" in page
    told = signed_in(di).get("/r/one/screen/abstract/next/").json()
    assert told["records"] == []
    assert (told["left"], 0 < told["wait"] <= 900) == (5, True)
    assert signed_in(di).get("/api/v1/reviews/one/queue/").json()["wait"] <= 900


@pytest.mark.parametrize("screeners", [1, 2, 3])
@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_second_never_share_the_last_seat(cast, review, make_report, screeners):
    """Each asks and decides until nothing is left; no answer is refused, none is one too many."""
    from reviews.models import Membership

    actions.set_rules(review, "abstract", by=cast.ada, screeners=screeners, maybe="advances")
    reports = [make_report(review) for _ in range(12)]
    people = [person(f"P{n}") for n in range(20)]
    members = [
        Membership.objects.create(review=review, user=each, roles=["screener"]) for each in people
    ]
    together, trouble = threading.Barrier(len(members)), []
    ends = time.monotonic() + 240

    def screen(member):
        try:
            together.wait()
            while queue.left_for(member, "abstract"):
                assert time.monotonic() < ends, "nobody gets what is left"
                for report in leases.hand_out(member, "abstract", 2):
                    actions.decide(report, "abstract", "include", by=member.user)
        except Exception as error:
            trouble.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=screen, args=(each,)) for each in members]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert trouble == []
    for report in reports:
        assert Decision.objects.filter(report=report).count() == screeners


def test_who_keeps_nothing_is_handed_the_same_until_half_is_answered(
    cast, member, review, make_report
):
    for _ in range(12):
        make_report(review)
    bo = member(cast.bo)

    def asked(limit=4):
        return ids(leases.hand_out(bo, "abstract", limit, half_will_do=True))

    first = asked()
    assert len(first) == 4
    actions.decide(Report(pk=first[0], review=review), "abstract", "include", by=cast.bo)
    assert asked() == first[1:]  # in the order in which they were handed out
    actions.decide(Report(pk=first[1], review=review), "abstract", "include", by=cast.bo)
    filled = asked()
    assert len(filled) == 4
    assert set(first[2:]) < set(filled)
    # One that somebody else answers comes first; one that was absorbed or settled goes.
    actions.decide(Report(pk=filled[3], review=review), "abstract", "include", by=cast.cy)
    assert asked() == [filled[3], *filled[:3]]
    actions.decide(Report(pk=filled[0], review=review), "abstract", "include", by=cast.cy)
    actions.decide(Report(pk=filled[0], review=review), "abstract", "include", by=cast.ada)
    assert asked() == [filled[3], *filled[1:3]]


def test_a_new_order_of_the_queue_holds_at_the_next_look(cast, member, review, make_report):
    made = [make_report(review, year=2000 + n) for n in range(8)]
    bo = member(cast.bo)
    leases.hand_out(bo, "abstract", 4, half_will_do=True)
    ordering.set_order(review, "abstract", by=cast.ada, order="newest")
    newest = [each.pk for each in reversed(made)]
    assert ids(leases.hand_out(bo, "abstract", 4, half_will_do=True)) == newest[:4]


def test_what_was_shared_to_others_is_not_handed_again(cast, member, five):
    bo = member(cast.bo)
    at = queue.serving(bo, "abstract")
    held = ids(leases.hand_out(bo, "abstract", 4, half_will_do=True, at=at))
    others = replace(at, only=Q(pk__in=[pk for pk in ids(five) if pk != held[0]]))
    again = ids(leases.hand_out(bo, "abstract", 4, half_will_do=True, at=others))
    assert again == held[1:]
