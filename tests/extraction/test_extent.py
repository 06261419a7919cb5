"""Reports, studies and programs: every table of extraction counts the same ones."""

import io

import docx
import pytest
from django.urls import reverse

from citations.models import Report
from extraction import appraising

pytestmark = pytest.mark.django_db

TOLD = "3 studies in 4 reports of 2 programs"


@pytest.fixture
def three(cast, review, make_study, handed_in, book):
    """Three studies of two programs in four included reports; a fifth report is not included."""
    steps = make_study(review, "Abara 2019", program="Harbour Steps", reports=3)
    handed_in(
        steps, ("bo", {"n": "12"}, ["WRAP-CM", "HOME"]), ("cy", {"n": "12"}, ["WRAP-CM", "HOME"])
    )
    make_study(review, "Bello 2020", program="Harbour Steps")
    make_study(review, "Chan 2021", program="Lantern Homes")
    appraising.add_tool(review, by=cast.ada, kind="casp-qualitative")
    left = steps.reports.order_by("pk").last()
    Report.objects.filter(pk=left.pk).update(place="excluded-fulltext")
    return steps


def test_every_table_counts_the_same(cast, review, three, components, signed_in):
    client = signed_in(cast.ada)
    for name, query in [
        ("extraction:studies", ""),
        ("extraction:table", ""),
        ("extraction:table", "?by=program"),
        ("extraction:appraisal", ""),
        ("screening:studies", ""),
        ("screening:prisma", ""),
    ]:
        page = client.get(reverse(name, args=["one"]) + query).content.decode()
        assert TOLD in page, name
    for name in ("evidence.docx", "tidier.docx"):
        file = client.get(reverse("extraction:file", args=["one", name])).content
        words = [each.text for each in docx.Document(io.BytesIO(file)).paragraphs]
        assert words[-1].endswith(f"{TOLD}.")


def test_a_narrower_table_counts_what_it_shows(cast, review, three, components, signed_in):
    client = signed_in(cast.ada)
    for query in ("?q=Abara", "?show=settled"):
        page = client.get(reverse("extraction:studies", args=["one"]) + query).content.decode()
        assert "1 study in 2 reports of 1 program" in page
    page = client.get(reverse("extraction:studies", args=["one"]) + "?q=nowhere").content.decode()
    assert "0 studies in 0 reports" in page
    url = reverse("extraction:evidence", args=["one", components["HOME"].pk])
    assert "1 of 3 studies, 1 program, 2 reports." in client.get(url).content.decode()


def test_the_sums_of_the_rows_are_the_counts(cast, review, three, signed_in):
    """By study and by program the table lists what its head says."""
    client = signed_in(cast.ada)
    url = reverse("extraction:table", args=["one"])
    by_study, by_program = client.get(url).context, client.get(url + "?by=program").context
    for context in (by_study, by_program):
        assert (context["extent"].studies, context["extent"].programs) == (3, 2)
    assert len(by_study["rows"]) == sum(row["studies"] for row in by_program["rows"]) == 3
    assert len([row for row in by_program["rows"] if row["program"]]) == 2
