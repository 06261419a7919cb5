"""Several files at once, what each seems to be, and what is too large."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from citations.guessing import source_of
from citations.models import Upload
from reviews import jobs
from tests.citations.test_import import THREE, ris

pytestmark = pytest.mark.django_db
IMPORT, GUESS, IMPORTS = "/r/one/import/", "/r/one/import/guess/", "/r/one/imports/"
JSON = {"headers": {"accept": "application/json"}}


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def file(name, content):
    return SimpleUploadedFile(name, content)


def work():
    while jobs.run_one():
        pass


@pytest.mark.parametrize(
    ("name", "format", "dialect", "found"),
    [
        ("Embase 2025-01-03.ris", "ris", "ovid", "Embase"),  # the name beats the platform
        ("savedrecs (2).txt", "wos", "wos-core", "Web of Science"),
        ("export.ris", "ris", "scopus", "Scopus"),
        ("pubmed-nurse-set.nbib", "nbib", "pubmed", "PubMed"),
        ("export.ris", "ris", "zotero", None),  # a reference manager is no source
        ("a.txt", "identifiers", "", "Citation searching"),
        ("american.ris", "ris", "", None),  # no ERIC in it
    ],
)
def test_the_source_is_guessed_from_name_then_content(name, format, dialect, found):
    guess = source_of(name, format, dialect)
    assert (guess.name if guess else None) == found


def test_a_beginning_tells_format_source_and_what_is_no_export(ada, review, make_search):
    def guess(name, head):
        return ada.post(GUESS, {"name": name, "head": file("head", head)}).json()

    assert guess("x.ris", ris(*THREE)) == {
        "format": "RIS",
        "refused": "",
        "source": None,
        "name": "",
        "kind": "",
    }
    scopus = make_search(review, "scopus")
    assert guess("Scopus.ris", ris(*THREE))["source"] == scopus.pk
    assert "PDF" in guess("x.ris", b"%PDF-1.4")["refused"]
    assert guess("x.csv", b"Eins;Zwei\n1;2\n")["refused"] == ""  # its columns will be asked
    assert guess("ieee.xlsx", b"PK\x03\x04 only the beginning")["name"] == "IEEE Xplore"
    assert not Upload.objects.exists()


def test_files_are_sent_one_by_one_with_their_sources(ada, review):
    new = {"source": "", "new-name": "Scopus", "new-kind": "database"}
    first = ada.post(IMPORT, {"file": file("a.ris", ris(THREE[0])), **new}, **JSON)
    upload = Upload.objects.get()
    source = {"id": upload.search_id, "name": "Scopus"}
    assert first.json() == {"url": f"{IMPORTS}{upload.pk}/", "known": False, "source": source}
    second = {"file": file("b.ris", ris(THREE[1])), "source": upload.search_id}
    assert ada.post(IMPORT, second, **JSON).status_code == 200
    assert (
        ada.post(IMPORT, {"file": file("c.ris", ris(THREE[0])), **new}, **JSON).status_code == 422
    )
    again = {"file": file("c.ris", ris(THREE[0])), "source": upload.search_id}
    assert ada.post(IMPORT, again, **JSON).json()["known"] is True
    table = {"file": file("t.csv", b"Eins;Wann\nA;2020\n"), "source": upload.search_id}
    assert ada.post(IMPORT, table, **JSON).json()["url"].endswith("/columns/")
    refused = ada.post(
        IMPORT, {"file": file("d.ris", b"%PDF-1.4"), "source": upload.search_id}, **JSON
    )
    assert refused.status_code == 422
    assert "PDF" in refused.json()["detail"]
    assert list(refused.json()["fields"]) == ["file"]
    assert (review.searches.count(), review.uploads.count()) == (1, 3)


def test_several_files_without_a_script_go_to_the_sources_they_speak_of(ada, review, make_search):
    make_search(review, "Embase")
    files = [
        file("embase.ris", ris(THREE[0])),
        file("scopus.ris", ris(THREE[1])),
        file("thing.ris", ris(THREE[2])),
        file("picture.ris", b"%PDF-1.4"),
    ]
    answer = ada.post(IMPORT, {"file": files, "source": ""}, follow=True)
    assert answer.redirect_chain[-1][0] == IMPORTS
    assert "“picture.ris”: This is a PDF" in answer.content.decode()
    assert {u.name: u.search.name for u in Upload.objects.all()} == {
        "embase.ris": "Embase",
        "scopus.ris": "Scopus",
        "thing.ris": "Unnamed source",
    }


def test_files_that_wait_are_listed_and_imported_together(
    ada, review, make_search, django_assert_num_queries
):
    source = make_search(review)
    ada.post(IMPORT, {"file": file("a.ris", ris(THREE[0])), "source": source.pk})
    assert "Being read" in ada.get(IMPORTS).content.decode()
    work()
    with django_assert_num_queries(5):
        page = ada.get(IMPORTS).content.decode()
    assert "1 record read" in page
    assert "Import 1 file" in page
    files = [
        file("b.ris", ris(THREE[1], THREE[2])),
        file("c.csv", b"Eins;Wann\nA;2020\n"),
        file("d.txt", b"10.5555/a\nhello\n10.5555/b\n"),
    ]
    ada.post(IMPORT, {"file": files, "source": source.pk})
    work()
    with django_assert_num_queries(5):
        page = ada.get(IMPORTS).content.decode()
    assert "1 not read" in page
    assert "Say what its columns are" in page
    assert "Import 3 files" in page
    ada.post(f"{IMPORTS}confirm/")
    work()
    assert review.records.arrived().count() == 5
    assert list(Upload.objects.filter(imported_at=None).values_list("name", flat=True)) == ["c.csv"]


@pytest.mark.parametrize(
    ("path", "accept", "shape"),
    [
        ("/r/one/import/", "text/html", "Too large"),
        ("/r/one/import/", "application/json", "detail"),
        ("/api/v1/reviews/one/uploads/", "*/*", "detail"),
    ],
)
def test_what_announces_to_be_too_large_is_refused_before_it_is_read(settings, path, accept, shape):
    settings.UPLOAD_LIMIT_MB = 1

    class Unread:
        def read(self, *_):
            raise AssertionError("the body was read")

        readline = read

    answer = Client().generic(
        "POST",
        path,
        headers={"accept": accept},
        **{"CONTENT_LENGTH": str(3 << 20), "wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.content.decode()
    assert shape in answer.content.decode()


# --- The API -----------------------------------------------------------------------------------

UPLOADS = "/api/v1/reviews/one/uploads/"
TABLE = "Überschrift;Wann\nSchlaf der Pflegenden;2020\n".encode()


def test_the_api_reads_as_it_is_told(ada, review):
    refused = ada.post(UPLOADS, {"file": file("t.csv", TABLE), "source": "Lists"})
    assert refused.status_code == 422
    assert "say which column is the title" in refused.json()["detail"]
    assert not review.searches.exists()
    columns = json.dumps({"Überschrift": "title", "2": "year"})
    said = {"source": "Lists", "kind": "website", "columns": columns}
    answer = ada.post(UPLOADS, {"file": file("t.csv", TABLE), **said})
    assert answer.status_code == 202
    work()
    record = review.records.get()
    assert (record.title, record.year, record.search.kind) == (
        "Schlaf der Pflegenden",
        2020,
        "website",
    )
    list_of = {"file": file("l.txt", b"12\nwords\n"), "format": "identifiers", "source": "Lists"}
    assert ada.post(UPLOADS, list_of).status_code == 202
    work()
    assert review.records.get(pmid="12")
    latin = ris(THREE[2].replace("Ife", "Zoë")).decode().encode("cp1252")
    sent = {"file": file("c.ris", latin), "encoding": "cp1252", "source": "Lists"}
    assert ada.post(UPLOADS, sent).status_code == 202
    work()
    assert review.records.get(title__startswith="Peer").authors == ["Abara, Zoë"]


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"columns": "[1]"}, 400, "An object of column names"),
        ({"columns": '{"Nirgends": "title"}'}, 422, "not in this file"),
        ({"columns": '{"Wann": "shoe size"}'}, 422, ""),
        ({"format": "nonsense"}, 400, "nonsense"),
        ({"encoding": "latin-9"}, 400, "latin-9"),
    ],
)
def test_the_api_says_what_is_wrong_in_a_sentence(ada, said, code, words):
    answer = ada.post(UPLOADS, {"file": file("t.csv", TABLE), **said})
    assert answer.status_code == code
    assert words in json.dumps(answer.json(), ensure_ascii=False)
    assert not Upload.objects.exists()


def test_the_api_imports_what_waits_for_its_columns_on_a_page(ada, review, make_search):
    ada.post(IMPORT, {"file": file("t.csv", TABLE), "source": make_search(review).pk})
    columns = json.dumps({"Überschrift": "title"})
    assert ada.post(UPLOADS, {"file": file("t.csv", TABLE)}).status_code == 422
    assert ada.post(UPLOADS, {"file": file("t.csv", TABLE), "columns": columns}).status_code == 202
    work()
    assert review.records.get().title == "Schlaf der Pflegenden"


def test_a_job_is_stopped_by_who_started_it_or_the_lead(ada, cast, signed_in):
    job = ada.post(UPLOADS, {"file": file("a.ris", ris(*THREE))}).json()["job"]
    address = f"/api/v1/reviews/one/jobs/{job}/cancel/"
    assert signed_in(cast.bo).post(address).status_code == 403
    assert ada.post(address).json()["state"] == "cancelled"
    assert ada.post(address).status_code == 422
