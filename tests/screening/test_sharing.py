"""The lead shares reports out: preview, queue, board, leaving, joining, undo; never a vote too many."""

import threading
import time
from collections import Counter

import pytest
from django.db import connection

from reviews import actions as people
from reviews.models import AuditEvent, Membership
from reviews.refusal import Clash, Refused
from screening import actions, flow
from screening.desk import leases, queue
from screening.lead.board import boards
from screening.models import Decision, Lease, Share, Sharing
from screening.sharing import setting
from screening.sharing.setting import Asked
from tests.conftest import person

pytestmark = pytest.mark.django_db

PAGE = "/r/one/sharing/"
CHANGE = f"{PAGE}abstract/"


def ids(reports):
    return {report.pk for report in reports}


def served(member, n=500):
    return ids(queue.next_for(member, "abstract", n))


@pytest.fixture
def reports(review, make_report):
    return [make_report(review) for _ in range(60)]


@pytest.fixture
def four(cast, join):
    return [cast.bo, cast.cy, join("Di"), join("Fay")]


@pytest.fixture
def share(cast, review):
    def out(kind, *asked, stage="abstract", seed=11):
        return setting.share_out(review, stage, by=cast.ada, kind=kind, asked=asked, seed=seed)

    return out


def test_each_report_is_served_to_two_people_and_left_says_so(reports, four, member, share):
    share("random", *map(Asked, four))
    each = [served(member(user)) for user in four]
    asked = Counter(pk for mine in each for pk in mine)
    assert asked == {report.pk: 2 for report in reports}
    assert [queue.left_for(member(user), "abstract") for user in four] == [len(m) for m in each]
    assert min(len(mine) for mine in each) > 15  # 30 each, as the draw falls


def test_the_page_previews_sets_and_undoes(cast, review, reports, four, signed_in, member):
    ada = signed_in(cast.ada)
    people_ = [user.pk for user in four]
    form = {"kind": "pairs", "people": people_, "seed": "5"}
    page = ada.post(CHANGE, form | {"preview": "1"})
    assert page.status_code == 200
    assert not Sharing.objects.exists()
    shown = {line.user: line.reports for line in page.context["spread"].lines}
    assert sum(shown.values()) == 2 * 60
    assert ada.post(CHANGE, form).status_code == 302
    assert {user: len(served(member(user))) for user in four} == shown
    listed = ada.get(PAGE)
    assert "Balanced pairs" in listed.content.decode()
    assert ada.post(CHANGE, {"kind": "all"}).status_code == 302
    assert len(served(member(cast.bo))) == 60
    assert ada.post(f"{CHANGE}undo/").status_code == 302
    assert {user: len(served(member(user))) for user in four} == shown
    assert ada.post(f"{CHANGE}undo/").status_code == 302
    assert len(served(member(cast.bo))) == 60
    assert ada.post(f"{CHANGE}undo/").status_code == 302  # said in a message
    with pytest.raises(Clash, match="nothing"):
        setting.undo(review, "abstract", by=cast.ada)
    assert AuditEvent.objects.filter(verb="shared the reports out").count() == 2
    assert AuditEvent.objects.filter(verb="undid a sharing of reports").count() == 2
    for kind in Sharing.Kind.values:
        assert ada.get(f"{CHANGE}?kind={kind}").status_code == 200


def test_a_quota_and_who_takes_what_is_left(reports, four, member, share, review, cast):
    bo, cy, di, fay = four
    with pytest.raises(Refused, match="come to 50 answers and 120 are missing"):
        share("quota", Asked(bo, 30), Asked(cy, 20), Asked(di, 0), Asked(fay, 0))
    share("quota", Asked(bo, 12), Asked(cy, 48), Asked(di, 0), Asked(fay, None))
    left = {user: queue.left_for(member(user), "abstract") for user in four}
    assert left[di] == 0
    assert left[bo] < left[cy] < left[fay] <= 60
    assert sum(left.values()) == 120
    weights = dict(Share.objects.values_list("user", "weight"))
    assert weights == {bo.pk: 12, cy.pk: 48, di.pk: 0, fay.pk: 60}


def test_expert_and_novice(reports, four, member, share):
    bo, cy, di, fay = four
    with pytest.raises(Refused, match="one expert and one novice"):
        share("expert-novice", Asked(bo, group="expert"))
    share(
        "expert-novice",
        Asked(bo, group="expert"),
        *(Asked(user, group="novice") for user in (cy, di, fay)),
    )
    assert len(served(member(bo))) == 60
    assert sum(len(served(member(user))) for user in (cy, di, fay)) == 60


def test_by_source(review, four, member, share, make_search, make_report):
    first, second, third = (make_search(review) for _ in range(3))
    of = {s: ids(make_report(review, search=s) for _ in range(5)) for s in (first, second, third)}
    bo, cy, di, fay = four
    share(
        "source",
        Asked(bo, source=first),
        Asked(cy, source=first),
        Asked(di, source=second),
    )
    assert served(member(bo)) == of[first] | of[second] | of[third]
    assert served(member(di)) == of[second] | of[third]
    # One person is too few for the two answers that a report of the second source takes.
    assert served(member(fay)) == of[second] | of[third]
    assert queue.left_for(member(fay), "abstract") == 10


def test_by_year(cast, review, four, member, make_report, signed_in):
    bo, cy, di, fay = four
    of = {year: make_report(review, year=year).pk for year in (1999, 2009, 2010, 2020, None)}
    form = {"kind": "year", f"from_{bo.pk}": "2000", f"to_{cy.pk}": "2010"}
    form |= {f"from_{di.pk}": "2010", f"to_{di.pk}": "2019"}
    ada = signed_in(cast.ada)
    wrong = ada.post(CHANGE, form | {f"to_{di.pk}": "2009"})
    assert (wrong.status_code, "2010 is after 2009" in wrong.content.decode()) == (422, True)
    shown = ada.post(CHANGE, form | {"preview": "1"}).context["spread"]
    assert ada.post(CHANGE, form).status_code == 302
    # 2009 and 2010 have the two people whom a report takes; for the rest everybody is asked.
    for_all = {of[1999], of[2020], of[None]}
    assert served(member(bo)) == for_all | {of[2009], of[2010]}
    assert served(member(cy)) == for_all | {of[2009], of[2010]}
    assert served(member(di)) == for_all | {of[2010]}
    assert served(member(fay)) == for_all
    assert [(each.user, each.group) for each in shown.lines] == [
        (bo, "from 2000"),
        (cy, "until 2010"),
        (di, "2010 to 2019"),
    ]
    after = AuditEvent.objects.get(verb="shared the reports out").after
    assert after["parts"] == ["Bo: from 2000", "Cy: until 2010", "Di: 2010 to 2019"]
    api = ada.get("/api/v1/reviews/one/sharing/").json()["stages"][0]
    assert [(part["year_from"], part["year_to"]) for part in api["parts"]] == [
        (2000, None),
        (None, 2010),
        (2010, 2019),
    ]


def test_half_decided_come_first_and_only_one_s_own(reports, four, member, share, cast):
    share("random", *map(Asked, four))
    bo, cy, *_ = four
    by_id = {report.pk: report for report in reports}
    both = served(member(bo)) & served(member(cy))
    begun = [*sorted(served(member(bo)) - both)[:2], min(both)]
    for pk in begun:
        actions.decide(by_id[pk], "abstract", "include", by=bo)
    first, *rest = queue.next_for(member(cy), "abstract", 60)
    assert first.pk == min(both)
    assert not {report.pk for report in rest} & set(begun)


def test_who_leaves_orphans_nothing_and_who_joins_gets_a_share(
    cast, review, reports, four, member, share, join
):
    share("random", *map(Asked, four))
    before = {user: served(member(user)) for user in four}
    people.remove(member(cast.cy), by=cast.ada)
    stay = [user for user in four if user != cast.cy]
    asked = Counter(pk for user in stay for pk in served(member(user)))
    assert asked == {report.pk: 2 for report in reports}
    assert all(before[user] <= served(member(user)) for user in stay)
    gil = join("Gil")
    now = {user: served(member(user)) for user in [*stay, gil]}
    assert Counter(pk for mine in now.values() for pk in mine) == {r.pk: 2 for r in reports}
    assert len(now[gil]) > 15


def test_the_board_says_what_each_is_asked_for(cast, review, reports, four, member, share):
    share("pairs", *map(Asked, four))
    for report in queue.next_for(member(cast.bo), "abstract", 4):
        actions.decide(report, "abstract", "include", by=cast.bo)
    board = boards(review)[0]
    for line in board.lines:
        assert line.left == len(served(line.member))
    assert sum(line.left for line in board.lines) == 120 - 4 == board.missing


def test_the_rules_may_change_afterwards(cast, review, reports, four, member, share):
    share("pairs", *map(Asked, four))
    actions.set_rules(review, "abstract", by=cast.ada, screeners=3, maybe="advances")
    asked = Counter(pk for user in four for pk in served(member(user)))
    assert asked == {report.pk: 3 for report in reports}


def test_people_must_screen_and_pairs_need_two(cast, review, reports, four, share, signed_in):
    with pytest.raises(Refused, match="does not screen"):
        share("random", Asked(cast.obi))
    with pytest.raises(Refused, match="at least one person"):
        share("random")
    actions.set_rules(review, "abstract", by=cast.ada, screeners=1, maybe="advances")
    with pytest.raises(Refused, match="nobody is paired"):
        share("pairs", *map(Asked, four))
    page = signed_in(cast.ada).post(CHANGE, {"kind": "pairs", "people": "x", "seed": ""})
    assert page.status_code == 422


def test_an_answer_outside_of_one_s_share_counts_and_takes_a_seat(reports, four, member, share):
    share("random", *map(Asked, four))
    bo = member(four[0])
    other = next(report for report in reports if report.pk not in served(bo))
    actions.decide(other, "abstract", "include", by=bo.user)
    team = [user for user in four[1:] if other.pk in served(member(user))]
    actions.decide(other, "abstract", "include", by=team[0])
    with pytest.raises(Clash):
        actions.decide(other, "abstract", "include", by=team[1])


@pytest.mark.django_db(transaction=True)
def test_twelve_at_the_same_second_under_changing_shares(cast, review, make_report):
    """Shares change, somebody leaves and somebody joins meanwhile: two answers each, never three."""
    if connection.vendor != "postgresql":
        pytest.skip("NOT RUN: threads need PostgreSQL (SQLite's test database is one connection)")
    reports = [make_report(review) for _ in range(60)]
    users = [person(f"P{n}") for n in range(10)]
    for each in users:
        Membership.objects.create(review=review, user=each, roles=["screener"])
    users += [cast.bo, cast.cy]
    members = list(Membership.objects.filter(review=review, user__in=users))
    asked = [Asked(user) for user in users]
    setting.share_out(review, "abstract", by=cast.ada, kind="pairs", asked=asked, seed=1)
    together, trouble, handed = threading.Barrier(len(members) + 1), [], Counter()
    ends = time.monotonic() + 240

    def run(act):
        try:
            together.wait()
            act()
        except Exception as error:
            trouble.append(repr(error))
        finally:
            connection.close()

    def screen(member):
        def act():
            while time.monotonic() < ends:
                found = leases.hand_out(member, "abstract", 3)
                if not found and not queue.left_for(member, "abstract"):
                    return
                for report in found:
                    handed[report.pk] += 1
                    actions.decide(report, "abstract", "include", by=member.user)

        return act

    def change():
        for seed in range(4):
            setting.share_out(
                review, "abstract", by=cast.ada, kind="random", asked=asked, seed=seed
            )
            time.sleep(0.2)
        setting.undo(review, "abstract", by=cast.ada)

    threads = [threading.Thread(target=run, args=(screen(each),)) for each in members]
    threads.append(threading.Thread(target=run, args=(change,)))
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert trouble == []
    # Seats that somebody holds outside of what is theirs now come free when their leases lapse.
    Lease.objects.all().delete()
    own = Decision.objects.current().independent()
    while left := [r for r in reports if own.on(r).count() < 2]:
        # Whoever was done before the last change is asked again.
        before = len(left)
        for each in members:
            for report in leases.hand_out(each, "abstract", 60):
                actions.decide(report, "abstract", "include", by=each.user)
        assert len([r for r in reports if own.on(r).count() < 2]) < before
    assert {own.on(report).count() for report in reports} == {2}
    assert flow.misplaced(review) == []
