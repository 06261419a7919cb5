"""Many full texts at once: what is sure is attached, the rest waits, and nothing bad comes in."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from citations import blobs
from citations.documents import kinds, unpacking
from citations.models import FullText, LooseFile
from reviews import jobs
from reviews.actions import create_review
from reviews.models import Job
from screening import actions
from screening.filing import delivering
from screening.flow import Place
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db
BODY = ["Words about the program and those whom it helped. " * 12] * 3
TITLE = "Peer mentoring for young people who leave residential care"


@pytest.fixture
def sought(cast, review, make_report):
    def make(title=TITLE, **fields):
        fields = {"authors": ["Abara, Ada", "Lind, Bo"], "year": 2019} | fields
        report = make_report(review, title, **fields)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        return report

    return make


@pytest.fixture
def drop(cast, signed_in):
    """`drop(name=bytes, …)` sends the files and runs the job; the rows by name."""

    def send(files, ok=302):
        sent = [SimpleUploadedFile(name, data) for name, data in files.items()]
        answer = signed_in(cast.bo).post(
            reverse("screening:loose_files", args=["one"]), {"file": sent}
        )
        assert answer.status_code == ok
        while jobs.run_one():
            pass
        return {each.name: each for each in LooseFile.objects.select_related("fulltext")}

    return send


def paper(title=TITLE, *lines):
    return pdf(title, [*(lines or ["Ada Abara, Bo Lind", "Journal of Care 2019"]), *BODY])


def packed(files, **settings):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **settings) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_file_with_the_doi_of_a_report_is_attached_and_says_why(cast, signed_in, sought, drop):
    report = sought(doi="10.1000/care.7")
    found = drop({"x.pdf": paper(TITLE, "Ada Abara", "https://doi.org/10.1000/care.7")})
    report.refresh_from_db()
    assert report.place == Place.FULLTEXT_OPEN
    assert found["x.pdf"].fulltext.report == report
    page = signed_in(cast.bo).get(reverse("screening:loose_files", args=["one"]) + "?tab=attached")
    assert "DOI 10.1000/care.7 on the first pages" in page.content.decode()


def test_what_is_not_sure_waits_with_its_guess_and_is_attached_by_hand_and_taken_back(
    cast, signed_in, sought, drop
):
    report = sought()
    loose = drop({"Abara 2019.pdf": pdf("", [])})["Abara 2019.pdf"]
    assert (loose.fulltext, loose.guesses[0]["report"]) == (None, report.pk)
    client = signed_in(cast.bo)
    page = client.get(reverse("screening:loose_files", args=["one"])).content.decode()
    assert "Author and year in the file&#x27;s name" in page
    act = reverse("screening:settle_file", args=["one", loose.pk])
    client.post(act, {"act": "attach", "report": report.pk})
    report.refresh_from_db()
    assert report.place == Place.FULLTEXT_OPEN
    client.post(act, {"act": "back"})
    loose.refresh_from_db()
    report.refresh_from_db()
    assert (loose.fulltext, report.place) == (None, Place.SOUGHT)
    client.post(act, {"act": "aside"})
    assert (
        "No file waits"
        in client.get(reverse("screening:loose_files", args=["one"])).content.decode()
    )


def test_a_second_file_for_a_report_is_asked_about(sought, drop):
    sought(doi="10.1000/care.7")
    lines = ("Ada Abara", "doi: 10.1000/care.7")
    found = drop({"a.pdf": paper(TITLE, *lines), "b.pdf": paper(TITLE, *lines, "Proof")})
    assert sum(each.fulltext is not None for each in found.values()) == 1
    waiting = next(each for each in found.values() if each.fulltext is None)
    assert "has a full text already" in " ".join(waiting.guesses[0]["why"])


def test_the_same_file_twice_is_recognised(sought, drop):
    sought(doi="10.1000/care.7")
    data = paper(TITLE, "Ada Abara", "doi: 10.1000/care.7")
    drop({"a.pdf": data})
    again = drop({"again.pdf": data})["again.pdf"]
    assert "attached already" in again.refused
    assert FullText.objects.count() == 1


def test_a_zip_is_not_kept_beside_its_files_and_is_known_when_it_comes_again(sought, drop):
    sought(doi="10.1000/care.7")
    data = packed({"a.pdf": paper(TITLE, "Ada Abara", "doi: 10.1000/care.7"), "b.pdf": paper("B")})
    found = drop({"all.zip": data})
    kept = {found[name].sha256 for name in ("a.pdf", "b.pdf")}
    assert set(blobs.every()) == kept
    assert drop({"again.zip": data})["again.zip"].refused == (
        "The same file came before, as “all.zip”."
    )
    assert set(blobs.every()) == kept


def test_a_zip_that_another_delivery_waits_with_is_there_for_it(cast, review, sought, drop):
    data = packed({"a.pdf": paper()})
    other = create_review("Another", by=cast.ada, slug="another")
    waiting = delivering.deliver(other, [("same.zip", [data])], by=cast.ada).files.get()
    Job.objects.filter(review=other).update(not_before=timezone.now() + timedelta(hours=1))
    drop({"all.zip": data})
    assert blobs.is_whole(waiting.sha256)


LIBRARIES = {
    "My library.ris": "TY  - JOUR\nTI  - {t}\nAU  - Abara, Ada\nPY  - 2019\nDO  - 10.1000/care.7\n"
    "L1  - files/12/scan.pdf\nER  - \n",
    "My library.bib": "@article{{a, title = {{{t}}}, author = {{Abara, Ada}}, year = {{2019}},\n"
    "doi = {{10.1000/care.7}}, file = {{Full Text:files/12/scan.pdf:application/pdf}}}}\n",
    "My library.xml": "<xml><records><record><titles><title>{t}</title></titles><dates><year>2019</year>"
    "</dates><electronic-resource-num>10.1000/care.7</electronic-resource-num><urls><pdf-urls>"
    "<url>internal-pdf://12/scan.pdf</url></pdf-urls></urls></record></records></xml>",
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_export_of_a_reference_manager_attaches_by_its_own_links(sought, drop, name):
    report = sought(doi="10.1000/care.7")
    library = LIBRARIES[name].format(t=TITLE).encode()
    scan, other = pdf("", []), pdf("", ["nothing"])
    found = drop(
        {
            "export.zip": packed(
                {name: library, "files/12/scan.pdf": scan, "files/13/scan.pdf": other}
            )
        }
    )
    assert found["files/12/scan.pdf"].fulltext.report == report
    assert found["files/13/scan.pdf"].fulltext is None


def test_a_library_that_comes_last_attaches_what_came_before_it(cast, signed_in, sought):
    """As the page sends a folder: file by file with its path, the export at the end."""
    report = sought(doi="10.1000/care.7")
    bo, url = signed_in(cast.bo), reverse("screening:loose_files", args=["one"])
    library = LIBRARIES["My library.ris"].format(t=TITLE).encode()
    folder = {
        "Export/files/12/scan.pdf": pdf("", []),
        "Export/files/13/scan.pdf": pdf("", ["nothing"]),
        "Export/../My library.ris": library,
    }
    delivery = ""
    for path, data in folder.items():
        file = SimpleUploadedFile(path.rsplit("/", 1)[1], data)
        told = {"file": file, "path": path, "delivery": delivery}
        delivery = bo.post(url, told, headers={"accept": "application/json"}).json()["delivery"]
        while jobs.run_one():
            pass
    found = {each.name: each for each in LooseFile.objects.all()}
    assert set(found) == {*list(folder)[:2], "Export/My library.ris"}
    assert found["Export/files/12/scan.pdf"].fulltext.report == report
    assert found["Export/files/13/scan.pdf"].fulltext is None
    assert LooseFile.objects.filter(told__reference__isnull=False).count() == 1


def test_word_files_and_saved_pages_are_taken_and_shown_as_words(cast, signed_in, sought, drop):
    import docx

    out, one = io.BytesIO(), sought(doi="10.1000/care.7")
    made = docx.Document()
    for line in (TITLE, "Ada Abara, Bo Lind", "doi:10.1000/care.7", *BODY):
        made.add_paragraph(line)
    made.save(out)
    two = sought("Shelter for girls in three northern cities", doi="10.1000/care.8")
    page = (
        "<!doctype html><html><head><title>Shelter</title><meta name='citation_doi' content='10.1000/care.8'>"
        "<script>alert(1)</script></head><body><h1>Shelter for girls in three northern cities</h1><p>Ada Abara</p>"
        "<p>Words 2019</p></body></html>"
    )
    found = drop({"a.docx": out.getvalue(), "b.html": page.encode()})
    assert found["a.docx"].fulltext.report == one
    assert found["b.html"].fulltext.report == two
    client = signed_in(cast.bo)
    shown = client.get(reverse("screening:read", args=["one", two.pk])).content.decode()
    assert "Words 2019" in shown
    assert "alert(1)" not in shown
    assert "holds a script" in shown
    served = client.get(reverse("screening:document", args=["one", two.pk]))
    assert served["Content-Type"].startswith("text/html")
    assert served["Content-Disposition"].startswith("attachment")
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"


# The smallest encrypted PDF that pdfium asks a password for.
LOCKED = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] "
    b"/Count 0 >>\nendobj\n3 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"ab" * 32 + b"> /U <"
    + b"cd" * 32 + b"> >>\nendobj\ntrailer\n<< /Root 1 0 R /Encrypt 3 0 R /ID [<00><00>] >>\n%%EOF\n"
)  # fmt: skip
BAD = [
    ("empty.pdf", b"", "empty"),
    ("broken.pdf", b"%PDF-1.4 and then rubbish", "broken"),
    ("locked.pdf", LOCKED, "password"),
    ("page.pdf", b"<html>Sign in</html>", "not a PDF but a web page"),
    ("tool.exe", b"MZ\x90\x00", "Only PDF"),
    ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word"),
    ("broken.zip", b"PK\x03\x04 nothing", "broken"),
    ("broken.docx", packed({"[Content_Types].xml": "", "word/document.xml": "<w"}), "broken"),
    ("macro.docm", packed({"[Content_Types].xml": "", "word/document.xml": "<w/>", "word/vbaProject.bin": "x"}), "macros"),
]  # fmt: skip


def stored(settings):
    """The names of the files that are kept."""
    found = (settings.DATA_DIR / "files").rglob("*")
    return {each.name for each in found if each.is_file() and each.name != ".lock"}


@pytest.mark.parametrize(("name", "data", "says"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_file_gets_one_sentence_and_is_not_kept(
    settings, drop, name, data, says, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = drop({name: data})[name]
    assert says in row.refused
    assert row.refused.endswith(".")
    assert row.sha256 == ""
    assert stored(settings) == set()


def test_names_that_climb_out_of_a_zip_are_only_words(settings, sought, drop):
    report = sought(doi="10.1000/care.7")
    data = paper(TITLE, "Ada Abara", "doi: 10.1000/care.7")
    found = drop(
        {
            "a.zip": packed(
                {"../../../etc/x.pdf": data, "__MACOSX/._x.pdf": b"x", "in.zip": packed({})}
            )
        }
    )
    assert found["etc/x.pdf"].fulltext.report == report
    assert "inside a zip" in found["in.zip"].refused
    kept = [
        each for each in settings.DATA_DIR.rglob("*") if each.is_file() and "files" in each.parts
    ]
    assert {each.name for each in kept if each.name != ".lock"} <= {
        each.sha256 for each in LooseFile.objects.all()
    }


def test_names_in_utf_8_that_a_zip_does_not_declare_are_read(tmp_path):
    path, told = tmp_path / "a.zip", "Müller 2019.pdf".encode()
    same_length = "x" * len(told)
    data = packed({same_length: b"%PDF-1.4", "plain.pdf": b"%PDF-1.4"})
    path.write_bytes(data.replace(same_length.encode(), told))
    names = [each.name for each in unpacking.members(path, limit=1 << 30)]
    assert names == ["Müller 2019.pdf", "plain.pdf"]


def test_a_zip_that_is_refused_as_a_whole_is_not_kept(settings, drop, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 16)
    row = drop({"bomb.zip": packed({"a.pdf": b"\0" * (1 << 20)})})["bomb.zip"]
    assert "was not opened" in row.refused
    assert (row.sha256, stored(settings)) == ("", set())


def test_a_zip_that_unpacks_without_end_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "bomb.zip"
    path.write_bytes(packed({"a.pdf": b"\0" * (1 << 20), "b.pdf": b"%PDF-1.4"}))
    monkeypatch.setattr(unpacking, "LARGE", 1 << 18)
    bomb, fine = unpacking.members(path, limit=1 << 30)
    assert "far more" in bomb.refused
    assert not fine.refused
    small, _ = unpacking.members(path, limit=1 << 16)
    assert "larger than" in small.refused
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 16)
    with pytest.raises(kinds.Refusal, match="4 GB"):
        list(unpacking.members(path, limit=1 << 30))
    monkeypatch.setattr(unpacking, "MOST_NAMES", 1)
    with pytest.raises(kinds.Refusal, match="more than 1 files"):
        list(unpacking.members(path, limit=1 << 30))


def test_a_file_over_the_limit_is_refused_with_its_size(settings, drop):
    settings.UPLOAD_LIMIT_MB = 0
    assert "larger than 0 MB" in drop({"huge.pdf": paper()})["huge.pdf"].refused


def test_a_pdf_with_a_script_is_taken_and_says_so(sought, drop):
    data = paper().replace(
        b"/Type /Catalog",
        b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        1,
    )
    assert drop({"s.pdf": data})["s.pdf"].told["holds"] == ["a script"]


def test_the_tray_is_compared_again_when_more_is_sought(cast, signed_in, sought, drop):
    data = paper(TITLE, "Ada Abara", "doi: 10.1000/care.7")
    loose = drop({"a.pdf": data})["a.pdf"]
    assert loose.guesses == []
    report = sought(doi="10.1000/care.7")
    signed_in(cast.bo).post(reverse("screening:match_again", args=["one"]))
    while jobs.run_one():
        pass
    loose.refresh_from_db()
    assert loose.fulltext.report == report


def test_a_job_that_runs_twice_ends_the_same(cast, review, sought, drop):
    sought(doi="10.1000/care.7")
    drop({"a.zip": packed({"a.pdf": paper(TITLE, "Ada Abara", "doi: 10.1000/care.7")})})
    delivery = review.deliveries.get()
    delivery.files.update(read_at=None)  # as if it had been killed before it could say so
    jobs.enqueue(review, delivering.KIND, by=cast.bo, delivery=delivery.pk)
    LooseFile.objects.filter(kind="pdf").update(fulltext=None)
    while jobs.run_one():
        pass
    assert FullText.objects.count() == 1
    assert LooseFile.objects.filter(name="a.pdf").count() == 1


def test_the_script_sends_one_file_at_a_time_into_one_delivery(cast, signed_in, review):
    client, url = signed_in(cast.bo), reverse("screening:loose_files", args=["one"])
    first = client.post(
        url, {"file": SimpleUploadedFile("a.pdf", paper())}, headers={"accept": "application/json"}
    )
    delivery = first.json()["delivery"]
    more = {"file": SimpleUploadedFile("b.exe", b"MZ"), "delivery": delivery}
    second = client.post(url, more, headers={"accept": "application/json"}).json()
    assert second["delivery"] == delivery
    assert "Only PDF" in second["refused"]
    assert review.deliveries.count() == 1
    assert (
        signed_in(cast.cy)
        .post(
            url,
            {**more, "file": SimpleUploadedFile("c.pdf", b"x")},
            headers={"accept": "application/json"},
        )
        .status_code
        == 404
    )
