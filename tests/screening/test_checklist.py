"""The checklists and the methods paragraph: filled from the data, gaps marked, numbers that lead on."""

import csv
import io
import re

import docx
import pytest

from screening import actions
from screening.reporting import checklist, checklist_items, methods, prisma

pytestmark = pytest.mark.django_db


def nowhere(box, reason):
    return f"/{box}/{reason or ''}"


def rows_of(review):
    sections = checklist.report(review, prisma.report(review), nowhere)
    return {row.item.number: row for _, rows in sections for row in rows}


def test_it_has_every_item_once():
    numbers = [item.number for _, items in checklist_items.SECTIONS for item in items]
    assert len(numbers) == len(set(numbers)) == 42  # the 27 with their parts
    assert sorted({int(re.sub("[a-z]", "", n)) for n in numbers}) == list(range(1, 28))
    assert len(checklist_items.ABSTRACT) == 12


def test_an_empty_review_is_mostly_gaps(cast):
    rows = rows_of(cast.review)
    assert rows["16a"].is_gap
    assert rows["25"].is_gap
    assert "2 reviewers independently" in rows["8"].text


def test_what_the_review_knows_is_filled(cast, make_report, make_search):
    search = make_search(cast.review, "MEDLINE", platform="Ovid", strategy="child*")
    report = make_report(cast.review, search=search)
    make_report(cast.review, search=search)
    for by in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "exclude", by=by)
    rows = rows_of(cast.review)
    assert "MEDLINE (Ovid, 2 records)" in rows["6"].text
    assert "word for word" in rows["7"].text
    make_search(cast.review, "Embase")
    assert rows_of(cast.review)["7"].is_gap  # one source without its strategy is a gap


def test_every_number_of_the_paragraph_is_a_link(cast, make_report):
    make_report(cast.review)
    parts = methods.selection(prisma.report(cast.review), nowhere)
    assert all(part.href for part in parts if re.search(r"\d", part.text))
    assert "/D3/" in {part.href for part in parts}


def test_page_and_files_say_the_same(cast, make_report, signed_in):
    make_report(cast.review, title="One")
    lead = signed_in(cast.ada)
    page = lead.get("/r/one/prisma/checklist/").content.decode()
    assert "Not reported yet" in page
    assert 'href="/r/one/reports/?box=D3"' in page
    table = lead.get("/r/one/prisma/checklist/csv/").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == 54
    word = docx.Document(io.BytesIO(lead.get("/r/one/prisma/checklist/docx/").content))
    cells = [row.cells[2].text for row in word.tables[0].rows]
    assert all(line["Reported"] in cells for line in lines)
    assert lead.get("/r/one/prisma/checklist/pdf/").status_code == 404


def test_the_lead_writes_an_item_in_words_of_their_own(cast, signed_in):
    ada, address = signed_in(cast.ada), "/r/one/prisma/checklist/note/13c/"
    assert rows_of(cast.review)["13c"].is_gap
    assert ada.post(address, {"text": " =Tables by component. "}).status_code == 302
    row = rows_of(cast.review)["13c"]
    assert not row.is_gap
    assert row.note == "=Tables by component."
    assert "=Tables by component." in ada.get("/r/one/prisma/checklist/").content.decode()
    files = {kind: ada.get(f"/r/one/prisma/checklist/{kind}/").content for kind in ("csv", "docx")}
    lines = {
        line["Item"]: line for line in csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))
    }
    assert lines["13c"]["Reported"] == "'=Tables by component."
    (table,) = docx.Document(io.BytesIO(files["docx"])).tables
    assert "=Tables by component." in {cell.text for row in table.rows for cell in row.cells}

    # Beside what the data say, not in its place; taken back by emptying it; the log keeps both.
    ada.post("/r/one/prisma/checklist/note/8/", {"text": "Two of us."})
    assert "reviewers independently" in rows_of(cast.review)["8"].text
    ada.post(address, {"text": ""})
    assert rows_of(cast.review)["13c"].is_gap
    said = [each.before["text"] for each in cast.review.events.filter(verb__contains="checklist")]
    assert said == ["=Tables by component.", "", ""]


def test_no_note_on_what_is_no_item(cast, signed_in):
    signed_in(cast.ada).post("/r/one/prisma/checklist/note/99/", {"text": "x"})
    assert not cast.review.checklist_notes.exists()


def test_a_note_that_is_too_long_comes_back(cast, signed_in):
    answer = signed_in(cast.ada).post("/r/one/prisma/checklist/note/5/", {"text": "x" * 20_001})
    assert answer.status_code == 422
    assert "x" * 20_001 in answer.content.decode()
