"""The figure as files: text in PDF and Word, pixels in PNG, the R package's CSV, and what may be chosen."""

import csv
import io
import struct

import docx
import pypdfium2
import pytest
from django.core.management import CommandError, call_command

from citations.models import Report
from screening.models import Decision
from screening.reasons import set_reasons
from screening.reporting import diagram, figure_csv, figure_docx, figure_pdf
from screening.reporting.choices import Choices, chosen, folded
from screening.reporting.figures import CONTENT_TYPES

from .test_diagram import WORDS, numbers


def squeezed(text):
    return " ".join(text.split())


def test_pdf_has_real_text_and_links():
    drawn = diagram.draw(
        numbers("updated v2", 15, pending=3), link=lambda box, reason: f"https://here/{box}"
    )
    document = pypdfium2.PdfDocument(figure_pdf.pdf(drawn))
    page = document[0]
    text = squeezed(page.get_textpage().get_text_range())
    assert "Draft – 3 pending: title and abstract 3" in text
    for heading in drawn.headings:
        assert heading.text in text
    assert "(n = 1,234)" in text
    links = pypdfium2.raw.FPDFPage_GetAnnotCount(page.raw)
    assert links == sum(bool(line.href) for box in drawn.boxes for line in box.lines)
    document.close()


def test_png_has_300_dots_an_inch():
    drawn = diagram.draw(numbers("new v1", 1))
    data = figure_pdf.png(drawn)
    width, height = struct.unpack(">II", data[16:24])
    assert abs(width - drawn.width * 300 / 96) < 2
    assert abs(height - drawn.height * 300 / 96) < 2


@pytest.mark.parametrize("template", WORDS)
def test_word_holds_each_box_in_a_cell(template):
    given = numbers(template, 3)
    given["boxes"] |= {"D_C": 2, "O_G": 1}
    drawn = diagram.draw(given)
    document = docx.Document(io.BytesIO(figure_docx.docx(drawn)))
    cells = {cell.text for row in document.tables[0].rows for cell in row.cells}
    for box in drawn.boxes:
        assert "\n".join(line.text for line in box.statements) in cells
    for heading in drawn.headings:
        assert heading.text in cells
    assert {"Identification", "Screening", "Included"} <= cells
    assert document.core_properties.author == ""


@pytest.mark.parametrize("reasons", [0, 1, 2, 15])
def test_csv_has_what_the_r_package_reads(reasons):
    given = numbers("new v2", reasons)
    rows = list(csv.DictReader(io.StringIO(figure_csv.as_csv(given))))
    of = {row["data"]: row["n"] for row in rows}
    assert of["records_screened"] == "1234"
    assert of["dbr_notretrieved_reports"] == "1234"
    entries = [entry.rsplit(", ", 1) for entry in of["dbr_excluded"].split("; ")]
    assert len(entries) == max(2, reasons)
    assert sum(int(n) for _, n in entries) == sum(row["n"] for row in given["reasons"])


def test_a_reason_with_commas_stays_one_reason_in_csv():
    given = numbers()
    given["reasons"] = [{"id": 1, "reason": "A, b; c", "n": 4}, {"id": 2, "reason": "D", "n": 1}]
    assert '"A b c, 4; D, 1"' in figure_csv.as_csv(given)


def test_rare_reasons_fold_into_one_line_that_adds_up():
    given = [{"id": n, "reason": f"R{n}", "n": 9 - n} for n in range(5)]
    kept = folded(given, 2)
    assert [row["reason"] for row in kept] == ["R0", "R1", "Other reasons"]
    assert kept[-1]["id"] == "2.3.4"
    assert sum(row["n"] for row in kept) == sum(row["n"] for row in given)
    assert folded(given, 4) == folded(given, 0) == given  # one alone keeps its name


def test_choices_come_from_an_address_and_go_back_into_one():
    by = Choices.of({"sources": "kind", "keep": "3", "columns": "both", "tone": "plain"})
    assert by == Choices(sources=False, keep=3, both=True, plain=True)
    assert by.query == "sources=kind&keep=3&columns=both&tone=plain"
    assert Choices.of({"keep": "-1", "tone": "loud"}) == Choices()
    drawn = chosen(numbers("new v1"), by)
    assert drawn["template"] == "new v2"
    assert drawn["sources"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_every_kind_downloads(kind, cast, make_report, signed_in):
    make_report(cast.review)
    answer = signed_in(cast.ada).get(f"/r/one/prisma/download/{kind}/?links=1&tone=plain")
    assert answer.status_code == 200
    assert answer["Content-Type"] == CONTENT_TYPES[kind]
    if kind in ("svg", "html"):
        assert b'href="http://testserver/r/one/' in answer.content
        assert b"#f4d58d" not in answer.content
    assert signed_in(cast.ada).get("/r/one/prisma/download/gif/").status_code == 404


@pytest.mark.django_db
def test_a_folded_reason_opens_exactly_its_reports(cast, make_report, signed_in):
    reasons = set_reasons(cast.review, "fulltext", ["One", "Two", "Three"], by=cast.ada)
    for reason in reasons:
        report = make_report(cast.review, title=f"Out for {reason}")
        Report.objects.filter(pk=report.pk).update(place="fulltext-out")
        Decision.objects.create(
            report=report,
            stage="fulltext",
            verdict="exclude",
            by=cast.bo,
            reason=reason,
            final=True,
        )
    lead = signed_in(cast.ada)
    assert "Other reasons (n = 2)" in lead.get("/r/one/prisma/?keep=1").content.decode()
    ids = f"{reasons[1].pk}.{reasons[2].pk}"
    shown = lead.get(f"/r/one/reports/?box=D8&reason={ids}").content.decode()
    assert "Out for Two" in shown
    assert "Out for One" not in shown
    assert shown.count("Out for") == 2


@pytest.mark.django_db
def test_the_command_writes_every_kind(cast, tmp_path, capsys):
    for kind in CONTENT_TYPES:
        call_command("prisma", "one", format=kind, out=tmp_path / f"a.{kind}")
        assert (tmp_path / f"a.{kind}").stat().st_size > 100
    with pytest.raises(CommandError, match="--out"):
        call_command("prisma", "one", format="png")


def test_one_figure_is_one_file(cast, review, signed_in):
    files = [
        signed_in(cast.ada).get(f"/r/{review.slug}/prisma/download/pdf/").content for _ in range(2)
    ]
    assert files[0] == files[1]
    assert len(pypdfium2.PdfDocument(files[0])) == 1
