"""The table of excluded full texts: a page, a Word document, CSV."""

from collections import Counter

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import Review

from ..duplicates import marks
from ..reporting import excluded

PER_PAGE = 100


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    rows = excluded.rows(review)
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    marks.mark_all([row.report for row in found])
    many = Counter(row.outcome for row in rows)
    counts = [(name, many[name]) for name in excluded.PARTS.values() if many[name]]
    context = {"step": "prisma", "page": found, "counts": counts}
    return render(request, "screening/excluded.html", context)


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    found = excluded.rows(review)
    if kind == "docx":
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        answer = HttpResponse(excluded.as_docx(review, found), content_type=word)
    elif kind == "csv":
        text = "".join(excluded.as_csv(found))
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    else:
        raise Http404("The table can be had as docx or csv.")
    answer["Content-Disposition"] = f'attachment; filename="excluded-{review.slug}.{kind}"'
    return answer
