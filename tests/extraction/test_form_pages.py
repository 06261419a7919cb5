"""The extractor's form through the front door: saving, two windows, components, handing in."""

import re

import pytest
from django.urls import reverse

from extraction import actions
from extraction.models import ComponentEntry, Extraction, Value

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def bo(cast, study, book, signed_in):
    """Bo, signed in, with a form begun."""
    client = signed_in(cast.bo)
    client.post(reverse("extraction:begin", args=["one", study.pk]))
    return client


@pytest.fixture
def url(study):
    return lambda name, *args: reverse(f"extraction:{name}", args=["one", study.pk, *args])


@pytest.fixture
def mine(cast, study):
    return lambda: Extraction.objects.get(study=study, by=cast.bo)


def typed(page, **changes):
    """What the page's form would post: its controls as they stand, with `changes` by name."""
    html = page.content.decode()
    data = {}
    for tag in re.findall(r"<input[^>]*form=\"extraction-form\"[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if ('type="checkbox"' in tag or 'type="radio"' in tag) and " checked" not in tag:
            continue
        data.setdefault(name[1], []).append(value[1] if value else "on")
    areas = r'<textarea[^>]*name="([^"]*)"[^>]*form="extraction-form"[^>]*>(.*?)</textarea>'
    for name, text in re.findall(areas, html, re.S):
        data[name] = [text]
    return data | changes


def holds(extraction):
    return {
        value.field.label: "not reported" if value.not_reported else value.value
        for value in Value.objects.current().filter(extraction=extraction).select_related("field")
        if not value.is_empty
    }


def test_it_saves_the_whole_form_without_a_script(bo, url, field, mine):
    page = bo.get(url("form"))
    n, outcomes, design = field("n"), field("Outcomes"), field("Design")
    answer = bo.post(
        url("form"),
        typed(
            page,
            **{
                f"f{field('Country').pk}-value": "Canada",
                f"f{n.pk}-value": "12",
                f"f{n.pk}-quote": "Twelve took part.",
                f"f{n.pk}-page": "3",
                f"f{outcomes.pk}-value": ["School", "Safety"],
                f"f{design.pk}-not_reported": "on",
            },
        ),
    )
    assert answer.status_code == 302
    assert holds(mine()) == {
        "Country": "Canada",
        "n": "12",
        "Outcomes": ["Safety", "School"],
        "Design": "not reported",
    }
    saved = Value.objects.current().get(field=n)
    assert (saved.quote, saved.page) == ("Twelve took part.", "3")
    bo.post(url("form"), typed(bo.get(url("form"))))
    assert Value.objects.count() == 4  # nothing changed, nothing written


def test_twelve_stays_on_the_screen_and_the_rest_is_saved(bo, url, field, mine):
    n, country = field("n"), field("Country")
    answer = bo.post(
        url("form"),
        typed(
            bo.get(url("form")), **{f"f{n.pk}-value": "twelve", f"f{country.pk}-value": "Canada"}
        ),
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="twelve"' in page
    assert "Write a number in digits, like 12 or 12.5" in page
    assert holds(mine()) == {"Country": "Canada"}


def test_one_answer_is_saved_as_it_is_typed(bo, url, field, mine):
    n = field("n")
    name = f"f{n.pk}"
    answer = bo.post(url("answer", n.pk), {f"{name}-value": "12", f"{name}-seen": "0"}, **HTMX)
    saved = Value.objects.get()
    assert answer.status_code == 200
    assert f'name="{name}-seen" value="{saved.pk}"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    answer = bo.post(
        url("answer", n.pk), {f"{name}-value": "twelve", f"{name}-seen": saved.pk}, **HTMX
    )
    assert answer.status_code == 422
    assert "Write a number in digits" in answer.content.decode()
    assert f'name="{name}-seen" value="{saved.pk}"' in answer.content.decode()
    assert holds(mine()) == {"n": "12"}


def test_two_windows_lose_nothing(bo, url, field, mine):
    """Window 1 saves the country, window 2 (opened before) the number and then another country."""
    one, two = bo.get(url("form")), bo.get(url("form"))
    country, n = field("Country"), field("n")
    bo.post(url("form"), typed(one, **{f"f{country.pk}-value": "Canada"}))
    answer = bo.post(url("form"), typed(two, **{f"f{n.pk}-value": "12"}))
    assert answer.status_code == 302
    assert holds(mine()) == {"Country": "Canada", "n": "12"}
    answer = bo.post(url("form"), typed(two, **{f"f{country.pk}-value": "Norway"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Another window saved “Canada” here meanwhile" in page
    assert ">Norway</textarea>" in page
    assert holds(mine())["Country"] == "Canada"
    answer = bo.post(url("form"), typed(answer))
    assert answer.status_code == 302
    assert holds(mine()) == {"Country": "Norway", "n": "12"}


def test_handing_in_marks_what_is_missing_and_keeps_the_rest(bo, url, field, mine):
    n, country = field("n"), field("Country")
    post = typed(bo.get(url("form")), **{f"f{n.pk}-value": "12", "submit": "yes"})
    answer = bo.post(url("form"), post)
    assert answer.status_code == 422
    assert "This needs an answer" in answer.content.decode()
    assert holds(mine()) == {"n": "12"}
    post = typed(bo.get(url("form")), **{f"f{country.pk}-not_reported": "on", "submit": "yes"})
    answer = bo.post(url("form"), post, follow=True)
    assert "is handed in" in answer.content.decode()
    assert mine().state == "submitted"
    answer = bo.post(url("form"), post, follow=True)
    assert "nothing was saved" in answer.content.decode()
    bo.post(url("reopen"))
    assert mine().state == "reopened"


def test_components_are_found_by_words_and_added(bo, url, field, components, mine):
    group = field("Components")
    found = bo.get(url("find", group.pk), {"q": "case MANAGEMENT"}, **HTMX).content.decode()
    assert "WRAP-CM" in found
    assert "What case management is." in found
    assert "HOME" not in found
    assert "WRAP Wraparound" in found  # the heading above it
    assert (
        "No component has these words"
        in bo.get(url("find", group.pk), {"q": "zebra"}, **HTMX).content.decode()
    )
    case = {"component": components["WRAP-CM"].pk, "stance": "qualified", "page": "4"}
    answer = bo.post(url("add-entry", group.pk), case | {"quote": "One worker."}, **HTMX)
    assert answer.status_code == 200
    assert "One worker." in answer.content.decode()
    entry = ComponentEntry.objects.get()
    assert (entry.stance, entry.page, entry.extraction) == ("qualified", "4", mine())
    answer = bo.post(url("entry", entry.pk), {"stance": "supports", "quote": "Two."}, **HTMX)
    changed = ComponentEntry.objects.current().get()
    assert (changed.quote, changed.stance) == ("Two.", "supports")
    bo.post(url("entry", changed.pk), {"remove": "yes"})
    assert not ComponentEntry.objects.current().exists()


def test_a_refused_component_keeps_what_was_typed(bo, url, field, components):
    group = field("Components")
    answer = bo.post(url("add-entry", group.pk), {"quote": "Typed with care"}, **HTMX)
    assert answer.status_code == 422
    assert "Choose a component first" in answer.content.decode()
    assert "Typed with care" in answer.content.decode()
    post = {"component": components["HOME"].pk, "stance": "supports", "page": "p" * 30}
    answer = bo.post(url("add-entry", group.pk), post | {"quote": "Typed with care"}, **HTMX)
    assert "A page is at most" in answer.content.decode()
    assert "Typed with care" in answer.content.decode()
    assert not ComponentEntry.objects.exists()


def test_nobody_reaches_anothers_form_or_entries(cast, bo, url, field, components, signed_in):
    group = field("Components")
    bo.post(url("add-entry", group.pk), {"component": components["HOME"].pk, "stance": "supports"})
    entry = ComponentEntry.objects.get()
    cy = signed_in(cast.cy)
    assert cy.get(url("form")).status_code == 302
    assert cy.post(url("answer", group.pk), {}).status_code == 404
    assert cy.post(url("entry", entry.pk), {"remove": "yes"}).status_code == 404
    assert signed_in(cast.al).get(url("form")).status_code == 403
    assert signed_in(cast.eve).get(url("form")).status_code == 404
    assert ComponentEntry.objects.current().count() == 1


def test_the_form_costs_the_same_however_long_it_is(
    cast, bo, url, book, mine, django_assert_num_queries
):
    from extraction import codebook

    for number in range(40):
        made = codebook.add_field(
            book, by=cast.ada, section="More", label=f"Q{number}", kind="text"
        )
        made.since_version = 1
        made.save()
        actions.save_value(mine(), made, "An answer", by=cast.bo)
    with django_assert_num_queries(14):
        page = bo.get(url("form"))
    assert page.content.decode().count("An answer") == 40
