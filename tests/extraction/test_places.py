"""A quote with page and box: kept along the whole way, and refused where it can be no place."""

import pytest
from django.urls import reverse

from extraction import actions, places
from extraction.models import AdjudicatedEntry, AdjudicatedValue, ComponentEntry, Value
from reviews.refusal import Refused

BOX = [0.1, 0.25, 0.5, 0.02]


@pytest.mark.parametrize(
    ("given", "page", "kept"),
    [
        (BOX, "3", BOX),
        ("0.1,0.25,0.5,0.02", "3", BOX),
        ([0.123456, 0, 1e-4, 1], "12-13", [0.1235, 0, 0.0001, 1]),
        (BOX, "", []),  # no page that it could be on
        ("", "3", []),
        (None, "3", []),
    ],
)
def test_a_box_is_four_shares_of_a_page(given, page, kept):
    assert places.accept_box(given, page) == kept


@pytest.mark.parametrize(
    "given",
    [
        "1,2,3",
        "a,b,c,d",
        [0.9, 0, 0.2, 0.1],
        [0, 0.9, 0.1, 0.2],
        [-1, 0, 1, 1],
        [0, 0, 0, 1],
        "nan,0,1,1",
        7,
    ],
)
def test_what_lies_on_no_page_is_refused(given):
    with pytest.raises(Refused, match=r"box"):
        places.accept_box(given, "3")


def test_the_readers_address():
    assert places.fragment("Two & a half", "12-13", BOX) == (
        "page-12&box=0.1,0.25,0.5,0.02&quote=Two%20%26%20a%20half"
    )
    assert places.fragment("", "S4", []) == "page-4"
    assert places.fragment("Words", "", BOX) == "quote=Words"
    assert places.fragment("", "", []) == ""


@pytest.mark.django_db
def test_a_box_goes_from_the_form_to_what_is_settled(
    cast, review, study, book, field, components, signed_in
):
    """Through the page's own form; another place of the same answer is a new answer."""
    for name in ("bo", "cy"):
        client = signed_in(getattr(cast, name))
        client.post(reverse("extraction:begin", args=["one", study.pk]))
        pk = field("Country").pk
        data = {
            f"f{pk}-value": "Canada",
            f"f{pk}-quote": "In Canada.",
            f"f{pk}-page": "3",
            f"f{pk}-box": "0.1,0.25,0.5,0.02",
            f"f{pk}-seen": "0",
        }
        answer = reverse("extraction:answer", args=["one", study.pk, pk])
        assert client.post(answer, data, headers={"hx-request": "true"}).status_code == 200
        client.post(
            reverse("extraction:add-entry", args=["one", study.pk, field("Components").pk]),
            {
                "component": components["HOME"].pk,
                "stance": "supports",
                "quote": "A home.",
                "page": "4",
                "box": "0.2,0.3,0.4,0.05",
            },
        )
        page = client.get(reverse("extraction:form", args=["one", study.pk])).content.decode()
        assert 'value="0.1,0.25,0.5,0.02"' in page
        assert 'href="#page-4&amp;box=0.2,0.3,0.4,0.05&amp;quote=A%20home."' in page
        # The same answer saved as it stands is no new one.
        data[f"f{pk}-seen"] = Value.objects.current().get(extraction__by=getattr(cast, name)).pk
        client.post(answer, data, headers={"hx-request": "true"})
        client.post(reverse("extraction:form", args=["one", study.pk]), data | {"submit": "yes"})
    assert Value.objects.count() == 2
    assert [value.box for value in Value.objects.all()] == [BOX, BOX]
    assert [each.box for each in ComponentEntry.objects.all()] == [[0.2, 0.3, 0.4, 0.05]] * 2
    assert AdjudicatedValue.objects.current().get(field=field("Country")).first_value.box == BOX
    assert AdjudicatedEntry.objects.get().box == [0.2, 0.3, 0.4, 0.05]

    # Every page that shows the quote leads to its place in the report.
    report = study.reports.get()
    to = reverse("screening:read", args=["one", report.pk])
    client = signed_in(cast.al)
    evidence = client.get(reverse("extraction:evidence", args=["one", components["HOME"].pk]))
    assert f'href="{to}#page-4&amp;box=0.2,0.3,0.4,0.05' in evidence.content.decode()
    own = client.get(reverse("extraction:study", args=["one", study.pk])).content.decode()
    assert f'href="{to}#page-3&amp;box=0.1,0.25,0.5,0.02' in own
    both = reverse("extraction:adjudicate", args=["one", study.pk]) + "?all"
    assert f'href="{to}#page-3&amp;box=0.1,0.25,0.5,0.02' in client.get(both).content.decode()


@pytest.mark.django_db
def test_a_box_through_the_api(cast, study, book, field, signed_in):
    client = signed_in(cast.bo)
    form = actions.begin(study, by=cast.bo)
    said = {"field": field("Country").pk, "value": "Canada", "quote": "In Canada.", "page": "3"}
    url = reverse("api_values", args=["one", form.pk])
    told = client.put(url, said | {"box": BOX}, content_type="application/json")
    assert (told.status_code, told.json()["values"][0]["box"]) == (200, BOX)
    told = client.put(url, said | {"box": [0.9, 0, 0.2, 0.1]}, content_type="application/json")
    assert (told.status_code, told.json()["detail"]) == (422, "The box lies outside its page.")
    assert Value.objects.current().get().box == BOX
