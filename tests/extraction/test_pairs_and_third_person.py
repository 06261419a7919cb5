"""Agreement of each two people, and who may settle what they differ in."""

import pytest
from django.urls import reverse

from extraction import adjudicating, codebook
from extraction.agreeing import board, people
from reviews.models import Membership
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db


def test_each_pair_has_its_own_figures(cast, review, make_study, book, handed_in, signed_in):
    studies = [make_study(review, f"Study {number}") for number in range(3)]
    handed_in(studies[0], ("bo", {"Fidelity": "yes"}), ("cy", {"Fidelity": "yes"}))
    handed_in(studies[1], ("cy", {"Fidelity": "no"}), ("bo", {"Fidelity": "yes"}))
    handed_in(studies[2], ("ed", {"Fidelity": "no"}), ("bo", {"Fidelity": "no"}))
    pairs = people(review)
    assert [(names, number) for _, names, number in pairs] == [("Bo and Cy", 2), ("Bo and Ed", 1)]

    def figures(pair=None):
        line = next(line for line in board(review, pair) if line.field.label == "Fidelity")
        return line.answers.n, line.answers.agreements

    assert figures() == (3, 2)
    assert figures(pairs[0][0]) == (2, 1)
    assert figures(pairs[1][0]) == (1, 1)
    client, url = signed_in(cast.obi), reverse("extraction:agreement", args=["one"])
    assert "3 studies extracted by two people" in client.get(url).content.decode()
    page = client.get(url, {"pair": f"{cast.bo.pk}-{cast.ed.pk}"}).content.decode()
    assert "1 study extracted by two people" in page
    assert "3 studies" in client.get(url, {"pair": "nobody"}).content.decode()


def test_by_setting_a_third_person_settles(cast, review, study, book, field, handed_in, signed_in):
    Membership.objects.filter(user=cast.bo).update(roles=["extractor", "adjudicator"])
    handed_in(study, ("bo", {"n": "1"}), ("cy", {"n": "2"}))
    n = field("n")
    adjudicating.settle_value(study, n, "first", by=cast.bo)  # one of the two may, so far
    ada = signed_in(cast.ada)
    words = {"extractors": "2", "third_person": "on"}
    ada.post(reverse("extraction:extractors", args=["one"]), words)
    book.refresh_from_db()
    assert book.third_person
    with pytest.raises(Refused, match="a third person settles it"):
        adjudicating.settle_value(study, n, "second", by=cast.bo)
    url = reverse("extraction:adjudicate", args=["one", study.pk])
    page = signed_in(cast.bo).get(url, follow=True).content.decode()
    assert "a third person settles it" in page
    assert signed_in(cast.al).get(url).status_code == 200
    held = adjudicating.settle_value(
        study, n, "second", by=cast.al, seen=study.adjudicated_values.current().get(field=n).pk
    )
    assert held.value == "2"
    codebook.set_third_person(book, False, by=cast.ada)
    assert signed_in(cast.bo).get(url).status_code == 200
