"""The pages of searches and files, through the front door."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from citations.models import Search, Upload, UploadProblem
from citations.views.problems import guarded
from citations.waiting import steps
from reviews import jobs
from reviews.models import Job
from tests.citations.test_import import THREE, ris

pytestmark = pytest.mark.django_db
IMPORT, SEARCHES = "/r/one/import/", "/r/one/searches/"


def a_file(content=None, name="export.ris"):
    return SimpleUploadedFile(name, ris(*THREE) if content is None else content)


def new_source(name="MEDLINE", **more):
    return {"source": "", "new-name": name, "new-kind": "database", **more}


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def test_a_file_is_previewed_then_confirmed(cast, review, ada):
    answer = ada.post(IMPORT, {"file": a_file(), **new_source(**{"new-platform": "Ovid"})})
    upload = Upload.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"/r/one/imports/{upload.pk}/"
    assert 'hx-trigger="every 1s"' in ada.get(answer.url).content.decode()
    assert jobs.run_one()
    page = ada.get(answer.url).content.decode()
    assert "Import 3 records" in page
    assert "Peer mentoring" in page
    assert "every 1s" not in page
    assert review.records.count() == 0
    assert steps(cast.member("ada"))[0].waiting == 1
    ada.post(f"{answer.url}confirm/")
    ada.post(f"{answer.url}confirm/")
    assert Job.objects.filter(kind="import").count() == 1
    assert jobs.run_one()
    assert review.records.count() == 3
    assert "3 records were imported" in ada.get(answer.url).content.decode()
    assert review.searches.get().platform == "Ovid"
    assert steps(cast.member("ada"))[0].says == "3 records from 1 source"


def test_the_same_file_says_so(ada, review):
    ada.post(IMPORT, {"file": a_file(), **new_source()})
    answer = ada.post(
        IMPORT, {"file": a_file(name="again.ris"), **new_source("Embase")}, follow=True
    )
    assert "is here already" in answer.content.decode()
    assert Upload.objects.count() == Search.objects.count() == 1


def test_a_bad_file_keeps_what_was_typed(ada):
    answer = ada.post(IMPORT, {"file": a_file(b"%PDF-1.4"), **new_source("Web of Science")})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is a PDF" in page
    assert 'value="Web of Science"' in page
    assert not Upload.objects.exists()
    assert not Search.objects.exists()


def test_an_empty_file_and_a_missing_name_are_said_by_their_fields(ada):
    assert (
        "The file is empty"
        in ada.post(IMPORT, {"file": a_file(b""), **new_source()}).content.decode()
    )
    answer = ada.post(IMPORT, {"file": a_file(), **new_source("")})
    assert answer.status_code == 422
    assert not Upload.objects.exists()


def test_too_large_is_said(ada, settings):
    settings.UPLOAD_LIMIT_MB = 1
    answer = ada.post(IMPORT, {"file": a_file(b"x" * ((1 << 20) + 1)), **new_source()})
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.content.decode()


def test_problems_are_shown_and_downloaded_with_guarded_cells(ada):
    content = ris(THREE[0]) + b"\nTY  - JOUR\nTI  - =HYPERLINK(1)\n"
    ada.post(IMPORT, {"file": a_file(content), **new_source()})
    jobs.run_one()
    upload = Upload.objects.get()
    assert upload.summary["problems"] == upload.problems.count() > 0
    UploadProblem.objects.create(upload=upload, line=99, message="m", excerpt="=1+1")
    page = ada.get(f"/r/one/imports/{upload.pk}/").content.decode()
    assert "no ER" in page
    body = b"".join(ada.get(f"/r/one/imports/{upload.pk}/problems.csv")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0] == ["line", "imported", "reason", "excerpt"]
    assert rows[-1] == ["99", "no", "m", "'=1+1"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1"])
def test_what_a_spreadsheet_would_run_is_guarded(text):
    assert guarded(text) == f"'{text}"
    assert guarded(f"a{text}") == f"a{text}"


def test_discarding(ada):
    ada.post(IMPORT, {"file": a_file(), **new_source()})
    pk = Upload.objects.get().pk
    ada.post(f"/r/one/imports/{pk}/discard/")
    assert not Upload.objects.exists()
    assert ada.get(f"/r/one/imports/{pk}/").status_code == 404
    assert jobs.run_one()  # the preview that was waiting
    assert Job.objects.get().error == "This file was discarded."


def test_a_search_is_added_and_changed(ada, review):
    fields = {
        "name": "Embase",
        "kind": "database",
        "strategy": "exp asthma/",
        "removed_duplicates": "25",
    }
    answer = ada.post(f"{SEARCHES}add/", fields)
    assert answer.status_code == 422
    assert "Say why records were removed" in answer.content.decode()
    assert ada.post(f"{SEARCHES}add/", fields | {"removed_why": "EndNote"}).status_code == 302
    search = review.searches.get()
    assert (search.removed_duplicates, search.removed_other) == (25, 0)
    ada.post(f"{SEARCHES}{search.pk}/", fields | {"removed_why": "EndNote", "name": "Embase.com"})
    search.refresh_from_db()
    assert search.name == "Embase.com"
    assert review.events.filter(verb="changed a search").get().before["name"] == "Embase"
    again = ada.post(f"{SEARCHES}add/", {"name": "Embase.com", "kind": "database"})
    assert again.status_code == 422
    assert "25" in ada.get(SEARCHES).content.decode()


def test_the_list_costs_the_same_for_many(ada, review, make_search, django_assert_num_queries):
    make_search(review)
    with django_assert_num_queries(6) as first:
        ada.get(SEARCHES)
    for _ in range(10):
        make_search(review)
    with django_assert_num_queries(len(first)):
        ada.get(SEARCHES)


def test_who_may(cast, signed_in):
    bo, eve = signed_in(cast.bo), signed_in(cast.eve)
    assert bo.get(SEARCHES).status_code == 200
    assert bo.get(IMPORT).status_code == 403
    assert bo.post(IMPORT, {"file": a_file(), **new_source()}).status_code == 403
    assert eve.get(SEARCHES).status_code == 404
    assert not Upload.objects.exists()


def test_a_file_of_another_review_is_not_here(cast, ada, signed_in):
    signed_in(cast.zed).post("/r/two/import/", {"file": a_file(), **new_source()})
    pk = Upload.objects.get().pk
    for address in ("", "confirm/", "discard/", "problems.csv"):
        url = f"/r/one/imports/{pk}/{address}"
        answer = ada.post(url) if address in ("confirm/", "discard/") else ada.get(url)
        assert answer.status_code == 404


def test_an_empty_form_is_told(ada, review, make_search):
    search = make_search(review)
    for address in (f"{SEARCHES}add/", f"{SEARCHES}{search.pk}/"):
        assert ada.post(address, {}).status_code == 422
