"""My decisions: found again, changed on the screening page, taken back here."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from citations.models import Report
from reviews.access import member
from reviews.models import Review
from reviews.refusal import Refused

from .. import actions
from ..forms import DecisionsFilter
from ..models import Decision

PER_PAGE = 50


@require_GET
@member("screen")
def decisions(request: HttpRequest, review: Review) -> HttpResponse:
    """Those that stand, newest first, each with the answers that I gave before. 6 queries a page."""
    chosen = DecisionsFilter(request.GET)
    chosen.is_valid()
    wanted = {name: chosen.cleaned_data.get(name, "") for name in ("q", "stage", "verdict")}
    mine = Decision.objects.independent().filter(by=request.user, report__review=review)
    found = mine.current().select_related("report", "reason").order_by("-pk")
    if wanted["stage"]:
        found = found.at_stage(wanted["stage"])
    if wanted["verdict"]:
        found = found.filter(verdict=wanted["verdict"])
    if wanted["q"]:
        reports = Report.objects.filter(review=review).matching(wanted["q"])
        found = found.filter(report__in=reports.values("pk"))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    earlier: dict[tuple[int, str], list[Decision]] = {}
    before = mine.filter(report__in=[each.report_id for each in page]).exclude(superseded_at=None)
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
    }
    return render(request, "screening/decisions.html", context)


@require_POST
@member("screen")
def withdraw(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    mine = Decision.objects.independent().filter(by=request.user, report__review=review)
    decision = get_object_or_404(mine, pk=pk)
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
