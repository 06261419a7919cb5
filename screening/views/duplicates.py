"""Questions about duplicates, one at a time; what has been answered; what was joined by itself."""

from dataclasses import dataclass
from math import floor
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from citations import writing
from citations.differences import Piece, differ, mark
from citations.models import BIBLIOGRAPHIC_FIELDS, DuplicatePair, Merge, RelatedReport, Report
from reviews.access import MemberRequest, member, require
from reviews.models import Review, User
from reviews.refusal import Refused

from ..duplicates import answering, joining, marks, pair_export, questions
from ..fieldwise import as_text, label_of
from ..listing import number_in

STEP = {"step": "duplicates"}
PAGE = 50
SHOWN_OF_A_GROUP = 30  # reports and questions that a card lists


@dataclass
class Row:
    """One field of two reports, side by side."""

    label: str
    left: list[Piece]
    right: list[Piece]
    differs: bool


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
    """The next group of questions of a zone, which nobody else is given for a while.

    `after` skips to the one that follows that pair; `pair` asks for that pair by name.
    """
    zone = questions.RELATED if request.GET.get("zone") == questions.RELATED else questions.ASK
    after, pair = (number_in(request.GET.get(name)) for name in ("after", "pair"))
    turn = questions.turn(review, request.user, zone, after=after, pair=pair)
    counts = counts_of(review)
    context: dict[str, Any] = {
        **STEP,
        "tab": zone,
        "zone": zone,
        "turn": turn,
        "counts": counts,
        "done": counts["answered"],
        "total": counts["answered"] + counts[zone],
        "last": questions.last_answers(review, request.user),
    }
    if turn.group is not None and turn.pair is not None:
        context |= _card(review, turn.group, turn.pair)
        if turn.held_by:
            context["holder"] = User.objects.get(pk=turn.held_by)
    elif turn.taken:
        context["anyway"] = questions.groups(review, zone)[0].pairs[0]
    return render(request, "screening/duplicates.html", context)


def _card(review: Review, group: questions.Group, pair: int) -> dict[str, Any]:
    """One pair side by side, and what else belongs to its group."""
    (question,) = questions.about([pair])
    sides = [_side(question.first), _side(question.second)]
    found = marks.marks_of([question.first, question.second])
    for side in sides:
        side["report"].marks = found[side["report"].pk]
    context: dict[str, Any] = {
        "question": question,
        "rows": side_by_side(question.first, question.second),
        "sides": sides,
        "percent": percent(question.pair.probability),
        "kinds": RelatedReport.Kind.choices,
        "kind": marks.kind_of(question.first, question.second, question.pair.rule),
    }
    if len(group.pairs) > 1:
        shown = questions.about(group.pairs[:SHOWN_OF_A_GROUP])
        context["group"] = {
            "reports": Report.objects.filter(pk__in=group.reports[:SHOWN_OF_A_GROUP]),
            "size": len(group.reports),
            "questions": [
                {"about": each, "percent": percent(each.pair.probability)} for each in shown
            ],
            "pairs": group.pairs,
        }
    return context


def percent(probability: float) -> str:
    """ "93", or "0.04"; never 100 or 0 of what is uncertain.

    Cut and not rounded: what is just below the line at 95 % and therefore asked says "94".
    """
    for digits in (0, 1, 2, 3):
        cut = floor(100 * probability * 10**digits + 1e-9) / 10**digits
        text = f"{cut:.{digits}f}"
        if 0 < float(text) < 100:
            return text
    return text


def _side(report: Report) -> dict[str, Any]:
    records = report.records.arrived().select_related("search").order_by("pk")
    return {"report": report, "records": list(records[:20])}


def counts_of(review: Review) -> dict[str, int]:
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


def _back(review: Review, zone: str, **query: Any) -> HttpResponse:
    if zone == questions.RELATED:
        query["zone"] = zone
    given = {name: value for name, value in query.items() if value}
    address = reverse("screening:duplicates", args=[review.slug])
    return redirect(f"{address}?{urlencode(given)}" if given else address)


@require_POST
@member("merge")
def answer(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    pair = get_object_or_404(review.duplicate_pairs, pk=pk)
    zone = pair.zone
    try:
        answering.answer(
            pair,
            request.POST.get("answer", ""),
            by=request.user,
            kind=request.POST.get("kind", "") if request.POST.get("answer") == "related" else "",
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(review, zone, after=number_in(request.POST.get("after")))


@require_POST
@member("merge")
def together(request: MemberRequest, review: Review) -> HttpResponse:
    """Every report of a group is the same document; the questions are named as they were shown."""
    wanted = {number for text in request.POST.getlist("pair") if (number := number_in(text))}
    pairs = list(review.duplicate_pairs.filter(pk__in=wanted))
    if len(pairs) < len(wanted):
        raise Http404("No such question.")
    try:
        done = answering.answer_together(pairs, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{len(done)} questions answered: all of these are one report.")
    return _back(review, questions.ASK)


@require_POST
@member("merge")
def undo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Take an answer back, one's own or another's; the question is open again."""
    pair = get_object_or_404(review.duplicate_pairs, pk=pk)
    try:
        pair = answering.take_answer_back(pair, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Undone: the question is open again.")
    if request.POST.get("next") == "answered":
        return redirect("screening:answered", review.slug)
    return _back(review, pair.zone, pair=pair.pk)


@require_POST
@member("merge")
def undo_last(request: MemberRequest, review: Review) -> HttpResponse:
    """Take my last answer back, with the others that were given by the same press of a button."""
    try:
        undone = answering.take_last_back(review, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _back(review, request.POST.get("zone", ""))
    many = "the question is" if len(undone) == 1 else f"{len(undone)} questions are"
    messages.success(request, f"Undone: {many} open again.")
    return _back(review, undone[0].zone if undone else "", pair=undone[0].pk if undone else None)


@require_POST
@member("merge", "join")
def unmerge(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Undo any standing merge, from the report or from the list of automatic joins.

    A reviewer who may only say that two reports are duplicates undoes what was their own word.
    """
    made = get_object_or_404(review.merges, pk=pk)
    if made.by_id != request.user.pk:
        require(request.member, "merge")
    try:
        report = joining.unmerge(made, by=request.user)
    except Refused as refusal:
        if request.content_type == "application/json":
            return JsonResponse({"detail": str(refusal)}, status=409)
        messages.error(request, str(refusal))
    else:
        if request.content_type == "application/json":
            return JsonResponse({"report": report.pk})
        messages.success(request, f"“{report}” is a report of its own again.")
    if request.POST.get("next") == "joined":
        return redirect("screening:joined", review.slug)
    return redirect("screening:report", review.slug, made.keep_id)


# --- Lists ----------------------------------------------------------------------------------


def _with_words(pairs: Any, words: str) -> Any:
    """Those in which either title, the reason or the rule holds each of the words."""
    for word in words.split():
        pairs = pairs.filter(
            Q(first__title__icontains=word)
            | Q(second__title__icontains=word)
            | Q(why__icontains=word)
            | Q(rule__iexact=word)
        )
    return pairs


@require_GET
@member("merge")
def answered(request: MemberRequest, review: Review) -> HttpResponse:
    """Who answered what and when, the latest first."""
    asked = request.GET
    pairs = _answered(review).select_related("first", "second", "answered_by", "merge")
    if asked.get("answer") in DuplicatePair.Answer.values:
        pairs = pairs.filter(answer=asked["answer"])
    who = number_in(asked.get("by"))
    if who is not None:
        pairs = pairs.filter(answered_by=who)
    pairs = _with_words(pairs, asked.get("q", ""))
    page = Paginator(pairs.order_by("-answered_at", "-pk"), PAGE).get_page(asked.get("page"))
    people = User.objects.filter(pk__in=_answered(review).values("answered_by")).order_by("name")
    context = {
        **STEP,
        "tab": "answered",
        "counts": counts_of(review),
        "page": page,
        "asked": asked,
        "who": who,
        "people": people,
        "answers": DuplicatePair.Answer.choices,
    }
    return render(request, "screening/duplicates_answered.html", context)


@require_GET
@member("merge")
def joined(request: MemberRequest, review: Review) -> HttpResponse:
    """What was joined automatically and why: the least probable first, for a look."""
    pairs = DuplicatePair.objects.filter(merge__in=_joined(review)).select_related(
        "merge__keep", "merge__absorb"
    )
    pairs = _with_words(pairs, request.GET.get("q", ""))
    page = Paginator(pairs.order_by("probability", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        **STEP,
        "tab": "joined",
        "counts": counts_of(review),
        "page": page,
        "asked": request.GET,
    }
    return render(request, "screening/duplicates_joined.html", context)


@require_GET
@member("export")
def export(request: MemberRequest, review: Review) -> HttpResponseBase:
    """Every pair with what the machine found and what people said, as CSV."""
    text = writing.comma_separated(pair_export.rows(review), pair_export.COLUMNS)
    answer = StreamingHttpResponse(text, content_type=writing.CONTENT_TYPES["csv"])
    answer["Content-Disposition"] = f'attachment; filename="duplicates-{review.slug}.csv"'
    return answer
