"""Sources, uploads, records, reports, studies."""

from citations.models import (
    DuplicatePair,
    Program,
    Record,
    RelatedReport,
    Report,
    Search,
    Study,
    Upload,
)

ROWS = {}


def seed(review, lead):
    search = Search.objects.create(review=review, name="MEDLINE", created_by=lead)
    upload = Upload.objects.create(
        review=review, search=search, name="a.ris", sha256="0" * 64, size=1, by=lead
    )
    report, second = (
        Report.objects.create(review=review, title=f"{title} of {review.slug}")
        for title in ("First", "Second")
    )
    record, _ = (
        Record.objects.create(review=review, search=search, report=each, title=each.title)
        for each in (report, second)
    )
    study = Study.objects.create(review=review, label="Abara 2019")
    study.links.create(report=report)
    pair = DuplicatePair.objects.create(
        review=review, first=report, second=second, probability=0.8, rule="t", why="t", zone="ask"
    )
    related = RelatedReport.objects.create(review=review, first=report, second=second, by=lead)
    return {
        "search": search,
        "upload": upload,
        "record": record,
        "report": report,
        "study": study,
        "program": Program.objects.create(review=review, name="Hope"),
        "pair": pair,
        "related": related,
    }
