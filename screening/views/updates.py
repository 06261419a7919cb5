"""Updates of a review: begin one, take it back, declare a version that was made elsewhere."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow
from ..arrival import updating

STEP = {"step": "searches"}


class Earlier(forms.Form):
    studies = forms.IntegerField(label="Studies included", min_value=0, max_value=updating.MOST)
    reports = forms.IntegerField(
        label="Reports of these studies", min_value=0, max_value=updating.MOST
    )


class Begin(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@member("manage")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """POST with `version` begins the update; with `studies` and `reports` it declares the earlier one."""
    begins = request.method == "POST" and "version" in request.POST
    declares = request.method == "POST" and not begins
    start = Begin(request.POST if begins else None, initial={"version": review.version})
    declared = {"studies": review.previous_studies, "reports": review.previous_reports}
    earlier = Earlier(request.POST if declares else None, initial=declared)
    try:
        if begins and start.is_valid():
            updating.begin(review, by=request.user, **start.cleaned_data)
            messages.success(request, "The update has begun: new searches belong to it.")
            return redirect("screening:update", review.slug)
        if declares and earlier.is_valid():
            updating.declare_previous(review, by=request.user, **earlier.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("screening:update", review.slug)
    except Refused as refusal:
        (start if begins else earlier).add_error(None, str(refusal))
    numbers = flow.boxes(review)
    context = {
        **STEP,
        "earlier": earlier,
        "start": start,
        "numbers": numbers,
        "pending": sum(flow.pending(review, numbers).values()),
        "is_update": flow.is_update(review),
        "searches": review.searches.filter(version=review.version).count(),
        "last": review.searches.filter(version=review.version - 1),
    }
    wrong = start.errors or earlier.errors
    return render(request, "screening/update.html", context, status=422 if wrong else 200)


@require_POST
@member("manage")
def undo(request: MemberRequest, review: Review) -> HttpResponse:
    try:
        updating.take_back(review, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The update was taken back.")
    return redirect("screening:update", review.slug)
