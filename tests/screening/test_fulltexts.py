"""Getting full texts: an honest log, only PDFs in, nothing that runs out."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations.models import FullText
from screening import actions
from screening.flow import Place
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def sought(cast, review, make_report):
    report = make_report(review, "A program described")
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    return report


def post(client, report, act, **data):
    return client.post(reverse(f"screening:{act}", args=["one", report.pk]), data)


def a_file(data, name="paper.pdf"):
    return SimpleUploadedFile(name, data, content_type="application/pdf")


PDF = pdf("A program described", ["Words that can be found. " * 40] * 12)


def test_a_pdf_is_kept_with_its_text_and_the_report_moves_on(cast, signed_in, sought):
    client = signed_in(cast.bo)
    assert post(client, sought, "attach", file=a_file(PDF, "../../etc/x.pdf")).status_code == 302
    kept = FullText.objects.get()
    assert (kept.name, kept.pages > 1, "can be found" in kept.text) == ("x.pdf", True, True)
    sought.refresh_from_db()
    assert sought.place == Place.FULLTEXT_OPEN
    served = client.get(reverse("screening:document", args=["one", sought.pk]))
    assert b"".join(served.streaming_content) == PDF
    assert served["Content-Disposition"].startswith("attachment")
    assert "sandbox" in served["Content-Security-Policy"]


def test_the_same_file_again_changes_nothing(cast, signed_in, sought):
    client = signed_in(cast.bo)
    for _ in range(2):
        post(client, sought, "attach", file=a_file(PDF))
    assert FullText.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"<html>Sign in</html>", "not a PDF"), (b"%PDF-1.4 and then rubbish", "broken")],
)
def test_what_is_no_pdf_is_refused_and_nothing_is_stored(
    cast, signed_in, sought, settings, data, says
):
    response = post(signed_in(cast.bo), sought, "attach", file=a_file(data))
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not FullText.objects.exists()
    assert not [
        path
        for path in (settings.DATA_DIR / "files").rglob("*")
        if path.is_file() and path.name != ".lock"
    ]


def test_only_an_explicit_act_with_a_reason_gives_a_report_up(cast, signed_in, sought):
    client = signed_in(cast.bo)
    post(client, sought, "ask", where="Interlibrary loan")
    sought.refresh_from_db()
    assert sought.place == Place.SOUGHT
    assert post(client, sought, "give_up", why=" ").status_code == 422
    assert post(client, sought, "give_up", why="No library holds it").status_code == 302
    sought.refresh_from_db()
    assert sought.place == Place.NOT_RETRIEVED
    post(client, sought, "resume")
    sought.refresh_from_db()
    assert sought.place == Place.SOUGHT
    outcomes = list(sought.retrieval_events.values_list("outcome", flat=True))
    assert outcomes == ["asked", "given-up", "resumed"]


def test_a_file_that_comes_after_all_ends_the_giving_up(cast, signed_in, sought):
    client = signed_in(cast.bo)
    post(client, sought, "give_up", why="Lost")
    post(client, sought, "attach", file=a_file(PDF))
    sought.refresh_from_db()
    assert sought.place == Place.FULLTEXT_OPEN


def test_a_report_that_is_not_sought_takes_no_file(cast, signed_in, review, make_report):
    response = post(signed_in(cast.bo), make_report(review), "attach", file=a_file(PDF))
    assert response.status_code == 422
    assert "passed title and abstract" in response.content.decode()


def test_the_worklist_is_paged_with_a_fixed_number_of_queries(
    cast, signed_in, review, make_report, django_assert_max_num_queries
):
    for _ in range(4):
        report = make_report(review)
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
    client = signed_in(cast.obi)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("screening:fulltexts", args=["one"])).content.decode()
    assert page.count('data-label="Place"') == 4


def with_attachment(script=b"app.alert(1)"):
    """A PDF with a file attached to it and a script that wants to run when it is opened."""
    import pypdfium2

    document = pypdfium2.PdfDocument(PDF)
    document.new_attachment("setup.exe").set_data(b"MZ and more")
    out = io.BytesIO()
    document.save(out)
    action = b"/Type /Catalog /OpenAction << /S /JavaScript /JS (" + script + b") >>"
    return out.getvalue().replace(b"/Type /Catalog", action, 1).replace(b"/Type/Catalog", action, 1)


def test_what_a_pdf_carries_is_named_in_one_sentence_and_never_served_alone(
    cast, signed_in, sought
):
    client, data = signed_in(cast.bo), with_attachment()
    post(client, sought, "attach", file=a_file(data))
    page = client.get(reverse("screening:read", args=["one", sought.pk])).content.decode()
    assert "The file holds a script and attached files. Nothing of it runs here" in page
    assert "setup.exe" not in page
    assert "app.alert" not in page
    url = reverse("screening:document", args=["one", sought.pk])
    served = client.get(url)
    assert b"".join(served.streaming_content) == data
    assert served["Content-Type"] == "application/pdf"
    assert served["Content-Disposition"].startswith("attachment")
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert signed_in(cast.eve).get(url).status_code == 404
