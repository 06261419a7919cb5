"""Every table says how many reports, studies and programs it is about, and all say the same."""

import random

import pytest
from django.urls import reverse

from citations import studies
from citations.models import FullText, Study, StudyReport
from screening import actions, flow
from screening.flow import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def included(cast, review, make_report):
    def make(title):
        report = make_report(review, title)
        FullText.objects.create(
            report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
        )
        for stage in ("abstract", "fulltext"):
            for user in (cast.bo, cast.cy):
                actions.decide(report, stage, "include", by=user)
        report.refresh_from_db()
        return report

    return make


def total(client, name, query=""):
    page = client.get(reverse(f"screening:{name}", args=["one"]) + query).content.decode()
    said = page.split('<span class="total">')[1].split("</span>")[0]
    return " ".join(said.split())


def test_report_study_and_program_are_counted_alike_on_every_table(
    cast, signed_in, review, make_report, included
):
    first, second, third, gone = (included(f"Included report {n}") for n in range(4))
    make_report(review, "Still to be screened")
    studies.join(first, second, by=cast.ada)
    for report in (second, third, gone):
        studies.describe(report.studies.get(), by=cast.ada, label=str(report), program="Open Gate")
    studies.describe(gone.studies.get(), by=cast.ada, label="Gone", program="Another")
    actions.withdraw(gone.decisions.filter(stage="fulltext", by=cast.bo).get(), by=cast.bo)
    obi = signed_in(cast.obi)
    three = "3 reports of 2 studies and 1 program"
    assert total(obi, "reports", "?place=included") == three
    assert total(obi, "reports", "?box=I_reports") == three
    assert total(obi, "reports") == "5 reports, 3 included, of 2 studies and 1 program"
    assert total(obi, "reports", "?q=still") == "1 report"
    assert (
        total(obi, "fulltexts", "?tab=here") == "4 reports, 3 included, of 2 studies and 1 program"
    )
    assert total(obi, "fulltexts", "?tab=sought") == "0 reports"
    same = "2 studies in 3 reports of 1 program"
    assert total(obi, "studies") == same
    assert total(obi, "studies", "?box=I_studies").startswith(same)
    prisma = obi.get(reverse("screening:prisma", args=["one"])).content.decode()
    assert same in " ".join(prisma.split())
    boxes = flow.boxes(review)
    assert (boxes["I_reports"], boxes["I_studies"]) == (3, 2)


@pytest.mark.parametrize("seed", range(6))
def test_however_reports_are_grouped_the_tables_agree(cast, review, make_report, seed):
    """Many to many, with reports that are not included and studies that nobody tells of."""
    dice = random.Random(seed)
    reports = [make_report(review, f"Report {n}") for n in range(12)]
    made = [Study.objects.create(review=review, label=f"Study {n}") for n in range(6)]
    for study in made[::2]:
        studies.describe(study, by=cast.ada, label=study.label, program=dice.choice("AB"))
    for report in reports:
        for study in dice.sample(made, dice.randint(1, 3)):
            StudyReport.objects.create(report=report, study=study)
        report.place = dice.choice([Place.INCLUDED, Place.FULLTEXT_OUT, Place.ABSTRACT_OPEN])
        report.save(update_fields=["place"])
    by_reports = flow.of_reports(review.reports.all())
    assert by_reports == flow.of_studies(flow.studies_in(review))
    boxes = flow.boxes(review)
    assert (by_reports.reports, by_reports.studies) == (boxes["I_reports"], boxes["I_studies"])
    programs = {each.program_id for each in flow.studies_in(review)} - {None}
    assert by_reports.programs == len(programs)
