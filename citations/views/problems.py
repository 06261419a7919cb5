"""What a file lost and what was put right: in numbers, as a list, as CSV."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from citations.models import Upload
from reviews.access import MemberRequest, member
from reviews.models import Review

PAGE = 100
FIRST = 10  # of each kind that the preview shows


def numbers(upload: Upload) -> dict[str, int]:
    """{"records", "lost", "mended", "all"}: read + lost are what the file holds (`all`)."""
    told = upload.summary
    records, problems = told.get("records", 0), told.get("problems", 0)
    lost = told.get("lost", problems)
    return {"records": records, "lost": lost, "mended": problems - lost, "all": records + lost}


def shown(upload: Upload) -> list[dict[str, Any]]:
    """The first problems of each kind, lost ones before those that were put right."""
    told = numbers(upload)
    kinds = (
        ("lost", "Not imported", told["lost"]),
        ("mended", "Put right while reading", told["mended"]),
    )
    return [
        {"kind": kind, "title": title, "count": count, "rows": rows}
        for kind, title, count in kinds
        if (rows := list(upload.problems.filter(lost=kind == "lost")[:FIRST]))
    ]


def _find(review: Review, pk: int) -> Upload:
    return get_object_or_404(review.uploads.select_related("search"), pk=pk)


@require_GET
@member("import_records")
def problems(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """All problems of a file, or those of one kind."""
    upload, kind = _find(review, pk), request.GET.get("kind", "")
    found = upload.problems.all()
    if kind in ("lost", "mended"):
        found = found.filter(lost=kind == "lost")
    context = {
        "step": "searches",
        "upload": upload,
        "kind": kind,
        "numbers": numbers(upload),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "citations/problems.html", context)


@require_GET
@member("import_records")
def problems_csv(request: MemberRequest, review: Review, pk: int) -> StreamingHttpResponse:
    """Every place that could not be read as it is, as CSV."""
    upload = _find(review, pk)
    answer = StreamingHttpResponse(_lines(upload), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="problems-{upload.pk}.csv"'
    return answer


class _Echo:
    def write(self, value: str) -> str:
        return value


def _lines(upload: Upload) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["line", "imported", "reason", "excerpt"])
    for each in upload.problems.iterator():
        imported = "no" if each.lost else "yes"
        yield writer.writerow([each.line, imported, guarded(each.message), guarded(each.excerpt)])


def guarded(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
