"""Starters of the ranking: by DOI, by words of a title, from another program's decisions."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from ..forms import StarterDoisForm, StarterFileForm
from ..listing import number_in
from ..relevance import starting

A_PAGE = 50


def _page(
    request: MemberRequest,
    review: Review,
    *,
    dois_form: StarterDoisForm | None = None,
    file_form: StarterFileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "")[:200]
    listed = review.starters.select_related("report", "by")
    context = {
        "step": "reasons",
        "dois_form": dois_form or StarterDoisForm(),
        "file_form": file_form or StarterFileForm(),
        "q": words,
        "matching": starting.matching(review, words),
        "starters": Paginator(listed, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "screening/starters.html", context, status=status)


def _told(request: MemberRequest, added: starting.Added) -> None:
    parts = [f"{added.added} starter{'' if added.added == 1 else 's'} added"]
    if added.standing:
        parts.append(f"{added.standing} had been one already")
    if added.unknown:
        parts.append(f"{added.unknown} fit no report, or several")
    messages.success(request, f"{', '.join(parts)}.")


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


@require_POST
@member("manage")
def dois(request: MemberRequest, review: Review) -> HttpResponse:
    form = StarterDoisForm(request.POST)
    if form.is_valid():
        try:
            added = starting.add_dois(review, form.cleaned_data["dois"], by=request.user)
        except Refused as refusal:
            form.add_error("dois", str(refusal))
        else:
            _told(request, added)
            return redirect("screening:starters", review.slug)
    return _page(request, review, dois_form=form, status=422)


@require_POST
@member("manage")
def file(request: MemberRequest, review: Review) -> HttpResponse:
    form = StarterFileForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            if given.size > starting.LARGEST_FILE:
                raise Refused("The file is larger than 100 MB.")
            added = starting.add_file(review, given.read(), given.name, by=request.user)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            _told(request, added)
            return redirect("screening:starters", review.slug)
    return _page(request, review, file_form=form, status=422)


@require_POST
@member("manage")
def found(request: MemberRequest, review: Review) -> HttpResponse:
    """Those that were ticked among the reports found by words."""
    ticked = {
        number for text in request.POST.getlist("report")[:100] if (number := number_in(text))
    }
    added = starting.add(review, dict.fromkeys(ticked, True), by=request.user, source="Search")
    _told(request, added)
    return redirect("screening:starters", review.slug)


@require_POST
@member("manage")
def remove(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    starting.remove(get_object_or_404(review.starters, pk=pk), by=request.user)
    messages.success(request, "It is no starter any more.")
    return redirect("screening:starters", review.slug)
