"""A file is read the way a person says: columns, encoding, format; and it comes from where they say."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from citations import actions
from citations.models import Upload
from reviews import jobs
from reviews.models import Job
from screening.arrival import arriving
from tests.citations.test_import import THREE, check, ris

pytestmark = pytest.mark.django_db
UNKNOWN = (
    "Überschrift;Verfasser;Wann;Kennung\n"
    "Schlaf der Pflegenden;Lind, B.;2020;10.5555/1\n"
    "Ruhe nach der Schicht;Reyes, A.;2021;10.5555/2\n"
)


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def send(ada, content, name="export.csv", source="MEDLINE"):
    file = SimpleUploadedFile(name, content)
    said = {"file": file, "source": "", "new-name": source, "new-kind": "database"}
    return ada.post("/r/one/import/", said)


def at(page=""):
    return f"/r/one/imports/{Upload.objects.get().pk}/{page}"


def read(ada):
    while jobs.run_one():
        pass
    upload = Upload.objects.get()
    return upload, ada.get(at()).content.decode()


def workbook(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


SAID = {"column-0": "title", "column-1": "authors", "column-2": "year", "column-3": "doi"}
ROWS = [line.split(";") for line in UNKNOWN.split("\n") if line]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.csv", UNKNOWN.encode()),
        ("export.tsv", UNKNOWN.replace(";", "\t").encode("utf-16")),
        ("export.txt", UNKNOWN.encode("cp1252")),
        ("export.xlsx", workbook(ROWS)),
    ],
)
def test_a_table_nobody_knows_leads_to_its_columns(ada, review, name, content):
    answer = send(ada, content, name)
    assert answer.url == at("columns/")
    assert not Job.objects.exists()
    page = ada.get(answer.url).content.decode()
    assert "Überschrift" in page
    assert "Schlaf der Pflegenden" in page
    assert '<option value="doi" selected>' in page  # nothing else can hold DOIs
    assert "Say what each column is" in ada.get(at()).content.decode()
    none = {name: "" for name in SAID} | {"header": "1", "column-1": "authors"}
    refused = ada.post(answer.url, none)
    assert refused.status_code == 422
    assert "which column is the title" in refused.content.decode()
    assert ada.post(answer.url, {"header": "1", **SAID}).url == at()
    upload, page = read(ada)
    assert upload.summary["records"] == 2
    assert "Import 2 records" in page
    ada.post(at("confirm/"))
    read(ada)
    record = review.records.first()
    assert (record.title, record.authors, record.year, record.doi) == (
        "Schlaf der Pflegenden",
        ["Lind, B."],
        2020,
        "10.5555/1",
    )
    assert record.raw["Wann"] == ["2020"]
    check(review)


def test_a_table_without_names_of_columns_loses_no_row(ada, review):
    content = "".join(f"{n},A title about sleep {n},20{10 + n}\n" for n in range(1, 4))
    send(ada, content.encode(), "numbers.csv")
    assert "Column 2" in ada.get(at("columns/?header=0")).content.decode()
    ada.post(at("columns/"), {"header": "0", "column-1": "title", "column-2": "year"})
    upload, _ = read(ada)
    assert [record["year"] for record in upload.summary["first"]] == [2011, 2012, 2013]


def test_what_was_guessed_of_a_known_table_can_be_changed(ada):
    send(ada, b"Title,Original title,Year\nOne,Eins,2020\nTwo,Zwei,2021\n")
    upload, page = read(ada)
    assert upload.summary["first"][0]["title"] == "One"
    assert "Change the columns" in page
    ada.post(at("columns/"), {"header": "1", "column-1": "title", "column-2": "year"})
    upload, _ = read(ada)
    assert upload.summary["first"][0]["title"] == "Eins"
    # The choice stands there when the page is opened once more.
    page = " ".join(ada.get(at("columns/")).content.decode().split())
    chosen = page.split('name="column-1"')[1].split("</select>")[0]
    assert '<option value="title" selected>' in chosen


def test_prose_is_no_table(ada):
    answer = send(ada, b"Dear all, here it is.\nBest, Ada\n", "letter.txt")
    assert answer.status_code == 422
    assert not Upload.objects.exists()


def test_the_encoding_is_shown_and_can_be_chosen(ada, review):
    content = ris(THREE[0].replace("Abara, Ife", "Grün, Öznur"), THREE[1]).decode()
    send(ada, content.encode("cp1252"), "a.ris")
    upload, page = read(ada)
    assert "Windows-1252" in page
    ada.post(at("read-again/"), {"format": "ris", "encoding": "gb18030"})
    assert Upload.objects.get().summary == {}
    upload, page = read(ada)
    assert upload.encoding == "gb18030"
    assert upload.summary["first"][0]["authors"] != ["Grün, Öznur"]
    ada.post(at("read-again/"), {"format": "ris", "encoding": "cp1252"})
    upload, _ = read(ada)
    assert upload.summary["first"][0]["authors"] == ["Grün, Öznur"]
    assert review.events.filter(verb="read a file another way").count() == 2
    ada.post(at("confirm/"))
    read(ada)
    assert review.records.first().authors == ["Grün, Öznur"]


def test_the_format_can_be_chosen_and_taken_back(ada):
    send(ada, b"10.5555/a\n10.5555/b\n", "a.txt")
    upload, _ = read(ada)
    assert (upload.format, upload.summary["records"]) == ("identifiers", 2)
    ada.post(at("read-again/"), {"format": "ris", "encoding": ""})
    upload, page = read(ada)
    assert (upload.format, upload.summary["records"]) == ("ris", 0)
    assert "Read it another way" in page
    ada.post(at("read-again/"), {"format": "", "encoding": ""})
    upload, _ = read(ada)
    assert (upload.format, upload.summary["records"]) == ("identifiers", 2)
    answer = ada.post(at("read-again/"), {"format": "nonsense"}, follow=True)
    assert "Choose a format" in answer.content.decode()


def test_a_way_that_cannot_work_is_refused_and_changes_nothing(ada):
    send(ada, ris(*THREE), "a.ris")
    read(ada)
    answer = ada.post(at("read-again/"), {"format": "csv", "encoding": ""}, follow=True)
    assert "No header row" in answer.content.decode()
    assert Upload.objects.get().format == "ris"


def test_a_workbook_is_imported_after_its_preview(ada, review):
    send(ada, workbook([["Title", "Year"], ["A walk", 2020]]), "a.xlsx")
    _, page = read(ada)
    assert "encoding" not in page.split("How the first")[0].split('class="stats"')[1]
    ada.post(at("confirm/"))
    read(ada)
    assert review.records.get().title == "A walk"


def test_a_preview_that_was_overtaken_stores_nothing(cast, ada):
    """Somebody chooses another encoding while the first preview still runs."""
    send(ada, ris(*THREE), "a.ris")
    first = jobs.claim()
    upload = Upload.objects.get()
    actions.read_again(upload, actions.How(format="ris", encoding="cp1252"), by=cast.ada)
    jobs.perform(first)
    first.job.refresh_from_db()
    assert first.job.state == Job.State.CANCELLED
    assert Upload.objects.get().summary == {}
    upload, _ = read(ada)
    assert upload.encoding == "cp1252"


# --- Stopping, going on, and the source -----------------------------------------------------


def test_a_running_import_offers_to_stop_and_then_to_go_on(ada, review, monkeypatch):
    send(ada, ris(*THREE), "a.ris")
    read(ada)
    ada.post(at("confirm/"))
    assert 'id="stop"' in ada.get(at()).content.decode()
    stopped = arriving._match_and_publish

    def stop_first(run, upload):
        ada.post(at("stop/"))
        return stopped(run, upload)

    monkeypatch.setattr(arriving, "_match_and_publish", stop_first)
    _, page = read(ada)
    assert Job.objects.get(kind="import").state == Job.State.CANCELLED
    assert review.records.count() == 3
    assert check(review)["D3"] == 0
    assert "Go on importing" in page
    assert "Nothing of this file is in the review" in page
    monkeypatch.undo()
    ada.post(at("confirm/"))
    read(ada)
    assert review.records.count() == 3
    assert check(review)["D3"] == 3
    answer = ada.post(at("stop/"), follow=True)
    assert "nothing left to stop" in answer.content.decode()


def test_what_a_stopped_import_stored_is_forgotten_when_the_file_is_read_anew(
    ada, review, monkeypatch
):
    send(ada, ris(*THREE), "a.ris")
    read(ada)
    ada.post(at("confirm/"))
    monkeypatch.setattr(arriving, "_match_and_publish", lambda *_: 1 / 0)
    read(ada)
    assert review.records.count() == 3
    ada.post(at("read-again/"), {"format": "ris", "encoding": "cp1252"})
    assert review.records.count() == review.reports.count() == 0
    monkeypatch.undo()
    read(ada)
    ada.post(at("confirm/"))
    read(ada)
    assert check(review)["D3"] == 3


def test_a_running_or_finished_import_is_not_read_anew(ada):
    send(ada, ris(*THREE), "a.ris")
    read(ada)
    ada.post(at("confirm/"))
    for sentence in ("stop the import first", "imported already"):
        answer = ada.post(at("read-again/"), {"format": "ris", "encoding": ""}, follow=True)
        assert sentence in answer.content.decode()
        read(ada)


def test_a_preview_that_was_stopped_can_be_made_again(ada):
    send(ada, ris(*THREE), "a.ris")
    ada.post(at("stop/"))
    _, page = read(ada)
    assert "Read it again" in page
    ada.post(at("read-again/"), {"format": "", "encoding": ""})
    _, page = read(ada)
    assert "Import 3 records" in page


def test_the_source_can_be_changed_until_the_file_is_imported(ada, review, make_search):
    other = make_search(review, "Embase")
    send(ada, ris(*THREE), "a.ris")
    _, page = read(ada)
    assert "Not from MEDLINE?" in page
    ada.post(at("source/"), {"source": other.pk})
    assert Upload.objects.get().search == other
    assert review.events.get(verb="changed the source of a file").before == {"source": "MEDLINE"}
    answer = ada.post(at("source/"), {"source": 0}, follow=True)
    assert "Choose one of the sources" in answer.content.decode()
    ada.post(at("confirm/"))
    read(ada)
    assert {record.search for record in review.records.all()} == {other}
    answer = ada.post(at("source/"), {"source": review.searches.first().pk}, follow=True)
    assert "imported already" in answer.content.decode()


# --- What was lost ---------------------------------------------------------------------------


def test_read_and_lost_are_all_that_the_file_holds(ada, review):
    lines = [*(f"10.5555/{n}" for n in range(1000, 1150)), *("hello" for _ in range(105))]
    send(ada, "\n".join(lines).encode(), "list.txt")
    upload, page = read(ada)
    assert upload.summary["records"] + upload.summary["lost"] == len(lines)
    assert "<b>255</b><span>in the file</span>" in page
    assert "Show all 105" in page
    listed = ada.get(at("problems/?kind=lost")).content.decode()
    assert listed.count("<code>hello</code>") == 100
    assert ada.get(at("problems/?kind=lost&page=2")).content.decode().count("hello</code>") == 5
    assert "Nothing of this kind" in ada.get(at("problems/?kind=mended")).content.decode()


def test_what_was_put_right_stands_apart(ada):
    send(ada, ris(THREE[0]) + b"\nTY  - JOUR\nTI  - The file ends here\n", "a.ris")
    upload, page = read(ada)
    assert upload.summary["lost"] == 0
    assert upload.problems.filter(lost=False).count() == upload.summary["problems"] == 1
    assert "Put right while reading" in page
    assert "<b>2</b><span>in the file</span>" in page
