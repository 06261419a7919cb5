"""Many people on the same second: never a vote too many, never one overwritten. PostgreSQL only."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from reviews import audit
from reviews.models import AuditEvent
from reviews.refusal import Clash
from screening import actions, flow
from screening.desk import queue
from screening.lead import pilots
from screening.models import Decision

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("NOT RUN: threads need PostgreSQL (SQLite's test database is one connection)")


def at_once(*acts):
    """What each of `acts` returned or raised, all started on the same instant."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        except Clash as clash:
            return clash
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def own(report):
    return Decision.objects.current().independent().on(report)


def test_eight_people_at_once_give_two_answers(cast, review, make_report, join):
    people = [join(f"P{number}") for number in range(8)]
    for _ in range(5):
        report = make_report(review)

        def decide(user, report=report):
            return lambda: actions.decide(report, "abstract", "include", by=user)

        results = at_once(*map(decide, people))
        assert own(report).count() == 2
        assert sum(isinstance(result, Clash) for result in results) == 6
        report.refresh_from_db()
        assert report.place == flow.Place.SOUGHT
    assert flow.misplaced(review) == []


def test_a_double_click_is_one_answer(cast, review, make_report):
    report = make_report(review)
    at_once(*[lambda: actions.decide(report, "abstract", "include", by=cast.bo)] * 6)
    assert Decision.objects.on(report).count() == 1


def test_a_final_word_and_a_change_of_mind_at_once(cast, review, in_conflict):
    for _ in range(5):
        report = in_conflict()
        word, change = at_once(
            lambda report=report: actions.final_word(report, "abstract", "exclude", by=cast.al),
            lambda report=report: actions.decide(report, "abstract", "include", by=cast.cy),
        )
        # One of them was first; the other is told.
        assert isinstance(word, Clash) != isinstance(change, Clash)
        report.refresh_from_db()
        assert report.place == (
            flow.Place.SOUGHT if isinstance(word, Clash) else flow.Place.ABSTRACT_OUT
        )
        assert own(report).count() == 2


def test_changing_the_rules_while_people_decide_leaves_no_report_misplaced(
    cast, review, make_report, join
):
    people = [cast.bo, cast.cy, join("Di"), join("Fay")]
    for screeners in (3, 1, 2):
        reports = [make_report(review) for _ in range(6)]

        def decide(user, reports=reports):
            def act():
                for report in reports:
                    try:
                        actions.decide(report, "abstract", "include", by=user)
                    except Clash:
                        continue

            return act

        at_once(
            *map(decide, people),
            lambda n=screeners: actions.set_rules(
                review, "abstract", by=cast.ada, screeners=n, maybe="advances"
            ),
        )
        assert flow.misplaced(review) == []


def test_two_close_a_pilot_round_at_once(cast, review, make_report):
    for _ in range(5):
        make_report(review)
        pilot = pilots.draw(review, "abstract", size=1, threshold=0.8, by=cast.ada)
        closed = at_once(*[lambda pilot=pilot: pilots.close(pilot, by=cast.ada, reason="Time")] * 4)
        assert sum(isinstance(each, Clash) for each in closed) == 3
    assert AuditEvent.objects.filter(verb="closed a pilot round").count() == 5


def test_closing_and_drawing_the_next_round_at_once(cast, review, make_report):
    for _ in range(8):
        make_report(review)
    for seed in range(6):
        first = pilots.open_round(review, "abstract") or pilots.draw(
            review, "abstract", size=2, threshold=0.8, by=cast.ada
        )
        closed, drawn = at_once(
            lambda first=first: pilots.close(first, by=cast.ada, reason="Time"),
            lambda seed=seed: pilots.draw(
                review, "abstract", size=2, threshold=0.8, seed=seed, by=cast.ada
            ),
        )
        first.refresh_from_db()
        # Closed once, at one moment: what is answered later belongs to no round.
        if not isinstance(closed, Clash):
            assert first.closed_at == closed.closed_at
        assert pilots.open_round(review, "abstract") == drawn
    assert flow.misplaced(review) == []


def test_answers_that_arrive_while_a_pilot_round_is_closed(cast, review, make_report, join):
    people = [cast.bo, cast.cy, join("Di"), join("Fay")]
    for _ in range(4):
        reports = [make_report(review) for _ in range(6)]
        pilot = pilots.draw(review, "abstract", size=6, threshold=0.8, by=cast.ada)

        def answer(user, reports=reports):
            def act():
                taken = {}
                for report in reports:
                    try:
                        taken[report.pk] = actions.decide(report, "abstract", "include", by=user)
                    except Clash as clash:
                        taken[report.pk] = clash  # the round was closed, and two were enough
                return taken

            return act

        *answered, closed = at_once(
            *map(answer, people),
            lambda pilot=pilot: pilots.close(pilot, by=cast.ada, reason="Time"),
        )
        closed.refresh_from_db()
        for report in reports:
            report.refresh_from_db()
            said = [each[report.pk] for each in answered]
            taken = [each for each in said if not isinstance(each, Clash)]
            refused = [each for each in said if isinstance(each, Clash)]
            # Whoever was told that it is taken finds it there; nobody is refused but for enough.
            assert {each.pk for each in taken} == set(own(report).values_list("pk", flat=True))
            assert len(taken) >= 2
            assert all("Enough people have decided" in str(each) for each in refused)
            # After the closing two answers are enough, and no third is taken.
            late = [each for each in taken if each.at > closed.closed_at]
            assert not late or len(taken) == 2
            assert report.place == flow.Place.SOUGHT
    assert flow.misplaced(review) == []


def test_four_people_clear_a_queue_together(cast, review, member, make_report, join):
    reports = [make_report(review) for _ in range(24)]
    people = [member(user) for user in (cast.bo, cast.cy, join("Di"), join("Fay"))]

    def screen(who):
        def act():
            while found := queue.next_for(who, "abstract", 3):
                for report in found:
                    try:
                        actions.decide(report, "abstract", "exclude", by=who.user)
                    except Clash:
                        continue

        return act

    at_once(*map(screen, people))
    assert [own(report).count() for report in reports] == [2] * 24


def test_a_decision_does_not_wait_for_who_holds_the_review(cast, review, make_report):
    """An import that publishes a large file does so for seconds; people screen on meanwhile."""
    report = make_report(review)

    def decide():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")  # else this test would wait for itself
        return actions.decide(report, "abstract", "include", by=cast.bo)

    with transaction.atomic():
        audit.record(review, "imported a file", by=cast.ada)
        [decision] = at_once(decide)
    assert decision.verdict == "include"
