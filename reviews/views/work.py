"""A job that people can watch and stop."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews import jobs
from reviews.access import MemberRequest, abilities, member
from reviews.models import Job, Review
from reviews.refusal import Refused


def _find(request: MemberRequest, review: Review, pk: int) -> Job:
    """The job, for its maker, the lead, and whoever may do that kind of work."""
    found = get_object_or_404(review.jobs.select_related("by"), pk=pk)
    can = abilities(request.member)
    if found.by_id == request.user.pk or "manage" in can or jobs.needs(found.kind) in can:
        return found
    raise PermissionDenied("This job belongs to somebody else. Ask the review's lead.")


@require_GET
@member("read")
def job(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = _find(request, review, pk)
    context = {"job": found, "may_stop": jobs.may_stop(request.member, found)}
    if request.htmx:
        return render(request, "reviews/_job.html", context | {"oob": True})
    return render(request, "reviews/job.html", context)


@require_POST
@member("read")
def cancel(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = _find(request, review, pk)
    if not jobs.may_stop(request.member, found):
        raise PermissionDenied("Only who started a job, or the lead, can stop it.")
    try:
        jobs.cancel(found, by=request.user)
    except Refused as refusal:
        messages.info(request, str(refusal))
    return redirect("reviews:job", review.slug, found.pk)
