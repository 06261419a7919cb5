"""Sources: find, ask, act, render."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from citations import prisma_s, sources
from citations.forms import SearchForm
from citations.models import Search
from citations.querysets import arrived_by
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

STEP = {"step": "searches"}


@require_GET
@member("read")
def searches(request: MemberRequest, review: Review) -> HttpResponse:
    arrived = Q(records__isnull=False) & arrived_by("records__")
    rows: list[Any] = list(review.searches.annotate(imported=Count("records", filter=arrived)))
    for row in rows:
        row.difference = prisma_s.reckon(row.hits_reported, row.imported, row.removed)
    context = {
        **STEP,
        "searches": rows,
        "imported": sum(row.imported for row in rows),
        "removed": sum(row.removed for row in rows),
        "open_uploads": list(
            review.uploads.filter(imported_at=None).select_related("search", "by")
        ),
        "uploads": list(
            review.uploads.filter(imported_at__isnull=False).select_related("search", "by")
        ),
    }
    return render(request, "citations/searches.html", context)


@require_http_methods(["GET", "POST"])
@member("import_records")
def add_search(request: MemberRequest, review: Review) -> HttpResponse:
    repeated = request.GET.get("again", "")
    again = review.searches.filter(pk=repeated).first() if repeated.isdecimal() else None
    given = request.POST if request.method == "POST" else None
    form = SearchForm(review, given, initial=sources.repeat(again) if again else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = sources.add_search(review, by=request.user, rerun_of=again, **form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{added}” was added.")
            return redirect("citations:searches", review.slug)
    context = {**STEP, "form": form, "again": again}
    return render(request, "citations/search.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@member("import_records")
def search(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(review.searches, pk=pk)
    given = request.POST if request.method == "POST" else None
    form = SearchForm(review, given, instance=Search.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid():
        try:
            sources.edit_search(found, by=request.user, **form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("citations:searches", review.slug)
    context = {**STEP, "form": form, "search": found}
    return render(request, "citations/search.html", context, status=_status(form))


def _status(*forms: Any) -> int:
    return 422 if any(form.errors for form in forms) else 200
