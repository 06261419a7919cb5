"""The decision to stop: what the log keeps, what PRISMA says, what stays listed, checks, undo."""

import pytest

from reviews import jobs
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused
from screening import actions, flow
from screening.models import BulkPart, StopCheck, Stopping
from screening.relevance import rules, stopping
from screening.reporting import prisma
from screening.reporting.diagram import draw

pytestmark = pytest.mark.django_db

PAGE = "/r/one/ranking/"


def work():
    while jobs.run_one():
        pass


@pytest.fixture
def reports(review, make_report):
    return [
        make_report(review, f"{'Trees' if n % 5 == 0 else 'Fish'} {n}", abstract="words of it")
        for n in range(20)
    ]


@pytest.fixture
def ranked(cast, review, reports):
    """Ten of twenty are settled, two of them went on; one more is half-decided."""
    rules.set_ranking(review, by=cast.ada, by_relevance=True, show_why=False)
    for n, report in enumerate(reports[:10]):
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "exclude" if n % 5 else "include", by=user)
    actions.decide(reports[10], "abstract", "include", by=cast.bo)
    work()
    return reports


@pytest.fixture
def stopped(cast, ranked):
    return stopping.stop(cast.member("ada"), reason="The money is gone")


def places(review):
    return dict(review.reports.values_list("pk", "place"))


def test_what_nobody_touched_is_set_aside_and_stays_listed(
    cast, review, ranked, stopped, signed_in
):
    stand = places(review)
    assert [stand[report.pk] for report in ranked[11:]] == ["removed-automation"] * 9
    assert stand[ranked[10].pk] == "abstract-half"
    page = signed_in(cast.bo).get("/r/one/reports/?place=removed-automation").content.decode()
    assert all(f">{report.title}<" in page for report in ranked[11:])
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "9 reports</a> not screened" in page
    # What was left still counts: nothing has become more certain by stopping.
    assert stopping.evidence(review).of == 20
    assert stopping.evidence(review).certificate.left == 10


def test_the_log_keeps_model_seed_order_and_certificate(cast, review, stopped):
    event = AuditEvent.objects.get(verb="stopped screening")
    assert event.reason == "The money is gone"
    assert event.after["not screened"] == 9
    assert event.after["model"] == stopped.model
    assert event.after["seed"] == 0
    assert event.after["order"] == review.ranked_orders.get(by=None).fingerprint
    assert event.after["certificate"]["state"] == "keep going"
    assert event.after["certificate"]["found"] == 2


def test_prisma_counts_it_as_automation_and_says_so(cast, review, stopped):
    numbers = prisma.report(review)
    assert numbers["boxes"]["D2_auto"] == 9
    assert all(each["holds"] for each in numbers["identities"])
    assert [each["n"] for each in numbers["stopped"]] == [9]
    notes = " ".join(line.text for line in draw(numbers).notes)
    assert "9 were not screened: screening in ranked order was stopped on" in notes


def test_undone_everything_is_as_it_was(cast, review, ranked, signed_in):
    before = places(review)
    ada = signed_in(cast.ada)
    assert ada.post(f"{PAGE}stop/", {"stop-reason": "Enough"}).status_code == 302
    assert places(review) != before
    made = Stopping.objects.get()
    assert ada.post(f"{PAGE}stops/{made.pk}/undo/").status_code == 302
    assert places(review) == before
    assert "Undone on" in ada.get(PAGE).content.decode()
    numbers = prisma.report(review)
    assert numbers["stopped"] == []
    ada.post(f"{PAGE}stops/{made.pk}/undo/")
    assert places(review) == before


def test_a_sample_is_screened_as_a_check(cast, review, ranked, stopped, signed_in):
    made = stopping.check(stopped, by=cast.ada, size=4, seed=3)
    assert len(set(made.drawn)) == 4
    assert flow.placed(review)["abstract-open"] == 4
    assert stopping.unscreened(review).count() == 5
    for n, pk in enumerate(made.drawn):
        report = review.reports.get(pk=pk)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "exclude" if n else "include", by=user)
    [told] = stopping.stops(review)
    assert (told.checks[0].settled, told.checks[0].relevant) == (4, 1)
    # Of 6 relevant among 9 a sample of 4 has at most one in 6 of 126 draws, of 5 in 21.
    assert told.checks[0].at_most == 5
    assert "at most 5 are relevant" in signed_in(cast.bo).get(PAGE).content.decode()
    assert AuditEvent.objects.get(verb="drew a sample of what was not screened").after["seed"] == 3


def test_the_same_seed_draws_the_same(cast, review, stopped):
    first = stopping.check(stopped, by=cast.ada, size=3, seed=5)
    for pk in first.drawn:
        actions.remove_before_screening(
            review.reports.get(pk=pk), by=cast.ada, why="again", automation=True
        )
    assert stopping.check(stopped, by=cast.ada, size=3, seed=5).drawn == first.drawn


def test_one_report_can_be_sent_back(cast, review, ranked, stopped):
    actions.restore_to_screening(ranked[15], by=cast.ada)
    assert prisma.report(review)["stopped"][0]["n"] == 8


@pytest.mark.parametrize("size", [0, 10, 501])
def test_a_sample_larger_than_what_is_left_is_refused(cast, stopped, size):
    with pytest.raises(Refused, match="between 1 and 9"):
        stopping.check(stopped, by=cast.ada, size=size)
    assert not StopCheck.objects.exists()


def test_no_sample_of_an_undone_stop(cast, stopped):
    from screening.lead import bulk

    bulk.undo(stopped.act, by=cast.ada)
    with pytest.raises(Clash, match="has been undone"):
        stopping.check(stopped, by=cast.ada, size=1)


def test_without_ranking_without_reason_or_with_nothing_left_it_is_refused(
    cast, review, ranked, signed_in
):
    ada = signed_in(cast.ada)
    assert ada.post(f"{PAGE}stop/", {"stop-reason": " "}).status_code == 422
    rules.set_ranking(review, by=cast.ada, by_relevance=False, show_why=False)
    answer = ada.post(f"{PAGE}stop/", {"stop-reason": "x"})
    assert answer.status_code == 422
    assert "Without ranking" in answer.content.decode()
    rules.set_ranking(review, by=cast.ada, by_relevance=True, show_why=False)
    stopping.stop(cast.member("ada"), reason="x")
    with pytest.raises(Refused, match="no untouched report"):
        stopping.stop(cast.member("ada"), reason="x")
    assert Stopping.objects.count() == 1


def test_many_are_a_job(cast, review, ranked, make_report):
    for _ in range(45):
        make_report(review)
    made = stopping.stop(cast.member("ada"), reason="Enough")
    with pytest.raises(Clash, match="Wait until"):
        stopping.check(made, by=cast.ada, size=1)
    work()
    assert made.act.parts.filter(outcome=BulkPart.Outcome.DONE).count() == 54


def test_only_the_lead_stops(cast, ranked, signed_in):
    assert signed_in(cast.bo).post(f"{PAGE}stop/", {"stop-reason": "x"}).status_code == 403
    assert "Stop screening" not in signed_in(cast.bo).get(PAGE).content.decode()
