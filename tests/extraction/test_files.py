"""What comes out: every file says the same settled answers, guarded, with the quotes behind them."""

import csv
import io
import json
import unicodedata

import docx
import openpyxl
import pytest
from django.urls import reverse

from components import actions as tree
from components import interchange, versions
from components.nodes import nodes_of
from extraction import actions, codebook
from extraction.models import Field
from extraction.views.table import FILES

pytestmark = pytest.mark.django_db


def fetch(client, name):
    return client.get(reverse("extraction:file", args=["one", name]))


def rows(client, name):
    return list(csv.DictReader(io.StringIO(fetch(client, name).content.decode("utf-8-sig"))))


@pytest.fixture
def told(cast, review, book, make_study, components, handed_in, fill):
    """One extractor is enough: two studies of a program, with a table and TIDieR's questions."""
    codebook.set_extractors(book, 1, by=cast.ada)
    words = {"section": "Findings", "label": "Arms", "kind": Field.Kind.TABLE}
    arms = codebook.add_field(book, by=cast.ada, **words, choices=["Arm", "n"])
    dose = codebook.add_field(
        book, by=cast.ada, section="Program", label="Length", kind="number", unit="weeks",
        help="TIDieR 8: how long.",
    )  # fmt: skip
    codebook.add_template(book, "tidier", by=cast.ada)
    codebook.publish(book, by=cast.ada)
    why = book.fields.get(label="2 Why")
    first = make_study(review, "Abara 2019", program="=Steps")
    form = fill(actions.begin(first, by=cast.bo), {"n": None}, ["HOME", "WRAP-CM:qualified"])
    actions.save_value(
        form, arms, "Program | 12\nControl | 9", by=cast.bo, quote="12 and 9", page="4"
    )
    actions.save_value(form, dose, "12.5", by=cast.bo)
    actions.save_value(form, why, "=Because", by=cast.bo)
    actions.submit(form, by=cast.bo)
    second = make_study(review, "Lind 2020", program="=Steps")
    handed_in(second, ("cy", {}, ["HOME:opposes"]))
    return first, second


def test_a_row_an_answer_with_its_quote(told, cast, signed_in):
    long = rows(signed_in(cast.obi), "extracted-answers.csv")
    cells = [
        (row["row"], row["column"], row["value"], row["quote"], row["page"])
        for row in long
        if row["question"] == "Arms"
    ]
    assert cells == [
        ("1", "Arm", "Program", "12 and 9", "4"),
        ("1", "n", "12", "12 and 9", "4"),
        ("2", "Arm", "Control", "12 and 9", "4"),
        ("2", "n", "9", "12 and 9", "4"),
    ]
    [length] = [row for row in long if row["question"] == "Length"]
    assert (length["value"], length["unit"], length["how"]) == ("12.5", "weeks", "One extractor")
    [silent] = [row for row in long if row["question"] == "n"]
    assert (silent["value"], silent["not reported"]) == ("", "yes")


def test_tidier_is_filled_from_the_questions_that_name_its_items(told, cast, signed_in):
    client = signed_in(cast.obi)
    [first, second] = rows(client, "tidier.csv")
    assert (first["2 Why"], first["8 When and how much"]) == ("'=Because", "12.5")
    assert second["2 Why"] == ""
    table = docx.Document(io.BytesIO(fetch(client, "tidier.docx").content)).tables[0]
    assert [cell.text for cell in table.rows[1].cells][:4] == [
        "Abara 2019",
        "=Steps",
        "",
        "=Because",
    ]


def test_programs_count_studies(told, cast, signed_in):
    [row] = rows(signed_in(cast.obi), "program-components.csv")
    assert (row["program"], row["studies"], row["HOME"], row["WRAP-CM"]) == (
        "'=Steps",
        "2",
        "2",
        "1",
    )


def test_a_workbook_holds_every_table_and_the_codebook(told, cast, signed_in):
    book = openpyxl.load_workbook(io.BytesIO(fetch(signed_in(cast.obi), "evidence.xlsx").content))
    assert book.sheetnames == [
        "Studies", "Answers", "Study x component", "Program x component", "Quotes", "TIDieR",
        "Codebook", "Components",
    ]  # fmt: skip
    sheet = book["Studies"]
    head = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, head.index("Length (weeks)") + 1).value == "12.5"
    cell = sheet.cell(2, 2)
    assert (cell.value, cell.data_type) == ("=Steps", "s")  # words, not a formula
    questions = {row[1].value: row for row in book["Codebook"].iter_rows(min_row=2)}
    assert questions["Arms"][4].value == "Arm; n"


def test_the_word_table_has_a_part_for_each_section(told, cast, signed_in):
    document = docx.Document(io.BytesIO(fetch(signed_in(cast.obi), "evidence.docx").content))
    heads = [each.text for each in document.paragraphs if each.style.name == "Heading 2"]
    assert heads == ["Study", "Findings", "Program", "TIDieR", "Components"]
    assert document.tables[-1].rows[1].cells[2].text == (
        "WRAP-CM (supports with conditions); HOME (supports)"
    )


def test_json_says_the_same(told, cast, signed_in):
    told = json.loads(fetch(signed_in(cast.obi), "evidence.json").content)
    assert told["tables"]["Studies"][0]["Arms"] == "Program | 12; Control | 9"
    assert len(told["tables"]["Quotes"]) == 3


def test_revman_reads_a_characteristic_for_each_section(told, cast, signed_in):
    [first, _] = rows(signed_in(cast.obi), "revman-study-information.csv")
    assert first["Study"] == "Abara 2019"
    assert "Length (weeks): 12.5" in first["Char: Program"]


REFUSED = {"revman-study-arms.csv", "revman-study-results.csv"}  # see test_revman.py


@pytest.mark.parametrize("name", sorted(FILES.keys() - REFUSED))
def test_a_review_without_anything_gives_an_empty_file(cast, review, signed_in, name):
    answer = fetch(signed_in(cast.obi), name)
    assert answer.status_code == 200
    assert name in answer["Content-Disposition"]


def test_no_other_file(cast, review, signed_in):
    assert fetch(signed_in(cast.obi), "passwords.txt").status_code == 404


def test_the_codebook_is_printed_with_its_rules_and_versions(cast, review, sample, signed_in, book):
    """As Word and as PDF: what is asked, and each component with its definition, rules and example."""
    import docx
    import pypdfium2 as pdfium

    tree.bring_in(review, interchange.read((sample / "codebook.json").read_bytes()), by=cast.ada)
    versions.freeze(review, by=cast.ada, name="1.1")
    client = signed_in(cast.obi)
    word = client.get(reverse("extraction:file", args=["one", "codebook.docx"]))
    told = "\n".join(each.text for each in docx.Document(io.BytesIO(word.content)).paragraphs)
    printed = client.get(reverse("extraction:file", args=["one", "codebook.pdf"]))
    assert printed["Content-Type"] == "application/pdf"
    again = client.get(reverse("extraction:file", args=["one", "codebook.pdf"]))
    assert again.content == printed.content
    pages = pdfium.PdfDocument(printed.content)
    every = [page.get_textpage().get_text_range().split() for page in pages]
    assert [words[-1] for words in every] == [str(n + 1) for n in range(len(pages))]
    text = " ".join(word for words in every for word in words[:-1])
    # Two letters of the font look like another each, and are read back as that.
    text = unicodedata.normalize("NFC", text).replace("\xad", "-")
    assert len(pages) > 5
    said = " ".join(told.split())
    nodes = [node for node in nodes_of(review) if not node.retired]
    assert len(nodes) > 30
    for node in nodes:
        for words in (
            f"{node.code} {node.name}",
            node.definition,
            node.include_when,
            node.exemplar,
        ):
            assert " ".join(words.split()) in said
            assert " ".join(words.split()) in text, words
    for there in (said, text):
        assert "version 1.1" in there
        assert "Questions: version 1" in there
        assert "About Country." in there
    # Nothing stands beyond the paper's edge.
    for page in pages:
        lines = page.get_textpage()
        boxes = [lines.get_rect(n) for n in range(lines.count_rects())]
        assert all(left > 36 and right < 595 - 36 for left, _, right, _ in boxes)
