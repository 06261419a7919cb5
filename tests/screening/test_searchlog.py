"""The searches as PRISMA-S asks for them: 16 items, gaps, notes, and the files."""

import csv
import io
import time

import docx
import pytest

from citations import prisma_s
from citations.models import SearchNote
from reviews import jobs
from screening import flow
from screening.reporting import searchlog
from tests.citations.test_import import THREE, ris
from tests.citations.test_pages import a_file, new_source

pytestmark = pytest.mark.django_db
PAGE = "/r/one/searches/prisma-s/"
STRATEGY = "1. exp Adolescent/\n  2. (cats or dogs).ti,ab.\n3. 1 and 2"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


@pytest.fixture
def medline(review, make_search, make_report):
    search = make_search(
        review, "MEDLINE", platform="Ovid", strategy=STRATEGY, hits_reported=5, limits="None."
    )
    make_report(review, "A", search=search, records=2)
    return search


def rows(review):
    return {row.item.number: row for part in searchlog.report(review) for row in part.rows}


def lines(client):
    text = client.get(f"{PAGE}download/csv/").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def words_of(client):
    document = docx.Document(io.BytesIO(client.get(f"{PAGE}download/docx/").content))
    return [cell.text for row in document.tables[0].rows for cell in row.cells]


def test_all_sixteen_are_there_and_gaps_are_marked(ada, review, medline):
    found = rows(review)
    assert list(found) == list(range(1, 17))
    assert [n for n, row in found.items() if row.is_reported] == [1, 8, 9, 15, 16]
    page = ada.get(PAGE).content.decode()
    assert "5 of 16" in page
    for row in found.values():
        assert f"{row.item.number}. {row.item.name}" in page
    assert page.count(prisma_s.NOT_YET) == 11


def test_the_string_keeps_its_lines_everywhere(ada, medline):
    assert STRATEGY in ada.get(PAGE).content.decode()
    (line,) = [each for each in lines(ada) if each["Item"] == "8"]
    assert line["Reported"] == STRATEGY
    assert any(STRATEGY in text for text in words_of(ada))


def test_a_note_for_the_whole_review_fills_a_gap_and_can_be_taken_back(ada, review, medline):
    assert ada.post(f"{PAGE}6/", {"text": " Seven authors were asked. "}).url == f"{PAGE}#item-6"
    assert "Seven authors were asked." in ada.get(PAGE).content.decode()
    assert rows(review)[6].is_reported
    assert (
        "Seven authors were asked."
        in words_of(ada)[words_of(ada).index("6. Contacts\n" + rows(review)[6].item.asks) + 1]
    )
    ada.post(f"{PAGE}6/", {"text": ""})
    assert not rows(review)[6].is_reported
    said = review.events.filter(verb="changed a note on the searches")
    assert [event.after["text"] for event in said] == ["", "Seven authors were asked."]


def test_a_note_answers_for_the_sources_that_say_nothing(ada, review, medline, make_search):
    make_search(review, "Embase")
    assert rows(review)[9].gap == "Not reported yet: Embase"
    ada.post(f"{PAGE}9/", {"text": "No limits in the others."})
    assert rows(review)[9].gap == ""
    assert rows(review)[1].gap == "Not reported yet: the platform of Embase"


def test_facts_of_the_sources_take_no_note(ada, review, medline):
    for item in (1, 8, 13, 15, 99):
        assert ada.post(f"{PAGE}{item}/", {"text": "x"}).status_code == 404
    long = ada.post(f"{PAGE}7/", {"text": "x" * 20_001})
    assert long.status_code == 422
    assert "at most 20000" in long.content.decode()
    assert not SearchNote.objects.exists()


def test_kinds_of_sources_speak_for_their_items(review, make_search):
    make_search(review, "ClinicalTrials.gov", kind="register", address="https://trials.example.org")
    make_search(review, "A ministry", kind="organisation", strategy="Browsed all reports")
    make_search(review, "Reference lists", kind="citation")
    found = rows(review)
    assert [said.source for said in found[3].said] == ["ClinicalTrials.gov"]
    assert [said.source for said in found[4].said] == ["A ministry"]
    assert [said.source for said in found[5].said] == ["Reference lists"]
    assert found[10].missing == ["ClinicalTrials.gov"]  # what is browsed has no filter
    assert found[8].missing == ["ClinicalTrials.gov", "Reference lists"]


def test_item_16_is_drafted_from_the_numbers_until_somebody_writes_it(ada, review, medline):
    draft = rows(review)[16].draft
    assert "2 records made 1 report: 1 duplicate." in draft
    assert "0.95" in draft
    ada.post(f"{PAGE}16/", {"text": "EndNote 21 did it."})
    row = rows(review)[16]
    assert (row.draft, [said.text for said in row.said]) == ("", ["EndNote 21 did it."])


def test_what_cannot_be_written_into_a_document_is_left_out(ada, review, medline):
    medline.strategy = "a\x01b <&> =1+1"
    medline.save()
    assert any("ab <&> =1+1" in text for text in words_of(ada))


def test_the_same_words_are_the_same_file(ada, review, medline, monkeypatch):

    now = time.time
    first = ada.get(f"{PAGE}download/docx/").content
    # The next second, the next day: what a file carries of the moment would differ.
    monkeypatch.setattr(time, "time", lambda: now() + 90_000)
    monkeypatch.setattr(time, "localtime", lambda *a: time.gmtime(now() + 90_000))
    assert ada.get(f"{PAGE}download/docx/").content == first


def test_a_cell_runs_nothing(ada, review, medline):
    medline.strategy = "=HYPERLINK(1)"
    medline.save()
    assert [e["Reported"] for e in lines(ada) if e["Item"] == "8"] == ["'=HYPERLINK(1)"]


def test_hits_against_records(ada, review, medline):
    sentence = "The source reported 5 hits; 2 were imported: 3 are unaccounted for."
    assert sentence in ada.get("/r/one/searches/").content.decode()
    assert sentence in ada.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("hits", "imported", "removed", "sentence"),
    [
        (412, 400, 10, "The source reported 412 hits; 400 were imported and 10 removed before: 2 are unaccounted for."),
        (1, 2, 0, "The source reported 1 hit; 2 were imported: 1 more than it reported."),
        (2, 1, 0, "The source reported 2 hits; 1 was imported: 1 is unaccounted for."),
        (1410, 1400, 10, ""),
        (None, 5, 0, ""),
        (5, 0, 0, ""),  # nothing was imported yet
    ],
)  # fmt: skip
def test_the_difference_is_one_sentence(hits, imported, removed, sentence):
    assert prisma_s.reckon(hits, imported, removed) == sentence


def test_it_costs_the_same_few_queries(review, medline, make_search, django_assert_num_queries):
    searchlog.report(review)
    with django_assert_num_queries(6):
        searchlog.report(review)
    for _ in range(3):
        make_search(review)
    with django_assert_num_queries(6):
        searchlog.report(review)


# --- What was removed before the import -----------------------------------------------------


def test_what_was_removed_before_enters_prisma_and_can_be_corrected(ada, review):
    removed = {"new-removed_duplicates": "7", "new-removed_automation": "2"}
    refused = ada.post("/r/one/import/", {"file": a_file(ris(*THREE)), **new_source(), **removed})
    assert "Say why records were removed" in refused.content.decode()
    removed |= {"new-removed_other": "1", "new-removed_why": "EndNote"}
    ada.post("/r/one/import/", {"file": a_file(ris(*THREE)), **new_source(), **removed})
    search = review.searches.get()
    ada.post(f"/r/one/imports/{review.uploads.get().pk}/confirm/")
    while jobs.run_one():
        pass
    boxes = flow.boxes(review)
    assert (boxes["D1"], boxes["D2_dup"], boxes["D2_auto"], boxes["D2_other"]) == (13, 7, 2, 1)
    assert boxes["D3"] == 3
    assert (
        "3 records imported</a> and 10 removed before (EndNote): 13 identified"
        in ada.get(PAGE).content.decode()
    )
    fields = {
        "name": "MEDLINE",
        "kind": "database",
        "removed_duplicates": "6",
        "removed_why": "EndNote",
    }
    ada.post(f"/r/one/searches/{search.pk}/", fields)
    boxes = flow.boxes(review)
    assert (boxes["D1"], boxes["D2_dup"], boxes["D2_other"], boxes["D3"]) == (9, 6, 0, 3)
    assert all(each.holds for each in flow.identities(review, boxes))


def test_saving_a_source_again_changes_nothing(ada, review):
    fields = {
        "name": "MEDLINE",
        "kind": "database",
        "searched_on": "2025-03-03",
        "strategy": STRATEGY.replace("\n", "\r\n"),
        "limits_why": "No money to translate.",
        "peer_review": "PRESS",
        "database": "MEDLINE",
    }
    ada.post("/r/one/searches/add/", fields)
    search = review.searches.get()
    assert search.strategy == STRATEGY
    page = ada.get(f"/r/one/searches/{search.pk}/")
    form = page.context["form"]
    again = {name: form[name].value() or "" for name in form.fields}
    assert 'value="2025-03-03"' in page.content.decode()
    ada.post(f"/r/one/searches/{search.pk}/", {**again, "searched_on": "2025-03-03"})
    assert not review.events.filter(verb="changed a search").exists()


def test_the_form_folds_away_what_is_empty(ada, review, make_search):
    bare, full = make_search(review), make_search(review, peer_review="PRESS")
    assert 'folded" open' not in ada.get(f"/r/one/searches/{bare.pk}/").content.decode()
    assert ada.get(f"/r/one/searches/{full.pk}/").content.decode().count('folded" open') == 1
