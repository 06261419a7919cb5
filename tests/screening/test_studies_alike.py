"""Reports of one study: suggested, joined, kept apart, split again; what is un-included comes back."""

import pytest
from django.urls import reverse

from citations import studies
from citations.models import FullText
from screening import actions, flow
from screening.flow import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def included(cast, review, make_report):
    def make(title, **fields):
        report = make_report(review, title, **fields)
        FullText.objects.create(
            report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
        )
        for stage in ("abstract", "fulltext"):
            for user in (cast.bo, cast.cy):
                actions.decide(report, stage, "include", by=user)
        report.refresh_from_db()
        assert report.place == Place.INCLUDED
        return report

    return make


@pytest.fixture
def pair(included):
    text = "Registered as NCT01234567."
    return included("Main results", abstract=text), included("What staff say", abstract=text)


def alike(client):
    return client.get(reverse("screening:alike", args=["one"])).content.decode()


def test_a_pair_is_joined_and_split_again(cast, signed_in, review, pair):
    client, (first, second) = signed_in(cast.bo), pair
    assert "registration NCT01234567" in alike(client)
    client.post(
        reverse("screening:alike", args=["one"]),
        {"first": first.pk, "second": second.pk, "act": "join"},
    )
    (study,) = first.studies.all()
    assert list(second.studies.all()) == [study]
    assert "No two included" in alike(client)
    listed = client.get(reverse("screening:studies", args=["one"])).content.decode()
    assert "1 study in 2 reports" in listed
    client.post(reverse("screening:split_study", args=["one", study.pk]), {"report": second.pk})
    assert first.studies.get() != second.studies.get()
    assert review.events.filter(verb="split a study").exists()


def test_a_pair_that_is_kept_apart_is_not_suggested_again(cast, signed_in, pair):
    client, (first, second) = signed_in(cast.bo), pair
    client.post(
        reverse("screening:alike", args=["one"]),
        {"first": second.pk, "second": first.pk, "act": "apart"},
    )
    assert "No two included" in alike(client)
    assert first.studies.get() != second.studies.get()


def test_a_report_may_tell_of_several_studies(cast, signed_in, pair):
    first, second = pair
    study = first.studies.get()
    url = reverse("screening:regroup", args=["one", second.pk])
    signed_in(cast.bo).post(url, {"study": study.pk, "also": "on"})
    assert second.studies.count() == 2


def test_a_report_is_linked_to_a_study_before_anybody_has_decided_on_it(
    cast, signed_in, review, make_report, pair
):
    study, fresh = pair[0].studies.get(), make_report(review, "Ten years of the same program")
    bo, page = signed_in(cast.bo), reverse("screening:report", args=["one", fresh.pk])
    assert "It tells of a study that is here" in bo.get(page).content.decode()
    url = reverse("screening:regroup", args=["one", fresh.pk])
    bo.post(url, {"study": study.pk, "also": "on"})
    assert flow.boxes(review)["I_studies"] == 2  # told of by an included report all the same
    assert f"It tells of {study} no more" in bo.get(page).content.decode()
    FullText.objects.create(
        report=fresh, name="b.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
    )
    for stage in ("abstract", "fulltext"):
        for user in (cast.bo, cast.cy):
            actions.decide(fresh, stage, "include", by=user)
    assert fresh.studies.get() == study  # and no study of its own beside it
    assert flow.boxes(review)["I_studies"] == 2


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_link_is_taken_back_but_what_is_included_tells_of_one_study(
    cast, signed_in, review, make_report, pair, door
):
    study, fresh = pair[0].studies.get(), make_report(review, "Another program")
    studies.tell_of(fresh, study, by=cast.ada)
    bo = signed_in(cast.bo)

    def no_longer(report):
        if door == "page":
            url = reverse("screening:regroup", args=["one", report.pk])
            answer = bo.post(url, {"study": study.pk, "act": "no-longer"}, follow=True)
        else:
            url = f"/api/v1/reviews/one/studies/{study.pk}/reports/"
            told = {"report": report.pk, "no_longer": True}
            answer = bo.post(url, told, content_type="application/json")
        return answer.content.decode()

    no_longer(fresh)
    assert not fresh.studies.exists()
    assert "An included report tells of one study at least." in no_longer(pair[0])
    assert pair[0].studies.get() == study
    assert review.events.filter(verb="grouped a report", target=f"report {fresh.pk}").count() == 2


def test_the_only_report_of_a_study_is_not_split_off(cast, signed_in, pair):
    study = pair[0].studies.get()
    url = reverse("screening:split_study", args=["one", study.pk])
    page = signed_in(cast.bo).post(url, {"report": pair[0].pk}, follow=True).content.decode()
    assert "only report of this study" in page


def test_what_is_un_included_keeps_its_study_and_brings_it_back(cast, review, pair):
    report = pair[0]
    study = studies.describe(
        report.studies.get(), by=cast.ada, label="Abara 2019", program="Open Gate"
    )
    decision = report.decisions.filter(stage="fulltext", by=cast.bo, superseded_at=None).get()
    actions.withdraw(decision, by=cast.bo)
    report.refresh_from_db()
    assert report.place != Place.INCLUDED
    actions.decide(report, "fulltext", "include", by=cast.bo)
    report.refresh_from_db()
    assert (report.place, report.studies.get()) == (Place.INCLUDED, study)
    assert report.studies.get().program.name == "Open Gate"
