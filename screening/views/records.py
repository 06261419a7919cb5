"""The records as the databases gave them. On this floor because the boxes of PRISMA are known here."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from reviews.access import MemberRequest, member
from reviews.models import Review

from .. import flow
from .reports import PAGE, number_in

STEP = {"step": "records"}


@require_GET
@member("read")
def records(request: MemberRequest, review: Review) -> HttpResponse:
    """Every number that counts records leads here, to exactly those records."""
    asked = request.GET
    box = asked.get("box", "")
    if box and box not in flow.RECORD_BOXES:
        raise Http404("No such box.")
    found = flow.records_in(review, box) if box else review.records.arrived()
    for field, name in (("search", "source"), ("upload", "upload")):
        number = number_in(asked.get(name))
        if number is not None:
            found = found.filter(**{field: number})
    for word in asked.get("q", "").split():
        found = found.filter(
            Q(title__icontains=word)
            | Q(authors__icontains=word)
            | Q(journal__icontains=word)
            | Q(doi__iexact=word)
        )
    rows = found.select_related("search", "report").order_by("pk")
    context = {
        **STEP,
        "page": Paginator(rows, PAGE).get_page(asked.get("page")),
        "box": box,
        "box_label": flow.RECORD_BOXES[box] if box else "",
        "outside": flow.removed_before_import(review, box),
        "searches": review.searches.all(),
        "upload": review.uploads.filter(pk=number_in(asked.get("upload")) or 0).first(),
        "asked": asked,
        "source": number_in(asked.get("source")),
    }
    return render(request, "screening/records.html", context)


@require_GET
@member("read")
def record(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(
        review.records.arrived().select_related("search", "upload", "report"),
        pk=pk,
    )
    return render(request, "screening/record.html", {**STEP, "record": found})
