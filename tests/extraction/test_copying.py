"""A codebook or a tool of another review of which one is a lead, as a draft; and appraisal in the API."""

import pytest
from django.urls import reverse

from extraction import appraising, codebook, copying
from extraction.models import AdjudicatedValue, Codebook, Field
from reviews.actions import create_review
from reviews.models import AuditEvent
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db
Kind = Field.Kind


@pytest.fixture
def other(cast):
    return create_review("Another", by=cast.ada)


@pytest.fixture
def full(cast, book, field):
    """Besides the questions: a repeating group, a condition, and what was retired."""
    group = codebook.add_field(
        book, by=cast.ada, section="Arms", label="Arms", kind=Kind.REPEATING, each="arm"
    )
    codebook.add_field(
        book, by=cast.ada, section="x", label="Size", kind=Kind.INTEGER, part_of_id=group.pk,
        unit="people", tolerance=5,
    )  # fmt: skip
    codebook.add_field(
        book, by=cast.ada, section="Study", label="Why not", kind=Kind.TEXT,
        shown_if_id=field("Fidelity").pk, shown_values=["no"],
    )  # fmt: skip
    codebook.retire_field(field("Outcomes"), by=cast.ada, reason="Not needed")
    return codebook.publish(book, by=cast.ada)


def asked(book):
    return [
        (
            each.section, each.label, each.kind, each.choices, each.lights, each.unit,
            each.tolerance, str(each.part_of), str(each.shown_if), each.shown_values,
        )
        for each in book.fields.filter(retired_at=None).order_by("order", "pk")
    ]  # fmt: skip


def test_the_questions_in_use_come_along_and_nothing_else(cast, full, other, study, handed_in):
    handed_in(study, ("bo", {}), ("cy", {}))
    made = copying.copy(full, other, by=cast.ada)
    assert asked(made) == asked(full)
    assert (made.version, made.extractors) == (0, full.extractors)
    assert not made.fields.exclude(since_version=None).exists()
    assert not made.fields.filter(label="Outcomes").exists()
    assert {each.part_of.codebook for each in made.fields.exclude(part_of=None)} == {made}
    assert {each.shown_if.codebook for each in made.fields.exclude(shown_if=None)} == {made}
    assert not made.extractions.exists()
    assert AuditEvent.objects.filter(review=other, verb="copied the codebook").exists()


def test_a_tool_comes_with_its_scale(cast, review, other):
    tool = appraising.add_tool(review, by=cast.ada, kind="rob-2")
    made = copying.copy(tool, other, by=cast.ada)
    assert asked(made) == asked(tool)
    assert (made.is_tool, made.source, made.for_field) == (True, tool.source, None)
    with pytest.raises(Refused, match="has a tool"):
        copying.copy(tool, other, by=cast.ada)


def test_only_from_reviews_that_one_leads(cast, review, full, other):
    """Bo takes part in the first review and leads a third one: that is not enough."""
    bos = create_review("Bo's", by=cast.bo)
    assert copying.sources(bos, by=cast.bo) == []
    with pytest.raises(Refused, match="of which you are a lead"):
        copying.copy(full, bos, by=cast.bo)
    assert copying.sources(review, by=cast.ada) == []  # nothing from itself


def test_one_codebook_a_review(cast, full, other):
    copying.copy(full, other, by=cast.ada)
    with pytest.raises(Refused, match="has a codebook already"):
        copying.copy(full, other, by=cast.ada)


def test_on_the_page(cast, full, other, signed_in):
    ada = signed_in(cast.ada)
    at = reverse("extraction:codebook", args=[other.slug])
    assert "From your review" in ada.get(at).content.decode()
    copy = reverse("extraction:copy-codebook", args=[other.slug])
    assert ada.post(copy, {"book": full.pk}).url == at
    assert Codebook.objects.of(other).fields.count() == len(asked(full))
    assert ada.post(copy, {"book": "x"}).status_code == 404


def test_a_tool_on_the_page(cast, review, other, signed_in):
    tool = appraising.add_tool(review, by=cast.ada, kind="rob-2")
    ada = signed_in(cast.ada)
    tools = reverse("extraction:tools", args=[other.slug])
    assert "From your review" in ada.get(tools).content.decode()
    ada.post(reverse("extraction:copy-codebook", args=[other.slug]), {"book": tool.pk})
    assert other.codebooks.get().name == tool.name
    assert "From your review" not in ada.get(tools).content.decode()


def test_in_the_api(cast, full, other, signed_in):
    ada = signed_in(cast.ada)
    at = reverse("api_copy_codebook", args=[other.slug])
    assert [each["id"] for each in ada.get(at).json()["results"]] == [full.pk]
    made = ada.post(at, {"codebook": full.pk}, content_type="application/json")
    assert made.status_code == 201
    assert len(made.json()["questions"]) == len(asked(full))
    assert ada.post(at, {"codebook": 99}, content_type="application/json").status_code == 404


def test_a_codebook_from_a_template_in_the_api(cast, other, signed_in):
    ada = signed_in(cast.ada)

    def post(name, **said):
        return ada.post(reverse(name, args=[other.slug]), said, content_type="application/json")

    made = post("api_codebook", template="tidier")
    assert (made.status_code, len(made.json()["questions"])) == (201, 12)
    assert post("api_codebook", template="tidier").status_code == 422
    more = post("api_add_template", template="outcomes")
    assert len(more.json()["questions"]) > 12


def test_an_appraisal_from_the_tool_to_the_consensus_in_the_api(
    cast, review, book, study, signed_in
):
    """Tool, question, assignment, two forms, and the word of the adjudicator: no page is needed."""

    def send(who, method, view, *args, **said):
        client = getattr(signed_in(getattr(cast, who)), method)
        answer = client(reverse(view, args=["one", *args]), said, content_type="application/json")
        assert answer.status_code < 300, answer.content
        return answer.json()

    tool = send("ada", "post", "api_appraisal", name="Ours")["id"]
    question = send(
        "ada", "post", "api_tool_questions", tool, label="1 Aims", kind="judgement",
        choices=["Clear", "Not clear"], lights=["good", "bad"],
    )["id"]  # fmt: skip
    assert send("ada", "post", "api_wording", tool, text="1 Are the aims clear?")["questions"][0][
        "help"
    ]
    assert send("ada", "post", "api_publish_tool", tool)["version"] == 1
    design = book.fields.get(label="Design").pk
    told = send("ada", "patch", "api_judgements", tool, question=design, answers=["Qualitative"])
    assert (told["question"], told["answers"]) == ("Design", ["Qualitative"])
    assert send("ada", "patch", "api_judgements", tool, with_score=True)["with_score"]
    send("ada", "put", "api_assign_tool", tool, study.pk, wanted=True, reason="By hand")
    for who, word in (("bo", "Clear"), ("cy", "Not clear")):
        form = send(who, "post", "api_begin_tool", tool, study.pk)["id"]
        send(who, "put", "api_values", form, field=question, value=word, quote=f"{who} read it")
        send(who, "post", "api_submit", form)
    at = reverse("api_comparison", args=["one", study.pk])
    [line] = signed_in(cast.al).get(at, {"tool": tool}).json()["values"]
    assert (line["first"]["value"], line["second"]["value"]) == ("Clear", "Not clear")
    send("al", "post", "api_settle_value", study.pk, field=question, side="second")
    assert AdjudicatedValue.objects.current().get(field=question).value == "Not clear"
    judged = signed_in(cast.obi).get(reverse("api_judgements", args=["one", tool])).json()
    assert judged["studies"][0]["judgements"] == [{"word": "Not clear", "light": "bad"}]
