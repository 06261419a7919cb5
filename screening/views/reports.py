"""All reports, one report, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from citations import actions as citations
from citations.composing import winners
from citations.models import BIBLIOGRAPHIC_FIELDS, Merge, Record, RelatedReport, Report
from reviews.access import MemberRequest, abilities, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import actions, flow, joining
from ..flow import Place
from ..models import Decision
from .duplicates import as_text, label_of

STEP = {"step": "reports"}
PAGE = 50
FOUND = 8  # reports that "this is a duplicate of" offers
HIDDEN = [Place.MERGED, Place.ARRIVING]


def number_in(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


@require_GET
@member("read")
def reports(request: MemberRequest, review: Review) -> HttpResponse:
    """Every number that counts reports leads here, to exactly those reports."""
    asked = request.GET
    box, reason = asked.get("box", ""), number_in(asked.get("reason"))
    if box:
        if box not in flow.REPORT_BOXES:
            raise Http404("No such box.")
        found = flow.reports_in(review, box, reason=reason)
    else:
        found = review.reports.exclude(place__in=HIDDEN)
    found = _filtered(found, asked)
    page = Paginator(found.order_by("pk"), PAGE).get_page(asked.get("page"))
    context = {
        **STEP,
        "page": page,
        "box": box,
        "box_label": flow.REPORT_BOXES[box].label if box else "",
        "reason": review.reasons.filter(pk=reason).first() if reason else None,
        "outside": flow.removed_before_import(review, box),
        "places": [choice for choice in Place.choices if choice[0] not in HIDDEN],
        "searches": review.searches.all(),
        "asked": asked,
        "source": number_in(asked.get("source")),
    }
    return render(request, "screening/reports.html", context)


def _filtered(found: QuerySet[Any], asked: Any) -> QuerySet[Any]:
    if asked.get("place") in Place.values and asked["place"] not in HIDDEN:
        found = found.filter(place=asked["place"])
    source = number_in(asked.get("source"))
    if source is not None:
        found = found.filter(Exists(Record.objects.filter(report=OuterRef("pk"), search=source)))
    return found.matching(asked.get("q", ""))  # type: ignore[attr-defined]


def _find(review: Review, pk: int) -> Report:
    found = review.reports.select_related("merged_into", "review").exclude(place=Place.ARRIVING)
    return get_object_or_404(found, pk=pk)


@require_GET
@member("read")
def report(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found = _find(review, pk)
    records = list(found.records.select_related("search", "upload").order_by("pk"))
    family = [found.pk, *found.absorbed.values_list("pk", flat=True)]
    context = {
        **STEP,
        "report": found,
        "records": records,
        "fields": _fields(found, records),
        "decisions": Decision.objects.filter(report=found)
        .visible_to(request.member)
        .select_related("by", "reason")
        .order_by("-pk"),
        "merges": Merge.objects.filter(absorb__in=family, undone_at=None)
        .select_related("absorb", "by")
        .prefetch_related("questions")
        .order_by("-pk"),
        "related": _related(review, family),
        "fulltexts": found.fulltexts.filter(removed_at=None).select_related("by"),
        "events": found.retrieval_events.select_related("by"),
        "studies": found.studies.all(),
        "is_removed": found.place in flow.REMOVED,
        "may_remove": found.place == Place.ABSTRACT_OPEN and _may_remove(request),
        "may_restore": found.place in flow.REMOVED and _may_remove(request),
        "others": _others(review, found, request),
        "q": request.GET.get("duplicate", ""),
    }
    return render(request, "screening/report.html", context)


def _may_remove(request: MemberRequest) -> bool:
    can = abilities(request.member)
    return "merge" in can or "manage" in can


def _fields(report: Report, records: list[Record]) -> list[dict[str, Any]]:
    """Each field that any record has: the value shown, whose it is, and what the others say."""
    best = winners(records, report.chosen)
    fields = []
    for name in BIBLIOGRAPHIC_FIELDS:
        said: dict[str, Record] = {}
        for record in records:
            if text := as_text(getattr(record, name)):
                said.setdefault(text, record)
        value = as_text(getattr(report, name))
        if said or value:
            fields.append(
                {
                    "name": name,
                    "label": label_of(name),
                    "value": value,
                    "winner": best.get(name),
                    "chosen": name in report.chosen,
                    "choices": [
                        {"text": text, "record": record, "is_shown": text == value}
                        for text, record in said.items()
                    ]
                    if len(said) > 1
                    else [],
                }
            )
    return fields


def _related(review: Review, family: list[int]) -> list[dict[str, Any]]:
    """The standing reports that people linked with this one or with one that it absorbed."""
    links = (
        RelatedReport.objects.filter(Q(first__in=family) | Q(second__in=family), review=review)
        .filter(removed_at=None)
        .select_related("first__merged_into", "second__merged_into", "by")
    )
    found = {}
    for link in links:
        other = joining.standing(link.second if link.first_id in family else link.first)
        if other.pk not in family:
            found[other.pk] = {"report": other, "link": link}
    return list(found.values())


def _others(review: Review, report: Report, request: MemberRequest) -> list[Report]:
    """Standing reports that hold the words asked for, for "this is a duplicate of"."""
    words = request.GET.get("duplicate", "").strip()
    if not words or "merge" not in abilities(request.member):
        return []
    number = number_in(words.removeprefix("#"))
    standing = review.reports.standing().exclude(pk=report.pk)
    if number is not None and standing.filter(pk=number).exists():
        return list(standing.filter(pk=number))
    return list(standing.matching(words).order_by("pk")[:FOUND])


@require_POST
@member("merge")
def duplicate_of(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Join this report and another by hand."""
    found = _find(review, pk)
    number = number_in(request.POST.get("other"))
    if number is None:
        messages.error(request, "Choose the other report.")
        return redirect("screening:report", review.slug, pk)
    other = _find(review, number)
    try:
        made = joining.join_by_hand(found, other, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("screening:report", review.slug, pk)
    messages.success(request, "Joined. It can be undone below at any time.")
    return redirect("screening:report", review.slug, made.keep_id)


@require_POST
@member("merge")
def choose(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Choose which record's value a field shows; an empty choice goes back to the rule."""
    found = _find(review, pk)
    wanted = number_in(request.POST.get("record"))
    record = get_object_or_404(review.records, pk=wanted) if wanted else None
    try:
        citations.choose_value(found, request.POST.get("field", ""), record, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:report", review.slug, pk)


@require_POST
@member("merge", "manage")
def remove(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.remove_before_screening(
            _find(review, pk), by=request.user, why=request.POST.get("reason", "")
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
        actions.restore_to_screening(_find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Restored: it waits for screening again.")
    return redirect("screening:report", review.slug, pk)
