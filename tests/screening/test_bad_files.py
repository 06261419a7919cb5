"""What a full text may do to us: one sentence for each, at every door, and nothing kept that could run."""

import struct
import tracemalloc
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations import blobs
from citations.models import FullText, LooseFile
from reviews import jobs
from screening import actions
from synthesis.demo.pdf import pdf
from tests.screening.test_filing import LOCKED, packed

pytestmark = pytest.mark.django_db
MB = 1 << 20
HTML = "text/html; charset=utf-8"


@pytest.fixture
def sought(cast, review, make_report):
    report = make_report(review, "A program described")
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    return report


@pytest.fixture
def bo(cast, signed_in):
    return signed_in(cast.bo)


def by_drop(bo, _report, name, data):
    bo.post(
        reverse("screening:loose_files", args=["one"]), {"file": SimpleUploadedFile(name, data)}
    )
    while jobs.run_one():
        pass
    page = bo.get(reverse("screening:loose_files", args=["one"]) + "?tab=refused")
    said = [each.refused for each in LooseFile.objects.exclude(refused="")]
    assert all(sentence in unescaped(page) for sentence in said)
    return said


def by_report(bo, report, name, data):
    answer = bo.post(
        reverse("screening:attach", args=["one", report.pk]),
        {"file": SimpleUploadedFile(name, data)},
    )
    assert answer.status_code == 422, answer.status_code
    return [unescaped(answer)]


def by_api(bo, report, name, data):
    url = f"/api/v1/reviews/one/reports/{report.pk}/fulltext/"
    answer = bo.post(url, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422, answer.content
    return [str(answer.json())]


def unescaped(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def of_many_pages(pages, more=b"", *objects):
    """A small PDF that says it has `pages` pages: one page, with `more` to it, listed so often."""
    kids = b"3 0 R " * pages
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] " + more + b" >>",
        *objects,
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % at for at in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table)
    return bytes(out)


def without_end(megabytes=900):
    """A small PDF whose page, unpacked twice, has so many megabytes of nothing."""
    packing = zlib.compressobj(1)
    packed_once = b"".join(packing.compress(b" " * MB) for _ in range(megabytes)) + packing.flush()
    words = zlib.compress(packed_once, 9)
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>" % len(words)
    page = head + b"\nstream\n" + words + b"\nendstream"
    return of_many_pages(1, b"/Contents 4 0 R", page)


def saying(data, *, unpacked):
    """The zip `data`, whose list says of each file that it unpacks to so many bytes."""
    out, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", out, at + 24, unpacked)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(out)


DOCUMENTS = {
    "locked.pdf": (LOCKED, "This PDF is protected by a password; save it without one."),
    "broken.pdf": (b"%PDF-1.4 and then rubbish", "This PDF is broken and can't be read."),
    "cut.pdf": (pdf("A", ["Words. "])[:300], "This PDF is broken and can't be read."),
    "long.pdf": (of_many_pages(5001), "This PDF has more than 5,000 pages."),
    "empty.html": (b"", "empty"),
    "broken.docx": (
        packed({"[Content_Types].xml": "", "word/document.xml": "<w"}),
        "This Word file is broken and can't be read.",
    ),
    "macros.docm": (
        packed(
            {"[Content_Types].xml": "", "word/document.xml": "<w/>", "word/vbaProject.bin": "x"}
        ),
        "macros",
    ),
}


@pytest.mark.parametrize("door", [by_drop, by_report, by_api])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_bad_document_gets_one_sentence_at_each_door(
    bo, sought, name, door, django_capture_on_commit_callbacks
):
    data, says = DOCUMENTS[name]
    with django_capture_on_commit_callbacks(execute=True):
        said = door(bo, sought, name, data)
    assert len(said) == 1
    assert says in said[0]
    assert list(blobs.every()) == []
    assert not FullText.objects.exists()


def test_a_small_pdf_that_unpacks_without_end_is_refused(bo, sought):
    data = without_end()
    assert len(data) < MB
    (said,) = by_report(bo, sought, "bomb.pdf", data)
    assert "This file can't be read: it is broken, or made to exhaust the computer." in said
    assert list(blobs.every()) == []


BOMBS = {
    "far more": (packed({"a.pdf": b"\0" * (21 * MB)}), "unpacks to far more than a document holds"),
    "all together": (
        saying(packed({f"{n}.pdf": b"%PDF-1.4" for n in range(5)}), unpacked=(1 << 30) - 1),
        "unpacks to more than 4 GB",
    ),
    "one too large": (
        saying(packed({"a.pdf": b"%PDF-1.4"}), unpacked=600 * MB), "larger than 500 MB"
    ),
    "longer than it says": (saying(packed({"a.pdf": b"\0" * MB}), unpacked=10), "broken"),
    "itself": (packed({"in.zip": packed({"a.pdf": b"x"})}), "A zip inside a zip is not opened"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_bomb_is_not_unpacked(bo, sought, name):
    data, says = BOMBS[name]
    (said,) = by_drop(bo, sought, "bomb.zip", data)
    assert says in said
    assert list(blobs.every()) == []


def test_a_zip_for_one_report_is_sent_to_the_drop(bo, sought):
    (said,) = by_report(bo, sought, "a.zip", packed({"a.pdf": pdf("A", ["Words. "])}))
    assert "a zip goes to" in said


class Endless:
    """The body of a form whose one file is so many bytes long, made while it is read."""

    BOUNDARY = "boundary"

    def __init__(self, name, start, size):
        head = (
            f'--{self.BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        tail = f"\r\n--{self.BOUNDARY}--\r\n".encode()
        self.parts = [head + start, size, tail]
        self.length = len(head) + len(start) + size + len(tail)

    def read(self, most=-1):
        while self.parts:
            part = self.parts[0]
            size = part if isinstance(part, int) else len(part)
            many = min(size, most if most >= 0 else size)
            self.parts[0] = part - many if isinstance(part, int) else part[many:]
            if many == size:
                self.parts.pop(0)
            if many:
                return b"\0" * many if isinstance(part, int) else part[:many]
        return b""

    readline = read

    def sent_by(self, client, url):
        kind = f"multipart/form-data; boundary={self.BOUNDARY}"
        told = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(self.length), "wsgi.input": self}
        return client.generic("POST", url, **told)


ANNOUNCED = ["/r/one/fulltexts/files/", "/r/one/fulltexts/{}/attach/",
             "/api/v1/reviews/one/reports/{}/fulltext/", "/api/v1/reviews/one/fulltexts/"]  # fmt: skip


@pytest.mark.parametrize("url", ANNOUNCED)
def test_two_gigabytes_are_refused_before_they_are_read(bo, sought, url):
    body = Endless("huge.pdf", b"%PDF-1.4\n", 2 << 30)
    answer = body.sent_by(bo, url.format(sought.pk))
    assert answer.status_code == 413
    assert "larger than 500 MB, which is the limit here" in answer.content.decode()
    assert len(body.parts) == 3  # as it was


def test_a_large_file_is_taken_in_pieces_and_leaves_nothing_when_it_is_broken(bo, sought):
    body = Endless("large.pdf", b"%PDF-1.4\n", 64 * MB)
    tracemalloc.start()
    try:
        answer = body.sent_by(bo, f"/r/one/fulltexts/{sought.pk}/attach/")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 422
    assert "This PDF is broken and can't be read." in unescaped(answer)
    assert peak < 16 * MB
    assert list(blobs.every()) == []


PAGE = (
    "<!doctype html><html><head><title>A program described</title><script src='https://far.example/x.js'>"
    "</script></head><body onload='alert(1)'><h1>A program described</h1><p>Words of it</p>"
    "<a href='javascript:alert(2)'>here</a><iframe src='https://far.example/'></iframe></body></html>"
)


def test_a_page_with_scripts_is_shown_as_words_and_served_where_nothing_runs(
    cast, signed_in, sought
):
    bo = signed_in(cast.bo)
    file = SimpleUploadedFile("page.html", PAGE.encode())
    bo.post(reverse("screening:attach", args=["one", sought.pk]), {"file": file})
    shown = bo.get(reverse("screening:read", args=["one", sought.pk])).content.decode()
    assert "Words of it" in shown
    assert "The file holds a script" in shown
    assert not any(each in shown for each in ("far.example", "alert(", "<iframe", "onload="))
    url = reverse("screening:document", args=["one", sought.pk])
    served = bo.get(url)
    assert b"".join(served.streaming_content) == PAGE.encode()
    assert served["Content-Type"] == HTML
    assert served["Content-Disposition"] == f'attachment; filename="report-{sought.pk}.html"'
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    for stranger in (cast.eve, cast.zed):
        assert signed_in(stranger).get(url).status_code == 404


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "..\\..\\x.pdf", "/etc/x.pdf", "a\0b.pdf"]
)
def test_a_name_is_never_a_path(settings, bo, sought, name):
    data = pdf("A program described", ["Words of it. "])
    before = {each for each in settings.DATA_DIR.rglob("*") if each.is_file()}
    url = reverse("screening:loose_files", args=["one"])
    assert Endless(name, data, 0).sent_by(bo, url).status_code == 302
    while jobs.run_one():
        pass
    loose = LooseFile.objects.get()
    assert not set(loose.name) & set("/\\\0")
    after = {each for each in settings.DATA_DIR.rglob("*") if each.is_file()} - before
    assert {each.name for each in after if each.name != ".lock"} == {loose.sha256}
    served = bo.get(reverse("screening:loose_file", args=["one", loose.pk]))
    assert served["Content-Disposition"] == f'attachment; filename="file-{loose.pk}.pdf"'
