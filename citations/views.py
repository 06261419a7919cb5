"""Searches and files: find, ask, act, render."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import MemberRequest, member
from reviews.models import Job, Review
from reviews.refusal import Refused

from . import actions
from .formats import FORMATS
from .formats.source import ENCODINGS
from .forms import SearchForm, UploadForm
from .models import Search, Upload

STEP = {"step": "searches"}


# --- Searches -------------------------------------------------------------------------------


@require_GET
@member("read")
def searches(request: MemberRequest, review: Review) -> HttpResponse:
    arrived = Q(records__upload=None) | Q(records__upload__imported_at__isnull=False)
    rows = list(
        review.searches.annotate(
            imported=Count("records", filter=Q(records__isnull=False) & arrived)
        )
    )
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
    form = SearchForm(review, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_search(review, by=request.user, **form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{added}” was added.")
            return redirect("citations:searches", review.slug)
    context = {**STEP, "form": form}
    return render(request, "citations/search.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@member("import_records")
def search(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(review.searches, pk=pk)
    given = request.POST if request.method == "POST" else None
    form = SearchForm(review, given, instance=Search.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_search(found, by=request.user, **form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("citations:searches", review.slug)
    context = {**STEP, "form": form, "search": found}
    return render(request, "citations/search.html", context, status=_status(form))


def _status(*forms: Any) -> int:
    return 422 if any(form.errors for form in forms) else 200


# --- Files ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@member("import_records")
def upload(request: MemberRequest, review: Review) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    form = UploadForm(
        review, given, request.FILES or None, initial={"source": request.GET.get("source")}
    )
    # The words about a new source count only when no source is chosen.
    is_new = given is not None and not given.get("source")
    fresh = SearchForm(
        review, given if is_new else None, prefix="new", use_required_attribute=False
    )
    if given is not None and form.is_valid() and (not is_new or fresh.is_valid()):
        file, chosen = form.cleaned_data["file"], form.cleaned_data["source"]

        def source() -> Search:
            if chosen is not None:
                return chosen
            return actions.add_search(review, by=request.user, **fresh.values())

        try:
            receipt = actions.receive(
                review, file.chunks(), name=file.name, by=request.user, source=source
            )
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            if not receipt.is_new:
                messages.warning(request, _known(receipt.upload))
            return redirect("citations:preview", review.slug, receipt.upload.pk)
    status = _status(form, fresh)
    return render(
        request, "citations/upload.html", {**STEP, "form": form, "fresh": fresh}, status=status
    )


def _known(upload: Upload) -> str:
    where = f"“{upload.name}” for {upload.search}"
    if upload.imported_at:
        return f"This file has been imported before, as {where}: nothing changed."
    return f"This file is here already, as {where}: nothing changed."


def _context(review: Review, upload: Upload) -> dict[str, Any]:
    job = actions.latest_job(upload)
    return {
        **STEP,
        "upload": upload,
        "job": job,
        "works": job is not None and not job.is_over,
        "importing": job is not None and job.kind == "import" and not job.is_over,
        "stopped": job is not None
        and job.kind == "import"
        and job.state in (Job.State.FAILED, Job.State.CANCELLED),
        "format": FORMATS.get(upload.format, upload.format),
        "encoding": ENCODINGS.get(upload.encoding, upload.encoding),
        "problems": list(upload.problems.all()[:20]),
        "records": upload.records.count() if upload.imported_at else 0,
    }


def _find(review: Review, pk: int) -> Upload:
    return get_object_or_404(review.uploads.select_related("search", "by"), pk=pk)


@require_GET
@member("import_records")
def preview(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The page; htmx asks for its moving piece alone."""
    template = "citations/_upload.html" if request.htmx else "citations/preview.html"
    return render(request, template, _context(review, _find(review, pk)))


@require_POST
@member("import_records")
def confirm(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.confirm(_find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("citations:preview", review.slug, pk)


@require_POST
@member("import_records")
def discard(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.discard(_find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("citations:preview", review.slug, pk)
    messages.success(request, "The file was discarded; nothing of it was imported.")
    return redirect("citations:searches", review.slug)


@require_GET
@member("import_records")
def problems(request: MemberRequest, review: Review, pk: int) -> StreamingHttpResponse:
    """Every place that could not be read, as CSV."""
    found = _find(review, pk)
    answer = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="problems-{found.pk}.csv"'
    return answer


class _Echo:
    def write(self, value: str) -> str:
        return value


def _lines(upload: Upload) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["line", "reason", "excerpt"])
    for each in upload.problems.iterator():
        yield writer.writerow([each.line, guarded(each.message), guarded(each.excerpt)])


def guarded(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
