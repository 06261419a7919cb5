"""Labels: given, taken off, found again; and hidden as decisions are."""

import csv
import io
import json

import pytest

from reviews.refusal import Refused
from screening import actions
from screening.desk import labels
from screening.duplicates import joining
from screening.models import Label, Labelling

pytestmark = pytest.mark.django_db

LABEL = "/r/one/screen/abstract/label/"
REPORTS = "/r/one/reports/"


@pytest.fixture
def clients(cast, signed_in):
    return {name: signed_in(getattr(cast, name)) for name in ("ada", "bo", "cy", "al", "obi")}


def seen(client, report):
    """What this person finds of the labels on `report`, by every door that there is."""
    found = {
        "list": "Rats" in client.get(REPORTS).content.decode().split("<tbody>")[1],
        "filter": f"/reports/{report.pk}/"
        in client.get(REPORTS, {"label": Label.objects.get().pk}).content.decode(),
        "page": "Rats" in client.get(f"{REPORTS}{report.pk}/").content.decode(),
    }
    api = client.get(f"/api/v1/reviews/one/reports/{report.pk}/labels/").json()
    found["api"] = "Rats" in api["mine"] + api["theirs"]
    text = b"".join(client.get(f"{REPORTS}export/csv/").streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    found["export"] = row["labels"] == "Rats"
    return set(found.values())


def test_a_label_is_blind_until_both_have_decided(cast, review, make_report, clients):
    report = make_report(review)
    sent = {"report": report.pk, "label": " Rats ", "on": True}
    answer = clients["bo"].post(LABEL, json.dumps(sent), content_type="application/json")
    assert answer.json() == {"report": report.pk, "stage": "abstract", "label": "Rats", "on": True}
    assert seen(clients["bo"], report) == {True}
    assert seen(clients["ada"], report) == {True}  # oversees, and has no vote
    assert [seen(clients[name], report) for name in ("cy", "al", "obi")] == [{False}] * 3
    card = clients["cy"].get("/r/one/screen/").context["data"]["cards"][0]
    assert (card["labels"], card["labels_of_others"]) == ([], [])
    actions.decide(report, "abstract", "include", by=cast.bo)
    assert seen(clients["cy"], report) == {False}
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    assert [seen(clients[name], report) for name in ("cy", "al", "obi")] == [{True}] * 3


def test_a_label_of_full_text_opens_with_the_full_text(cast, at_fulltext, clients):
    report = at_fulltext()
    labels.put(report, "fulltext", "Rats", by=cast.bo)
    assert seen(clients["cy"], report) == {False}
    labels.put(report, "abstract", "Rats", by=cast.al)  # of the stage that is over
    assert seen(clients["cy"], report) == {True}
    (card,) = clients["cy"].get("/r/one/screen/fulltext/").context["data"]["cards"]
    assert card["labels_of_others"] == ["Rats"]


def test_it_is_put_on_and_taken_off_and_a_request_twice_is_one(cast, review, make_report, clients):
    report = make_report(review)
    for on, key in [(True, "a"), (True, "a"), (None, "b"), (None, "b")]:
        sent = {"report": report.pk, "label": "Rats"} | ({} if on is None else {"on": on})
        headers = {"Idempotency-Key": key}
        answer = clients["bo"].post(
            LABEL, json.dumps(sent), content_type="application/json", headers=headers
        )
        assert answer.status_code == 200
        assert Labelling.objects.exists() is bool(on)
    # Through the API.
    api = f"/api/v1/reviews/one/reports/{report.pk}/labels/"
    for on in (True, False):
        answer = clients["bo"].post(api, {"stage": "abstract", "name": "Rats"})
        assert answer.json()["on"] is on
    # A form, without JavaScript: the report is there again.
    answer = clients["bo"].post(LABEL, {"report": report.pk, "label": "rats"}, follow=True)
    assert answer.context["card"]["labels"] == ["Rats"]
    assert Label.objects.count() == 1  # capitals make no other label


@pytest.mark.parametrize(("name", "sentence"), [(" ", "a name"), ("x" * 61, "60 letters")])
def test_what_is_no_label_is_refused(cast, review, make_report, name, sentence):
    report = make_report(review)
    with pytest.raises(Refused, match=sentence):
        labels.put(report, "abstract", name, by=cast.bo)
    assert not Label.objects.exists()


def test_a_label_of_another_review_s_report_is_not_to_be_had(cast, review, make_report, clients):
    from reviews.models import Review

    other = Review.objects.create(slug="else", title="Else", created_by=cast.ada)
    report = make_report(other)
    sent = {"report": report.pk, "label": "Rats"}
    assert clients["bo"].post(LABEL, sent).status_code == 404
    labels.put(report, "abstract", "Rats", by=cast.bo)
    assert clients["ada"].get(REPORTS, {"label": Label.objects.get().pk}).context["rows"] == []


def test_labels_move_with_a_merge_and_come_back(cast, review, make_report):
    keep, absorb = make_report(review), make_report(review)
    for report, name in [(keep, "Rats"), (absorb, "Rats"), (absorb, "Mice")]:
        labels.put(report, "abstract", name, by=cast.bo)
    merge = joining.merge(keep, absorb, by=cast.ada)
    assert sorted(Labelling.objects.filter(report=keep).values_list("label__name", flat=True)) == [
        "Mice",
        "Rats",
    ]
    joining.unmerge(merge, by=cast.ada)
    assert Labelling.objects.filter(report=absorb).count() == 2
    assert Labelling.objects.filter(report=keep).count() == 1
