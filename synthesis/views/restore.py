"""A whole review out of its archive, for whom the administrator lets: sent, then watched."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import SignedIn, may_restore
from reviews.models import Job
from reviews.refusal import Refused

from ..archive import arriving
from ..forms import RestoreForm


@require_http_methods(["GET", "POST"])
def begin(request: SignedIn) -> HttpResponse:
    if not may_restore(request.user):
        raise PermissionDenied(
            "Here only administrators of the site restore a whole review: ask one of them."
        )
    sent = request.method == "POST"
    form = RestoreForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        try:
            job = arriving.ask_for(form.cleaned_data["file"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("synthesis:restoring", job.pk)
    status = 422 if form.errors else 200
    return render(request, "synthesis/restore.html", {"form": form}, status=status)


def _mine(request: SignedIn, pk: int) -> Job:
    """Nobody else's is there."""
    return get_object_or_404(Job, pk=pk, kind=arriving.KIND, by=request.user)


@require_GET
def progress(request: SignedIn, pk: int) -> HttpResponse:
    job = _mine(request, pk)
    page = "synthesis/_restoring.html" if request.htmx else "synthesis/restoring.html"
    return render(request, page, {"job": job, "oob": bool(request.htmx)})


@require_POST
def stop(request: SignedIn, pk: int) -> HttpResponse:
    job = _mine(request, pk)
    try:
        arriving.stop(job, by=request.user)
    except Refused as refusal:
        messages.info(request, str(refusal))
    return redirect("synthesis:restoring", job.pk)
