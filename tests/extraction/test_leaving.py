"""A member leaves or joins at any time: nothing that they had in hand is orphaned."""

import pytest

from extraction import actions as extracting
from extraction.models import Extraction
from reviews import actions
from screening import actions as screening
from screening import flow
from screening.desk import leases, queue
from screening.models import Decision, Lease

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(cast):
    return lambda name: cast.member(name)


def ids(reports):
    return {report.pk for report in reports}


def test_what_was_handed_to_who_leaves_is_handed_to_others_at_once(cast, review, make_report, of):
    screening.set_rules(review, "abstract", by=cast.ada, screeners=1, maybe="advances")
    reports = [make_report(review) for _ in range(3)]
    assert ids(leases.hand_out(of("bo"), "abstract", 3)) == ids(reports)
    assert leases.hand_out(of("cy"), "abstract", 3) == []
    actions.remove(of("bo"), by=cast.ada)
    assert not Lease.objects.filter(by=cast.bo).exists()
    assert ids(leases.hand_out(of("cy"), "abstract", 3)) == ids(reports)


def test_who_loses_the_role_lets_go_and_who_keeps_it_does_not(cast, review, make_report, of):
    make_report(review)
    leases.hand_out(of("bo"), "abstract", 1)
    actions.set_roles(of("bo"), ["screener", "adjudicator"], by=cast.ada)
    assert Lease.objects.filter(by=cast.bo).count() == 1
    actions.set_roles(of("bo"), ["extractor"], by=cast.ada)
    assert not Lease.objects.filter(by=cast.bo).exists()


def test_half_decided_reports_are_served_to_who_remains_and_who_joins(
    cast, review, make_report, of
):
    half = make_report(review)
    screening.decide(half, "abstract", "include", by=cast.bo)
    other = make_report(review)
    screening.decide(other, "abstract", "exclude", by=cast.cy)
    actions.remove(of("bo"), by=cast.ada)
    assert queue.next_for(of("cy"), "abstract", 5) == [half]
    assert queue.next_for(of("bo"), "abstract", 5) == []
    actions.set_roles(of("ed"), ["screener"], by=cast.ada)  # joins the screeners
    assert ids(queue.next_for(of("ed"), "abstract", 5)) == {half.pk, other.pk}
    screening.decide(half, "abstract", "include", by=cast.ed)
    half.refresh_from_db()
    assert half.place == "sought"
    standing = Decision.objects.current().filter(report=half)
    assert set(standing.values_list("by", flat=True)) == {cast.bo.pk, cast.ed.pk}


def test_a_conflict_goes_to_whoever_remains(cast, review, make_report, of, signed_in):
    report = make_report(review)
    screening.decide(report, "abstract", "include", by=cast.bo)
    screening.decide(report, "abstract", "exclude", by=cast.cy)
    for name in ("al", "bo", "cy"):
        actions.remove(of(name), by=cast.ada)
    page = signed_in(cast.ada).get("/r/one/conflicts/").content.decode()
    assert report.title in page
    screening.final_word(report, "abstract", "exclude", by=cast.ada)
    report.refresh_from_db()
    assert report.place == "abstract-out"
    assert flow.misplaced(review) == []


def test_a_form_that_was_begun_is_free_for_another_and_its_answers_stay(
    cast, review, of, study, book
):
    draft = extracting.begin(study, by=cast.bo)
    extracting.begin(study, by=cast.cy)
    actions.remove(of("bo"), by=cast.ada)
    draft.refresh_from_db()
    assert draft.state == "set aside"
    taken = extracting.begin(study, by=cast.ed)
    assert taken.state == "draft"
    event = review.events.filter(verb="set an extraction aside").get()
    assert "no longer extracts" in event.reason
    assert Extraction.objects.standing().filter(study=study).count() == 2


def test_a_form_that_was_handed_in_stays(cast, review, of, study, book):
    draft = extracting.begin(study, by=cast.bo)
    Extraction.objects.filter(pk=draft.pk).update(submitted_at=draft.begun_at)
    actions.remove(of("bo"), by=cast.ada)
    draft.refresh_from_db()
    assert draft.state == "submitted"


def test_who_comes_back_goes_on(cast, review, make_report, of):
    report = make_report(review)
    screening.decide(report, "abstract", "include", by=cast.bo)
    actions.remove(of("bo"), by=cast.ada)
    _, token = actions.invite(review, by=cast.ada, roles=["screener"], email=cast.bo.email)
    actions.accept(token, by=cast.bo)
    assert queue.progress_of(of("bo"), "abstract") == queue.Progress(done=1, left=0)
