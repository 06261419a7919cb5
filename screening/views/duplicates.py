"""Questions about duplicates, one at a time; what has been answered; what was joined by itself."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from citations.differences import Piece, differ, mark
from citations.models import BIBLIOGRAPHIC_FIELDS, DuplicatePair, Merge, Report
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import joining, questions

STEP = {"step": "duplicates"}
PAGE = 50


@dataclass
class Row:
    """One field of two reports, side by side."""

    label: str
    left: list[Piece]
    right: list[Piece]
    differs: bool


def as_text(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def label_of(field: str) -> str:
    """The field's name for people: "Title", "DOI"."""
    name = str(getattr(Report._meta.get_field(field), "verbose_name", field))
    return name[:1].upper() + name[1:]


def side_by_side(first: Report, second: Report) -> list[Row]:
    """Every field that either has, with the words marked in which they differ."""
    rows = []
    for name in BIBLIOGRAPHIC_FIELDS:
        left, right = as_text(getattr(first, name)), as_text(getattr(second, name))
        if left or right:
            rows.append(Row(label_of(name), *mark(left, right), differ(left, right)))
    return rows


@require_GET
@member("merge")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """The next question of a zone; `after` skips to the one that follows that pair."""
    zone = questions.RELATED if request.GET.get("zone") == questions.RELATED else questions.ASK
    waiting = questions.waiting(review, zone)
    at = _place_after(waiting, request.GET.get("after", ""))
    (question,) = questions.about(waiting[at : at + 1]) or (None,)
    last = (
        DuplicatePair.objects.filter(review=review, answered_by=request.user)
        .exclude(answer="")
        .order_by("-answered_at", "-pk")
        .first()
    )
    context: dict[str, Any] = {
        **STEP,
        "tab": zone,
        "zone": zone,
        "question": question,
        "number": at + 1,
        "counts": _counts(review) | {zone: len(waiting)},
        "last": last,
    }
    if question is not None:
        context["rows"] = side_by_side(question.first, question.second)
        context["sides"] = [_side(question.first), _side(question.second)]
        context["percent"] = round(100 * question.pair.probability)
    return render(request, "screening/duplicates.html", context)


def _place_after(waiting: list[int], after: str) -> int:
    """Where the question after the pair `after` stands; after the last one it begins anew.

    An answered pair is no longer in the list: then the first that is left comes.
    """
    if after.isdecimal() and int(after) in waiting:
        return (waiting.index(int(after)) + 1) % len(waiting)
    return 0


def _side(report: Report) -> dict[str, Any]:
    records = report.records.select_related("search").order_by("pk")
    return {"report": report, "records": list(records[:20])}


def _counts(review: Review) -> dict[str, int]:
    return {
        "ask": len(questions.waiting(review)),
        "related": len(questions.waiting(review, questions.RELATED)),
        "answered": _answered(review).count(),
        "joined": _joined(review).count(),
    }


def _answered(review: Review) -> Any:
    return DuplicatePair.objects.filter(review=review, answered_by__isnull=False).exclude(answer="")


def _joined(review: Review) -> Any:
    return Merge.objects.filter(review=review, by=None, undone_at=None)


def _back(review: Review, zone: str, after: str = "") -> HttpResponse:
    query = [f"zone={zone}"] if zone == questions.RELATED else []
    query += [f"after={after}"] if after.isdecimal() else []
    address = reverse("screening:duplicates", args=[review.slug])
    return redirect(f"{address}?{'&'.join(query)}" if query else address)


@require_POST
@member("merge")
def answer(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    pair = get_object_or_404(review.duplicate_pairs, pk=pk)
    zone = pair.zone
    try:
        joining.answer(pair, request.POST.get("answer", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(review, zone, request.POST.get("after", ""))


@require_POST
@member("merge")
def undo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Take an answer back, one's own or another's; the question is open again."""
    pair = get_object_or_404(review.duplicate_pairs, pk=pk)
    try:
        pair = joining.take_answer_back(pair, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Undone: the question is open again.")
    if request.POST.get("next") == "answered":
        return redirect("screening:answered", review.slug)
    return _back(review, pair.zone)


@require_POST
@member("merge")
def unmerge(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Undo any standing merge, from the report or from the list of automatic joins."""
    made = get_object_or_404(review.merges, pk=pk)
    try:
        report = joining.unmerge(made, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{report}” is a report of its own again.")
    if request.POST.get("next") == "joined":
        return redirect("screening:joined", review.slug)
    return redirect("screening:report", review.slug, made.keep_id)


@require_GET
@member("merge")
def answered(request: MemberRequest, review: Review) -> HttpResponse:
    """Who answered what, the latest first."""
    pairs = _answered(review).select_related("first", "second", "answered_by", "merge")
    page = Paginator(pairs.order_by("-answered_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {**STEP, "tab": "answered", "counts": _counts(review), "page": page}
    return render(request, "screening/duplicates_answered.html", context)


@require_GET
@member("merge")
def joined(request: MemberRequest, review: Review) -> HttpResponse:
    """What was joined automatically and why: the least probable first, for a look."""
    pairs = DuplicatePair.objects.filter(merge__in=_joined(review)).select_related(
        "merge__keep", "merge__absorb"
    )
    page = Paginator(pairs.order_by("probability", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {**STEP, "tab": "joined", "counts": _counts(review), "page": page}
    return render(request, "screening/duplicates_joined.html", context)
