"""A file by the API with a preview in between: read, read another way, given away, imported, discarded."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from citations.models import Upload
from reviews import jobs
from tests.citations.test_import import THREE, ris

pytestmark = pytest.mark.django_db
UPLOADS = "/api/v1/reviews/one/uploads/"
TABLE = "Überschrift;Wann\nSchlaf der Pflegenden;2020\n".encode()


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def send(ada, name, content, **said):
    answer = ada.post(f"{UPLOADS}preview/", {"file": SimpleUploadedFile(name, content), **said})
    assert answer.status_code == 202, answer.content
    return answer.json()


def work():
    while jobs.run_one():
        pass


def test_a_file_is_read_and_imported_only_when_told(ada, review, make_search):
    sent = send(ada, "a.ris", ris(*THREE), source="MEDLINE", kind="database")
    assert sent["new"] is True
    work()
    at = f"{UPLOADS}{sent['upload']['id']}/"
    told = ada.get(at).json()
    assert (told["records"], told["imported_at"], told["source"]) == (3, None, "MEDLINE")
    assert not review.records.exists()
    again = send(ada, "b.ris", ris(*THREE))
    assert (again["new"], again["upload"]["id"]) == (False, told["id"])

    other = make_search(review, "Embase")
    moved = ada.put(f"{at}source/", {"search": other.pk}, "application/json")
    assert moved.json()["source"] == "Embase"
    assert ada.post(f"{at}import/").status_code == 202
    work()
    assert review.records.filter(search=other).count() == 3
    assert ada.post(f"{at}import/").status_code == 409
    assert ada.put(f"{at}source/", {"search": other.pk}, "application/json").status_code == 409
    assert ada.delete(at).status_code == 422


def test_the_columns_of_a_table_nobody_knows_are_shown_and_said(ada, review):
    sent = send(ada, "t.csv", TABLE)
    assert (sent["job"], sent["upload"]["records"]) == (None, None)
    assert "title" in sent["upload"]["unreadable"]
    at = f"{UPLOADS}{sent['upload']['id']}/"
    assert ada.post(f"{at}import/").status_code == 422
    columns = ada.get(f"{at}columns/").json()["columns"]
    assert [each["name"] for each in columns] == ["Überschrift", "Wann"]
    assert columns[1] == {"number": 2, "name": "Wann", "examples": ["2020"], "field": "year"}
    wrong = ada.post(f"{at}read/", {"columns": {"Nirgends": "title"}}, "application/json")
    assert wrong.status_code == 422
    said = {"columns": {"Überschrift": "title", "2": "year"}}
    assert ada.post(f"{at}read/", said, "application/json").status_code == 202
    work()
    ada.post(f"{at}import/")
    work()
    assert (review.records.get().title, review.records.get().year) == (
        "Schlaf der Pflegenden",
        2020,
    )


def test_a_file_in_another_encoding_is_read_again_and_discarded(ada, review):
    latin = ris(THREE[2].replace("Ife", "Zoë")).decode().encode("cp1252")
    sent = send(ada, "c.ris", latin)
    at = f"{UPLOADS}{sent['upload']['id']}/"
    assert ada.post(f"{at}read/", {"encoding": "cp1252"}, "application/json").status_code == 202
    assert Upload.objects.get().encoding == "cp1252"
    work()
    assert ada.get(at).json()["records"] == 1
    assert ada.delete(at).status_code == 204
    assert ada.get(at).status_code == 404
    assert not review.records.exists()


def test_what_a_file_seems_to_be_is_said_before_it_is_sent(ada, review, make_search):
    embase = make_search(review, "Embase")
    head = SimpleUploadedFile("head", ris(*THREE))
    said = ada.post(f"{UPLOADS}guess/", {"name": "Embase 2025-01-03.ris", "head": head})
    assert said.status_code == 200, said.content
    assert (said.json()["format"], said.json()["source"]) == ("RIS", embase.pk)
    assert not Upload.objects.exists()
