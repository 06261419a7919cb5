"""The tree as CSV, Word table and REFI-QDA codebook: what goes out comes in the same."""

import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import etree

from components import interchange, qdc, tables
from components.models import Component
from components.nodes import nodes_of
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes(sample):
    return interchange.read((sample / "codebook.json").read_bytes())


def send(client, slug, content, name):
    file = {"file": SimpleUploadedFile(name, content)}
    return client.post(reverse("components:import", args=[slug]), file, follow=True)


@pytest.mark.parametrize("format", ["json", "csv", "docx", "qdc"])
def test_what_goes_out_comes_in_the_same(cast, review, sample, signed_in, format):
    client, zed = signed_in(cast.ada), signed_in(cast.zed)
    send(client, "one", (sample / "codebook.json").read_bytes(), "codebook.json")
    case = Component.objects.get(code="WRAP-CM")
    Component.objects.filter(pk=case.pk).update(
        counter_exemplar="=SUM(1)", definition="Two\nlines: with a colon", pattern="dots"
    )
    out = client.get(reverse(f"components:{format}", args=["one"])).content
    page = send(zed, "two", out, f"components.{format}").content.decode()
    assert "34 added, 0 changed, 0 as before" in page
    # What the format has no place for; siblings keep their order, numbered anew.
    bare = {"guid": "", "order": 0}
    if format == "qdc":
        bare |= {"tidier_items": [], "pattern": ""}
    if format in ("json", "qdc"):
        del bare["guid"]
    there, again = (
        [replace(node, **bare) for node in nodes_of(each)] for each in (review, cast.other)
    )
    assert again == there
    assert "Two&#x27; lines" not in page


def test_a_written_codebook_is_valid(shared, nodes):
    schema = etree.XMLSchema(etree.parse(shared / "standards" / "refi-qda" / "Codebook.xsd"))
    schema.assertValid(etree.fromstring(qdc.write(nodes)))


def test_the_samples_own_codebook_is_read(shared, cast, review, signed_in):
    content = (shared / "sample" / "codebook.qdc").read_bytes()
    found, told = qdc.read(content, known={})
    assert (len(found), sum(node.is_codable for node in found)) == (34, 29)
    assert {"WRAP", "WRAP-CM"} <= {node.code for node in found}
    assert told == []


def book(inside, after=""):
    return (f'<CodeBook xmlns="{qdc.NAMESPACE}"><Codes>{inside}</Codes>{after}</CodeBook>').encode()


GUID = 'guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342"'


def test_a_codebook_of_another_tool_is_read_and_what_was_put_right_is_said():
    found, told = qdc.read(
        book(f'<Code {GUID} name="café.quiet" isCodable="true" color="#a1f"/>', "<Sets/>"), known={}
    )
    assert (found[0].code, found[0].name, found[0].colour) == (
        "caf-.quiet",
        "café.quiet",
        "#aa11ff",
    )
    assert told[0].startswith("Codes without a short code")
    assert "empty list of sets" in told[1]


def test_a_known_guid_keeps_its_code_when_the_name_has_changed():
    guid = GUID[6:-1].lower()
    found, _ = qdc.read(book(f'<Code {GUID} name="Another name"/>'), known={guid: "WRAP-CM"})
    assert (found[0].code, found[0].name) == ("WRAP-CM", "Another name")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///x'>]><CodeBook/>", "not safe to read"),
        (b"<CodeBook", "not XML: line 1"),
        (b"<html/>", "no codebook of REFI-QDA"),
        (book(""), "holds no code"),
        (book(f"<Code {GUID} name='  '/>"), "has no name"),
        (book("<Code name='x'>" * 20 + "</Code>" * 20), "deeper than 12"),
    ],
)
def test_a_wrong_codebook_is_refused_in_a_sentence(content, said):
    with pytest.raises(Refused, match=said):
        qdc.read(content, known={})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"tag,description\nx,y\n", "columns “id” and “name”"),
        (b"id,name\n", "no rows"),
        (b"id,name\n=1+1,x\n", "has the id"),
        (b"id,name,TIDieR items\nA,x,four\n", "Row 2 has TIDieR items"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(content, said):
    with pytest.raises(Refused, match=said):
        tables.read_csv(content)


def test_a_table_with_a_strange_column_says_so():
    found, told = tables.read_csv("id;name;mood\nA;Ärger;x\n".encode())
    assert (found[0].code, found[0].name) == ("A", "Ärger")
    assert told == ["The column “mood” is not one of ours and was left out."]


def test_what_is_no_word_document_is_refused():
    with pytest.raises(Refused, match="not a Word document"):
        tables.read_docx(b"PK nothing")
    import docx

    out = io.BytesIO()
    docx.Document().save(out)
    with pytest.raises(Refused, match="no table with the columns"):
        tables.read_docx(out.getvalue())


def test_the_import_page_says_what_a_qdc_would_not_carry(cast, review, sample, signed_in):
    client = signed_in(cast.ada)
    send(client, "one", (sample / "codebook.json").read_bytes(), "codebook.json")
    page = client.get(reverse("components:import", args=["one"])).content.decode()
    assert "TIDieR items of 34 components are left out" in page
