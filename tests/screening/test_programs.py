"""Programs: listed with their studies, renamed for all of them, two of them taken for one."""

import pytest
from django.urls import reverse

from citations import studies
from citations.models import Study
from extraction import table
from reviews.refusal import Clash, Refused
from screening.flow import Place

pytestmark = pytest.mark.django_db
API = {"content_type": "application/json"}


@pytest.fixture
def described(cast, review, make_report):
    """Three studies of two programs: {label: study}."""
    made = {}
    for label, program in (("A 2019", "Hope"), ("B 2020", "Hope"), ("C 2021", "HOPE Court")):
        report = make_report(review, label)
        review.reports.filter(pk=report.pk).update(place=Place.INCLUDED)
        study = Study.objects.create(review=review, label=label)
        study.links.create(report=report)
        made[label] = studies.describe(study, by=cast.ada, label=label, program=program)
    return made


def named(review):
    """{program: labels of its studies}"""
    return {
        each.name: [study.label for study in each.studies.order_by("label")]
        for each in review.programs.filter(studies__isnull=False).distinct()
    }


def test_a_name_is_changed_for_all_studies_at_once(cast, review, described, signed_in):
    program = described["A 2019"].program
    url = reverse("screening:rename_program", args=["one", program.pk])
    assert signed_in(cast.ed).post(url, {"name": " Hope House "}).status_code == 302
    assert named(review) == {"Hope House": ["A 2019", "B 2020"], "HOPE Court": ["C 2021"]}
    event = review.events.get(verb="renamed a program")
    assert event.before == {"name": "Hope"}
    assert event.after["studies"] == [described["A 2019"].pk, described["B 2020"].pk]
    page = signed_in(cast.bo).get(reverse("screening:programs", args=["one"])).content.decode()
    assert "2 programs" in page
    assert "Hope House" in page


def test_two_programs_are_one_only_when_somebody_says_so(cast, review, described, signed_in):
    program, ed = described["A 2019"].program, signed_in(cast.ed)
    url = reverse("screening:rename_program", args=["one", program.pk])
    refused = ed.post(url, {"name": "HOPE Court"})
    assert refused.status_code == 409
    assert "“HOPE Court” is there already, with 1 study." in refused.content.decode()
    assert len(named(review)) == 2
    assert ed.post(url, {"name": "HOPE Court", "join": "on"}).status_code == 302
    assert named(review) == {"HOPE Court": ["A 2019", "B 2020", "C 2021"]}
    assert list(table.cells_by_program(review)) == []  # nothing is settled, and nothing breaks
    event = review.events.get(verb="joined two programs")
    assert event.before == {"name": "Hope"}
    # A name that no study bears any more is free again.
    studies.rename_program(described["C 2021"].program, by=cast.ada, name="Hope")
    assert named(review) == {"Hope": ["A 2019", "B 2020", "C 2021"]}


def test_a_program_has_a_name(cast, review, described):
    with pytest.raises(Refused, match="a name"):
        studies.rename_program(described["A 2019"].program, by=cast.ada, name="  ")
    studies.rename_program(described["A 2019"].program, by=cast.ada, name="Hope")
    assert not review.events.filter(verb="renamed a program").exists()


def test_the_api_renames_too(cast, review, described, signed_in):
    program, ada = described["A 2019"].program, signed_in(cast.ada)
    at = f"/api/v1/reviews/one/programs/{program.pk}/"
    assert ada.put(at, {"name": "HOPE Court"}, **API).status_code == 409
    assert ada.put(at, {"nam": "x"}, **API).status_code == 400
    assert ada.put(at, {"name": "Hope II"}, **API).json() == {"id": program.pk, "name": "Hope II"}
    joined = ada.put(at, {"name": "HOPE Court", "join": True}, **API).json()
    assert joined["id"] == described["C 2021"].program.pk


def test_a_clash_is_a_clash(cast, described):
    with pytest.raises(Clash):
        studies.rename_program(described["C 2021"].program, by=cast.ada, name="Hope")
