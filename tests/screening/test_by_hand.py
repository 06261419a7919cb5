"""A person names a duplicate while screening; what is retracted is seen wherever it appears."""

import csv
import io

import pytest

from citations.models import Merge, RelatedReport
from screening import actions, flow
from screening.duplicates import answering, joining
from screening.flow import Place
from screening.reporting import agreeing
from tests.screening.test_joining import place, snapshot

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def bo(cast, signed_in):
    return signed_in(cast.bo)


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_screener_finds_joins_and_undoes(cast, bo, review, make_report):
    here = make_report(review, "Care at home", authors=["Abara, Ife"], year=2019)
    other = make_report(review, "Care at the home")
    make_report(review, "Boats")
    actions.decide(other, "abstract", "exclude", by=cast.cy)
    url = f"/r/one/reports/{here.pk}/"
    found = bo.get(f"{url}others/?q=care+home").json()["reports"]
    assert [each["id"] for each in found] == [other.pk]
    assert set(found[0]) == {"id", "title", "says"}  # nothing that follows from votes
    before, boxes = snapshot(review), flow.boxes(review)
    told = bo.post(f"{url}duplicate/", {"other": other.pk, "stage": "abstract"}, **JSON).json()
    made = Merge.objects.get(pk=told["merge"])
    assert (made.by, {told["keep"], told["absorb"]}) == (cast.bo, {here.pk, other.pk})
    assert flow.boxes(review)["D2_dup"] == boxes["D2_dup"] + 1
    # Cy has decided on it and Bo has not: it still takes Bo's answer.
    assert told["card"]["id"] == told["keep"]
    assert told["fewer"] == 1  # of the two that waited for Bo one is left
    again = bo.post(f"{url}duplicate/", {"other": other.pk}, **JSON)
    assert (again.status_code, again.json()["detail"]) == (422, "These two are one report already.")
    assert bo.post(f"{url}duplicate/", {}, **JSON).status_code == 422
    undone = bo.post(f"/r/one/merges/{made.pk}/undo/", "{}", content_type="application/json")
    assert undone.status_code == 200
    assert snapshot(review) == before
    twice = bo.post(f"/r/one/merges/{made.pk}/undo/", "{}", content_type="application/json")
    assert (twice.status_code, twice.json()["detail"]) == (
        409,
        "That merge has been undone already.",
    )


def test_a_screener_does_not_undo_another_s_join(cast, bo, ada, review, make_report):
    one, other = make_report(review), make_report(review)
    ada.post(f"/r/one/reports/{one.pk}/duplicate/", {"other": other.pk})
    made = Merge.objects.get()
    assert bo.post(f"/r/one/merges/{made.pk}/undo/").status_code == 403
    assert Merge.objects.get().undone_at is None


def test_of_two_files_of_a_joined_report_the_newest_is_read_and_taken_away(
    cast, ada, review, at_fulltext
):
    one, other = at_fulltext(), at_fulltext()
    made = joining.merge(one, other, by=cast.ada)
    address = f"/r/one/fulltexts/{one.pk}/"
    newest = other.fulltexts.model.objects.get(name=f"{other.pk}.pdf")
    assert ada.get(f"{address}file/").status_code == 200
    in_api = f"/api/v1/reviews/one/reports/{one.pk}/fulltext/"
    assert ada.get(in_api).status_code == 200
    assert newest.name in text_of(ada.get(address))
    told = text_of(ada.post(f"{address}detach/", follow=True))
    assert "the other one is read now" in told
    newest.refresh_from_db()
    assert newest.removed_at is not None
    assert place(one) == Place.FULLTEXT_OPEN
    assert "the report is sought again" in text_of(ada.post(f"{address}detach/", follow=True))
    assert place(one) == Place.SOUGHT
    joining.unmerge(made, by=cast.ada)
    assert ada.get(f"{address}file/").status_code == 404


def test_without_javascript_the_link_leads_to_the_same_search(bo, review, make_report):
    report = make_report(review, "Care at home")
    other = make_report(review, "Care at the home")
    text = bo.get("/r/one/screen/").content.decode()
    assert f'href="/r/one/reports/{report.pk}/#duplicate"' in text or "#duplicate" in text
    text = bo.get(f"/r/one/reports/{report.pk}/?duplicate=care+home").content.decode()
    assert f'name="other" value="{other.pk}"' in text


def test_agreement_keeps_first_answers_and_counts_one_report_less(cast, review, make_report):
    def both(report, first, second):
        actions.decide(report, "abstract", first, by=cast.bo)
        actions.decide(report, "abstract", second, by=cast.cy)
        return report

    one = both(make_report(review), "include", "include")
    two = both(make_report(review), "include", "exclude")
    both(make_report(review), "exclude", "exclude")
    before = agreeing.panel(review, "abstract")
    assert (before.reports, before.together.a, before.together.b) == (3, 1, 1)
    made = answering.join_by_hand(one, two, by=cast.bo)
    panel = agreeing.panel(review, "abstract")
    # The answers that were given first, of each person one: those on the earlier of the two.
    assert (panel.reports, panel.together.a, panel.together.b, panel.together.d) == (2, 1, 0, 1)
    joining.unmerge(made, by=cast.bo)
    assert agreeing.panel(review, "abstract") == before


# --- Retractions ----------------------------------------------------------------------------


@pytest.fixture
def retracted(review, make_report):
    """An article that PubMed calls retracted by its type alone."""
    report = make_report(review, "Care at home after discharge", entry_type="Journal Article")
    record = report.records.get()
    record.raw = {"PT": ["Journal Article", "Retracted Publication"]}
    record.save(update_fields=["raw"])
    return report


def test_a_retraction_is_seen_wherever_the_report_appears(cast, ada, bo, review, retracted):
    source = retracted.records.get().search.name
    sentence = f"{source} says that this publication has been retracted."
    assert sentence in ada.get(f"/r/one/reports/{retracted.pk}/").content.decode()
    assert "Retracted</span>" in ada.get("/r/one/reports/").content.decode()
    screening = bo.get("/r/one/screen/")
    assert sentence in screening.content.decode()
    assert screening.context["data"]["cards"][0]["retraction"] == "retracted"
    for user, verdict in ((cast.bo, "include"), (cast.cy, "exclude")):
        actions.decide(retracted, "abstract", verdict, by=user)
    assert "Retracted" in ada.get("/r/one/conflicts/").content.decode()
    assert sentence in ada.get(f"/r/one/conflicts/{retracted.pk}/").content.decode()
    actions.final_word(retracted, "abstract", "include", by=cast.al)
    assert "Retracted" in ada.get("/r/one/fulltexts/").content.decode()
    assert sentence in ada.get(f"/r/one/fulltexts/{retracted.pk}/").content.decode()
    answer = ada.get("/api/v1/reviews/one/export/?format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["retraction"] == "Retracted"
    assert (
        ada.get(f"/api/v1/reviews/one/reports/{retracted.pk}/").json()["retraction"] == "retracted"
    )


def test_a_retraction_is_seen_in_lists_of_decisions_and_studies(
    cast, ada, bo, review, at_fulltext, reasons
):
    report = at_fulltext("Retracted: Care at home after discharge")
    badge = "Retracted</span>"
    assert badge in bo.get("/r/one/decisions/").content.decode()
    assert badge in ada.get("/r/one/decisions/all/").content.decode()
    actions.decide(report, "fulltext", "include", by=cast.bo)
    actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
    actions.final_word(report, "fulltext", "exclude", by=cast.al, reason=reasons[0])
    assert badge in ada.get("/r/one/excluded/").content.decode()
    actions.final_word(report, "fulltext", "include", by=cast.al)
    study = review.studies.get()
    for page in ("studies/", f"studies/{study.pk}/", "extraction/", f"extraction/{study.pk}/"):
        assert badge in ada.get(f"/r/one/{page}").content.decode(), page


def test_a_linked_notice_says_it_of_the_article_and_not_of_itself(cast, ada, review, make_report):
    article = make_report(review, "Care at home after discharge")
    notice = make_report(review, "Retraction: Care at home after discharge")
    banner = "data-retracted"
    assert banner not in ada.get(f"/r/one/reports/{article.pk}/").content.decode()
    ada.post(f"/r/one/reports/{article.pk}/related/", {"other": notice.pk})
    assert RelatedReport.objects.get().kind == "retraction"
    text = ada.get(f"/r/one/reports/{article.pk}/").content.decode()
    assert f"Report {notice.pk}, “{notice.title}”, retracts this publication." in text
    text = ada.get(f"/r/one/reports/{notice.pk}/").content.decode()
    assert banner not in text
    assert "This is a retraction notice" in text


def test_no_title_breaks_out_of_the_banner(ada, review, make_report):
    article = make_report(review, "Care")
    trap = make_report(review, "Retraction: <img src=x onerror=alert(1)>")
    ada.post(f"/r/one/reports/{article.pk}/related/", {"other": trap.pk, "kind": "retraction"})
    assert "<img src=x" not in ada.get(f"/r/one/reports/{article.pk}/").content.decode()


# --- The API --------------------------------------------------------------------------------


def test_the_api_lists_groups_answers_merges_and_undoes(cast, ada, review, make_report):
    from tests.screening.test_joining import ask

    a, b, c = (make_report(review) for _ in range(3))
    first, second = ask(a, b, probability=0.9), ask(b, c, probability=0.8)
    hint = ask(a, c, zone="related", probability=0.03)
    api = "/api/v1/reviews/one"
    told = ada.get(f"{api}/duplicates/").json()
    assert [each["id"] for each in told["results"]] == [first.pk, second.pk]
    assert {each["group"] for each in told["results"]} == {1}
    assert ada.get(f"{api}/duplicates/?zone=related").json()["results"][0]["id"] == hint.pk
    assert ada.get(f"{api}/duplicates/?zone=x").status_code == 400
    sent = {"verdict": "related", "kind": "erratum"}
    assert ada.post(f"{api}/duplicates/{first.pk}/", sent).json()["answer"] == "related"
    assert RelatedReport.objects.get().kind == "erratum"
    assert ada.post(f"{api}/duplicates/{first.pk}/", {"verdict": "same"}).status_code == 409
    related = ada.get(f"{api}/reports/{b.pk}/").json()["related"]
    assert related == [{"id": a.pk, "kind": "erratum"}]
    made = ada.post(f"{api}/reports/{b.pk}/merge/", {"absorb": c.pk})
    assert made.status_code == 201
    assert place(c) == "merged"
    assert ada.post(f"{api}/merges/{made.json()['id']}/undo/").status_code == 200
    assert place(c) == "abstract-open"
