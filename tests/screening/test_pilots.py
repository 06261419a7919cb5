"""Pilot rounds: the same reports for all, blind until closed, then placed by the rules."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from reviews.models import AuditEvent, Membership
from reviews.refusal import Clash, Refused
from screening import actions, flow
from screening.desk import leases, queue
from screening.lead import pilots
from screening.models import Decision, Lease, PilotSeat
from screening.reporting.agreeing import first_answers
from tests.conftest import person

pytestmark = pytest.mark.django_db

PAGE = "/r/one/pilots/"


def ids(reports):
    return [report.pk for report in reports]


def drawn(pilot):
    return list(pilot.drawn.order_by("pk").values_list("report", flat=True))


@pytest.fixture
def reports(review, make_report):
    return [make_report(review) for _ in range(12)]


@pytest.fixture
def pilot(cast, review, reports):
    return pilots.draw(review, "abstract", by=cast.ada, size=4, threshold=0.8, seed=7)


def in_turn(report, people):
    seats = PilotSeat.objects.filter(drawn__report=report).values_list("user", "turn")
    turns = dict(seats)
    return sorted(people, key=lambda user: (turns.get(user.pk, 99), user.pk))


def place(report):
    report.refresh_from_db()
    return report.place


def test_everybody_is_served_the_same_and_nothing_else(cast, member, pilot, join, reports):
    for user in (cast.bo, cast.cy, join("Di")):
        assert ids(leases.hand_out(member(user), "abstract", 9)) == drawn(pilot)
        assert queue.left_for(member(user), "abstract") == 4
    assert not Lease.objects.exists()
    other = next(each for each in reports if each.pk not in drawn(pilot))
    assert queue.still_asked(member(cast.bo), "abstract", [other.pk]) == set()
    with pytest.raises(Clash, match="pilot round is open"):
        actions.decide(other, "abstract", "include", by=cast.bo)
    # What lay before somebody when the round was drawn is taken: that work is done.
    before = pilot.at - timedelta(seconds=1)
    actions.decide(other, "abstract", "include", by=cast.bo, served_at=before)


def test_the_same_seed_draws_the_same(cast, review, reports, pilot):
    again = pilots.draw(review, "abstract", by=cast.ada, size=4, threshold=0.8, seed=7)
    assert drawn(again) == drawn(pilot)
    assert (pilot.number, again.number) == (1, 2)
    pilot.refresh_from_db()
    assert pilot.closed_at is not None
    with pytest.raises(Refused, match="Only 12"):
        pilots.draw(review, "abstract", by=cast.ada, size=13, threshold=0.8)


def test_all_answer_blind_and_the_place_takes_as_many_as_the_rules_ask_for(
    cast, review, member, pilot, join, reports
):
    di = join("Di")
    first = next(each for each in reports if each.pk == drawn(pilot)[0])
    for user, verdict in ((di, "exclude"), (cast.bo, "include"), (cast.cy, "include")):
        actions.decide(first, "abstract", verdict, by=user)
        assert place(first) == "abstract-half"
        assert Decision.objects.visible_to(member(cast.bo)).exclude(by=cast.bo).count() == 0
    pilots.close(pilot, by=cast.ada, reason="Talked it over")
    # Two of the three are drawn: the seed says whose, for each report anew.
    people = (cast.bo, cast.cy, di)
    assert place(first) == ("abstract-conflict" if di in in_turn(first, people)[:2] else "sought")
    assert first.decisions.current().count() == 3
    assert flow.misplaced(review) == []
    actions.set_rules(review, "abstract", by=cast.ada, screeners=3, maybe="advances")
    assert place(first) == "abstract-conflict"  # now three are asked, and there are three
    # The main round is open, and what lacks answers goes on in it.
    served = ids(queue.next_for(member(cast.bo), "abstract", 20))
    assert len(served) == 11
    with pytest.raises(Clash, match="closed already"):
        pilots.close(pilot, by=cast.ada, reason="Talked it over")


def test_everybody_s_answers_count_on_some_reports(cast, review, make_report, join):
    """Di alone excludes: she is in the draw of about two reports of three, and each is a conflict."""
    di = join("Di")
    reports = [make_report(review) for _ in range(24)]
    pilot = pilots.draw(review, "abstract", by=cast.ada, size=24, threshold=0.8, seed=3)
    for report in reports:
        for user in (cast.bo, cast.cy, di):
            verdict = "exclude" if user == di else "include"
            actions.decide(report, "abstract", verdict, by=user)
    pilots.close(pilot, by=cast.ada, reason="Talked it over")
    places = Counter(place(report) for report in reports)
    assert set(places) == {"abstract-conflict", "sought"}
    assert 10 <= places["abstract-conflict"] <= 22
    # A change of mind of somebody who is not drawn moves nothing, and of the drawn the report.
    quiet = next(report for report in reports if place(report) == "sought")
    loud = next(report for report in reports if place(report) == "abstract-conflict")
    for report in (quiet, loud):
        actions.decide(report, "abstract", "include", by=di)
        assert place(report) == "sought"
    assert flow.misplaced(review) == []


def test_a_reason_is_that_of_a_person_who_counts(cast, review, at_fulltext, reasons, join):
    di, report = join("Di"), at_fulltext()
    pilot = pilots.draw(review, "fulltext", by=cast.ada, size=1, threshold=0.8, seed=5)
    people = (cast.bo, cast.cy, di)
    last = in_turn(report, people)[-1]
    for user in people:
        reason = reasons[1] if user == last else reasons[0]
        actions.decide(report, "fulltext", "exclude", reason=reason, by=user)
    pilots.close(pilot, by=cast.ada, reason="Talked it over")
    assert place(report) == "fulltext-out"
    assert flow.reports_in(review, "D8", reason=reasons[0].pk).get() == report
    assert not flow.reports_in(review, "D8", reason=reasons[1].pk).exists()


def test_agreement_is_cut_by_round(cast, review, reports, pilot, join, signed_in):
    di, by_id = join("Di"), {each.pk: each for each in reports}
    for pk in drawn(pilot):
        for user in (cast.bo, cast.cy, di):
            actions.decide(by_id[pk], "abstract", "include", by=user)
    pilots.close(pilot, by=cast.ada, reason="Talked it over")
    others = [each for each in reports if each.pk not in drawn(pilot)]
    for report in others:
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "exclude", by=user)
    answered = first_answers(review, review.rules("abstract"))
    assert {each.report: (each.people, each.round) for each in answered} == {
        each.pk: (3, 1) if each.pk in drawn(pilot) else (2, None) for each in reports
    }
    client = signed_in(cast.bo)
    page = client.get("/r/one/agreement/?stage=abstract&people=3&round=1")
    assert page.context["panel"].reports == 4
    rows = {row["name"]: row["reports"] for row in page.context["rounds"]}
    assert {name: number.n for name, number in rows.items()} == {
        "Pilot round 1": 4,
        "Main round": 8,
    }
    for number, expected in zip(rows.values(), (others, drawn(pilot)), strict=True):
        listed = client.get(number.href)
        assert listed.context["page"].paginator.count == len(expected) == number.n
    assert "pilot round 1" in client.get(rows["Pilot round 1"].href).content.decode()


def test_below_the_threshold_the_main_round_opens_for_a_reason_alone(
    cast, review, reports, pilot, signed_in
):
    """One include and one exclude on each report: the agreement on includes is 0."""
    by_id = {each.pk: each for each in reports}
    for pk in drawn(pilot):
        actions.decide(by_id[pk], "abstract", "include", by=cast.bo)
        actions.decide(by_id[pk], "abstract", "exclude", by=cast.cy)
    ada = signed_in(cast.ada)
    page, api = f"{PAGE}{pilot.pk}/close/", f"/api/v1/reviews/one/pilots/{pilot.pk}/close/"
    assert "is 0.00, below the threshold of 0.80." in ada.get(PAGE).content.decode()
    refused = ada.post(page, {"reason": "  "}, follow=True).content.decode()
    assert "Say why the main round opens all the same." in refused
    assert ada.post(api, {}, content_type="application/json").status_code == 422
    assert ada.post(api, {"why": "x"}, content_type="application/json").status_code == 400
    assert pilots.open_round(review, "abstract") == pilot
    assert {place(by_id[pk]) for pk in drawn(pilot)} == {"abstract-half"}
    ada.post(page, {"reason": "Talked it over <b>twice</b>"})
    assert pilots.open_round(review, "abstract") is None
    told = AuditEvent.objects.get(verb="closed a pilot round")
    assert told.after == {"agreement": 0, "threshold": 0.8}
    assert told.reason == "Talked it over <b>twice</b>"
    shown = signed_in(cast.bo).get(PAGE).content.decode()
    assert "opened all the same: Talked it over &lt;b&gt;twice&lt;/b&gt;" in shown
    listed = ada.get("/api/v1/reviews/one/pilots/").json()["results"]
    assert listed[0]["opened_because"] == told.reason


def test_a_reason_above_the_threshold_is_not_kept(cast, review, reports, pilot):
    by_id = {each.pk: each for each in reports}
    for pk in drawn(pilot):
        for user in (cast.bo, cast.cy):
            actions.decide(by_id[pk], "abstract", "include", by=user)
    assert pilots.close(pilot, by=cast.ada, reason="None is needed").opened_because == ""


def test_the_api_lists_draws_and_closes(cast, review, reports, signed_in):
    at, ada, bo = "/api/v1/reviews/one/pilots/", signed_in(cast.ada), signed_in(cast.bo)
    asked = {"stage": "abstract", "size": 3, "threshold": 0.7, "seed": 9}
    assert bo.post(at, asked, content_type="application/json").status_code == 403
    made = ada.post(at, asked, content_type="application/json")
    assert made.status_code == 201
    assert ada.post(at, asked | {"size": 13}, content_type="application/json").status_code == 422
    by_id = {each.pk: each for each in reports}
    pilot = pilots.open_round(review, "abstract")
    for pk in drawn(pilot):
        actions.decide(by_id[pk], "abstract", "include", by=cast.bo)
    listed = bo.get(at).json()["results"]
    assert [(each["number"], each["seed"], each["agreement"]) for each in listed] == [(1, 9, None)]
    assert listed[0]["answered"] == {"bo": 3, "cy": 0}
    for pk in drawn(pilot):
        actions.decide(by_id[pk], "abstract", "include", by=cast.cy)
    assert bo.get(at).json()["results"][0]["agreement"] == 1
    close = f"{at}{pilot.pk}/close/"
    assert bo.post(close).status_code == 403
    assert ada.post(close).json()["reached"] is True
    assert ada.post(close).status_code == 409


def test_the_page_draws_shows_agreement_when_all_is_answered_and_closes(
    cast, review, reports, signed_in, member
):
    ada = signed_in(cast.ada)
    draw = f"{PAGE}abstract/draw/"
    form = {"abstract-size": "4", "abstract-threshold": "80", "abstract-seed": "7"}
    assert ada.post(draw, form | {"abstract-size": "99"}).status_code == 422
    assert signed_in(cast.bo).post(draw, form).status_code == 403
    assert ada.post(draw, form).status_code == 302
    pilot = pilots.open_round(review, "abstract")
    assert "<b>Pilot round 1.</b>" in signed_in(cast.bo).get("/r/one/screen/").content.decode()
    by_id = {each.pk: each for each in reports}
    for nth, pk in enumerate(drawn(pilot)):
        actions.decide(by_id[pk], "abstract", "include", by=cast.bo)
        hidden = signed_in(cast.bo).get(PAGE).content.decode()
        assert "Agreement is shown when everybody has answered" in hidden
        verdict = "exclude" if nth == 3 else "include"
        actions.decide(by_id[pk], "abstract", verdict, by=cast.cy)
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "The threshold of 0.80 on includes is reached" in page  # 2 * 3 / 7 = 0.86
    assert "0.86" in page
    assert "answers differ" not in page
    assert ada.post(f"{PAGE}{pilot.pk}/close/").status_code == 302
    page = signed_in(cast.bo).get(PAGE)
    assert "1 in, 1 out" in page.content.decode()
    assert [each.verb for each in AuditEvent.objects.order_by("number")][-2:] == [
        "drew a pilot round",
        "closed a pilot round",
    ]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_second_answer_all_of_a_round_once(cast, review, make_report):
    reports = [make_report(review) for _ in range(6)]
    people = [person(f"P{n}") for n in range(20)]
    members = [
        Membership.objects.create(review=review, user=each, roles=["screener"]) for each in people
    ]
    pilot = pilots.draw(review, "abstract", by=cast.ada, size=3, threshold=0.8, seed=1)
    together, trouble = threading.Barrier(len(members)), []
    ends = time.monotonic() + 240

    def screen(member):
        try:
            together.wait()
            while found := leases.hand_out(member, "abstract", 2):
                assert time.monotonic() < ends
                for report in found:
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
        assert report.decisions.count() == (20 if report.pk in drawn(pilot) else 0)
        assert place(report) == ("abstract-half" if report.pk in drawn(pilot) else "abstract-open")
    pilots.close(pilot, by=cast.ada, reason="Talked it over")
    assert flow.misplaced(review) == []
    assert sorted({place(report) for report in reports}) == ["abstract-open", "sought"]
