"""Decisions made under earlier criteria: how many, what changed since, and looking at them again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from citations.models import FullText
from reviews.access import MemberRequest, abilities, member
from reviews.actions import criteria_version
from reviews.models import SCREENING_STAGES, Review, Stage
from reviews.refusal import Clash, Refused

from ..desk import submitting
from ..forms import AnswerForm
from ..lead import relooking
from ..models import Decision, Relook
from ..reasons import reasons_in_use


def _stage(name: str) -> Stage:
    if name not in SCREENING_STAGES:
        raise Http404("No such stage.")
    return Stage(name)


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """The versions with the decisions under each, the newest first; what is looked at again."""
    found = relooking.overview(request.member)
    context = {
        "step": "earlier",
        "latest": found.latest,
        "versions": [vars(each) for each in found.versions],
        "stages": [vars(each) for each in found.stages],
        "sees_all": "oversee" in abilities(request.member) or not review.blind,
    }
    return render(request, "screening/earlier.html", context)


@require_POST
@member("manage")
def begin(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    try:
        relooking.begin(
            review, _stage(stage), by=request.user, reason=request.POST.get("reason", "")
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Each reviewer is now asked to look at their own again.")
    return redirect("screening:earlier", review.slug)


@require_POST
@member("manage")
def end(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    relook = get_object_or_404(Relook, review=review, stage=_stage(stage), ended_at=None)
    relooking.end(relook, by=request.user)
    messages.success(request, "Nobody is asked any longer. What was answered stands.")
    return redirect("screening:earlier", review.slug)


def _again(
    request: MemberRequest,
    review: Review,
    stage: Stage,
    *,
    number: str = "",
    refused: str = "",
    typed: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The next of my decisions to look at, or the one that `number` (a report) names."""
    relook = relooking.open_relooks(review).get(stage)
    waiting = relooking.waiting_for(request.member, relook)
    chosen: Decision | None = None
    rows = Decision.objects.none()
    if number.isdecimal() and len(number) < 19:
        rows = relooking.changeable(review, stage).filter(by=request.user, report=number)
        chosen = rows.select_related("report", "reason").first()
    chosen = chosen or waiting.select_related("report", "reason").first()
    latest = criteria_version(review)
    context: dict[str, Any] = {
        "step": "earlier",
        "stage": stage,
        "relook": relook,
        "left": waiting.count(),
        "mine": chosen,
        "latest": latest,
        "refused": refused,
        "last": request.GET.get("last", ""),
    }
    if chosen is not None:
        files = FullText.objects.filter(report=chosen.report, removed_at=None)
        context |= {
            "report": chosen.report,
            "card": submitting.card(chosen.report, request.member),
            "files": list(files) if stage == Stage.FULLTEXT else [],
            "reasons": reasons_in_use(review, stage),
            "typed": chosen.note if typed is None else typed,
            "changes": relooking.differences(
                review.criteria.all(), chosen.criteria_version, latest
            ),
        }
    return render(request, "screening/relook.html", context, status=status)


@require_GET
@member("screen")
def again(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    return _again(request, review, _stage(stage), number=request.GET.get("report", ""))


@require_POST
@member("screen")
def answer(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    """Keep (`keep`) or change my earlier answer; either is a decision under the criteria in force."""
    at = _stage(stage)
    sent = request.POST.copy()
    number, seen = sent.get("report", ""), sent.get("seen", "")
    if "keep" in sent and number.isdecimal() and len(number) < 19:
        standing = Decision.objects.current().independent().at_stage(at)
        mine = standing.filter(by=request.user, report=number, report__review=review).first()
        if mine is not None:
            sent["verdict"], sent["reason"] = mine.verdict, str(mine.reason_id or "")
    form = AnswerForm(sent)
    refused, status = "Which answer?", 422
    if form.is_valid() and seen.isdecimal() and len(seen) < 10:
        given = form.cleaned_data
        try:
            status, body = submitting.submit(
                request.member,
                given["report"],
                stage=at,
                verdict=given["verdict"],
                reason=given["reason"],
                note=given["note"],
                served_at=given["served_at"],
                again=int(seen),
            )
        except Clash as clash:
            status, body = 409, {"detail": str(clash)}
        except Refused as refusal:
            status, body = 422, {"detail": str(refusal)}
        if status == 201:
            here = redirect("screening:relook", review.slug, at)
            here["Location"] += f"?last={given['report']}"
            return here
        refused = body["detail"]
    return _again(
        request,
        review,
        at,
        number=number,
        refused=refused,
        typed=sent.get("note", ""),
        status=status,
    )
