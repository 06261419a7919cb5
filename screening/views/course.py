"""Pictures of the course of the review, each with its table."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import Review

from .. import flow
from ..models import Reason
from ..reporting import course
from ..reporting.drift import WIDTH


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    """Screening over time, stage by stage, and the reasons of excluded full texts."""
    with flow.one_moment():
        stages = course.stages(review)
        given = flow.reasons_by_column(review)
        listed = Reason.objects.filter(review=review).select_related("parent")
        labels = {reason.pk: reason.full_label for reason in listed}
    columns = [column for column in (flow.DATABASES, flow.OTHER_METHODS) if given[column]]
    reports = reverse("screening:reports", args=[review.slug])

    def cell(column: str, reason: int) -> tuple[int, str]:
        asked = urlencode({"box": f"{column}8", "reason": reason})
        return given[column].get(reason, 0), f"{reports}?{asked}"

    every = {pk for column in columns for pk in given[column]}
    rows = [
        (
            labels.get(pk, "No reason on record"),
            sum(given[column].get(pk, 0) for column in columns),
            [cell(column, pk) for column in columns],
        )
        for pk in every
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    bars = course.bars([(name, n) for name, n, _ in rows])
    context = {
        "step": "prisma",
        "stages": [(stage, steps, course.draw(stage, steps)) for stage, steps in stages],
        "columns": [
            "Databases and registers" if column == flow.DATABASES else "Other methods"
            for column in columns
        ],
        "rows": rows,
        "total": sum(n for _, n, _ in rows),
        "totals": [(sum(given[column].values()), f"{reports}?box={column}8") for column in columns],
        "bars": bars,
        "width": WIDTH,
        "height": course.ROW * len(bars),
    }
    return render(request, "screening/course.html", context)
