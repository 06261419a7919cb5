"""The codebook through the front door: start, ask, order, publish, retire."""

import pytest
from django.urls import reverse

from extraction import actions, codebook
from extraction.models import Codebook, Field
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"extraction:{name}", args=["one", *args])


def labels(book):
    return [
        field.label
        for _, fields in codebook.sections(list(book.fields.filter(retired_at=None)))
        for field in fields
    ]


def test_it_starts_from_the_template_and_is_published(cast, review, signed_in):
    ada = signed_in(cast.ada)
    assert "Program description" in ada.get(url("codebook")).content.decode()
    ada.post(url("start-codebook"), {"template": "program-description"})
    book = review.codebooks.get()
    assert book.fields.filter(kind="component_group").count() == 1
    assert not book.fields.on_the_form().exists()
    ada.post(url("publish"))
    book.refresh_from_db()
    assert book.version == 1
    assert book.fields.on_the_form().count() == book.fields.count() == 21
    answer = ada.post(url("publish"), follow=True)
    assert "There is nothing new to publish" in answer.content.decode()
    answer = ada.post(url("start-codebook"), follow=True)
    assert "has a codebook already" in answer.content.decode()
    assert "Fidelity was assessed" in ada.get(url("preview")).content.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"label": ""}, "This field is required"),
        ({"label": "country"}, "The codebook asks “country” already"),
        ({"label": "X", "kind": "single", "choices": "Only one"}, "at least two choices"),
        ({"label": "X", "kind": "multiple", "choices": "a\nA"}, "Two choices are the same"),
        ({"label": "X", "kind": "guess"}, "Select a valid choice"),
    ],
)
def test_a_wrong_question_is_refused_by_its_field(cast, book, signed_in, words, said):
    before = book.fields.count()
    post = {"section": "Study", "kind": "text", "help": "Typed with care"} | words
    answer = signed_in(cast.ada).post(url("add-field"), post)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Typed with care" in answer.content.decode()
    assert book.fields.count() == before


def test_a_new_question_waits_for_the_next_version(cast, book, study, handed_in, signed_in):
    form, _ = handed_in(study, ("bo",), ("cy",))
    ada = signed_in(cast.ada)
    ada.post(url("add-field"), {"section": "Study", "label": "Funder", "kind": "text"})
    assert "New, not published" in ada.get(url("codebook")).content.decode()
    assert not book.fields.on_the_form().filter(label="Funder").exists()
    ada.post(url("publish"))
    assert book.fields.on_the_form().get(label="Funder").since_version == 2
    page = ada.get(url("codebook")).content.decode()
    assert "Worth a second look" in page
    assert "Abara 2019" in page
    actions.reopen(form, by=cast.bo, reason="Funder was added")
    assert actions.submit(form, by=cast.bo).version == 2


def test_what_was_asked_keeps_its_kind_and_its_used_choices(cast, book, study, field, fill):
    fill(actions.begin(study, by=cast.bo), {"Design": "Qualitative", "Outcomes": ["School"]})
    design = field("Design")
    with pytest.raises(Refused, match="retire it and add"):
        codebook.change_field(design, by=cast.ada, kind="text")
    with pytest.raises(Refused, match="“Qualitative” has been chosen"):
        codebook.change_field(design, by=cast.ada, choices=["Quantitative", "Mixed"])
    with pytest.raises(Refused, match="“School” has been chosen"):
        codebook.change_field(field("Outcomes"), by=cast.ada, choices=["Safety", "Health"])
    changed = codebook.change_field(
        design, by=cast.ada, label="Kind of study", choices=["Qualitative", "Mixed"]
    )
    assert (changed.label, changed.choices) == ("Kind of study", ["Qualitative", "Mixed"])


def test_questions_and_sections_change_places(cast, book, field, signed_in):
    ada = signed_in(cast.ada)
    ada.post(url("add-field"), {"section": "Later", "label": "Funder", "kind": "text"})
    ada.post(url("shift-field", field("n").pk), {"to": "up"})
    assert labels(book)[:2] == ["n", "Country"]
    ada.post(url("shift-section"), {"section": "Later", "to": "up"})
    assert labels(book)[0] == "Funder"
    ada.post(url("shift-section"), {"section": "Later", "to": "up"})
    assert labels(book)[0] == "Funder"
    assert ada.post(url("shift-field", field("n").pk), {"to": "left"}).status_code == 404


def test_a_retired_question_leaves_the_form_and_keeps_its_answers(
    cast, book, study, field, fill, signed_in
):
    extraction, n = fill(actions.begin(study, by=cast.bo), {"n": "12"}), field("n")
    ada = signed_in(cast.ada)
    ada.post(url("retire-field", n.pk), {"reason": "Not needed"})
    assert n.values.count() == 1
    with pytest.raises(Refused, match="no longer asked"):
        actions.save_value(extraction, n, "13", by=cast.bo)
    ada.post(url("restore-field", n.pk))
    assert actions.save_value(extraction, n, "13", by=cast.bo).value == "13"


def test_who_may_not_change_it_reads_it(cast, book, field, signed_in):
    for who in ("bo", "al", "ann", "obi"):
        client = signed_in(getattr(cast, who))
        assert "Country" in client.get(url("codebook")).content.decode()
        for name, args in [
            ("start-codebook", []), ("publish", []), ("extractors", []), ("add-field", []),
            ("shift-section", []), ("field", [field("n").pk]), ("shift-field", [field("n").pk]),
            ("retire-field", [field("n").pk]), ("restore-field", [field("n").pk]),
        ]:  # fmt: skip
            assert client.post(url(name, *args)).status_code == 403
    assert signed_in(cast.eve).get(url("codebook")).status_code == 404


def test_another_reviews_question_is_not_there(cast, book, signed_in):
    other = codebook.start(cast.other, by=cast.zed, template="program-description")
    foreign = other.fields.first()
    ada = signed_in(cast.ada)
    for name in ("field", "shift-field", "retire-field", "restore-field"):
        assert ada.post(url(name, foreign.pk), {"to": "up"}).status_code == 404
    assert Codebook.objects.count() == 2
    assert Field.objects.get(pk=foreign.pk).retired_at is None
