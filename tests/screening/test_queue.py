"""What comes next: only what waits for me, half-decided first, each in an order of their own."""

import pytest
from django.core.cache import cache

from screening import actions
from screening.desk import queue
from screening.models import Decision

pytestmark = pytest.mark.django_db


def ids(reports):
    return [report.pk for report in reports]


@pytest.fixture
def reports(review, make_report):
    return [make_report(review) for _ in range(30)]


def test_it_serves_what_i_have_not_decided_on(cast, member, reports):
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    served = ids(queue.next_for(member(cast.bo), "abstract", 100))
    assert sorted(served) == ids(reports[1:])
    assert queue.left_for(member(cast.bo), "abstract") == 29


def test_half_decided_reports_come_first(cast, member, reports):
    for report in (reports[3], reports[20]):
        actions.decide(report, "abstract", "include", by=cast.bo)
    served = ids(queue.next_for(member(cast.cy), "abstract", 4))
    assert set(served[:2]) == {reports[3].pk, reports[20].pk}
    assert queue.left_for(member(cast.cy), "abstract") == 30


def test_the_order_does_not_depend_on_how_others_decided(cast, member, reports):
    orders = []
    for verdicts in (["include", "exclude", "maybe"], ["exclude", "include", "exclude"]):
        for report, verdict in zip(reports[5:20:5], verdicts, strict=True):
            actions.decide(report, "abstract", verdict, by=cast.bo)
        orders.append(ids(queue.next_for(member(cast.cy), "abstract", 30)))
    assert orders[0] == orders[1]


def test_people_begin_at_points_of_their_own_and_the_order_stays(cast, member, reports, join):
    people = [member(cast.bo), member(cast.cy), member(join("Di")), member(join("Fay"))]
    first = [ids(queue.next_for(who, "abstract", 3)) for who in people]
    assert len({order[0] for order in first}) == len(people)
    assert first == [ids(queue.next_for(who, "abstract", 3)) for who in people]


def test_what_the_browser_holds_is_not_served_again(cast, member, reports):
    who = member(cast.bo)
    actions.decide(reports[9], "abstract", "include", by=cast.cy)
    held = ids(queue.next_for(who, "abstract", 10))
    more = ids(queue.next_for(who, "abstract", 10, without=held))
    assert len(more) == 10
    assert not set(held) & set(more)
    assert [*held, *more] == ids(queue.next_for(who, "abstract", 20))


def test_everything_is_served_in_the_end(cast, member, reports):
    who, seen = member(cast.bo), []
    while found := queue.next_for(who, "abstract", 7):
        for report in found:
            actions.decide(report, "abstract", "exclude", by=cast.bo)
            seen.append(report.pk)
    assert sorted(seen) == ids(reports)
    assert queue.left_for(who, "abstract") == 0
    assert queue.progress_of(who, "abstract").done == 30


def test_many_half_decided_ones_of_mine_do_not_hide_others(cast, member, reports, monkeypatch):
    """With a window smaller than my own lead the others' are still found when nothing else is left."""
    monkeypatch.setattr(queue, "HALF_WINDOW", 2)
    for report in reports[:-1]:
        actions.decide(report, "abstract", "include", by=cast.bo)
    actions.decide(reports[-1], "abstract", "include", by=cast.cy)
    assert ids(queue.next_for(member(cast.bo), "abstract", 5)) == [reports[-1].pk]


def test_three_people_are_asked_where_the_rules_say_three(cast, review, member, reports, join):
    actions.set_rules(review, "abstract", by=cast.ada, screeners=3, maybe="advances")
    di, fay = join("Di"), join("Fay")
    for user in (cast.bo, cast.cy):
        actions.decide(reports[0], "abstract", "include", by=user)
    assert ids(queue.next_for(member(di), "abstract", 1)) == [reports[0].pk]
    actions.decide(reports[0], "abstract", "include", by=di)
    assert reports[0].pk not in ids(queue.next_for(member(fay), "abstract", 100))


def test_closed_merged_and_removed_reports_are_not_served(cast, review, member, reports):
    for user in (cast.bo, cast.cy):
        actions.decide(reports[0], "abstract", "exclude", by=user)
    actions.remove_before_screening(reports[1], by=cast.ada, why="Before 2000")
    from screening.duplicates import joining

    joining.merge(reports[2], reports[3], by=cast.ada)
    served = ids(queue.next_for(member(cast.bo), "abstract", 100))
    assert sorted(served) == ids([reports[2], *reports[4:]])


def test_who_oversees_has_an_empty_queue(cast, member, reports):
    assert queue.next_for(member(cast.ada), "abstract", 5) == []
    assert queue.left_for(member(cast.ada), "abstract") == 0
    assert queue.still_asked(member(cast.ada), "abstract", ids(reports)) == set()


def test_the_same_for_full_text(cast, member, at_fulltext):
    first, second = at_fulltext(), at_fulltext()
    actions.decide(second, "fulltext", "include", by=cast.cy)
    assert ids(queue.next_for(member(cast.bo), "fulltext", 5)) == [second.pk, first.pk]
    assert queue.left_for(member(cast.cy), "fulltext") == 1


def test_it_asks_a_fixed_number_of_queries(
    cast, member, reports, make_report, review, django_assert_max_num_queries
):
    who = member(cast.bo)
    for report in reports[:5]:
        actions.decide(report, "abstract", "include", by=cast.cy)
    with django_assert_max_num_queries(10):
        queue.next_for(who, "abstract", 10)
    for _ in range(30):
        make_report(review)
    with django_assert_max_num_queries(10):
        queue.next_for(who, "abstract", 20, without=ids(reports))
    served = queue.serving(who, "abstract")
    with django_assert_max_num_queries(3):
        queue.progress_of(who, "abstract", served)
    assert Decision.objects.count() == 5


def test_a_report_that_becomes_half_decided_between_the_two_looks_is_served_once(
    cast, member, reports, monkeypatch
):
    first = ids(queue.next_for(member(cast.cy), "abstract", 1))[0]
    look = queue._half_decided

    def somebody_is_faster(*args, **kwargs):
        report = next(each for each in reports if each.pk == first)
        actions.decide(report, "abstract", "include", by=cast.bo)
        return look(*args, **kwargs)

    monkeypatch.setattr(queue, "_half_decided", somebody_is_faster)
    served = ids(queue.next_for(member(cast.cy), "abstract", 9))
    assert first in served
    assert len(set(served)) == len(served) == 9


def test_where_very_many_wait_they_are_counted_now_and_then(cast, member, reports, monkeypatch):
    monkeypatch.setattr(queue, "COUNTED_EACH_TIME", 3)
    cache.clear()
    who = member(cast.bo)
    assert queue.left_for(who, "abstract") == 30
    for n, report in enumerate(reports[:4], start=1):
        actions.decide(report, "abstract", "include", by=cast.bo)
        assert queue.left_for(who, "abstract") == 30 - n  # my own at once
    for report in reports[4:6]:
        for user in (cast.cy, cast.ada):
            actions.decide(report, "abstract", "include", by=user)
    assert queue.left_for(who, "abstract") == 26
    cache.clear()  # as time does
    assert queue.left_for(who, "abstract") == 24


def test_a_point_of_one_s_own_may_be_an_old_one(cast, member, reports, monkeypatch):
    monkeypatch.setattr(queue, "WIDE", 1)
    cache.clear()
    first = ids(queue.next_for(member(cast.bo), "abstract", 30))
    for report in reports[:20]:
        actions.remove_before_screening(report, by=cast.ada, why="Twice")
    gone = ids(reports[:20])
    served = ids(queue.next_for(member(cast.bo), "abstract", 30))
    assert served == [pk for pk in first if pk not in gone]
