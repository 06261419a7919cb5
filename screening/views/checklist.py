"""The methods paragraph and the checklists of PRISMA 2020, filled from the review."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from citations.forms import NoteForm
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from ..reporting import checklist, checklist_files, methods, prisma
from .prisma import link_to


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    return _page(request, review)


def _page(
    request: HttpRequest, review: Review, wrong: str = "", form: NoteForm | None = None
) -> HttpResponse:
    """The page; with the form of item `wrong` as it was sent, when that could not be saved."""
    numbers, link = prisma.report(review), link_to(review)
    sections = checklist.report(review, numbers, link)
    rows = [row for _, section in sections for row in section]
    context = {
        "step": "prisma",
        "draft": numbers["draft"],
        "empty": numbers["empty"],
        "paragraph": methods.paragraph(review, numbers, link),
        "sections": sections,
        "filled": sum(not row.is_gap for row in rows),
        "items": len(rows),
        "gap": checklist.GAP,
        "wrong": wrong,
        "form": form,
    }
    return render(request, "screening/checklist.html", context, status=422 if form else 200)


@require_POST
@member("manage")
def note(request: MemberRequest, review: Review, item: str) -> HttpResponse:
    """Say something about an item in the words of the authors."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, review, item, form)
    try:
        checklist.note_item(review, item, form.cleaned_data["text"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('screening:checklist', args=[review.slug])}#item-{item}")


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
