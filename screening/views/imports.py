"""Undoing an import: what it would do, and the act; and bringing it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from citations import actions as citations
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from ..arrival import withdrawing

STEP = {"step": "searches"}


@require_http_methods(["GET", "POST"])
@member("import_records")
def undo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    upload = get_object_or_404(review.uploads.select_related("search"), pk=pk)
    if request.method == "POST":
        try:
            citations.undo_import(upload, by=request.user, reason=request.POST.get("reason", ""))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("citations:preview", review.slug, pk)
    if upload.imported_at is None or upload.undone_at:
        return redirect("citations:preview", review.slug, pk)
    context = {**STEP, "upload": upload, "would": withdrawing.foretold(upload)}
    return render(request, "screening/undo_import.html", context)


@require_POST
@member("import_records")
def redo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    upload = get_object_or_404(review.uploads, pk=pk)
    try:
        citations.redo_import(upload, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("citations:preview", review.slug, pk)
