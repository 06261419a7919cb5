"""The methods paragraph and the checklists of PRISMA 2020, filled from the review."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import Review

from ..reporting import checklist, checklist_files, methods, prisma
from .prisma import link_to


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    numbers, link = prisma.report(review), link_to(review)
    sections = checklist.report(review, numbers, link)
    rows = [row for _, section in sections for row in section]
    context = {
        "step": "prisma",
        "draft": numbers["draft"],
        "paragraph": methods.paragraph(review, numbers, link),
        "sections": sections,
        "filled": sum(not row.is_gap for row in rows),
        "items": len(rows),
        "gap": checklist.GAP,
    }
    return render(request, "screening/checklist.html", context)


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    numbers, link = prisma.report(review), link_to(review)
    sections = checklist.report(review, numbers, link)
    if kind == "docx":
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        paragraph = methods.paragraph(review, numbers, link)
        made = checklist_files.as_docx(review, paragraph, sections)
        answer = HttpResponse(made, content_type=word)
    elif kind == "csv":
        text = "".join(checklist_files.as_csv(sections))
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    else:
        raise Http404("The checklist can be had as docx or csv.")
    answer["Content-Disposition"] = f'attachment; filename="prisma-checklist-{review.slug}.{kind}"'
    return answer
