"""Conflicts: seen side by side, ended by a final word, opened again with a reason."""

import pytest

from reviews.models import AuditEvent
from screening import actions
from screening.models import Decision

pytestmark = pytest.mark.django_db

LIST = "/r/one/conflicts/"


@pytest.fixture
def al(cast, signed_in):
    return signed_in(cast.al)


def url(report):
    return f"{LIST}{report.pk}/"


def own(report):
    return list(
        Decision.objects.independent()
        .on(report)
        .order_by("pk")
        .values("pk", "verdict", "superseded_at")
    )


def test_the_list_names_people_and_the_kind(al, in_conflict):
    report = in_conflict("A trial")
    page = al.get(LIST).content.decode()
    assert "A trial" in page
    assert "Include against exclude" in page
    assert "Bo: include" in page
    assert url(report) in page


def test_one_conflict_shows_both_sides(al, in_conflict):
    page = al.get(url(in_conflict())).content.decode()
    for words in ("Bo's note", "Cy's note"):
        assert words.replace("'", "&#x27;") in page


def test_exclude_for_different_reasons_is_a_kind_of_its_own(cast, al, at_fulltext, reasons):
    report = at_fulltext()
    for user, reason in zip((cast.bo, cast.cy), reasons, strict=True):
        actions.decide(report, "fulltext", "exclude", by=user, reason=reason)
    page = al.get(url(report)).content.decode()
    assert "Exclude for different reasons" in page
    assert "Exclude for different reasons" in al.get(LIST).content.decode()  # the tab that has some


def test_the_final_word_leaves_the_reviewers_decisions_as_they_are(al, cast, in_conflict):
    report, following = in_conflict(), in_conflict()
    before = own(report)
    response = al.post(
        url(report), {"stage": "abstract", "verdict": "include", "note": "It describes a program."}
    )
    assert response.status_code == 302
    assert response.url == url(following)
    word = Decision.objects.get(final=True)
    assert (word.by, word.verdict, word.note) == (cast.al, "include", "It describes a program.")
    assert own(report) == before
    report.refresh_from_db()
    assert report.place == "sought"


def test_full_text_needs_the_reason(cast, al, at_fulltext, reasons):
    report = at_fulltext()
    actions.decide(report, "fulltext", "include", by=cast.bo)
    actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
    form = {"stage": "fulltext", "verdict": "exclude", "note": "Kept words"}
    refused = al.post(url(report), form)
    assert refused.status_code == 422
    assert "Give a reason" in refused.content.decode()
    assert "Kept words" in refused.content.decode()
    al.post(url(report), {**form, "reason": reasons[1].pk})
    report.refresh_from_db()
    assert report.place == "fulltext-out"


def test_a_reason_left_over_does_not_stop_an_include(cast, al, at_fulltext, reasons):
    report = at_fulltext()
    actions.decide(report, "fulltext", "include", by=cast.bo)
    actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
    al.post(url(report), {"stage": "fulltext", "verdict": "include", "reason": reasons[0].pk})
    assert Decision.objects.get(final=True).reason is None


def test_the_slower_of_two_adjudicators_is_told(cast, al, signed_in, in_conflict):
    report = in_conflict()
    al.post(url(report), {"stage": "abstract", "verdict": "include"})
    response = signed_in(cast.ada).post(
        url(report), {"stage": "abstract", "verdict": "exclude"}, follow=True
    )
    assert "no conflict on this report" in response.content.decode()
    assert Decision.objects.get(final=True).verdict == "include"


def test_my_own_conflict_is_marked(cast, signed_in, in_conflict, review):
    from reviews.models import Membership

    Membership.objects.filter(review=review, user=cast.cy).update(roles=["adjudicator", "screener"])
    report = in_conflict()
    cy = signed_in(cast.cy)
    assert "You decided here" in cy.get(LIST).content.decode()
    assert "One of these decisions is your own" in cy.get(url(report)).content.decode()
    assert "You decided here" not in signed_in(cast.al).get(LIST).content.decode()


def test_a_final_word_is_taken_back_with_a_reason(cast, al, in_conflict):
    report = in_conflict()
    word = actions.final_word(report, "abstract", "include", by=cast.al)
    reopen = f"{LIST}settled/{word.pk}/reopen/"
    page = al.get(f"{LIST}?show=settled").content.decode()
    assert reopen in page
    assert "Say why" in al.post(reopen, {"reason": " "}, follow=True).content.decode()
    al.post(reopen, {"reason": "Read the wrong table."})
    report.refresh_from_db()
    assert report.place == "abstract-conflict"
    event = AuditEvent.objects.get(verb="took a final word back")
    assert event.reason == "Read the wrong table."
    assert Decision.objects.filter(final=True).count() == 1


def test_an_adjudicator_sees_no_answer_before_both_have_given_theirs(cast, al, make_report, review):
    report = make_report(review)
    actions.decide(report, "abstract", "exclude", by=cast.bo, note="Blind words")
    response = al.get(url(report), follow=True)
    assert "Blind words" not in response.content.decode()
    assert "Bo: " not in al.get(LIST).content.decode()


def test_reviewers_and_foreign_reports_are_kept_out(cast, signed_in, al, in_conflict, make_report):
    report = in_conflict()
    assert signed_in(cast.bo).get(url(report)).status_code == 403
    assert signed_in(cast.eve).get(url(report)).status_code == 404
    assert al.get(url(make_report(cast.other))).status_code == 404


def test_the_list_asks_a_fixed_number_of_queries(al, in_conflict, django_assert_max_num_queries):
    in_conflict()
    with django_assert_max_num_queries(14):
        al.get(LIST)
    for _ in range(6):
        in_conflict()
    with django_assert_max_num_queries(14):
        al.get(LIST)
