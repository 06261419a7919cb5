"""Decisions, reasons, full texts and merges."""

from citations.models import FullText, Record, Report
from reviews.models import User
from screening import flow, joining
from screening.models import Decision, Reason

ROWS = {}


def seed(review, lead):
    """A report in each of the places that pages ask for, with what brought it there."""
    others = [
        User.objects.create_user(f"{name}-{review.slug}", f"{name}@{review.slug}.example", "x")
        for name in ("one", "two")
    ]
    search = review.searches.first()

    def report(title, stage="abstract", verdicts=()):
        made = Report.objects.create(review=review, title=title)
        Record.objects.create(review=review, search=search, report=made, title=title)
        for user, verdict in zip(others, verdicts, strict=False):
            Decision.objects.create(report=made, stage=stage, verdict=verdict, by=user)
        return made

    conflict = report("In conflict", verdicts=("include", "exclude"))
    sought = report("Sought", verdicts=("include", "include"))
    on_file = report("On file", verdicts=("include", "include"))
    absorbed, keep = report("Copy"), report("Original")
    merge = joining.merge(keep, absorbed, by=lead)
    fulltext = FullText.objects.create(
        report=on_file,
        name="a.pdf",
        sha256="0" * 64,
        size=3,
        content_type="application/pdf",
        by=lead,
    )
    settled = report("Settled", verdicts=("include", "exclude"))
    final = Decision.objects.create(
        report=settled, stage="abstract", verdict="exclude", by=lead, final=True
    )
    flow.settle(review)
    return {
        "conflict": conflict,
        "sought": sought,
        "on_file": on_file,
        "fulltext": fulltext,
        "merge": merge,
        "decision": conflict.decisions.first(),
        "settled": settled,
        "final": final,
        "reason": Reason.objects.create(review=review, stage="fulltext", label="Population"),
    }
