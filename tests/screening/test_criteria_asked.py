"""A question for each criterion: asked where the lead says so, kept with the decision, blind like it."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.actions import copy_setup, create_review, set_criteria
from reviews.models import AuditEvent
from reviews.refusal import Refused
from screening import actions
from screening.desk import by_criterion
from screening.desk.by_criterion import Asked
from screening.models import CriterionAnswer, Decision

ADULTS, TRIALS, LETTERS = "Adults", "A controlled trial", "A letter"


@pytest.fixture
def criteria(cast, review):
    """{words: row} of three criteria, and the stage that asks for each."""
    wanted = [("inclusion", ADULTS), ("inclusion", TRIALS), ("exclusion", LETTERS)]
    set_criteria(review, wanted, by=cast.ada)
    actions.set_rules(
        review, "abstract", by=cast.ada, screeners=2, maybe="advances", ask_criteria=True
    )
    return {each.text: each for each in review.criteria.filter(until_version=None)}


def sent(report, verdict, answers, **more):
    body = {"report": report.pk, "verdict": verdict, **more}
    body["criteria"] = {str(criterion.pk): says for criterion, says in answers.items()}
    return json.dumps(body)


def post(client, report, verdict, answers, key="", **more):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post(
        "/r/one/screen/abstract/decide/",
        sent(report, verdict, answers, **more),
        content_type="application/json",
        **headers,
    )


def kept(decision):
    return {each.criterion.text: each.says for each in decision.answers.all()}


@pytest.mark.django_db
class TestAsking:
    def test_the_page_asks_only_where_the_lead_says_so(self, cast, review, signed_in, make_report):
        make_report(review)
        set_criteria(review, [("inclusion", ADULTS)], by=cast.ada)
        bo = signed_in(cast.bo)
        assert "data-question" not in bo.get("/r/one/screen/").content.decode()
        form = {"abstract-screeners": "2", "abstract-maybe": "advances"}
        asks = {"stage": "abstract", **form, "abstract-ask_criteria": "on"}
        assert signed_in(cast.ada).post("/r/one/rules/", asks).status_code == 302
        assert "data-question" in bo.get("/r/one/screen/").content.decode()
        assert "data-question" not in bo.get("/r/one/screen/fulltext/").content.decode()
        event = AuditEvent.objects.filter(verb="changed the rules").latest("pk")
        assert event.after["ask for each criterion"] is True

    def test_a_new_review_takes_it_over(self, cast, review, criteria):
        target = create_review("Next", by=cast.ada, slug="next")
        copy_setup(review, target, by=cast.ada)
        assert target.rules("abstract").ask_criteria

    def test_the_api_names_the_questions(self, cast, review, criteria, signed_in, make_report):
        report = make_report(review)
        bo = signed_in(cast.bo)
        asked = bo.get("/api/v1/reviews/one/queue/?stage=abstract").json()["criteria"]
        assert {each["text"] for each in asked} == {ADULTS, TRIALS, LETTERS}
        answers = {str(each["id"]): "yes" for each in asked}
        body = {"stage": "abstract", "verdict": "include", "criteria": answers}
        address = f"/api/v1/reviews/one/reports/{report.pk}/decisions/"
        answer = bo.post(address, json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content
        assert answer.json()["criteria"] == answers
        listed = bo.get("/api/v1/reviews/one/decisions/").json()["results"]
        assert {each["text"] for each in listed[0]["criteria"]} == {ADULTS, TRIALS, LETTERS}
        # Until both have decided the other one is told nothing of it.
        assert signed_in(cast.cy).get("/api/v1/reviews/one/decisions/").json()["results"] == []


@pytest.mark.django_db
class TestAnswering:
    def test_the_answers_are_kept_with_the_decision_and_make_none(
        self, cast, review, criteria, signed_in, make_report
    ):
        report = make_report(review)
        said = {criteria[ADULTS]: "no", criteria[LETTERS]: "unclear"}
        answer = post(signed_in(cast.bo), report, "include", said)
        assert answer.status_code == 201
        decision = Decision.objects.get()
        assert decision.verdict == "include"  # whatever the answers speak for
        assert kept(decision) == {ADULTS: "no", LETTERS: "unclear"}

    def test_the_same_key_twice_is_one_decision_and_another_body_is_refused(
        self, cast, review, criteria, signed_in, make_report
    ):
        report, bo = make_report(review), signed_in(cast.bo)
        said = {criteria[ADULTS]: "yes"}
        first = post(bo, report, "include", said, key="k1")
        assert post(bo, report, "include", said, key="k1").json() == first.json()
        assert post(bo, report, "include", {criteria[ADULTS]: "no"}, key="k1").status_code == 409
        assert CriterionAnswer.objects.count() == 1

    def test_a_changed_answer_is_a_new_decision_and_the_old_rows_stay(
        self, cast, review, criteria, signed_in, make_report
    ):
        report, bo = make_report(review), signed_in(cast.bo)
        post(bo, report, "include", {criteria[ADULTS]: "yes"})
        post(bo, report, "include", {criteria[ADULTS]: "yes"})
        assert Decision.objects.count() == 1
        post(bo, report, "include", {criteria[ADULTS]: "unclear"})
        old, new = Decision.objects.order_by("pk")
        assert (kept(old), kept(new)) == ({ADULTS: "yes"}, {ADULTS: "unclear"})
        assert old.superseded_at

    def test_a_plain_form_does_the_same(self, cast, review, criteria, signed_in, make_report):
        report, bo = make_report(review), signed_in(cast.bo)
        form = {"report": report.pk, "verdict": "exclude"}
        form[f"criterion-{criteria[TRIALS].pk}"] = "no"
        assert bo.post("/r/one/screen/abstract/decide/", form).status_code == 302
        assert kept(Decision.objects.get()) == {TRIALS: "no"}
        page = bo.get(f"/r/one/screen/?report={report.pk}")
        assert dict(page.context["questions"])[criteria[TRIALS]] == "no"

    @pytest.mark.parametrize(
        "wrong", [{"x": "yes"}, {"1": "perhaps"}, {"999999": "yes"}, ["yes"], "yes", {"1": ["yes"]}]
    )
    def test_what_is_no_answer_is_refused_in_a_sentence(
        self, cast, review, criteria, signed_in, make_report, wrong
    ):
        body = {"report": make_report(review).pk, "verdict": "include", "criteria": wrong}
        answer = signed_in(cast.bo).post(
            "/r/one/screen/abstract/decide/", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 422
        assert answer.json()["detail"]
        assert not Decision.objects.exists()

    def test_a_criterion_of_another_review_is_refused(self, cast, review, make_report):
        set_criteria(cast.other, [("inclusion", "Theirs")], by=cast.zed)
        theirs = cast.other.criteria.get()
        with pytest.raises(Refused, match="no such criterion"):
            actions.decide(
                make_report(review), "abstract", "include", by=cast.bo, answers={theirs.pk: "yes"}
            )

    def test_answers_to_a_wording_that_was_replaced_on_their_way_are_kept(
        self, cast, review, criteria, signed_in, make_report
    ):
        report = make_report(review)
        set_criteria(review, [("inclusion", "Adults from 18 on")], by=cast.ada)
        actions.set_rules(
            review, "abstract", by=cast.ada, screeners=2, maybe="advances", ask_criteria=False
        )
        answer = post(signed_in(cast.bo), report, "include", {criteria[ADULTS]: "yes"})
        assert answer.status_code == 201
        assert kept(Decision.objects.get()) == {ADULTS: "yes"}

    def test_keeping_a_decision_under_new_criteria_keeps_the_answers_to_words_that_stayed(
        self, cast, review, criteria, make_report
    ):
        report = make_report(review)
        said = {criteria[ADULTS].pk: "yes", criteria[LETTERS].pk: "no"}
        actions.decide(report, "abstract", "include", by=cast.bo, answers=said)
        set_criteria(review, [("inclusion", ADULTS), ("exclusion", "A comment")], by=cast.ada)
        again = actions.decide(report, "abstract", "include", by=cast.bo, again=2)
        assert (again.criteria_version, kept(again)) == (2, {ADULTS: "yes"})


@pytest.fixture
def differing(cast, review, criteria, make_report):
    report = make_report(review)
    said = [("bo", "include", "yes", "no"), ("cy", "exclude", "no", "no")]
    for name, verdict, trial, letter in said:
        answers = {criteria[TRIALS].pk: trial, criteria[LETTERS].pk: letter}
        actions.decide(report, "abstract", verdict, by=getattr(cast, name), answers=answers)
    report.refresh_from_db()
    return report


@pytest.mark.django_db
class TestConflict:
    def test_list_and_page_name_the_criterion_on_which_they_differ(
        self, cast, differing, signed_in
    ):
        al = signed_in(cast.al)
        row = al.get("/r/one/conflicts/").context["rows"][0]
        assert row[3] == [Asked("inclusion", TRIALS)]
        page = al.get(f"/r/one/conflicts/{differing.pk}/")
        lines = page.context["lines"]
        assert [(line.asked.text, line.said, line.differs) for line in lines] == [
            (TRIALS, ["yes", "no"], True),
            (LETTERS, ["no", "no"], False),
        ]
        assert "They differ" in page.content.decode()

    def test_lists_of_decisions_and_the_page_of_the_report_show_them(
        self, cast, differing, signed_in
    ):
        report, bo = differing, signed_in(cast.bo)
        for address in ("decisions/", "decisions/all/", f"reports/{report.pk}/"):
            page = bo.get(f"/r/one/{address}").content.decode()
            assert f">{TRIALS}</span> <b>" in page, address
            assert "answers to criteria" in page

    def test_files_of_decisions_carry_the_answers(self, cast, differing, signed_in):
        answer = signed_in(cast.bo).get("/r/one/decisions/export/csv/")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        assert f"Include when {TRIALS}: yes" in row["criteria"]
        assert f"Exclude when {LETTERS}: no" in row["criteria"]


says = st.sampled_from(["yes", "no", "unclear"])
person = st.dictionaries(st.sampled_from([Asked("inclusion", text) for text in "abcd"]), says)


@given(st.lists(person, max_size=4))
def test_people_differ_on_a_criterion_exactly_when_two_answers_to_it_are_unlike(people):
    found = set(by_criterion.differing(people))
    for criterion in {each for one in people for each in one}:
        unlike = {one[criterion] for one in people if criterion in one}
        assert (criterion in found) == (len(unlike) > 1)
    assert {line.asked for line in by_criterion.lines(people)} == {
        each for one in people for each in one
    }
