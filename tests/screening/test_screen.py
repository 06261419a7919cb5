"""The reviewer's page, through the front door: with plain forms and with JSON in the background."""

import json

import pytest
from django.test import Client

from reviews.actions import set_criteria
from screening import actions
from screening.desk import queue
from screening.models import Decision
from screening.reasons import set_reasons

pytestmark = pytest.mark.django_db

PAGE = "/r/one/screen/"
FULLTEXT = "/r/one/screen/fulltext/"
DECIDE = "/r/one/screen/abstract/decide/"
UNDO = "/r/one/screen/abstract/undo/"


@pytest.fixture
def bo(cast, signed_in):
    return signed_in(cast.bo)


def send(client, url, key="", **body):
    return client.post(
        url, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
    )


def data(response):
    """The reports that the page hands to the script, and the rest."""
    return response.context["data"]


def test_it_shows_the_report_and_the_criteria(cast, review, bo, make_report):
    set_criteria(review, [("exclusion", "Case reports"), ("inclusion", "Adolescents")], by=cast.ada)
    make_report(
        review,
        "برنامج للمراهقين",
        authors=["Abara, I.", "Lind, K."],
        year=2019,
        journal="Nursing",
        doi="10.1/a<b",
        abstract="Background: x.\nMethods: y.",
        keywords=["Adolescent", "Nurses"],
    )
    page = bo.get(PAGE).content.decode()
    assert 'data-report-title dir="auto"' in page
    assert "برنامج للمراهقين" in page
    assert "<bdi>Abara, I.</bdi>; <bdi>Lind, K.</bdi>" in page
    assert 'href="https://doi.org/10.1/a%3Cb"' in page
    assert '<li dir="auto">Adolescent</li><li dir="auto">Nurses</li>' in page
    assert page.index("Adolescents</span>") < page.index("Case reports")


def test_the_next_ten_are_there_already(review, bo, make_report):
    for _ in range(15):
        make_report(review)
    first = data(bo.get(PAGE))
    assert len(first["cards"]) == 10
    assert first["left"] == 15
    held = ",".join(str(card["id"]) for card in first["cards"])
    more = bo.get(f"/r/one/screen/abstract/next/?without={held}").json()
    assert len(more["records"]) == 5
    assert more["left"] == 15
    assert set(more["records"][0]) == {
        "id",
        "title",
        "authors",
        "journal",
        "year",
        "doi",
        "doi_url",
        "pmid",
        "pmid_url",
        "url",
        "keywords",
        "abstract",
        "retraction",
        "retraction_why",
        "related",
        "served_at",
        "labels",
        "labels_of_others",
    }


def test_a_plain_form_decides_and_shows_the_next(cast, review, bo, make_report):
    reports = [make_report(review) for _ in range(2)]
    response = bo.post(
        DECIDE, {"report": reports[0].pk, "verdict": "include", "note": " Yes. "}, follow=True
    )
    assert response.status_code == 200
    decision = Decision.objects.get()
    assert (decision.verdict, decision.by, decision.note) == ("include", cast.bo, "Yes.")
    assert response.context["card"]["id"] == reports[1].pk


def test_a_double_click_on_a_form_is_one_decision(review, bo, make_report):
    report = make_report(review)
    for _ in range(2):
        bo.post(DECIDE, {"report": report.pk, "verdict": "include"})
    assert Decision.objects.count() == 1


def test_the_button_of_a_reason_excludes(cast, review, bo, at_fulltext, reasons):
    report = at_fulltext()
    bo.post("/r/one/screen/fulltext/decide/", {"report": report.pk, "reason": reasons[1].pk})
    decision = Decision.objects.get(stage="fulltext")
    assert (decision.verdict, decision.reason) == ("exclude", reasons[1])


def test_a_full_text_exclusion_without_a_reason_is_refused_with_everything_typed(
    review, bo, at_fulltext, reasons
):
    report = at_fulltext("The first")
    at_fulltext("The second")
    response = bo.post(
        "/r/one/screen/fulltext/decide/",
        {"report": report.pk, "verdict": "exclude", "note": "Look at table 2"},
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "Give a reason to exclude at full text." in page
    assert "Look at table 2" in page
    assert response.context["card"]["id"] == report.pk
    assert not Decision.objects.filter(stage="fulltext").exists()


def test_an_answer_in_the_background(cast, review, bo, make_report):
    report = make_report(review)
    served = data(bo.get(PAGE))["cards"][0]["served_at"]
    response = send(bo, DECIDE, "k1", report=report.pk, verdict="maybe", served_at=served)
    assert response.status_code == 201
    decision = Decision.objects.get()
    assert response.json()["id"] == decision.pk
    assert decision.served_at.isoformat() == served
    assert decision.criteria_version == 1


@pytest.mark.parametrize(
    "served", ["tomorrow", "9999-12-31T00:00:00+00:00", "2020-01-01", "x" * 30]
)
def test_an_impossible_moment_of_serving_is_not_believed(review, bo, make_report, served):
    send(bo, DECIDE, report=make_report(review).pk, verdict="include", served_at=served)
    assert Decision.objects.get().served_at is None


def test_the_same_key_is_the_same_answer_and_another_body_clashes(review, bo, make_report):
    report = make_report(review)
    first = send(bo, DECIDE, "k", report=report.pk, verdict="include")
    again = send(bo, DECIDE, "k", report=report.pk, verdict="include", held=[report.pk])
    other = send(bo, DECIDE, "k", report=report.pk, verdict="exclude")
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 409
    assert Decision.objects.count() == 1


def test_the_same_key_after_an_undo_does_not_decide_again(review, bo, make_report):
    report = make_report(review)
    send(bo, DECIDE, "k", report=report.pk, verdict="include")
    send(bo, UNDO, "u", report=report.pk)
    send(bo, DECIDE, "k", report=report.pk, verdict="include")  # a late copy from the network
    assert not Decision.objects.current().exists()


def test_who_was_too_late_is_told_and_nothing_is_stored(cast, review, bo, make_report, join):
    report = make_report(review)
    for user in (cast.cy, join("Di")):
        actions.decide(report, "abstract", "include", by=user)
    response = send(bo, DECIDE, "k", report=report.pk, verdict="exclude")
    assert response.status_code == 409
    assert response.json()["detail"].startswith("Enough people have decided")
    form = bo.post(DECIDE, {"report": report.pk, "verdict": "exclude", "note": "My words"})
    assert form.status_code == 409
    assert "Enough people have decided" in form.content.decode()
    assert "My words" in form.content.decode()
    assert Decision.objects.filter(by=cast.bo).count() == 0


def test_it_says_which_of_the_reports_ahead_need_nobody_any_more(
    cast, review, bo, make_report, join
):
    ahead = [make_report(review) for _ in range(3)]
    report = make_report(review)
    for user in (cast.cy, join("Di")):
        actions.decide(ahead[1], "abstract", "include", by=user)
    response = send(
        bo, DECIDE, report=report.pk, verdict="include", held=[each.pk for each in ahead]
    )
    assert response.json()["gone"] == [ahead[1].pk]


def test_a_vote_after_the_final_word_is_told(cast, review, bo, in_conflict):
    report = in_conflict()
    actions.final_word(report, "abstract", "exclude", by=cast.al)
    response = send(bo, DECIDE, report=report.pk, verdict="exclude")
    assert response.status_code == 409
    assert "adjudicator has settled" in response.json()["detail"]


def test_undo_goes_back_to_the_last_report_and_withdraws(cast, review, bo, make_report):
    reports = [make_report(review) for _ in range(3)]
    bo.post(DECIDE, {"report": reports[1].pk, "verdict": "exclude", "note": "Hm"})
    page = bo.get(PAGE)
    assert page.context["last"].report_id == reports[1].pk
    response = bo.post(UNDO, {"report": reports[1].pk}, follow=True)
    assert response.context["card"]["id"] == reports[1].pk
    decision = Decision.objects.get()
    assert decision.superseded_at is not None
    assert decision.withdrawn


def test_undo_of_nothing_is_told(review, bo, make_report):
    report = make_report(review)
    assert send(bo, UNDO, report=report.pk).status_code == 409
    assert send(bo, UNDO, report="x").status_code == 422
    assert (
        "no decision of yours" in bo.post(UNDO, {"report": report.pk}, follow=True).content.decode()
    )


def test_a_decision_is_changed_on_the_same_page(cast, review, bo, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo, note="First thought")
    page = bo.get(f"{PAGE}?report={report.pk}")
    assert page.context["mine"].verdict == "include"
    assert "First thought" in page.content.decode()
    bo.post(DECIDE, {"report": report.pk, "verdict": "exclude"})
    assert [d.verdict for d in Decision.objects.order_by("pk")] == ["include", "exclude"]
    assert Decision.objects.current().get().verdict == "exclude"


@pytest.mark.parametrize("number", ["999999", "0", "x", "9" * 30, "-1"])
def test_a_report_that_is_not_waiting_is_answered_kindly(review, bo, make_report, number):
    make_report(review)
    response = bo.get(f"{PAGE}?report={number}")
    assert response.status_code == 200
    assert "not waiting for your decision" in response.content.decode()


def test_a_report_of_another_review_does_not_exist(cast, bo, make_report):
    foreign = make_report(cast.other)
    assert send(bo, DECIDE, report=foreign.pk, verdict="include").status_code == 404
    assert send(bo, UNDO, report=foreign.pk).status_code == 404
    assert bo.get(f"/r/one/screen/fulltext/document/{foreign.pk}/").status_code == 404


def test_a_reason_of_another_review_is_refused(cast, bo, review, at_fulltext):
    report = at_fulltext()
    foreign = set_reasons(cast.other, "fulltext", ["Theirs"], by=cast.zed)[0]
    url = "/r/one/screen/fulltext/decide/"
    response = send(bo, url, report=report.pk, verdict="exclude", reason=foreign.pk)
    assert response.status_code == 422
    assert response.json()["detail"] == "There is no such reason in this review."


@pytest.mark.parametrize(
    "body",
    ["nonsense", "[]", '{"report": "x", "verdict": "include"}', '{"report": 1, "verdict": "yes"}'],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(bo, body):
    response = bo.post(DECIDE, body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["detail"]


def test_the_lead_who_oversees_gets_no_queue(cast, review, signed_in, make_report):
    make_report(review)
    ada = signed_in(cast.ada)
    response = ada.get(PAGE)
    assert "hold no vote" in response.content.decode()
    assert response.context["data"]["cards"] == []
    assert send(ada, DECIDE, report=1, verdict="include").status_code == 403


def test_strangers_and_others_are_kept_out(cast, signed_in):
    assert Client().get(PAGE).status_code == 302
    assert signed_in(cast.eve).get(PAGE).status_code == 404
    assert signed_in(cast.obi).get(PAGE).status_code == 403
    assert signed_in(cast.al).get(PAGE).status_code == 403
    assert signed_in(cast.bo).get("/r/one/screen/nowhere/next/").status_code == 404


def test_an_empty_queue_says_why_and_what_next(bo):
    assert "Nothing is left for you on title and abstract" in bo.get(PAGE).content.decode()
    assert "file has been added" in bo.get(FULLTEXT).content.decode()


def test_full_text_shows_the_file_beside_the_report(review, bo, at_fulltext):
    report = at_fulltext()
    assert f"{report.pk}.pdf" in bo.get(FULLTEXT).content.decode()
    piece = bo.get(f"/r/one/screen/fulltext/document/{report.pk}/").content.decode()
    assert f"{report.pk}.pdf" in piece
    assert "<html" not in piece


def test_a_title_with_markup_stays_text(review, bo, make_report):
    make_report(review, "</script><img src=x onerror=alert(1)>")
    assert "<img src=x" not in bo.get(PAGE).content.decode()


def begin_at(share, member, monkeypatch):
    """Let the member's way through the reports begin after this share of them."""
    monkeypatch.setattr(queue, "GOLDEN", share / member.pk)


# Who begins near the end comes back to the beginning, which takes one more.
@pytest.mark.parametrize(("share", "at_most"), [(0, 27), (0.999, 28)])
def test_the_page_asks_a_fixed_number_of_queries(
    cast, review, bo, make_report, django_assert_max_num_queries, monkeypatch, share, at_most
):
    begin_at(share, cast.member("bo"), monkeypatch)
    for _ in range(3):
        make_report(review)
    with django_assert_max_num_queries(at_most):
        bo.get(PAGE)
    for number in range(25):
        report = make_report(review)
        if number < 10:
            actions.decide(report, "abstract", "include", by=cast.bo)
    with django_assert_max_num_queries(at_most):
        bo.get(PAGE)


@pytest.mark.parametrize(("share", "at_most"), [(0, 19), (0.999, 20)])
def test_the_next_reports_and_a_decision_ask_a_fixed_number_of_queries(
    cast, bo, review, make_report, django_assert_max_num_queries, monkeypatch, share, at_most
):
    begin_at(share, cast.member("bo"), monkeypatch)
    for _ in range(12):
        make_report(review)
    with django_assert_max_num_queries(at_most):
        served = bo.get(f"{PAGE}abstract/next/").json()["records"]
    with django_assert_max_num_queries(15):
        answered = bo.post(
            f"{PAGE}abstract/decide/",
            {"report": served[0]["id"], "verdict": "include"},
            content_type="application/json",
            headers={"Idempotency-Key": "a-key"},
        )
    assert answered.status_code == 201


def test_an_answer_that_arrives_while_the_next_are_asked_for_counts_once(
    cast, review, make_report, signed_in, monkeypatch
):
    reports = [make_report(review, f"Report {n}") for n in range(5)]
    asked = queue.still_asked

    def asked_then_arrived(*args):
        found = asked(*args)
        actions.decide(reports[0], "abstract", "include", by=cast.bo)
        return found

    monkeypatch.setattr(queue, "still_asked", asked_then_arrived)
    url = f"/r/one/screen/abstract/next/?without=&decided={reports[0].pk},{reports[1].pk}"
    assert signed_in(cast.bo).get(url).json()["left"] == 3
