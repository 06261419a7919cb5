"""A later version: the lead says which finished forms need a second look; agreement by version, with
a tolerance for numbers and weights for a scale."""

from decimal import Decimal

import pytest

from extraction import actions, agreeing, agreement, codebook
from extraction.comparing import compare
from extraction.models import Field
from reviews.models import AuditEvent

pytestmark = pytest.mark.django_db


def url(path):
    return f"/r/one/{path}"


@pytest.fixture
def finished(make_study, review, handed_in):
    """Two studies whose forms are handed in: ((Bo's, Cy's), (Bo's, Cy's))."""
    studies = [make_study(review, name) for name in ("Abara 2019", "Brandt 2020")]
    answers = {"n": "100", "Fidelity": "yes"}
    return [handed_in(study, ("bo", answers), ("cy", answers | {"n": "104"})) for study in studies]


def test_the_lead_is_asked_which_finished_forms_need_a_second_look(
    cast, review, book, finished, signed_in
):
    codebook.add_field(book, by=cast.ada, section="Study", label="Funder", kind=Field.Kind.TEXT)
    ada = signed_in(cast.ada)
    assert url("codebook/publish/") in ada.get(url("codebook/")).content.decode()
    page = ada.get(url("codebook/publish/")).content.decode()
    assert "Which finished forms need a second look?" in page
    assert "Funder" in page
    assert page.count('name="reopen"') == 4
    (first, second), others = finished
    ada.post(url("codebook/publish/"), {"reopen": [first.pk, second.pk]})
    for form in (first, second, *others):
        form.refresh_from_db()
    book.refresh_from_db()
    assert book.version == 2
    assert [bool(form.submitted_at) for form in (first, second, *others)] == [0, 0, 1, 1]
    # The answers are still in it, and the new question is asked.
    assert first.values.current().get(field__label="n").value == "100"
    bo = signed_in(cast.bo)
    form = bo.get(url(f"extraction/{first.study_id}/form/")).content.decode()
    assert "Funder" in form
    assert 'value="100"' in form
    told = AuditEvent.objects.filter(verb="asked for a second look at an extraction")
    assert told.count() == 2
    # What was settled stays settled where nothing changes.
    for each in (first, second):
        actions.submit(each, by=each.by)
    assert [line.field.label for line in compare(first.study).open_lines] == ["n"]


def test_everybody_is_given_their_form_back_at_once(cast, review, book, finished, signed_in):
    codebook.add_field(book, by=cast.ada, section="Study", label="Funder", kind=Field.Kind.TEXT)
    signed_in(cast.ada).post(url("codebook/publish/"), {"all": "yes"})
    assert not any(
        type(form).objects.get(pk=form.pk).submitted_at for pair in finished for form in pair
    )


def test_a_form_of_another_codebook_is_refused_and_nothing_is_published(
    cast, review, book, finished, signed_in
):
    codebook.add_field(book, by=cast.ada, section="Study", label="Funder", kind=Field.Kind.TEXT)
    signed_in(cast.ada).post(url("codebook/publish/"), {"reopen": ["999999"]})
    book.refresh_from_db()
    assert book.version == 1


def test_without_finished_forms_one_press_publishes(cast, review, book, signed_in):
    codebook.add_field(book, by=cast.ada, section="Study", label="Funder", kind=Field.Kind.TEXT)
    ada = signed_in(cast.ada)
    assert f'action="{url("codebook/publish/")}"' in ada.get(url("codebook/")).content.decode()
    ada.post(url("codebook/publish/"))
    book.refresh_from_db()
    assert book.version == 2


def of(lines, label):
    return next(line.answers for line in lines if line.field.label == label)


def test_numbers_are_the_same_within_a_tolerance(cast, review, book, finished, signed_in):
    assert of(agreeing.board(review), "n").agreements == 0
    assert of(agreeing.board(review, tolerance=Decimal("3.8")), "n").agreements == 0
    assert of(agreeing.board(review, tolerance=Decimal("3.9")), "n").agreements == 2
    obi = signed_in(cast.obi)
    page = obi.get(url("extraction/agreement/?tolerance=5")).content.decode()
    assert 'value="5"' in page
    wrong = obi.get(url("extraction/agreement/?tolerance=five")).content.decode()
    assert "like 5" in wrong
    assert 'value="five"' in wrong


def test_agreement_by_version(cast, review, book, finished):
    codebook.add_field(book, by=cast.ada, section="Study", label="Funder", kind=Field.Kind.TEXT)
    codebook.publish(book, by=cast.ada)
    for form in finished[0]:
        actions.reopen(form, by=form.by, reason="More is asked")
        actions.submit(form, by=form.by)
    assert agreeing.versions(book) == [1, 2]
    assert [of(agreeing.board(review, version=each), "n").n for each in (1, 2, None)] == [1, 1, 2]


def test_weighted_kappa_of_a_scale():
    scale = ["a", "b", "c"]
    # Cohen 1968 with linear weights, by hand: disagreement 1 of 6 observed, 8/9 of 2 steps by chance.
    pairs = [("a", "a"), ("b", "b"), ("c", "c"), ("a", "b"), ("b", "c"), ("c", "c")]
    observed = 2 / 6
    first, second = {"a": 2, "b": 2, "c": 2}, {"a": 1, "b": 2, "c": 3}
    chance = sum(
        first[x] * second[y] * abs(scale.index(x) - scale.index(y)) for x in scale for y in scale
    )
    assert agreement.weighted_kappa(pairs, scale) == pytest.approx(1 - observed / (chance / 36))
    assert agreement.weighted_kappa([("a", "a")] * 3, scale) is None
    assert agreement.weighted_kappa([("a", "other")], scale) is None
    # Neighbours weigh less than the ends.
    near = agreement.weighted_kappa([("a", "b"), ("c", "c")], scale)
    far = agreement.weighted_kappa([("a", "c"), ("c", "c"), ("a", "a")], scale)
    assert near is not None
    assert far is not None
