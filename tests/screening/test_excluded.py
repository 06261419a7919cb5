"""Further reasons of an exclusion, and the table of excluded full texts."""

import csv
import io
import json

import pytest
from docx import Document

from reviews.refusal import Refused
from screening import actions, flow
from screening.models import Decision

pytestmark = pytest.mark.django_db

DECIDE = "/r/one/screen/fulltext/decide/"
TABLE = "/r/one/excluded/"


@pytest.fixture
def two(cast, at_fulltext, reasons):
    """Two reports that were excluded, one by agreement and one by a final word."""
    agreed, settled = at_fulltext("=Agreed"), at_fulltext("Settled")
    for user, others in ((cast.bo, [reasons[1]]), (cast.cy, [])):
        given = {"by": user, "reason": reasons[0], "others": others}
        actions.decide(agreed, "fulltext", "exclude", **given)
    actions.decide(settled, "fulltext", "include", by=cast.bo)
    actions.decide(settled, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
    word = {"by": cast.al, "reason": reasons[1], "note": "No program in it."}
    actions.final_word(settled, "fulltext", "exclude", **word)
    return agreed, settled


def test_further_reasons_are_kept_and_do_not_count(cast, review, at_fulltext, reasons):
    report = at_fulltext()
    for user, others in ((cast.bo, [reasons[1]]), (cast.cy, [reasons[0]])):
        actions.decide(report, "fulltext", "exclude", by=user, reason=reasons[0], others=others)
    first, second = Decision.objects.at_stage("fulltext").order_by("pk")
    assert [each.label for each in first.others.all()] == ["Not a program"]
    assert not second.others.exists()  # the one that counts is not a further one
    report.refresh_from_db()
    assert report.place == "fulltext-out"
    assert flow.reasons(review) == {reasons[0].pk: 1}


def test_another_further_reason_is_another_answer(cast, at_fulltext, reasons):
    report = at_fulltext()
    given = {"by": cast.bo, "reason": reasons[0]}
    one = actions.decide(report, "fulltext", "exclude", **given)
    assert actions.decide(report, "fulltext", "exclude", **given) == one
    assert actions.decide(report, "fulltext", "exclude", **given, others=[reasons[1]]) != one


def test_an_include_has_none(cast, at_fulltext, reasons):
    with pytest.raises(Refused, match="Only an exclusion"):
        actions.decide(at_fulltext(), "fulltext", "include", by=cast.bo, others=[reasons[0]])


def test_page_outbox_and_api_take_them(cast, at_fulltext, reasons, signed_in):
    bo = signed_in(cast.bo)
    assert "Further reasons" in bo.get("/r/one/screen/fulltext/").content.decode()
    first, second = (reason.pk for reason in reasons)
    sent = {"verdict": "exclude", "reason": first, "others": [second]}
    reports = [at_fulltext() for _ in range(4)]
    bo.post(DECIDE, {**sent, "report": reports[0].pk})
    as_json = {"content_type": "application/json"}
    answer = bo.post(DECIDE, json.dumps({**sent, "report": reports[1].pk}), **as_json)
    assert answer.json()["others"] == [second]
    url = f"/api/v1/reviews/one/reports/{reports[2].pk}/decisions/"
    body = json.dumps({**sent, "stage": "fulltext"})
    assert bo.post(url, body, **as_json).json()["others"] == [second]
    bo.post(DECIDE, {"report": reports[3].pk, "verdict": "include", "others": [second]})
    kept = Decision.objects.at_stage("fulltext").order_by("pk").prefetch_related("others")
    assert [[each.pk for each in row.others.all()] for row in kept] == [[second]] * 3 + [[]]
    foreign = json.dumps({**sent, "report": reports[3].pk, "others": [10**6]})
    assert bo.post(DECIDE, foreign, **as_json).status_code == 422


def test_the_table_has_the_reason_that_counts(two, cast, signed_in):
    page = signed_in(cast.obi).get(TABLE).content.decode()
    assert "Also: Not a program" in page
    assert "No program in it." in page


def test_the_table_as_csv_and_word(two, cast, signed_in):
    ada = signed_in(cast.ada)
    text = ada.get(f"{TABLE}download/csv/").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Reason"] for row in rows] == ["Wrong population", "Not a program"]
    assert rows[0]["Further reasons"] == "Not a program"
    assert not rows[0]["Citation"].startswith("=")  # no formula for a spreadsheet
    table = Document(io.BytesIO(ada.get(f"{TABLE}download/docx/").content)).tables[0]
    assert [row.cells[1].paragraphs[0].text for row in table.rows[1:]] == [
        "Wrong population",
        "Not a program",
    ]
    assert ada.get(f"{TABLE}download/pdf/").status_code == 404


def test_those_that_await_classification_or_are_ongoing_stand_behind(
    two, cast, review, at_fulltext, signed_in
):
    for verdict in ("ongoing", "awaiting"):
        report = at_fulltext(f"A report that is {verdict}")
        for user in (cast.bo, cast.cy):
            actions.decide(report, "fulltext", verdict, by=user)
    ada = signed_in(cast.ada)
    page = ada.get(TABLE)
    assert (
        "4 reports: 2 excluded, 1 awaiting classification, 1 ongoing study" in page.content.decode()
    )
    text = ada.get(f"{TABLE}download/csv/").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    outcomes = ["Excluded", "Excluded", "Awaiting classification", "Ongoing study"]
    assert [row["Outcome"] for row in rows] == outcomes
    assert [bool(row["Reason"]) for row in rows] == [True, True, False, False]
    written = Document(io.BytesIO(ada.get(f"{TABLE}download/docx/").content))
    heads = [each.text for each in written.paragraphs if each.style.name == "Heading 2"]
    assert heads == outcomes[2:]
    assert [len(table.rows) - 1 for table in written.tables] == [2, 1, 1]
    assert "A report that is ongoing" in written.tables[2].rows[1].cells[0].text
    boxes = flow.boxes(review)
    assert (boxes["D8"], boxes["D_C"], boxes["D_G"]) == (2, 1, 1)


def test_the_table_is_as_long_as_the_number(two, cast, review, signed_in):
    assert signed_in(cast.obi).get(TABLE).context["page"].paginator.count == 2
    assert flow.boxes(review)["D8"] == 2
