"""The searches as the PRISMA-S table: a page that prints, a Word document, CSV."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from citations import prisma_s, sources
from citations.forms import NoteForm
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from ..reporting import searchlog, searchlog_files


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


def _page(
    request: MemberRequest, review: Review, wrong: int = 0, form: NoteForm | None = None
) -> HttpResponse:
    """The page; with the form of item `wrong` as it was sent, when that could not be saved."""
    sections = searchlog.report(review)
    context = {
        "step": "searches",
        "sections": sections,
        "reported": searchlog.reported(sections),
        "items": len(prisma_s.ITEMS),
        "has_sources": review.searches.exists(),
        "wrong": wrong,
        "form": form,
    }
    return render(request, "screening/prisma_s.html", context, status=422 if form else 200)


@require_POST
@member("import_records")
def note(request: MemberRequest, review: Review, item: int) -> HttpResponse:
    """Say something about an item for the whole review."""
    if not prisma_s.takes_note(item):
        raise Http404("No such item.")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, review, item, form)
    try:
        sources.note_item(review, item, form.cleaned_data["text"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('screening:prisma_s', args=[review.slug])}#item-{item}")


@require_GET
@member("export")
def download(request: MemberRequest, review: Review, kind: str) -> HttpResponse:
    sections = searchlog.report(review)
    if kind == "docx":
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        answer = HttpResponse(searchlog_files.as_docx(review, sections), content_type=word)
    elif kind == "csv":
        text = "".join(searchlog_files.as_csv(sections))
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    else:
        raise Http404("The table can be had as docx or csv.")
    answer["Content-Disposition"] = f'attachment; filename="prisma-s-{review.slug}.{kind}"'
    return answer
