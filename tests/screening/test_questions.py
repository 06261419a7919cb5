"""The questions page: groups, whose turn it is, undo, the list of answers, the export."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from citations.models import DuplicatePair, Merge, RelatedReport, Report
from reviews.models import AuditEvent
from screening import flow
from screening.duplicates import answering, questions
from screening.views.duplicates import percent
from tests.screening.test_joining import ask, attach, place, snapshot

pytestmark = pytest.mark.django_db
QUESTIONS = "/r/one/duplicates/"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


@pytest.fixture
def al(cast, signed_in):
    return signed_in(cast.al)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client, url=QUESTIONS):
    """The pair that the page asks this person about."""
    asked = client.get(url).context.get("question")
    return asked.pair.pk if asked else None


@pytest.fixture
def group(review, make_report):
    """Four reports that three questions hold together."""
    reports = [make_report(review, f"Care at home {n}") for n in range(4)]
    return reports, [
        ask(reports[0], reports[1], probability=0.9),
        ask(reports[1], reports[2], probability=0.7),
        ask(reports[2], reports[3], probability=0.8),
    ]


# --- Groups ---------------------------------------------------------------------------------


def test_connected_questions_are_one_card_and_one_answer(cast, ada, review, group, make_report):
    reports, pairs = group
    alone = ask(make_report(review), make_report(review), probability=0.95)
    found = questions.groups(review)
    assert [each.pairs for each in found] == [[alone.pk], [pairs[0].pk, pairs[2].pk, pairs[1].pk]]
    text = text_of(ada.get(f"{QUESTIONS}?pair={pairs[1].pk}"))
    assert "4 reports hang together by 3 questions" in text
    assert "All 4 are the same" in text
    before = snapshot(review)
    ada.post(f"{QUESTIONS}together/", {"pair": [pair.pk for pair in pairs]})
    heads = {
        each.merged_into_id or each.pk
        for each in Report.objects.filter(pk__in=[r.pk for r in reports])
    }
    assert len(heads) == 1
    assert questions.waiting(review) == [alone.pk]
    assert flow.boxes(review)["D2_dup"] == 3
    # One key undoes all of it.
    assert "(3 questions)" in text_of(ada.get(QUESTIONS))
    ada.post(f"{QUESTIONS}undo/")
    assert snapshot(review) == before
    assert set(questions.waiting(review)) == {alone.pk, *(pair.pk for pair in pairs)}
    again = text_of(ada.post(f"{QUESTIONS}undo/", follow=True))
    assert "no answer to take back" in again


def test_a_group_is_joined_whole_or_not_at_all(cast, ada, review, group):
    reports, pairs = group
    answering.answer(pairs[1], "different", by=cast.al)
    sent = {"pair": [pair.pk for pair in pairs]}
    assert "Al has called two of these different" in text_of(
        ada.post(f"{QUESTIONS}together/", sent, follow=True)
    )
    assert not Merge.objects.exists()
    # Without that pair the group would still join the two that were told apart.
    ask(reports[0], reports[2])
    ask(reports[0], reports[3])
    open_ = DuplicatePair.objects.filter(answer="").values_list("pk", flat=True)
    told = text_of(ada.post(f"{QUESTIONS}together/", {"pair": list(open_)}, follow=True))
    assert "called two of these different" in told
    assert not Merge.objects.exists()


def test_skipping_goes_through_the_group_and_then_on(ada, review, group, make_report):
    _, pairs = group
    last = ask(make_report(review), make_report(review), probability=0.1)
    order = [pairs[0].pk, pairs[2].pk, pairs[1].pk, last.pk, pairs[0].pk]
    at = shown(ada)
    seen = [at]
    for _ in range(4):
        at = shown(ada, f"{QUESTIONS}?after={at}")
        seen.append(at)
    assert seen == order


# --- Whose turn it is -----------------------------------------------------------------------


def test_two_people_are_not_asked_the_same(ada, al, review, make_report):
    first, second = (
        ask(make_report(review), make_report(review), probability=p) for p in (0.9, 0.4)
    )
    assert shown(ada) == first.pk
    assert shown(al) == second.pk
    assert shown(ada) == first.pk  # a page that is loaded again
    al.post(f"{QUESTIONS}{second.pk}/answer/", {"answer": "different"})
    assert shown(al) is None
    text = text_of(al.get(QUESTIONS))
    assert "before other people at this moment" in text
    assert f"?pair={first.pk}" in text
    assert "Ada has this question before them" in text_of(al.get(f"{QUESTIONS}?pair={first.pk}"))


def test_what_was_left_comes_back_to_the_others(ada, al, review, make_report):
    pair = ask(make_report(review), make_report(review))
    assert shown(ada) == pair.pk
    assert shown(al) is None
    DuplicatePair.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert shown(al) == pair.pk


def test_a_person_holds_one_group_at_a_time(ada, al, review, make_report):
    first, second = (
        ask(make_report(review), make_report(review), probability=p) for p in (0.9, 0.4)
    )
    assert shown(ada) == first.pk
    assert shown(ada, f"{QUESTIONS}?after={first.pk}") == second.pk
    assert shown(al) == first.pk


# --- Undo -----------------------------------------------------------------------------------


def test_undo_after_screening_goes_back_to_the_question(cast, ada, review, make_report):
    pair = ask(make_report(review), make_report(review))
    ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "same"})
    answer = ada.post(f"{QUESTIONS}undo/")
    assert answer.url == f"{QUESTIONS}?pair={pair.pk}"
    pair.refresh_from_db()
    (line,) = pair.past
    assert (line["answer"], line["by"], line["undone_by"]) == ("same", cast.ada.pk, cast.ada.pk)


# --- Who answered what ----------------------------------------------------------------------


def test_answers_can_be_searched(cast, ada, review, make_report):
    apart = ask(make_report(review, "Quilts"), make_report(review, "Blankets"))
    joined = ask(make_report(review, "Boats"), make_report(review, "Ships"))
    answering.answer(apart, "different", by=cast.al)
    answering.answer(joined, "same", by=cast.ada)
    for query, found in [
        ("q=quilts", "Quilts"),
        ("answer=same", "Boats"),
        (f"by={cast.al.pk}", "Quilts"),
        ("q=blankets&answer=different", "Quilts"),
    ]:
        page = ada.get(f"{QUESTIONS}answered/?{query}")
        assert [pair.first.title for pair in page.context["page"]] == [found], query
    assert "No answer fits" in text_of(ada.get(f"{QUESTIONS}answered/?q=nothing"))


def test_the_pages_cost_the_same_for_many(
    cast, ada, review, make_report, django_assert_max_num_queries, django_assert_num_queries
):
    def more(n):
        for _ in range(n):
            pair = ask(make_report(review), make_report(review))
            answering.answer(pair, "different", by=cast.ada)
            ask(make_report(review), make_report(review))

    more(2)
    shown(ada)
    for address in (
        QUESTIONS,
        f"{QUESTIONS}answered/",
        f"{QUESTIONS}joined/",
        f"{QUESTIONS}rules/",
    ):
        with django_assert_max_num_queries(32) as few:
            ada.get(address)
        more(6)
        with django_assert_num_queries(len(few)):
            ada.get(address)


def test_every_decision_is_exported_with_those_that_were_undone(cast, ada, review, make_report):
    trap = make_report(review, '=HYPERLINK("http://x")')
    pair = ask(trap, make_report(review, "Other"), probability=0.61803)
    still_open = ask(make_report(review), make_report(review))
    answering.answer(pair, "same", by=cast.al)
    answering.take_answer_back(pair, by=cast.ada)
    answering.answer(pair, "related", by=cast.ada, kind="erratum")
    answer = ada.get(f"{QUESTIONS}pairs.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="duplicates-one.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    undone, stands, waits = csv.DictReader(io.StringIO(text))
    assert undone["answer"] == "same"
    assert (undone["answered_by"], undone["undone_by"]) == ("Al", "Ada")
    assert (stands["answer"], stands["kind"], stands["undone_by"]) == ("related", "erratum", "")
    assert stands["first_title"].startswith("'=")
    assert (stands["probability"], stands["rule"], stands["zone"]) == ("0.61803", "unsure", "ask")
    assert stands["first_sources"] == trap.records.get().search.name
    assert (waits["pair"], waits["answer"]) == (str(still_open.pk), "")


def test_the_api_gives_every_decision_with_score_rule_who_and_when(cast, ada, review, make_report):
    pair = ask(make_report(review), make_report(review), probability=0.61803)
    answering.answer(pair, "different", by=cast.al)
    joined = ask(make_report(review), make_report(review), probability=0.99)
    joined.rule, joined.answer, joined.answered_at = "doi", "same", timezone.now()
    joined.save()
    ask(make_report(review), make_report(review))

    def told(query=""):
        return ada.get(f"/api/v1/reviews/one/duplicates/answered/{query}").json()["results"]

    (said,) = told()
    assert said["answered_by"] == cast.al.username
    assert said["answered_at"]
    assert (said["probability"], said["rule"], said["answer"]) == (0.61803, "unsure", "different")
    (by_itself,) = told("?by=matching")
    assert (by_itself["id"], by_itself["answered_by"]) == (joined.pk, None)
    assert by_itself["rule"] == "doi"
    assert {each["id"] for each in told("?by=all")} == {pair.pk, joined.pk}


# --- Related --------------------------------------------------------------------------------


def test_related_reports_know_their_kind_from_both_sides(cast, ada, review, make_report):
    article = make_report(review, "Care at home after discharge")
    erratum = make_report(review, "Erratum: Care at home after discharge")
    pair = ask(article, erratum, zone="related", probability=0.03)
    page = text_of(ada.get(f"{QUESTIONS}?zone=related"))
    assert '<option value="erratum" selected>' in page
    ada.post(f"{QUESTIONS}{pair.pk}/answer/", {"answer": "related", "kind": "erratum"})
    link = RelatedReport.objects.get()
    assert link.kind == "erratum"
    for here, there in ((article, erratum), (erratum, article)):
        text = text_of(ada.get(f"/r/one/reports/{here.pk}/"))
        assert f"/r/one/reports/{there.pk}/" in text
        assert "Erratum or correction" in text
    ada.post(f"/r/one/related/{link.pk}/", {"kind": "reply"})
    link.refresh_from_db()
    assert link.kind == "reply"
    assert "no such kind" in text_of(
        ada.post(f"/r/one/related/{link.pk}/", {"kind": "cousin"}, follow=True)
    )
    ada.post(f"/r/one/related/{link.pk}/", {"remove": "1"})
    assert questions.waiting(review, "related") == [pair.pk]
    assert not RelatedReport.objects.filter(removed_at=None).exists()


def test_a_person_can_link_what_the_matching_did_not(cast, ada, review, make_report):
    one, other = make_report(review, "A trial, part 1"), make_report(review, "A trial, part 2")
    url = f"/r/one/reports/{one.pk}/"
    ada.post(f"{url}related/", {"other": other.pk, "kind": "part"})
    ada.post(f"{url}related/", {"other": other.pk, "kind": "part"})
    link = RelatedReport.objects.get()
    assert (link.kind, link.by) == ("part", cast.ada)
    ada.post(f"/r/one/related/{link.pk}/", {"remove": "1", "report": one.pk})
    assert not RelatedReport.objects.filter(removed_at=None).exists()
    assert AuditEvent.objects.filter(verb="unlinked related reports").count() == 1


# --- Bad input ------------------------------------------------------------------------------


def test_another_review_s_questions_are_out_of_reach(cast, signed_in, review, make_report):
    pair = ask(make_report(review), make_report(review))
    zed = signed_in(cast.zed)
    assert zed.post("/r/two/duplicates/together/", {"pair": pair.pk}).status_code == 404
    assert shown(zed, f"/r/two/duplicates/?pair={pair.pk}") is None
    assert not Merge.objects.exists()


def test_a_file_of_the_report_is_back_after_undoing_for_a_group(cast, ada, review, group):
    reports, pairs = group
    attach_to = reports[3]
    for user in (cast.bo, cast.cy):
        from screening import actions

        actions.decide(attach_to, "abstract", "include", by=user)
    attach(attach_to, cast.ada)
    before = snapshot(review)
    ada.post(f"{QUESTIONS}together/", {"pair": [pair.pk for pair in pairs]})
    assert place(attach_to) == "fulltext-open"  # the one furthest on its way keeps its id
    ada.post(f"{QUESTIONS}undo/")
    assert snapshot(review) == before


def test_a_probability_below_the_line_does_not_read_as_if_it_were_on_it():
    told = {0.9499: "94", 0.95: "95", 0.29: "29", 0.9996: "99", 0.0004: "0.04", 1.0: "100.000"}
    assert {p: percent(p) for p in told} == told
