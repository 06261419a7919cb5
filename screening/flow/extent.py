"""How many reports, studies and programs a table is about: counted in one place for all of them.

Report, study and program are three things: one program is described by several studies and one
study told of in several reports (PRISMA 2020 counts the first two, boxes I_reports and I_studies).
Only included reports tell of a study that counts.
"""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from citations.models import Report, Study, StudyReport

from .places import Place


@dataclass(frozen=True)
class Extent:
    """`reports` that are included, the `studies` they tell of, the `programs` of these."""

    reports: int
    studies: int
    programs: int


def of_reports(reports: QuerySet[Report]) -> Extent:
    """What the included ones among `reports` tell of. 1 query, however many are listed."""
    included = reports.filter(place=Place.INCLUDED).order_by().values("pk")
    return _of(StudyReport.objects.filter(report__in=included))


def of_studies(studies: QuerySet[Study]) -> Extent:
    """Which included reports tell of `studies`. 1 query."""
    links = StudyReport.objects.filter(report__place=Place.INCLUDED)
    return _of(links.filter(study__in=studies.order_by().values("pk")))


def _of(links: QuerySet[StudyReport]) -> Extent:
    found = links.order_by().aggregate(
        reports=Count("report", distinct=True),
        studies=Count("study", distinct=True),
        programs=Count("study__program", distinct=True),
    )
    return Extent(**found)
