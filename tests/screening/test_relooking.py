"""Decisions under earlier criteria: counted, shown with what changed, looked at again."""

import pytest

from reviews.actions import remove, set_criteria
from reviews.models import AuditEvent
from screening import actions
from screening.lead import relooking
from screening.lead.wording import compare
from screening.models import Decision, Relook

pytestmark = pytest.mark.django_db

PAGE = "/r/one/criteria/"
AGAIN = f"{PAGE}abstract/again/"
ANSWER = f"{PAGE}abstract/answer/"


@pytest.fixture
def changed(cast, review):
    """`changed()` makes the next version of the criteria."""
    texts = iter(["Young people", "Young people in care", "People in care", "People"])

    def change():
        return set_criteria(review, [("inclusion", next(texts))], by=cast.ada)

    change()
    return change


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


@pytest.fixture
def bo(cast, signed_in):
    return signed_in(cast.bo)


def begin(client, stage="abstract", reason="The population was narrowed."):
    return client.post(f"{PAGE}{stage}/begin/", {"reason": reason}, follow=True)


def keep(client, report, seen, **more):
    return client.post(ANSWER, {"report": report.pk, "seen": seen, "keep": "1", **more})


def test_what_was_reworded_stands_as_a_pair():
    rows = compare(["Youth in care", "English"], ["Youth in foster care", "English", "RCT"])
    assert [row.how for row in rows] == ["changed", "same", "new"]
    assert rows[0].after == [("Youth in ", False), ("foster", True), (" care", False)]
    assert [row.how for row in compare(["a", "b"], ["b"])] == ["gone", "same"]
    assert compare([], []) == []


def test_the_page_counts_by_version_and_shows_what_changed(cast, review, ada, make_report, changed):
    for _ in range(2):
        actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    changed()
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    page = ada.get(PAGE)
    body = page.content.decode()
    assert [v["stages"][0][1] for v in page.context["versions"]] == [1, 2]
    assert "<ins>in care</ins>" in body
    found = ada.get("/r/one/decisions/all/?version=1&stage=abstract").context["page"]
    assert found.paginator.count == 2
    assert page.context["stages"][0]["old"] == 2


def test_keeping_is_a_decision_under_the_new_version(cast, review, ada, bo, make_report, changed):
    first, second = make_report(review), make_report(review)
    for report in (first, second):
        actions.decide(report, "abstract", "exclude", by=cast.bo, note="Why")
    changed()
    assert "now asked" in begin(ada).content.decode()
    assert "of yours under earlier criteria" in bo.get("/r/one/").content.decode()
    page = bo.get(AGAIN)
    assert page.context["report"] == first
    assert "You decided <b>exclude</b>" in page.content.decode()
    assert keep(bo, first, 2, note="Why").status_code == 302
    told = Decision.objects.filter(report=first).order_by("pk")
    assert [(d.verdict, d.note, d.criteria_version) for d in told] == [
        ("exclude", "Why", 1),
        ("exclude", "Why", 2),
    ]
    assert told[0].superseded_at
    assert bo.get(AGAIN).context["report"] == second
    # Sent twice it is one decision.
    keep(bo, first, 2, note="Why")
    assert told.count() == 2
    (part,) = ada.get(PAGE).context["stages"][0]["parts"]
    assert (part.user, part.done, part.left) == (cast.bo, 1, 1)
    bo.post(ANSWER, {"report": second.pk, "seen": "2", "verdict": "include"})
    assert "You have looked at all of them" in bo.get(AGAIN).content.decode()
    assert Decision.objects.current().get(report=second).verdict == "include"


def test_a_changed_answer_moves_a_report_that_was_excluded(
    cast, review, ada, bo, signed_in, make_report, changed
):
    report = make_report(review)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "exclude", by=user)
    changed()
    begin(ada)
    bo.post(ANSWER, {"report": report.pk, "seen": "2", "verdict": "include"})
    report.refresh_from_db()
    assert report.place == "abstract-conflict"
    # Cy's answer is not Bo's to see again.
    assert signed_in(cast.cy).get(AGAIN).context["mine"].by == cast.cy


def test_what_cannot_be_changed_any_more_is_not_served(
    cast, review, ada, bo, in_conflict, at_fulltext, changed
):
    settled, begun = in_conflict(), at_fulltext()
    actions.final_word(settled, "abstract", "include", by=cast.al)
    changed()
    assert "can still be changed at this stage" in begin(ada).content.decode()
    assert not Relook.objects.exists()
    assert begun.place == "fulltext-open"
    answer = keep(bo, settled, 2)
    assert answer.status_code == 409
    assert Decision.objects.filter(report=settled, by=cast.bo).count() == 1


def test_criteria_that_change_meanwhile_are_read_first(cast, review, ada, bo, make_report, changed):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    changed()
    begin(ada)
    changed()
    answer = keep(bo, report, 2)
    assert answer.status_code == 409
    assert "The criteria have changed in the meantime" in answer.content.decode()
    assert Decision.objects.get().criteria_version == 1


def test_nonsense_is_refused(cast, review, ada, bo, make_report, changed):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    changed()
    begin(ada)
    for sent in ({}, {"report": "x", "keep": "1"}, {"report": report.pk, "verdict": "include"}):
        assert bo.post(ANSWER, sent).status_code == 422
    assert bo.post(ANSWER, {"report": 10**9, "seen": "2", "verdict": "include"}).status_code == 404
    assert bo.get(f"{PAGE}before/again/").status_code == 404
    assert Decision.objects.count() == 1


def test_it_needs_a_reason_happens_once_and_can_be_ended(
    cast, review, ada, bo, make_report, changed
):
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    changed()
    assert "Say why" in begin(ada, reason=" ").content.decode()
    begin(ada)
    assert "begun that already" in begin(ada).content.decode()
    assert Relook.objects.count() == 1
    ada.post(f"{PAGE}abstract/end/")
    assert "Nobody is asked to look again" in bo.get(AGAIN).content.decode()
    assert "Look again" not in bo.get("/r/one/").content.decode()
    verbs = AuditEvent.objects.filter(review=review).values_list("verb", flat=True)
    assert "asked to look again" in verbs
    assert "stopped asking to look again" in verbs
    begin(ada)
    assert Relook.objects.filter(ended_at=None).count() == 1


def test_decisions_of_who_left_are_named_and_asked_of_nobody(
    cast, review, ada, make_report, changed, member
):
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    changed()
    remove(member(cast.bo), by=cast.ada)
    begin(ada)
    (part,) = ada.get(PAGE).context["stages"][0]["parts"]
    assert (part.left, part.screens) == (1, False)
    assert not relooking.waiting_for(member(cast.bo), Relook.objects.get()).exists()


def test_a_screener_reads_numbers_and_opens_only_their_own(cast, review, bo, make_report, changed):
    actions.decide(make_report(review), "abstract", "include", by=cast.cy)
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    changed()
    body = bo.get(PAGE).content.decode()
    assert "2 decisions" in body
    assert f"version=1&amp;stage=abstract&amp;person={cast.bo.pk}" in body
    assert 'stage=abstract"' not in body


def test_a_fixed_number_of_queries(
    cast, review, ada, bo, make_report, changed, django_assert_max_num_queries
):
    for number in range(6):
        actions.decide(make_report(review), "abstract", "include", by=cast.bo)
        if number == 0:
            changed()
            Decision.objects.update(criteria_version=1)
            begin(ada)
        if number in (0, 5):
            with django_assert_max_num_queries(20):
                ada.get(PAGE)
            with django_assert_max_num_queries(16):
                bo.get(AGAIN)
