"""Duplicates, reports and records, through the front door."""

import re

import pytest

from citations.models import DuplicatePair, Merge, RelatedReport
from screening import actions, flow
from screening.duplicates import joining, questions
from screening.flow import Place
from screening.models import Reason
from tests.screening.test_joining import ask, attach

pytestmark = pytest.mark.django_db
QUESTIONS = "/r/one/duplicates/"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def page(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def total(text):
    return int(re.search(r'class="total">(\d+) re', text)[1])


# --- Duplicates -----------------------------------------------------------------------------


def test_the_most_probable_question_comes_first_and_can_be_skipped(ada, review, make_report):
    a, b, c, d = (make_report(review, f"Title {x}") for x in "abcd")
    low, high = ask(c, d, probability=0.3), ask(a, b, probability=0.9)
    text = page(ada, QUESTIONS)
    assert f"/duplicates/{high.pk}/answer/" in text
    assert '<mark class="differs">b</mark>' in text
    assert f"/duplicates/{low.pk}/answer/" in page(ada, f"{QUESTIONS}?after={high.pk}")
    assert f"/duplicates/{high.pk}/answer/" in page(ada, f"{QUESTIONS}?after={low.pk}")


def test_answering_and_undoing(cast, ada, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answer = ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "same"})
    assert answer.url == QUESTIONS
    assert Merge.objects.filter(undone_at=None, by=cast.ada).count() == 1
    assert "Undo my last answer: same document" in page(ada, QUESTIONS)
    assert "Same document" in page(ada, f"{QUESTIONS}answered/")
    ada.post(f"{QUESTIONS}{pair.pk}/undo/")
    assert not Merge.objects.filter(undone_at=None).exists()
    assert questions.waiting(review) == [pair.pk]


def test_the_slower_one_is_told(cast, ada, signed_in, review, make_report):
    pair = ask(make_report(review), make_report(review))
    signed_in(cast.al).post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "different"})
    answer = ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "same"}, follow=True)
    assert "Al has answered this already" in answer.content.decode()
    assert not Merge.objects.exists()


def test_a_nonsense_answer_is_refused_in_words(ada, review, make_report):
    pair = ask(make_report(review), make_report(review))
    answer = ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "perhaps"}, follow=True)
    assert "same, different or related" in answer.content.decode()


def test_related_ones_have_a_list_of_their_own(ada, review, make_report):
    pair = ask(make_report(review), make_report(review), zone="related")
    assert "No question about duplicates" in page(ada, QUESTIONS)
    assert f"/duplicates/{pair.pk}/answer/" in page(ada, f"{QUESTIONS}?zone=related")
    answer = ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "related"})
    assert answer.url == f"{QUESTIONS}?zone=related"
    assert RelatedReport.objects.count() == 1
    assert pair.second.title in page(ada, f"/r/one/reports/{pair.first_id}/")


def test_only_those_who_may_merge(cast, signed_in, review, make_report):
    pair = ask(make_report(review), make_report(review))
    bo = signed_in(cast.bo)
    assert bo.get(QUESTIONS).status_code == 403
    assert bo.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "same"}).status_code == 403
    assert signed_in(cast.eve).get(QUESTIONS).status_code == 404
    zed = signed_in(cast.zed)
    assert zed.post(f"/r/two/duplicates/{pair.pk}/answer/", {"answer": "same"}).status_code == 404
    assert not Merge.objects.exists()


# --- Reports --------------------------------------------------------------------------------


def crowd(cast, review, make_report, make_search):
    """Reports in many places, of both columns, with duplicates."""
    other = make_search(review, "A website", kind="website")
    database = make_search(review, "MEDLINE", removed_duplicates=4, removed_why="EndNote")
    register = make_search(review, "CENTRAL", kind="register")
    reports = [
        make_report(
            review, f"Report {n}", search=[database, other, register][n % 3], records=1 + n % 2
        )
        for n in range(12)
    ]
    reason = Reason.objects.create(review=review, stage="fulltext", label="Wrong population")
    actions.remove_before_screening(reports[0], by=cast.ada, why="Out of scope")
    for n in range(1, 9):
        for user in (cast.bo, cast.cy):
            actions.decide(reports[n], "abstract", "exclude" if n < 3 else "include", by=user)
    for n in range(4, 9):
        attach(reports[n], cast.ada)
        for user in (cast.bo, cast.cy):
            verdict = "exclude" if n < 6 else "include"
            actions.decide(
                reports[n], "fulltext", verdict, by=user, reason=reason if n < 6 else None
            )
    joining.merge(reports[9], reports[10], by=cast.ada)
    joining.merge(reports[9], reports[11], by=cast.ada)
    return reason


def test_every_number_opens_exactly_its_list(cast, ada, review, make_report, make_search):
    reason = crowd(cast, review, make_report, make_search)
    numbers = flow.boxes(review)
    for box in flow.REPORT_BOXES:
        listed = total(page(ada, f"/r/one/reports/?box={box}"))
        assert listed + flow.removed_before_import(review, box) == numbers[box], box
    for box in flow.RECORD_BOXES:
        listed = total(page(ada, f"/r/one/records/?box={box}"))
        assert listed + flow.removed_before_import(review, box) == numbers[box], box
    counted = flow.reasons(review)[reason.pk]
    assert total(page(ada, f"/r/one/reports/?box=D8&reason={reason.pk}")) == counted > 0
    assert "4 that were removed before" in page(ada, "/r/one/records/?box=D2_dup")
    assert ada.get("/r/one/reports/?box=nonsense").status_code == 404
    assert ada.get("/r/one/records/?box=nonsense").status_code == 404


def test_filters_of_the_list(cast, ada, review, make_report, make_search):
    crowd(cast, review, make_report, make_search)
    standing = review.reports.standing()
    assert total(page(ada, "/r/one/reports/")) == standing.count()
    included = standing.filter(place=Place.INCLUDED).count()
    assert total(page(ada, "/r/one/reports/?place=included")) == included > 0
    medline = review.searches.get(name="MEDLINE").pk
    assert total(page(ada, f"/r/one/reports/?source={medline}")) == 4
    assert total(page(ada, "/r/one/reports/?q=report+7")) == 1
    assert "No report fits" in page(ada, "/r/one/reports/?q=nowhere&source=x&page=99")


def test_the_list_costs_the_same_for_many(
    ada, review, make_report, django_assert_max_num_queries, django_assert_num_queries
):
    make_report(review)
    for address in ("/r/one/reports/", "/r/one/records/"):
        with django_assert_max_num_queries(12) as few:
            ada.get(address)
        for _ in range(12):
            make_report(review)
        with django_assert_num_queries(len(few)):
            ada.get(address)


def test_a_report_shows_no_vote_before_its_time(cast, signed_in, review, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "exclude", by=cast.bo, note="a telling note")
    url = f"/r/one/reports/{report.pk}/"
    for who in (cast.cy, cast.obi, cast.al):
        assert "a telling note" not in page(signed_in(who), url)
    assert "a telling note" in page(signed_in(cast.bo), url)
    actions.decide(report, "abstract", "include", by=cast.cy)
    assert "a telling note" in page(signed_in(cast.obi), url)


def test_joining_by_hand_and_undoing_on_the_page(cast, ada, review, make_report):
    first, second = make_report(review, "Care at home"), make_report(review, "Care at the home")
    url = f"/r/one/reports/{first.pk}/"
    assert second.title in page(ada, f"{url}?duplicate=care+the")
    assert second.title in page(ada, f"{url}?duplicate=%23{second.pk}")
    answer = ada.post(f"{url}duplicate/", {"other": second.pk})
    assert answer.url == url
    made = Merge.objects.get()
    assert (made.keep, made.absorb, made.by) == (first, second, cast.ada)
    assert DuplicatePair.objects.get().rule == "by-hand"
    assert "is a duplicate of" in page(ada, f"/r/one/reports/{second.pk}/")
    again = ada.post(f"{url}duplicate/", {"other": second.pk}, follow=True)
    assert "one report already" in again.content.decode()
    ada.post(f"/r/one/merges/{made.pk}/undo/")
    twice = ada.post(f"/r/one/merges/{made.pk}/undo/", follow=True)
    assert "undone already" in twice.content.decode()
    assert ada.post(f"{url}duplicate/", {"other": "999999"}).status_code == 404
    nothing = ada.post(f"{url}duplicate/", {"other": "x"}, follow=True)
    assert "Choose the other report" in nothing.content.decode()


def test_choosing_a_value_on_the_page(ada, review, make_report, make_search):
    report = make_report(review, "One title")
    record = review.records.create(
        search=make_search(review), report=report, title="Another title", raw={"TI": ["<b>x</b>"]}
    )
    url = f"/r/one/reports/{report.pk}/"
    assert "2 different values" in page(ada, url)
    assert "&lt;b&gt;x&lt;/b&gt;" in page(ada, url)
    ada.post(f"{url}choose/", {"field": "title", "record": record.pk})
    report.refresh_from_db()
    assert report.title == "Another title"
    assert "chosen by a person" in page(ada, url)
    ada.post(f"{url}choose/", {"field": "title"})
    report.refresh_from_db()
    assert report.title == "One title"
    assert "x" in page(ada, f"/r/one/records/{record.pk}/")


def test_removing_before_screening_and_restoring(cast, ada, signed_in, review, make_report):
    report = make_report(review)
    url = f"/r/one/reports/{report.pk}/"
    assert signed_in(cast.bo).post(f"{url}remove/", {"reason": "x"}).status_code == 403
    assert "Say why" in ada.post(f"{url}remove/", {"reason": " "}, follow=True).content.decode()
    ada.post(f"{url}remove/", {"reason": "Out of scope"})
    report.refresh_from_db()
    assert report.place == Place.REMOVED_OTHER
    ada.post(f"{url}restore/")
    report.refresh_from_db()
    assert report.place == Place.ABSTRACT_OPEN
    assert "not removed" in ada.post(f"{url}restore/", follow=True).content.decode()


def test_another_review_is_out_of_reach(cast, signed_in, review, make_report):
    report = make_report(review)
    zed = signed_in(cast.zed)
    for address in (f"reports/{report.pk}/", f"records/{report.records.get().pk}/"):
        assert zed.get(f"/r/two/{address}").status_code == 404
    assert (
        zed.post(f"/r/two/reports/{report.pk}/duplicate/", {"other": report.pk}).status_code == 404
    )
