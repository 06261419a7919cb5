"""All reports, one report, and what can be done with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from citations import values
from citations.models import Merge, RelatedReport
from reviews.access import MemberRequest, abilities, member
from reviews.models import Membership, Review
from reviews.refusal import Refused

from .. import actions, flow, grouping, listing, naming
from ..desk import labels
from ..desk.by_criterion import WITH_ANSWERS
from ..desk.hiding import hidden_places, veil
from ..duplicates import marks
from ..fieldwise import fields_of
from ..flow import Place
from ..listing import number_in
from ..models import Decision, Labelling
from ..reporting import days, exports, past
from .by_hand import find, others_for

STEP = {"step": "reports"}
PAGE = 50


@require_GET
@member("read")
def reports(request: MemberRequest, review: Review) -> HttpResponse:
    """Every number that counts reports leads here, to exactly those reports."""
    asked = request.GET
    box = asked.get("box", "")
    past.ready(review, asked.get("on"))
    then = days.lists_of(review, asked.get("on"))
    found = listing.reports(review, asked, request.member)
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    veil(page.object_list, request.member)
    marks.mark_all(list(page))
    on = labels.names_on([each.pk for each in page], request.member)
    context = {
        **STEP,
        "page": page,
        "then": days.past_day_in(asked.get("on")),
        "extent": None if then else flow.of_reports(found),
        "rows": [(each, on.get(each.pk, [])) for each in page],
        "labels": labels.in_use(review),
        "label": number_in(asked.get("label")),
        "box": box,
        "box_label": flow.REPORT_BOXES[box].label if box else "",
        "reasons": review.reasons.filter(pk__in=listing.ids_in(asked.get("reason"))),
        "outside": listing.outside(review, box, then),
        "places": [choice for choice in Place.choices if choice[0] not in flow.NOWHERE],
        "searches": review.searches.all(),
        "asked": asked,
        "chips": listing.chips(review, asked),
        "kept": listing.kept(asked),
        "source": number_in(asked.get("source")),
        "formats": exports.FORMATS,
    }
    return render(request, "screening/reports.html", context)


@require_GET
@member("export")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The same list as a file, with the decisions that the reader may see."""
    past.ready(review, request.GET.get("on"))
    found = listing.reports(review, request.GET, request.member)
    return exports.response(found, request.member, kind, f"reports-{review.slug}")


@require_GET
@member("read")
def report(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = find(review, pk)
    records = list(found.records.select_related("search", "upload").order_by("pk"))
    can, hidden = abilities(request.member), hidden_places(request.member)
    veil([*records, found], request.member, hidden)
    unnamed = naming.hidden_stages(request.member)
    decisions = Decision.objects.filter(report=found).visible_to(request.member)
    decisions = decisions.select_related("by", "reason").prefetch_related(WITH_ANSWERS)
    decisions = decisions.order_by("-pk")
    labellings = Labelling.objects.filter(report=found).visible_to(request.member)
    labellings = labellings.select_related("by", "label").order_by("label__name", "pk")
    family = [found.pk, *found.absorbed.values_list("pk", flat=True)]
    context = {
        **STEP,
        "report": found,
        "records": records,
        "fields": fields_of(found, records),
        "decisions": _named(decisions, request.member, unnamed),
        "labellings": _named(labellings, request.member, unnamed),
        "merges": Merge.objects.filter(absorb__in=family, undone_at=None)
        .select_related("absorb", "by")
        .prefetch_related("questions")
        .order_by("-pk"),
        "marks": marks.marks_of([found])[found.pk],
        "kinds": RelatedReport.Kind.choices,
        "fulltexts": found.fulltexts.filter(removed_at=None).select_related("by"),
        "events": found.retrieval_events.select_related("by"),
        "studies": found.studies.all(),
        "other_studies": grouping.open_to(review).exclude(links__report=found)
        if can.manage or can.extract
        else [],
        "is_removed": found.place in flow.REMOVED,
        "may_remove": found.place == Place.ABSTRACT_OPEN and _may_remove(request),
        "may_restore": found.place in flow.REMOVED and _may_remove(request),
        "others": others_for(found, request.GET.get("duplicate", ""), request.member)
        if "join" in can
        else [],
        "q": request.GET.get("duplicate", ""),
    }
    return render(request, "screening/report.html", context)


def _named(
    found: Iterable[Any], member: Membership, unnamed: frozenset[str]
) -> list[tuple[str, Any]]:
    rows = list(found)
    called = naming.beside(member, rows, unnamed)
    return [(called[each.pk], each) for each in rows]


def _may_remove(request: MemberRequest) -> bool:
    can = abilities(request.member)
    return "merge" in can or "manage" in can


@require_POST
@member("merge")
def choose(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Choose which record's value a field shows; an empty choice goes back to the rule."""
    found = find(review, pk)
    wanted = number_in(request.POST.get("record"))
    record = get_object_or_404(review.records, pk=wanted) if wanted else None
    try:
        values.choose_value(found, request.POST.get("field", ""), record, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:report", review.slug, pk)


@require_POST
@member("merge", "manage")
def remove(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.remove_before_screening(
            find(review, pk), by=request.user, why=request.POST.get("reason", "")
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Removed before screening; it can be restored.")
    return redirect("screening:report", review.slug, pk)


@require_POST
@member("merge", "manage")
def restore(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.restore_to_screening(find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Restored: it waits for screening again.")
    return redirect("screening:report", review.slug, pk)
