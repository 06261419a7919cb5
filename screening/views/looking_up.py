"""Looking up open copies and metadata by DOI: whether it is on, how far it is, what was said."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from citations import values
from citations.models import Lookup
from reviews.access import MemberRequest, member
from reviews.models import Job, Review
from reviews.refusal import Clash, Refused

from ..filing import looking_up
from ..flow import Place

PAGE = 30


def _context(request: HttpRequest, review: Review) -> dict[str, object]:
    sought = review.reports.filter(place=Place.SOUGHT)
    counts = sought.aggregate(all=Count("pk"), with_doi=Count("pk", filter=~Q(doi="")))
    answered = review.reports.filter(
        pk__in=Lookup.objects.filter(report__review=review).values("report")
    )
    answers = Prefetch("lookups", Lookup.objects.order_by("pk"))
    page = Paginator(answered.prefetch_related(answers).order_by("pk"), PAGE)
    shown = page.get_page(request.GET.get("page"))
    for report in shown:
        report.told = looking_up.told_of(report)  # type: ignore[attr-defined]
        report.taken_over = looking_up.taken_of(report)  # type: ignore[attr-defined]
    job = Job.objects.filter(review=review, kind=looking_up.KIND).order_by("-pk").first()
    return {
        "step": "fulltexts",
        "off": looking_up.why_off(review),
        "sought": counts["all"],
        "with_doi": counts["with_doi"],
        "job": job,
        "page": shown,
    }


@require_http_methods(["GET", "POST"])
@member("retrieve")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    if request.method == "POST":
        try:
            looking_up.start(review, by=request.user)
        except Clash as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Looking up begins.")
        return redirect("screening:look_up", review.slug)
    template = "screening/_look_up.html" if request.htmx else "screening/look_up.html"
    return render(request, template, _context(request, review))


@require_POST
@member("merge")
def take_over(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Let the report show what a register said (`field`, `register`); back to its page."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    field, register = request.POST.get("field", ""), request.POST.get("register", "")
    try:
        values.take_over(report, field, register, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{values.OF_METADATA[field]} is taken over; it can be undone.")
    return redirect("screening:read", review.slug, pk)


@require_POST
@member("merge")
def give_back(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Undo `take_over` for `field`."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    try:
        values.give_back(report, request.POST.get("field", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The report shows again what its records say.")
    return redirect("screening:read", review.slug, pk)
