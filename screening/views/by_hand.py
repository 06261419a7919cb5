"""What a person says of two reports without being asked: the same document, or related ones.

The report's page and the screening page share these doors. Who may screen may join what they see
to be one document; their own joins they can undo, those of others take who answers questions.
"""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from citations.models import RelatedReport, Report
from reviews.access import MemberRequest, member
from reviews.models import Membership, Review, Stage
from reviews.refusal import Clash, Refused

from ..desk import queue, submitting
from ..desk.hiding import hidden_places, veil
from ..duplicates import answering, relating
from ..flow import OPEN_PLACES, Place
from ..listing import number_in

FOUND = 8  # reports that a search offers: as many as there are keys for


def find(review: Review, pk: int) -> Report:
    found = review.reports.select_related("merged_into", "review").exclude(place=Place.ARRIVING)
    return get_object_or_404(found, pk=pk)


def others_for(report: Report, words: str, member: Membership) -> list[Report]:
    """Standing reports that hold all the words, or have that number; those alike in title first."""
    words = words.strip()
    if not words:
        return []
    number = number_in(words.removeprefix("#"))
    standing = report.review.reports.standing().exclude(pk=report.pk)
    if number is not None and standing.filter(pk=number).exists():
        found = list(standing.filter(pk=number))
    else:
        found = list(standing.matching(words, hidden_places(member)).order_by("pk")[:FOUND])
    veil(found, member)
    return found


@require_GET
@member("join")
def others(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The reports that hold the words of `q`, as JSON, for the search on the screening page.

    Where they stand is not told: it could say what another reviewer has decided.
    """
    found = others_for(find(review, pk), request.GET.get("q", ""), request.member)
    return JsonResponse(
        {"reports": [{"id": each.pk, "title": str(each), "says": _says(each)} for each in found]}
    )


def _says(report: Report) -> str:
    parts = (report.byline, report.year, report.journal, f"report {report.pk}")
    return " · ".join(str(part) for part in parts if part)


@require_POST
@member("join")
def duplicate_of(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Join this report and `other`. JSON for the screening page, which goes on with what is left:
    {"merge", "keep", "absorb", "card": the joined report when it still takes an answer of mine,
    "fewer": by how many fewer reports wait for me}."""
    is_screening = request.headers.get("Accept") == "application/json"
    report = find(review, pk)
    number = number_in(request.POST.get("other"))
    try:
        if number is None:
            raise Refused("Choose the other report.")
        waited = _asked_of(request, [pk, number]) if is_screening else set()
        made = answering.join_by_hand(report, find(review, number), by=request.user)
    except Refused as refusal:
        if is_screening:
            status = 409 if isinstance(refusal, Clash) else 422
            return JsonResponse({"detail": str(refusal)}, status=status)
        messages.error(request, str(refusal))
        return redirect("screening:report", review.slug, pk)
    if is_screening:
        still = _asked_of(request, [made.keep_id])
        joined = Report.objects.get(pk=made.keep_id)
        told = {
            "merge": made.pk,
            "keep": made.keep_id,
            "absorb": made.absorb_id,
            "card": submitting.card(joined, request.member) if still else None,
            "fewer": len(waited) - len(still),
        }
        return JsonResponse(told)
    messages.success(request, "Joined. It can be undone below at any time.")
    return redirect("screening:report", review.slug, made.keep_id)


def _asked_of(request: MemberRequest, ids: list[int]) -> set[int]:
    """Those of the reports `ids` on which I may still decide at the stage that I screen."""
    stage = request.POST.get("stage")
    return queue.still_asked(request.member, Stage(stage), ids) if stage in OPEN_PLACES else set()


@require_POST
@member("merge")
def relate(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Link this report and `other` as related ones."""
    report = find(review, pk)
    number = number_in(request.POST.get("other"))
    try:
        if number is None:
            raise Refused("Choose the other report.")
        relating.relate(
            report, find(review, number), by=request.user, kind=request.POST.get("kind", "")
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Linked.")
    return redirect("screening:report", review.slug, pk)


@require_POST
@member("merge")
def change_link(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Say what kind of relation a link is, or remove it."""
    link = get_object_or_404(RelatedReport, review=review, pk=pk)
    try:
        if "remove" in request.POST:
            answering.unlink(link, by=request.user)
        else:
            relating.change_kind(link, request.POST.get("kind", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    here = number_in(request.POST.get("report")) or link.first_id
    return redirect("screening:report", review.slug, here)
