"""By the API: how many extract a study, the order of the codebook, a form that is given up."""

import pytest

from extraction import actions

pytestmark = pytest.mark.django_db
API = "/api/v1/reviews/one/"
JSON = "application/json"


def test_how_many_extract_and_who_settles(cast, signed_in, book):
    ada, url = signed_in(cast.ada), f"{API}codebook/extractors/"
    assert signed_in(cast.bo).patch(url, {"extractors": 1}, JSON).status_code == 403
    told = ada.patch(url, {"extractors": 1, "verified": True, "third_person": True}, JSON).json()
    assert (told["extractors"], told["third_person"]) == (1, True)
    book.refresh_from_db()
    assert book.verified
    # What is left out stays; two extract blind, nobody verifies.
    ada.patch(url, {"third_person": False}, JSON)
    book.refresh_from_db()
    assert (book.extractors, book.verified, book.third_person) == (1, True, False)
    assert ada.patch(url, {"extractors": 2}, JSON).json()["extractors"] == 2
    assert ada.patch(url, {"extractors": 2, "verified": True}, JSON).status_code == 422
    assert ada.patch(url, {"extractors": 3}, JSON).status_code == 400
    assert ada.patch(f"{url}?tool=999999", {"extractors": 1}, JSON).status_code == 404


def test_questions_and_sections_are_moved(cast, signed_in, book):
    ada = signed_in(cast.ada)

    def order():
        return [each["label"] for each in ada.get(f"{API}codebook/").json()["questions"]]

    first, second, *others = order()
    moved = f"{API}codebook/questions/{book.fields.get(label=second).pk}/shift/"
    assert ada.post(moved, {"to": "up"}, JSON).json()["label"] == second
    assert order() == [second, first, *others]
    said = {"label": "Funding", "section": "Money"}
    ada.post(f"{API}codebook/questions/", said, JSON)
    shift = f"{API}codebook/sections/shift/"
    assert ada.post(shift, {"section": "Money", "to": "up"}, JSON).status_code == 200
    assert order()[0] == "Funding"
    assert ada.post(shift, {"section": "Nowhere", "to": "up"}, JSON).status_code == 422


def test_a_form_is_given_up_by_its_maker_or_the_lead(cast, signed_in, book, study):
    form = actions.begin(study, by=cast.bo)
    url = f"{API}extractions/{form.pk}/set-aside/"
    assert signed_in(cast.cy).post(url, {"reason": "No time"}, JSON).status_code == 404
    ada = signed_in(cast.ada)
    assert ada.post(url, {}, JSON).status_code == 400
    assert ada.post(url, {"reason": "Bo is gone"}, JSON).status_code == 204
    form.refresh_from_db()
    assert form.set_aside_at is not None
    assert ada.post(url, {"reason": "Again"}, JSON).status_code == 404
    actions.begin(study, by=cast.cy)  # the study is free


def test_a_form_that_counts_is_not_set_aside(cast, signed_in, study, handed_in):
    form, _ = handed_in(study, ("bo", {}), ("cy", {}))
    url = f"{API}extractions/{form.pk}/set-aside/"
    assert signed_in(cast.bo).post(url, {"reason": "No time"}, JSON).status_code == 409
