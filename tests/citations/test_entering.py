"""References without a database's file: one by hand, a list of identifiers, other methods."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from citations.models import Search, Upload
from reviews import jobs
from screening import flow
from screening.desk.submitting import card
from screening.duplicates import answering
from tests.citations.test_import import THREE, check, entry, imported, ris

pytestmark = pytest.mark.django_db
CARE = entry("Transition care for young adults with asthma in clinics", doi="10.5555/a", page=11)
BY_HAND, LIST = "/r/one/import/by-hand/", "/r/one/import/identifiers/"


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def work():
    while jobs.run_one():
        pass


def reference(**more):
    return {
        "key": str(uuid.uuid4()),
        "source": "",
        "new_name": "Union of Nurses",
        "new_kind": "organisation",
        "title": "A guideline on rest between shifts",
        "authors": "Union of Nurses\nLind, Bea\n",
        "year": "2021",
        **more,
    }


def test_a_record_by_hand_is_stored_as_it_was_typed(ada, review):
    answer = ada.post(
        BY_HAND,
        reference(
            entry_type="report",
            journal="Union Press",
            volume="3",
            issue="2",
            pages="4-9",
            doi="https://doi.org/10.5555/REST",
            pmid="PMID: 123",
            isbn="978-3-16-148410-0",
            abstract="Rest < work.\n\nRest & sleep.",
            keywords="rest; shift, night",
            language="English",
            url="example.org/rest",
            seen_on="2026-01-12",
            found="in the references of Abara 2019",
        ),
    )
    assert answer.status_code == 302
    work()
    record = review.records.get()
    assert (record.title, record.year, record.entry_type) == (
        "A guideline on rest between shifts",
        2021,
        "report",
    )
    assert record.authors == ["Union of Nurses", "Lind, Bea"]
    assert (record.journal, record.volume, record.issue, record.pages) == (
        "Union Press",
        "3",
        "2",
        "4-9",
    )
    assert (record.doi, record.pmid, record.isbn) == ("10.5555/rest", "123", "978-3-16-148410-0")
    assert record.abstract == "Rest < work. Rest & sleep."
    assert record.raw["abstract"] == ["Rest < work.\n\nRest & sleep."]
    assert record.keywords == ["rest", "shift, night"]
    assert (record.language, record.url) == ("English", "https://example.org/rest")
    assert record.raw["found"] == ["in the references of Abara 2019"]
    assert record.raw["accessed"] == ['{"date-parts": [[2026, 1, 12]]}']
    assert (record.search.name, record.search.kind) == ("Union of Nurses", "organisation")
    page = ada.get(answer.url).content.decode()
    assert "1 record was imported: 1 new report" in page
    assert check(review)["O1"] == 1


def test_the_same_form_twice_is_one_record_and_two_forms_are_two(ada, review):
    first = reference()
    ada.post(BY_HAND, first)
    again = ada.post(BY_HAND, first | {"source": Search.objects.get().pk}, follow=True)
    assert "entered already" in again.content.decode()
    work()
    assert review.records.count() == 1
    ada.post(BY_HAND, reference())  # the same words, typed once more
    work()
    assert review.records.count() == 2
    # It met the first one as any import would: joined, or asked about.
    assert review.reports.standing().count() == 1 or review.duplicate_pairs.filter(answer="")
    check(review)


def test_a_duplicate_by_hand_joins_what_is_here(cast, ada, review):
    imported(cast, ris(CARE, *THREE[1:]))
    report = review.reports.get(doi="10.5555/a")
    ada.post(
        BY_HAND,
        reference(title=report.title, doi="10.5555/a", authors="Abara, Ife", year=report.year),
    )
    work()
    assert report.records.count() == 2
    assert check(review)["D3"] == 3


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Give a title, or at least a DOI"),
        ({"doi": "abc"}, "This is no DOI"),
        ({"pmid": "abc"}, "This is no PMID"),
        ({"isbn": "12"}, "This is no ISBN"),
        ({"new_name": ""}, "Choose a source, or name a new one"),
        ({"seen_on": "2999-01-01"}, "still to come"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(ada, wrong, sentence):
    answer = ada.post(BY_HAND, reference(**wrong))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Upload.objects.exists()
    assert not Search.objects.exists()


def test_the_name_of_a_source_that_is_there_means_that_source(ada, review, make_search):
    there = make_search(review, "Union of Nurses", kind="organisation")
    ada.post(BY_HAND, reference(new_name=" union of nurses "))
    work()
    assert review.records.get().search == there


# --- A list of identifiers ---------------------------------------------------------------------


def typed(text, **more):
    return {
        "identifiers": text,
        "source": "",
        "new_name": "Citation searching",
        "new_kind": "citation",
        **more,
    }


def test_a_list_is_looked_at_before_it_is_imported(ada, review):
    answer = ada.post(LIST, typed("10.5555/a\r\nPMID: 77\r\nhello\r\n10.5555/A\r\n"))
    work()
    page = ada.get(answer.url).content.decode()
    assert "Import 2 records" in page
    assert "neither a DOI nor a PMID" in page
    assert "10.5555/a stands in line 1 already" in page
    assert [p.line for p in Upload.objects.get().problems.all()] == [3, 4]
    assert not review.records.exists()
    ada.post(f"{answer.url}confirm/")
    work()
    assert [(r.doi, r.pmid) for r in review.records.order_by("pk")] == [
        ("10.5555/a", ""),
        ("", "77"),
    ]
    assert check(review)["O1"] == 2


def test_a_stub_is_shown_by_its_identifier_and_filled_by_a_database(cast, ada, review, signed_in):
    answer = ada.post(LIST, typed("10.5555/a\n10.5555/b\nPMID: 77"))
    work()
    ada.post(f"{answer.url}confirm/")
    work()
    page = ada.get("/r/one/reports/").content.decode()
    assert "No title yet (doi:10.5555/b)" in page
    assert "No title yet (PMID 77)" in page
    stub = review.reports.get(pmid="77")
    assert card(stub)["pmid_url"] == "https://pubmed.ncbi.nlm.nih.gov/77/"
    first = signed_in(cast.bo).get("/r/one/screen/").content.decode()
    assert "No title yet (doi:10.5555/a)" in first
    assert re.search(r'href="https://(doi\.org/10\.5555|pubmed\.ncbi\.nlm\.nih\.gov/77)', first)
    # One shared identifier and nothing else to compare: joined, or a person is asked.
    imported(cast, ris(CARE))
    for pair in review.duplicate_pairs.filter(answer=""):
        answering.answer(pair, "same", by=cast.ada)
    assert review.reports.standing().count() == 3
    filled = review.reports.standing().get(doi="10.5555/a")
    assert filled.title.startswith("Transition care")
    assert filled.records.count() == 2
    check(review)


def test_a_file_of_identifiers_is_taken_too_and_the_same_list_of_another_source(ada, review):
    file = SimpleUploadedFile("found.txt", b"10.5555/a\n")
    ada.post(LIST, typed("", file=file))
    ada.post(LIST, typed("10.5555/a"))
    ada.post(LIST, typed("10.5555/a", new_name="WHO", new_kind="website"))
    ada.post(LIST, typed("10.5555/a", source=review.searches.get(name="WHO").pk))  # once more
    assert Upload.objects.count() == 3


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (typed(""), "Type at least one identifier"),
        (
            typed("10.5555/a", file=SimpleUploadedFile("a.txt", b"10.5555/b")),
            "not both",
        ),
        (typed("10.5555/a", new_name=""), "Choose a source"),
    ],
)
def test_a_list_that_is_none_is_refused(ada, said, sentence):
    answer = ada.post(LIST, said)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Upload.objects.exists()


# --- Other methods -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["website", "organisation", "citation"])
def test_a_file_of_another_method_lands_in_the_right_column(ada, review, kind):
    said = {"file": SimpleUploadedFile("a.ris", ris(*THREE)), "source": "", "new-name": "Elsewhere"}
    answer = ada.post("/r/one/import/", {**said, "new-kind": kind})
    work()
    ada.post(f"{answer.url}confirm/")
    work()
    boxes = check(review)
    assert (boxes["O1"], boxes["D1_db"], boxes["D1_reg"], boxes["D3"]) == (3, 0, 0, 0)
    assert dict((search.kind, n) for search, n in flow.identified(review)) == {kind: 3}


def test_a_joined_report_lists_all_its_sources_and_strings(cast, ada, review):
    imported(cast, ris(CARE, *THREE[1:]))
    review.searches.update(platform="Ovid", strategy="exp asthma/ and transition.tw.")
    imported(cast, ris(CARE, ""), "Embase")
    Search.objects.filter(name="Embase").update(strategy="'asthma'/exp AND 'transition'")
    report = review.reports.standing().get(doi="10.5555/a")
    page = ada.get(f"/r/one/reports/{report.pk}/").content.decode()
    for words in (
        "MEDLINE",
        "Ovid",
        "exp asthma/ and transition.tw.",
        "Embase",
        "&#x27;asthma&#x27;/exp",
    ):
        assert words in page
    embase = Search.objects.get(name="Embase")
    listed = ada.get(f"/r/one/reports/?source={embase.pk}").content.decode()
    assert "Transition care" in listed
    assert "Peer mentoring" not in listed
