"""What becomes of forms when studies are joined, split or un-included: said before, and kept."""

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citations import studies
from citations.models import FullText, Report, StudyReport
from extraction.models import Extraction
from screening import actions as screening
from screening import flow
from screening.grouping import when_joined

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"screening:{name}", args=["one", *args])


@pytest.fixture
def pair(review, make_study):
    """Two studies with a report each, registered under one number."""
    made = [make_study(review, label) for label in ("Abara 2019", "Lind 2020")]
    Report.objects.filter(studies__in=made).update(abstract="Registered as NCT01234567.")
    return made


def listed(client, study):
    """Whether the list of studies to extract holds it."""
    page = client.get(reverse("extraction:studies", args=["one"])).content.decode()
    return reverse("extraction:study", args=["one", study.pk]) in page


def test_joining_says_what_becomes_of_each_form_and_a_move_brings_them_back(
    cast, review, signed_in, pair, handed_in
):
    first, second = pair
    client = signed_in(cast.bo)
    assert "forms" not in client.get(at("alike")).content.decode().split("<main")[1]
    handed_in(first, ("bo",))
    handed_in(second, ("bo",), ("cy",))
    page = client.get(at("alike")).content.decode()
    assert (
        "As one study, Abara 2019 stays with 1 extraction form; kept, but out of the lists and "
        "tables until a report tells of that study again: 2 extraction forms on Lind 2020."
    ) in page
    one, two = first.reports.get(), second.reports.get()
    client.post(at("alike"), {"first": one.pk, "second": two.pk, "act": "join"})
    assert not listed(client, second)
    assert Extraction.objects.standing().count() == 3
    page = client.get(at("study", first.pk)).content.decode()
    assert "(1 extraction form) stay with it when one of its reports moves" in page
    assert "Lind 2020 (no report tells of it)" in page
    client.post(at("regroup", two.pk), {"study": second.pk})
    assert listed(client, second)
    page = client.get(at("study", second.pk)).content.decode()
    assert "(2 extraction forms) are kept when its only included report moves" in page


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=10))
def test_the_studies_that_it_names_are_those_that_leave(cast, review, make_study, handed_in, links):
    """Five studies with a form and a report each, and some more links between them."""
    with transaction.atomic():
        made = [make_study(review, f"Study-{number}") for number in range(5)]
        reports = [study.reports.get() for study in made]
        for study, report in links:
            StudyReport.objects.get_or_create(study=made[study], report=reports[report])
        for study in made:
            handed_in(study, ("bo",))
        [(first, second, said)] = when_joined(review, [(reports[0], reports[1])])
        studies.join(first, second, by=cast.ada)
        there = set(flow.studies_in(review))
        lost = said.partition(" again: ")[2]
        assert [f"on {study}" in lost for study in made] == [study not in there for study in made]
        transaction.set_rollback(True)


def test_what_is_un_included_keeps_its_forms_and_brings_them_back(
    cast, review, signed_in, make_report, handed_in
):
    report = make_report(review, "A program described")
    FullText.objects.create(
        report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
    )
    for stage in ("abstract", "fulltext"):
        for user in (cast.bo, cast.cy):
            screening.decide(report, stage, "include", by=user)
    study = report.studies.get()
    (form,) = handed_in(study, ("bo", {"Country": "Norway"}, ["HOME"]))
    client = signed_in(cast.bo)
    page = reverse("extraction:study", args=["one", study.pk])
    assert listed(client, study)
    assert "Norway" in client.get(page).content.decode()
    mine = report.decisions.get(stage="fulltext", by=cast.bo, superseded_at=None)
    client.post(at("withdraw", mine.pk))
    assert not listed(client, study)
    assert client.get(page).status_code == 404
    client.post(at("screen_decide", "fulltext"), {"report": report.pk, "verdict": "include"})
    assert listed(client, study)
    assert "Norway" in client.get(page).content.decode()
    form.refresh_from_db()
    assert form.state == "submitted"
