"""One extracts, a second verifies: who sees what when, what must be looked at, what comes of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extraction import actions, agreeing, codebook, progress, verifying
from extraction.comparing import compare
from extraction.models import (
    AdjudicatedComponent,
    AdjudicatedValue,
    ComponentEntry,
    Extraction,
    Field,
    Value,
)
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def one_and_a_verifier(cast, book):
    return codebook.set_extractors(book, 1, by=cast.ada, verified=True)


@pytest.fixture
def bos(cast, one_and_a_verifier, study, fill):
    """Bo's form, handed in."""
    form = fill(
        actions.begin(study, by=cast.bo), {"n": "12", "Fidelity": None}, ["HOME", "WRAP-CM"]
    )
    return actions.submit(form, by=cast.bo)


@pytest.fixture
def cys(cast, bos, study):
    return actions.begin(study, by=cast.cy)


def stage(study):
    return progress.included(study.review).get(pk=study.pk).stage


def may_begin(study, member):
    found = progress.of_member(progress.included(study.review), member)
    return found.get(pk=study.pk).may_begin


def test_the_lead_chooses_it_on_the_codebooks_page(cast, book, signed_in):
    ada = signed_in(cast.ada)
    page = reverse("extraction:extractors", args=["one"])
    said = ada.post(page, {"extractors": "verified"}, follow=True).content.decode()
    book.refresh_from_db()
    assert (book.extractors, book.verified, book.forms_a_study) == (1, True, 2)
    assert "a second verifies each answer" in said
    event = AuditEvent.objects.filter(verb="changed the number of extractors").latest("pk")
    assert (event.before, event.after) == (2, "1, verified")
    ada.post(page, {"extractors": "2"})
    book.refresh_from_db()
    assert (book.extractors, book.verified) == (2, False)
    with pytest.raises(Refused, match="two extract blind"):
        codebook.set_extractors(book, 2, by=cast.ada, verified=True)


def test_nobody_verifies_before_the_form_is_handed_in(cast, one_and_a_verifier, study, fill):
    form = fill(actions.begin(study, by=cast.bo))
    assert not may_begin(study, cast.member("cy"))
    with pytest.raises(Clash, match="Bo is extracting this study; it is verified once"):
        actions.begin(study, by=cast.cy)
    assert not Value.objects.visible_to(cast.member("cy")).exists()
    actions.submit(form, by=cast.bo)
    assert may_begin(study, cast.member("cy"))
    assert stage(study) == "begun"  # it is not settled by one person
    assert not AdjudicatedValue.objects.exists()
    assert actions.begin(study, by=cast.bo) == form  # one's own form is not verified by oneself


def test_only_who_verifies_sees_the_form_before_it_is_open(cast, bos, study, signed_in):
    cy, ed = cast.member("cy"), cast.member("ed")
    assert not Extraction.objects.visible_to(cy).exists()
    form = actions.begin(study, by=cast.cy)
    assert form.verifies == bos
    assert set(Extraction.objects.visible_to(cy)) == {bos, form}
    assert Value.objects.visible_to(cy).filter(extraction=bos).count() == 3
    assert ComponentEntry.objects.visible_to(cy).count() == 2
    assert not Extraction.objects.visible_to(ed).exists()
    assert list(Extraction.objects.visible_to(cast.member("bo"))) == [bos]
    with pytest.raises(Clash, match="needs nobody else"):
        actions.begin(study, by=cast.ed)
    # Who gives it up is blind again.
    with pytest.raises(Clash, match="set theirs aside first"):
        actions.set_aside(bos, by=cast.bo, reason="No time")
    actions.set_aside(form, by=cast.cy, reason="No time")
    assert not Value.objects.visible_to(cy).exists()
    assert actions.begin(study, by=cast.ed).verifies == bos


def test_every_answer_and_component_must_be_looked_at(cast, bos, cys, field, components):
    group = field("Components")
    with pytest.raises(
        Refused, match="Not looked at yet: “Country”, “n”, “Fidelity”, “Components”"
    ):
        actions.submit(cys, by=cast.cy)
    for label in ("Country", "Fidelity"):
        verifying.confirm(cys, field(label), by=cast.cy)
    actions.save_value(cys, field("n"), "13", by=cast.cy, quote="Thirteen.")
    verifying.confirm_component(cys, group, components["HOME"], by=cast.cy, holds=True)
    with pytest.raises(Refused, match="Not looked at yet: “Components”"):
        actions.submit(cys, by=cast.cy)
    verifying.confirm_component(cys, group, components["WRAP-CM"], by=cast.cy, holds=False)
    with pytest.raises(Refused, match="has not found that component"):
        verifying.confirm_component(cys, group, components["WRAP-MH"], by=cast.cy, holds=True)
    actions.submit(cys, by=cast.cy)


def test_what_is_confirmed_holds_and_what_was_put_right_is_adjudicated(
    cast, bos, cys, study, field, components
):
    group = field("Components")
    for label in ("Country", "Fidelity"):
        verifying.confirm(cys, field(label), by=cast.cy)
    actions.save_value(cys, field("n"), "13", by=cast.cy, quote="Thirteen.")
    verifying.confirm_component(cys, group, components["HOME"], by=cast.cy, holds=True)
    verifying.confirm_component(cys, group, components["WRAP-CM"], by=cast.cy, holds=False)
    actions.submit(cys, by=cast.cy)
    confirmed = Value.objects.current().get(extraction=cys, field=field("Country"))
    assert (confirmed.value, confirmed.quote, confirmed.page) == (
        "Canada",
        "Quote for Country",
        "3",
    )
    held = AdjudicatedValue.objects.current().select_related("field")
    assert {each.field.label: (each.value, each.not_reported) for each in held} == {
        "Country": ("Canada", False),
        "Fidelity": (None, True),
    }
    found = AdjudicatedComponent.objects.current().get()
    assert (found.component, found.side) == (components["HOME"], "agreed")
    left = compare(study).open_lines
    assert [each.field.label for each in left] == ["n", "Components"]
    assert stage(study) == "to-settle"
    # It is no independent answer: no agreement comes of it.
    assert agreeing.people(study.review) == []


def test_on_the_page_each_answer_is_confirmed_by_a_button(
    cast, bos, cys, study, field, components, signed_in
):
    cy = signed_in(cast.cy)
    page = cy.get(reverse("extraction:form", args=["one", study.pk])).content.decode()
    assert "You verify what Bo has extracted" in page
    assert page.count("It is right") == 5
    assert page.count("Quote for") >= 5
    confirm = reverse("extraction:confirm", args=["one", study.pk, field("Country").pk])
    answer = cy.post(confirm, headers=HTMX)
    assert answer.status_code == 200
    assert ">Canada</textarea>" in answer.content.decode()
    assert "Confirmed" in answer.content.decode()
    empty = reverse("extraction:confirm", args=["one", study.pk, field("Design").pk])
    refused = cy.post(empty, headers=HTMX)
    assert (refused.status_code, "gave no answer there" in refused.content.decode()) == (422, True)
    where = ["one", study.pk, field("Components").pk, components["HOME"].pk]
    group = cy.post(reverse("extraction:confirm-component", args=where), headers=HTMX)
    assert "Confirmed" in group.content.decode()
    group = cy.post(
        reverse("extraction:confirm-component", args=where), {"not_there": "yes"}, headers=HTMX
    )
    assert "Not there" in group.content.decode()
    assert not ComponentEntry.objects.current().filter(extraction=cys).exists()
    # Without a script: the same, and back to the form.
    assert cy.post(confirm).status_code == 302
    # Bo's own form cannot be confirmed by Bo, nor anybody's by a stranger to it.
    assert signed_in(cast.ed).post(confirm).status_code == 404


def test_tables_files_and_items_are_confirmed_as_they_are(
    cast, book, one_and_a_verifier, study, field, signed_in
):
    table = codebook.add_field(
        book, by=cast.ada, section="R", label="By arm", kind=Field.Kind.TABLE, choices=["Arm", "n"]
    )
    file = codebook.add_field(book, by=cast.ada, section="R", label="Figure", kind=Field.Kind.FILE)
    arms = codebook.add_field(
        book, by=cast.ada, section="R", label="Arms", kind=Field.Kind.REPEATING, each="arm"
    )
    size = codebook.add_field(
        book, by=cast.ada, section="R", label="Size", kind=Field.Kind.INTEGER, part_of_id=arms.pk
    )
    codebook.publish(book, by=cast.ada)
    form = actions.begin(study, by=cast.bo)
    bo = signed_in(cast.bo)
    figure = SimpleUploadedFile("a.txt", b"A figure")
    to = reverse("extraction:answer", args=["one", study.pk, file.pk])
    assert bo.post(to, {f"f{file.pk}-file": figure}, headers=HTMX).status_code == 200
    actions.save_value(form, field("Country"), "Canada", by=cast.bo)
    rows = '[["Control", "12"], ["Harbour", "1|3"]]'  # as the page sends a bar in a cell
    actions.save_value(form, table, rows, by=cast.bo)
    actions.save_value(form, arms, ["Control", "Harbour"], by=cast.bo)
    actions.save_value(form, size, "12", by=cast.bo, item="Control")
    actions.submit(form, by=cast.bo)

    check = actions.begin(study, by=cast.cy)
    for each in (field("Country"), table, file):
        verifying.confirm(check, each, by=cast.cy)
    with pytest.raises(Clash, match="not on the list"):
        verifying.confirm(check, size, by=cast.cy, item="Control")
    verifying.confirm(check, arms, by=cast.cy)
    with pytest.raises(Refused, match="Not looked at yet: “Size” of Control"):
        actions.submit(check, by=cast.cy)
    verifying.confirm(check, size, by=cast.cy, item="control")
    said = {
        (each.field.label, each.item): each.value
        for each in Value.objects.current().filter(extraction=check).select_related("field")
    }
    theirs = {
        (each.field.label, each.item): each.value
        for each in Value.objects.current().filter(extraction=form).select_related("field")
    }
    assert said == theirs
    actions.submit(check, by=cast.cy)
    assert stage(study) == "settled"


def test_through_the_api(cast, bos, study, field, components, signed_in):
    cy = signed_in(cast.cy)
    begun = cy.post(reverse("api_begin", args=["one", study.pk]), {}, "application/json").json()
    assert begun["verifies"] == bos.pk
    url = reverse("api_confirm", args=["one", begun["id"]])
    told = cy.post(url, {"field": field("Country").pk}, "application/json").json()
    assert [each["value"] for each in told["values"]] == ["Canada"]
    group = field("Components").pk
    home = {"field": group, "component": components["HOME"].pk}
    assert len(cy.post(url, home, "application/json").json()["entries"]) == 1
    told = cy.post(url, home | {"holds": False}, "application/json")
    assert (told.status_code, told.json()["entries"]) == (200, [])
    url = reverse("api_confirm", args=["one", bos.pk])
    assert cy.post(url, home, "application/json").status_code == 422
