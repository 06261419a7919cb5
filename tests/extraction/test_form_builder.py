"""Kinds of questions, conditions and templates: what they take and what they refuse."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from extraction import actions, codebook, kinds
from extraction.models import Field
from reviews.refusal import Refused

Kind = Field.Kind


def asked(kind, *choices):
    return SimpleNamespace(kind=kind, options=[(each, each) for each in choices])


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (asked("integer"), " 12 ", "12"),
        (asked("date"), "2019", "2019"),
        (asked("date"), "2019-05", "2019-05"),
        (asked("date"), "2020-02-29", "2020-02-29"),
        (asked("scale", "Low", "High"), "High", "High"),
        (asked("quote"), "As “they” said", "As “they” said"),
        (asked("table", "Arm", "n"), '[["A", "12"], ["", ""]]', [["A", "12"]]),
        (asked("table", "Arm", "n"), "A | 12\nB", [["A", "12"], ["B", ""]]),
        (asked("table", "Arm", "n"), "12", [["12", ""]]),
        (asked("table", "Arm", "n"), " ", None),
    ],
)
def test_a_kind_takes(field, given, kept):
    assert kinds.accept(field, given) == kept


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        (asked("integer"), "twelve", "whole number in digits"),
        (asked("integer"), "12.5", "whole number in digits"),
        (asked("date"), "May 2019", "Write a date like"),
        (asked("date"), "2019-02-30", "Write a date like"),
        (asked("scale", "Low", "High"), "Higher", "Choose one of the list"),
        (asked("table", "Arm", "n"), "A|1|2", "more than 2 cells"),
        (asked("table", "Arm", "n"), "A|1\n" * 201, "at most 200 rows"),
    ],
)
def test_a_kind_refuses_in_a_sentence(field, given, said):
    with pytest.raises(Refused, match=said):
        kinds.accept(field, given)


def test_the_order_of_rows_makes_no_difference():
    one, other = [["A", "12"], ["B", "3"]], [["b ", "3"], ["a", "12"]]
    assert kinds.normal("table", one) == kinds.normal("table", other)
    assert kinds.shown(asked("table", "Arm", "n"), one) == "A | 12; B | 3"


pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"extraction:{name}", args=["one", *args])


@pytest.fixture
def ask(cast, book):
    """`ask("Arms", "table", choices=[…])`: one more published question."""

    def ask(label, kind, **words):
        given = {"section": "Study", "label": label, "kind": kind} | words
        made = codebook.add_field(book, by=cast.ada, **given)
        codebook.publish(book, by=cast.ada)
        return made

    return ask


def test_a_table_is_filled_in_and_comes_back(cast, review, book, study, ask, signed_in, components):
    arms = ask("Arms", Kind.TABLE, choices=["Arm", "n"], example="Control | 12")
    extraction = actions.begin(study, by=cast.bo)
    client = signed_in(cast.bo)
    cells = ["Program", "12", "", "", "Control", "9"]
    answer = client.post(url("answer", study.pk, arms.pk), {f"f{arms.pk}-cell": cells})
    assert answer.status_code in (200, 302)
    value = extraction.values.get(field=arms, superseded_at=None)
    assert value.value == [["Program", "12"], ["Control", "9"]]
    page = client.get(url("form", study.pk)).content.decode()
    assert 'value="Control"' in page
    assert "For example: Control | 12" in page
    with pytest.raises(Refused, match="its columns stay"):
        codebook.change_field(arms, by=cast.ada, choices=["n", "Arm"])
    codebook.change_field(arms, by=cast.ada, choices=["Arm", "n", "Lost"])


def test_a_number_keeps_what_was_typed_and_shows_its_unit(
    cast, book, study, ask, signed_in, components
):
    age = ask("Age", Kind.INTEGER, unit="years")
    actions.begin(study, by=cast.bo)
    client = signed_in(cast.bo)
    page = client.get(url("form", study.pk)).content.decode()
    assert "years" in page
    answer = client.post(url("form", study.pk), {f"f{age.pk}-value": "twelve"})
    assert answer.status_code == 422
    assert 'value="twelve"' in answer.content.decode()
    assert "whole number in digits" in answer.content.decode()


def test_a_question_is_asked_only_if(cast, book, study, field, ask, handed_in, fill, components):
    fidelity = field("Fidelity")
    how = ask(
        "How it was checked",
        Kind.TEXT,
        required=True,
        shown_if_id=fidelity.pk,
        shown_values=["Yes"],
    )
    assert how.shown_values == ["yes"]
    form = fill(actions.begin(study, by=cast.bo), {"Fidelity": "yes"})
    assert [each.field.label for each in actions.missing(form)] == ["How it was checked"]
    actions.save_value(form, how, "By film", by=cast.bo)
    assert actions.missing(form) == []
    actions.save_value(form, fidelity, "no", by=cast.bo)
    assert actions.missing(form) == []
    actions.submit(form, by=cast.bo)
    assert not form.values.filter(field=how, superseded_at=None).exists()
    assert form.values.filter(field=how).count() == 1  # kept as what was said before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"shown_values": ["yes"]}, "Say which question"),
        ({"shown_if_id": "Country", "shown_values": ["x"]}, "must have a list"),
        ({"shown_if_id": "Fidelity", "shown_values": []}, "Write which answers ask it"),
        ({"shown_if_id": "Fidelity", "shown_values": ["maybe"]}, "“maybe” is none of its answers"),
    ],
)
def test_a_wrong_condition_is_refused(cast, book, field, words, said):
    given = {"section": "Study", "label": "X", "kind": "text"} | words
    if "shown_if_id" in given:
        given["shown_if_id"] = field(given["shown_if_id"]).pk
    with pytest.raises(Refused, match=said):
        codebook.add_field(book, by=cast.ada, **given)


def test_two_questions_cant_decide_about_each_other(cast, book, field):
    one, other = field("Fidelity"), field("Design")
    codebook.change_field(other, by=cast.ada, shown_if_id=one.pk, shown_values=["yes"])
    with pytest.raises(Refused, match="decide about each other"):
        codebook.change_field(one, by=cast.ada, shown_if_id=other.pk, shown_values=["Qualitative"])


def test_the_builder_keeps_conditions_and_units(cast, book, field, signed_in):
    client = signed_in(cast.ada)
    words = {"section": "Study", "label": "Follow-up", "kind": "number", "unit": "months"}
    words |= {"shown_if": field("Fidelity").pk, "shown_values": "yes\nunclear", "example": "12"}
    assert client.post(url("add-field"), words).status_code == 302
    made = book.fields.get(label="Follow-up")
    assert (made.unit, made.shown_if, made.shown_values) == (
        "months",
        field("Fidelity"),
        ["yes", "unclear"],
    )
    page = client.get(url("field", made.pk)).content.decode()
    assert "months" in page
    page = client.get(url("codebook")).content.decode()
    assert "Only if “Fidelity” is yes or unclear." in page
    assert "Follow-up" in client.get(url("preview")).content.decode()


def test_a_template_adds_what_is_not_asked_yet(cast, book, signed_in):
    client = signed_in(cast.ada)
    before = book.fields.count()
    for template in ("study-characteristics", "participants", "outcomes", "tidier"):
        client.post(url("add-template"), {"template": template})
    # Country and Design are asked already.
    assert book.fields.count() == before + 9 - 2 + 8 + 5 + 12
    funder = book.fields.get(label="Funder")
    assert (funder.shown_if.label, funder.shown_values) == ("Funded by others", ["yes"])
    answer = client.post(url("add-template"), {"template": "tidier"}, follow=True)
    assert "asks all of these already" in answer.content.decode()
