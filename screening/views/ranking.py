"""Ranking by relevance: the lead's switch, how far it is, and what may still be missed,
and the decision to stop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import MemberRequest, member, require
from reviews.models import Job, Review, Stage
from reviews.refusal import Refused

from .. import flow
from ..forms import RankingForm, StopCheckForm, StopForm
from ..lead import bulk
from ..relevance import meaning, orders, replaying, rules, stopping
from ..relevance.drawing import Drawing


def _page(
    request: MemberRequest,
    review: Review,
    *,
    form: RankingForm | None = None,
    stop_form: StopForm | None = None,
    status: int = 200,
) -> HttpResponse:
    evidence = stopping.evidence(review)
    rules_now = review.rules(Stage.ABSTRACT)
    context = {
        "step": "reasons",
        "form": form or RankingForm(instance=rules_now),
        "stop_form": stop_form or StopForm(prefix="stop"),
        "check_form": StopCheckForm(),
        "rules": rules_now,
        "order": orders.common(review),
        "job": orders.unfinished(review),
        "sentences": meaning.progress(review) if rules_now.by_relevance else None,
        "evidence": evidence,
        "drawing": Drawing(evidence.curve, evidence.of, evidence.certificate.found),
        "untouched": review.reports.filter(place=flow.Place.ABSTRACT_OPEN).count(),
        "stops": stopping.stops(review),
    }
    return render(request, "screening/ranking.html", context, status=status)


@require_http_methods(["GET", "POST"])
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    if request.method != "POST":
        return _page(request, review)
    require(request.member, "manage")
    form = RankingForm(request.POST, instance=review.rules(Stage.ABSTRACT))
    if form.is_valid():
        try:
            rules.set_ranking(review, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. Nobody’s open cards change.")
            return redirect("screening:ranking", review.slug)
    return _page(request, review, form=form, status=422)


@require_POST
@member("manage")
def stop(request: MemberRequest, review: Review) -> HttpResponse:
    form = StopForm(request.POST, prefix="stop")
    if form.is_valid():
        try:
            stopping.stop(request.member, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Screening is stopped. What was not screened stays listed.")
            return redirect("screening:ranking", review.slug)
    return _page(request, review, stop_form=form, status=422)


@require_POST
@member("manage")
def undo_stop(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    stopped = get_object_or_404(review.stoppings, pk=pk)
    try:
        bulk.undo(stopped.act, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "What was not screened goes back to screening.")
    return redirect("screening:ranking", review.slug)


@require_POST
@member("manage")
def check(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    stopped = get_object_or_404(review.stoppings, pk=pk)
    form = StopCheckForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("Say how many reports to draw: 1 to 500.")
        drawn = stopping.check(stopped, by=request.user, size=form.cleaned_data["size"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{len(drawn.drawn)} reports wait for screening again.")
    return redirect("screening:ranking", review.slug)


@require_GET
@member("read")
def replay(request: MemberRequest, review: Review) -> HttpResponse:
    """What ranked screening from the first report on would have saved this review."""
    job = replaying.latest(review)
    found = job.result if job and job.state == Job.State.DONE else None
    context = {
        "step": "reasons",
        "job": job,
        "found": found,
        "drawing": Drawing(found["curve"], found["of"], found["found"]) if found else None,
        "saved": _saved(found["of"], found["needed"]) if found else None,
        "saved_certified": _saved(found["of"], found["certified"]) if found else None,
    }
    return render(request, "screening/ranking_replay.html", context)


def _saved(of: int, screened: int) -> int:
    """In whole per cent, rounded down."""
    return 100 * (of - screened) // of


@require_POST
@member("manage")
def begin_replay(request: MemberRequest, review: Review) -> HttpResponse:
    try:
        replaying.begin(review, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:ranking_replay", review.slug)
