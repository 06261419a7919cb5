"""The archive of a review: made by a job, downloaded, and where a new review begins with one."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from reviews import jobs
from reviews.access import MemberRequest, Role, SignedIn, member
from reviews.models import Review
from reviews.refusal import Refused

from ..archive import keeping, restoring
from ..forms import FromArchiveForm


@require_http_methods(["GET", "POST"])
@member("oversee")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """An archive holds every vote, so it is for who may see them all."""
    if request.method == "POST":
        try:
            transcripts = "transcripts" in request.POST
            keeping.ask_for(review, member=request.member, transcripts=transcripts)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("synthesis:archive", review.slug)
    job = keeping.newest(review)
    is_there = job is not None and keeping.path_of(job).is_file()
    context = {
        "step": "archive",
        "job": job,
        "may_stop": job is not None and jobs.may_stop(request.member, job),
        "is_there": is_there,
        "may_have": is_there and job is not None and keeping.may_have(job, request.member),
    }
    return render(request, "synthesis/archive.html", context)


@require_GET
@member("oversee")
def download(request: MemberRequest, review: Review, pk: int) -> FileResponse:
    job = get_object_or_404(review.jobs.filter(kind=keeping.KIND), pk=pk)
    if not keeping.may_have(job, request.member):
        raise PermissionDenied(
            "This archive holds the words of interviews; only who may read transcripts can have it."
        )
    path = keeping.path_of(job)
    if not path.is_file():
        raise Http404("That archive is not kept any more.")
    name = f"{review.slug}-{job.created_at:%Y-%m-%d}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@require_http_methods(["GET", "POST"])
def begin(request: SignedIn) -> HttpResponse:
    """A new review with the set-up of an archive, for whoever may begin one."""
    sent = request.method == "POST"
    form = FromArchiveForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        roles = [Role.LEAD, *([Role.SCREENER] if form.cleaned_data["screen_too"] else [])]
        try:
            made = _begun(request, form, roles)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("synthesis:home", made.slug)
    status = 422 if form.errors else 200
    return render(request, "synthesis/from_archive.html", {"form": form}, status=status)


def _begun(request: HttpRequest, form: FromArchiveForm, roles: list[Role]) -> Review:
    with tempfile.NamedTemporaryFile(suffix=".zip") as kept:
        for chunk in form.cleaned_data["file"].chunks():
            kept.write(chunk)
        kept.flush()
        title, by = form.cleaned_data["title"], request.user
        return restoring.start_from(Path(kept.name), title, by=by, roles=roles)  # type: ignore[arg-type]
