"""The records as the databases gave them. On this floor because the boxes of PRISMA are known here."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from reviews.access import MemberRequest, member
from reviews.models import Review

from .. import flow, listing
from ..desk.hiding import veil
from ..listing import number_in
from ..reporting import days, exports, past
from .reports import PAGE

STEP = {"step": "records"}


@require_GET
@member("read")
def records(request: MemberRequest, review: Review) -> HttpResponse:
    """Every number that counts records leads here, to exactly those records."""
    asked = request.GET
    box = asked.get("box", "")
    past.ready(review, asked.get("on"))
    then = days.lists_of(review, asked.get("on"))
    found = listing.records(review, asked, request.member)
    found = found.select_related("search", "report", "upload")
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    veil(page.object_list, request.member)
    context = {
        **STEP,
        "page": page,
        "then": days.past_day_in(asked.get("on")),
        "box": box,
        "box_label": flow.RECORD_BOXES[box] if box else "",
        "outside": listing.outside(review, box, then),
        "searches": review.searches.all(),
        "upload": review.uploads.filter(pk=number_in(asked.get("upload")) or 0).first(),
        "asked": asked,
        "source": number_in(asked.get("source")),
        "chips": listing.chips(review, asked, listing.UNSHOWN_OF_RECORDS),
        "kept": listing.kept(asked, listing.UNSHOWN_OF_RECORDS),
        "formats": exports.FORMATS,
    }
    return render(request, "screening/records.html", context)


@require_GET
@member("export")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The same list as a file: each record as the database gave it, and what became of it."""
    past.ready(review, request.GET.get("on"))
    found = listing.records(review, request.GET, request.member)
    return exports.record_response(found, request.member, kind, f"records-{review.slug}")


@require_GET
@member("read")
def record(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(
        review.records.arrived().select_related("search", "upload", "report"),
        pk=pk,
    )
    veil([found], request.member)
    return render(request, "screening/record.html", {**STEP, "record": found})
