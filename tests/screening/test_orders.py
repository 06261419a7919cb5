"""The lead chooses the order of what nobody has touched; half-decided reports come first in any."""

import pytest

from reviews.models import AuditEvent
from reviews.refusal import Refused
from screening import actions
from screening.desk import leases, orders, queue
from screening.lead import ordering
from screening.sharing import setting
from screening.sharing.scatter import scatter
from screening.sharing.setting import Asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(review, make_report, make_search):
    """Twelve of two sources, their years mixed, two without one."""
    sources = [make_search(review) for _ in range(2)]
    years = [2001, 2020, None, 1999, 2020, 2013, 1987, None, 2024, 2001, 2010, 2013]
    return [make_report(review, search=sources[n % 2], year=year) for n, year in enumerate(years)]


@pytest.fixture
def served(review, member, cast):
    def of(order, *, seed=None, limit=20, user=None):
        ordering.set_order(review, "abstract", by=cast.ada, order=order, seed=seed)
        return [each.pk for each in queue.next_for(member(user or cast.bo), "abstract", limit)]

    return of


def in_order(reports, key):
    return [report.pk for report in sorted(reports, key=key)]


def expected(reports, order, seed=0):
    keys = {
        "oldest": lambda r: r.pk,
        "newest": lambda r: -r.pk,
        "year": lambda r: (-(r.year or 0), r.pk),
        "random": lambda r: scatter(r.pk, seed),
        "source": lambda r: (r.records.get().search_id, r.pk),
    }
    return in_order(reports, keys[order])


@pytest.mark.parametrize("order", [each for each in orders.ORDERS if each])
def test_each_order(cast, reports, served, order, review):
    assert served(order, seed=4, user=cast.bo) == expected(reports, order, 4)
    assert served(order, seed=4, user=cast.cy) == expected(reports, order, 4)
    assert served(order, seed=4, limit=3) == expected(reports, order, 4)[:3]


def test_what_is_kept_of_an_order_never_decides(cast, reports, served, review, make_report):
    """Reports that moved since are passed over, and those behind the head are found."""
    first = served("year")
    by_id = {each.pk: each for each in reports}
    actions.remove_before_screening(by_id[first[1]], by=cast.ada, why="Twice")
    actions.decide(by_id[first[0]], "abstract", "include", by=cast.bo)
    assert served("year") == first[2:]
    new = make_report(review, year=1900)  # the head is not enough: the database is asked
    assert served("year") == [*first[2:-2], new.pk, *first[-2:]]


def test_only_the_head_is_kept(cast, reports, served, monkeypatch):
    monkeypatch.setattr(orders, "HEAD", 4)
    monkeypatch.setattr(orders, "WINDOWS", (1, 2, 1))
    assert served("random", seed=9, limit=3) == expected(reports, "random", 9)[:3]
    assert served("random", seed=9) == expected(reports, "random", 9)


def test_half_decided_come_first_and_their_verdict_plays_no_part(cast, reports, served):
    last = expected(reports, "year")[-1]
    for verdict in ("include", "exclude"):
        report = next(each for each in reports if each.pk == last)
        actions.decide(report, "abstract", verdict, by=cast.cy)
        assert served("year") == [last, *expected(reports, "year")[:-1]]


def test_an_order_within_a_share(cast, review, reports, served, join):
    users = [cast.bo, cast.cy, join("Di")]
    asked = [Asked(user) for user in users]
    setting.share_out(review, "abstract", by=cast.ada, kind="random", asked=asked, seed=2)
    each = [served("year", user=user) for user in users]
    assert sum(map(len, each)) == 24
    for mine in each:
        assert mine == [pk for pk in expected(reports, "year") if pk in mine]


def test_twice_as_many_people_hold_no_seat_too_many(cast, review, reports, served, join, member):
    served("newest")
    held = [
        [each.pk for each in leases.hand_out(member(user), "abstract", 5)]
        for user in (cast.bo, cast.cy, join("Di"), join("Fay"))
    ]
    newest = expected(reports, "newest")
    assert held == [newest[:5], newest[:5], newest[5:10], newest[5:10]]


def test_the_page_sets_it_and_who_screens_is_told(cast, review, reports, signed_in):
    ada, bo = signed_in(cast.ada), signed_in(cast.bo)
    assert "from a point of your own" in bo.get("/r/one/screen/").content.decode()
    set_ = "/r/one/sharing/abstract/order/"
    assert ada.post(set_, {"order": "random", "seed": "77"}).status_code == 302
    assert "half-decided first, then random (seed 77)" in bo.get("/r/one/screen/").content.decode()
    assert "random (seed 77)" in bo.get("/api/v1/reviews/one/queue/").json()["order"]
    assert ada.post(set_, {"order": "verdict"}).status_code == 302
    assert review.rules("abstract").order == "random"
    event = AuditEvent.objects.filter(verb="changed the order of the queue").get()
    assert event.after == {"order": "random (seed 77)"}
    with pytest.raises(Refused):
        ordering.set_order(review, "abstract", by=cast.ada, order="verdict")
