"""The pilot rounds of both stages: drawing, who has answered, agreement, closing."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews.access import MemberRequest, member
from reviews.models import SCREENING_STAGES, Review, Stage
from reviews.refusal import Refused

from .. import flow
from ..forms import PilotForm
from ..lead import pilots


def _page(
    request: MemberRequest,
    review: Review,
    *,
    stage: Stage | None = None,
    form: PilotForm | None = None,
    status: int = 200,
) -> HttpResponse:
    stages = []
    for each in SCREENING_STAGES:
        rules = review.rules(each)
        rounds = [
            pilots.round_of(pilot, request.member, rules)
            for pilot in review.pilots.filter(stage=each).order_by("-number")
        ]
        untouched = review.reports.filter(place=flow.UNTOUCHED_PLACE[each]).count()
        shown = form if form is not None and each == stage else PilotForm(prefix=each)
        stages.append((each, rounds, untouched, shown))
    context = {"step": "reasons", "stages": stages}
    return render(request, "screening/pilots.html", context, status=status)


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


@require_POST
@member("manage")
def draw(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    if stage not in SCREENING_STAGES:
        raise Http404("No such stage.")
    form = PilotForm(request.POST, prefix=stage)
    if form.is_valid():
        try:
            pilot = pilots.draw(
                review,
                stage,
                by=request.user,
                size=form.cleaned_data["size"],
                threshold=form.cleaned_data["threshold"] / 100,
                seed=form.cleaned_data["seed"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Round {pilot.number} is open: {pilot.size} reports.")
            return redirect("screening:pilots", review.slug)
    return _page(request, review, stage=Stage(stage), form=form, status=422)


@require_POST
@member("manage")
def close(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    pilot = get_object_or_404(review.pilots, pk=pk)
    try:
        pilots.close(pilot, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The round is closed, and the main round is open.")
    return redirect("screening:pilots", review.slug)
