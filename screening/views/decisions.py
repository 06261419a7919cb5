"""My decisions: found again, changed on the screening page, taken back here."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from citations.models import Report
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import actions
from ..desk.by_criterion import WITH_ANSWERS
from ..desk.hiding import hidden_places, veil
from ..duplicates import marks
from ..forms import DecisionsFilter
from ..models import Decision
from ..querysets import DecisionQuerySet
from ..reporting import exports

PER_PAGE = 50


def _mine(request: HttpRequest, review: Review) -> DecisionQuerySet:
    return Decision.objects.independent().filter(by=request.user, report__review=review)


def _listed(
    request: HttpRequest, review: Review, chosen: DecisionsFilter
) -> tuple[DecisionQuerySet, dict[str, Any]]:
    """The decisions that the address asks for, newest first, and what it asks for."""
    chosen.is_valid()
    wanted = {name: chosen.cleaned_data.get(name, "") for name in ("q", "stage", "verdict")}
    found = _mine(request, review).current().order_by("-pk")
    if wanted["stage"]:
        found = found.at_stage(wanted["stage"])
    if wanted["verdict"]:
        found = found.filter(verdict=wanted["verdict"])
    if wanted["q"]:
        reports = Report.objects.filter(review=review).matching(
            wanted["q"],
            hidden_places(request.member),  # type: ignore[attr-defined]
        )
        found = found.filter(report__in=reports.values("pk"))
    return found, wanted


@require_GET
@member("screen")
def decisions(request: MemberRequest, review: Review) -> HttpResponse:
    """Those that stand, newest first, each with the answers that I gave before. 9 queries a page."""
    chosen = DecisionsFilter(request.GET)
    found, wanted = _listed(request, review, chosen)
    found = found.select_related("report", "reason").prefetch_related(WITH_ANSWERS)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    marks.mark_all([each.report for each in page])
    veil([each.report for each in page], request.member)
    earlier: dict[tuple[int, str], list[Decision]] = {}
    mine = _mine(request, review).filter(report__in=[each.report_id for each in page])
    before = mine.exclude(superseded_at=None)
    for each in before.select_related("reason").order_by("-pk"):
        earlier.setdefault((each.report_id, each.stage), []).append(each)
    rows = [(each, earlier.get((each.report_id, each.stage), [])) for each in page]
    context = {
        "step": "decisions",
        "page": page,
        "rows": rows,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "stages": chosen.fields["stage"].choices,  # type: ignore[attr-defined]
        "verdicts": chosen.fields["verdict"].choices,  # type: ignore[attr-defined]
        "formats": exports.FORMATS,
    }
    return render(request, "screening/decisions.html", context)


@require_GET
@member("screen")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The same list as a file: a row a decision, with its report and my answer."""
    found, _wanted = _listed(request, review, DecisionsFilter(request.GET))
    return exports.decision_response(found, request.member, kind, f"my-decisions-{review.slug}")


@require_POST
@member("screen")
def withdraw(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    decision = get_object_or_404(_mine(request, review), pk=pk)
    try:
        actions.withdraw(decision, by=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Taken back: {decision.report}. It waits for you again.")
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/r/"):
        return redirect(back)
    return redirect("screening:decisions", review.slug)
