"""The adjudicator's page through the front door."""

import re

import pytest
from django.urls import reverse

from extraction import actions
from extraction.comparing import compare
from extraction.models import AdjudicatedComponent, AdjudicatedValue

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def differing(study, handed_in):
    return handed_in(
        study,
        ("bo", {"n": "41", "Fidelity": "yes", "Outcomes": ["Safety"]}, ["HOME", "WRAP-CM"]),
        ("cy", {"n": "42", "Fidelity": "yes", "Outcomes": ["School"]}, ["HOME"]),
    )


@pytest.fixture
def al(cast, signed_in):
    return signed_in(cast.al)


def cards(page):
    """{id of the card: (basis, seen, where it posts)} of a page."""
    html = page.content.decode()
    pattern = (
        r'id="(line-[\d-]+)" tabindex.*?action="([^"]+)".*?name="basis" value="([^"]*)"'
        r'.*?name="seen" value="(\d+)"'
    )
    return {
        name: {"url": url, "basis": basis, "seen": seen}
        for name, url, basis, seen in re.findall(pattern, html, re.S)
    }


def post(client, card, side, htmx=True, **more):
    data = {"basis": card["basis"], "seen": card["seen"], "side": side} | more
    return client.post(card["url"], data, **(HTMX if htmx else {}))


def url(study, query=""):
    return reverse("extraction:adjudicate", args=["one", study.pk]) + query


def test_it_shows_only_the_differences_with_both_quotes(al, study, differing, field, components):
    page = al.get(url(study))
    group = field("Components")
    assert set(cards(page)) == {
        f"line-{field('n').pk}",
        f"line-{field('Outcomes').pk}",
        f"line-{group.pk}-{components['WRAP-CM'].pk}",
    }
    html = page.content.decode()
    assert "3 differences to settle" in html
    assert html.count("Quote for n") == 2
    assert len(cards(al.get(url(study, "?all")))) == 7


def test_settling_line_by_line_until_all_is_done(al, study, differing, field, components):
    there = cards(al.get(url(study)))
    answer = post(al, there[f"line-{field('n').pk}"], "second")
    assert answer.status_code == 200
    assert "2 differences to settle" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    post(al, there[f"line-{field('Outcomes').pk}"], "both")
    component = there[f"line-{field('Components').pk}-{components['WRAP-CM'].pk}"]
    answer = post(al, component, "first", htmx=False)
    assert answer.status_code == 302
    assert compare(study).is_done
    assert AdjudicatedValue.objects.current().get(field=field("n")).value == "42"
    assert "Everything about this study is settled" in al.get(url(study)).content.decode()


def test_other_needs_a_reason_and_keeps_what_was_typed(al, study, differing, field):
    card = cards(al.get(url(study)))[f"line-{field('n').pk}"]
    answer = post(al, card, "other", value="43")
    assert answer.status_code == 422
    assert "Give a reason" in answer.content.decode()
    assert 'value="43"' in answer.content.decode()
    answer = post(al, card, "other", value="forty", reason="Table 1")
    assert "Write a number in digits" in answer.content.decode()
    assert 'value="forty"' in answer.content.decode()
    assert post(al, card, "other", value="43", reason="Table 1").status_code == 200
    settled = AdjudicatedValue.objects.current().get(field=field("n"))
    assert (settled.value, settled.reason, settled.side) == ("43", "Table 1", "other")


def test_a_component_may_be_settled_otherwise(al, study, differing, field, components):
    name = f"line-{field('Components').pk}-{components['WRAP-CM'].pk}"
    card = cards(al.get(url(study)))[name]
    post(al, card, "other", stance="qualified", quote="Later.", page="9", reason="Page 9")
    settled = AdjudicatedComponent.objects.current().get(component=components["WRAP-CM"])
    assert [(e.stance, e.quote, e.page) for e in settled.entries.all()] == [
        ("qualified", "Later.", "9")
    ]


def test_the_second_adjudicator_is_told_and_sees_the_first_ones_word(
    cast, al, study, differing, field, signed_in
):
    ada = signed_in(cast.ada)
    name = f"line-{field('n').pk}"
    als, adas = cards(al.get(url(study)))[name], cards(ada.get(url(study)))[name]
    post(al, als, "first")
    answer = post(ada, adas, "second")
    assert answer.status_code == 422
    assert "Al has settled this already" in answer.content.decode()
    assert AdjudicatedValue.objects.current().get(field=field("n")).value == "41"
    again = {**adas, "seen": re.search(r'name="seen" value="(\d+)"', answer.content.decode())[1]}
    assert post(ada, again, "second").status_code == 200
    assert AdjudicatedValue.objects.current().get(field=field("n")).value == "42"


def test_a_reopened_form_marks_what_it_changes(cast, al, study, differing, field, fill):
    card = cards(al.get(url(study)))[f"line-{field('n').pk}"]
    post(al, card, "first")
    bos = differing[0]
    actions.reopen(bos, by=cast.bo, reason="Look again")
    fill(bos, {"n": "40"})
    html = al.get(url(study)).content.decode()
    assert "Bo has reopened the form" in html
    assert "Changed since it was settled" in html
    assert "Bo has reopened the form" in post(al, card, "first").content.decode()
    actions.submit(bos, by=cast.bo)
    assert "an extractor has changed" in post(al, card, "second").content.decode().lower()


def test_only_adjudicators_settle(cast, al, study, differing, field, signed_in):
    card = cards(al.get(url(study)))[f"line-{field('n').pk}"]
    for who, status in (("bo", 403), ("obi", 403), ("ann", 403), ("eve", 404), ("zed", 404)):
        client = signed_in(getattr(cast, who))
        assert client.get(url(study)).status_code == status
        assert post(client, card, "first").status_code == status
    assert not AdjudicatedValue.objects.filter(field=field("n")).exists()


@pytest.mark.parametrize("side", ["", "third", "agreed", "imported"])
def test_a_made_up_side_is_refused(al, study, differing, field, side):
    card = cards(al.get(url(study)))[f"line-{field('n').pk}"]
    answer = post(al, card, side)
    assert answer.status_code == 422
    assert "Choose A, B, both or other" in answer.content.decode()


def test_the_page_costs_the_same_however_much_differs(
    cast, al, study, book, field, components, handed_in, django_assert_num_queries
):
    handed_in(
        study,
        ("bo", {"n": "1", "Fidelity": "yes", "Design": None}, ["HOME", "WRAP-CM", "WRAP-MH"]),
        ("cy", {"n": "2", "Fidelity": "no", "Design": "Qualitative"}, []),
    )
    with django_assert_num_queries(12):
        al.get(url(study))
