"""One act on all reports of a list: choose, look at the preview, do it, undo it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import listing
from ..desk import labels
from ..duplicates import marks
from ..flow import Place
from ..lead import bulk
from ..models import BulkAct

STEP = {"step": "reports"}
PAGE = 50


@require_http_methods(["GET", "POST"])
@member("manage")
def choose(request: MemberRequest, review: Review) -> HttpResponse:
    """What to do with the reports of the list whose filter the address carries."""
    asked, refusal = request.GET, ""
    if request.method == "POST":
        said = {name: request.POST.get(name, "") for name in ("kind", "reason", "label")}
        try:
            act = bulk.preview(request.member, asked, said.pop("kind"), **said)
        except Refused as problem:
            refusal = str(problem)
        else:
            return redirect("screening:bulk", review.slug, act.pk)
    fits = bulk.fits(request.member, asked)
    context = {
        **STEP,
        "asked": asked,
        "total": bulk.listed(request.member, asked).count(),
        "kinds": [(kind, kind.label, fits[kind], bulk.WAYS[kind].needs) for kind in BulkAct.Kind],
        "labels": labels.in_use(review),
        "words": listing.in_words(review, asked),
        "said": request.POST,
        "refusal": refusal,
    }
    return render(request, "screening/bulk_choose.html", context, status=422 if refusal else 200)


def _find(review: Review, pk: int) -> BulkAct:
    return get_object_or_404(review.bulk_acts.select_related("by", "undone_by", "job"), pk=pk)


@require_GET
@member("manage")
def page(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The preview, what was done, and what could not be undone: one page for one act."""
    act = _find(review, pk)
    parts = act.parts.select_related("report").order_by("report")
    wanted = request.GET.get("outcome", "")
    if wanted in bulk.Outcome.values:
        parts = parts.filter(outcome=wanted)
    counts = bulk.counted(act)
    shown = Paginator(parts, PAGE).get_page(request.GET.get("page"))
    marks.mark_all([part.report for part in shown])
    context = {
        **STEP,
        "act": act,
        "counts": counts,
        "total": sum(counts.values()),
        "left_out": [(Place(place).label, n) for place, n in sorted(act.left_out.items())],
        "left_out_total": sum(act.left_out.values()),
        "page": shown,
        "wanted": wanted,
        "is_mine": act.by_id == request.user.pk,
        "is_running": act.job is not None and not act.job.is_over,
    }
    return render(request, "screening/bulk.html", context)


@require_GET
@member("manage")
def acts(request: MemberRequest, review: Review) -> HttpResponse:
    done = review.bulk_acts.exclude(begun_at=None).select_related("by", "undone_by")
    context = {**STEP, "page": Paginator(done, PAGE).get_page(request.GET.get("page"))}
    return render(request, "screening/bulk_acts.html", context)


@require_POST
@member("manage")
def begin(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        bulk.begin(_find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:bulk", review.slug, pk)


@require_POST
@member("manage")
def undo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        bulk.undo(_find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:bulk", review.slug, pk)
