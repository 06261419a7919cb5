"""Where two extractors differ: field by field, both quotes beside each other."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from citations.models import Study
from components.models import Component
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import adjudicating, progress, repeating
from ..comparing import Comparison, ComponentLine, FieldLine, compare
from ..evidence import only_reports
from ..forms import LISTS, Answer, OtherForm
from ..kinds import shown
from ..models import Codebook, Field, Stance
from .books import asked_book, step_of, to
from .studies import study_of


@require_safe
@member("adjudicate_extraction")
def adjudicate(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    study = study_of(review, pk)
    book = asked_book(request, review)
    if book is None:
        return to("codebook", review, book=None)
    comparison = compare(study, book)
    if not comparison.is_opened:
        messages.info(request, "This study waits for its extractors; nothing to settle yet.")
        return to("study", review, pk, book=book)
    if not adjudicating.may_settle(comparison, request.user):
        messages.info(request, "You extracted this study; a third person settles it.")
        return to("study", review, pk, book=book)
    everything = "all" in request.GET
    lines = comparison.every_line if everything else comparison.open_lines
    waiting = sum(isinstance(each, FieldLine) and each.waits for each in lines)
    context = {
        "step": step_of(book, "studies"),
        "study": study,
        "codebook": book,
        "comparison": comparison,
        "only_report": only_reports([study.pk]).get(study.pk),
        "cards": [card(each) for each in lines if not (isinstance(each, FieldLine) and each.waits)],
        "waiting": waiting,
        "left": len(comparison.open_lines),
        "settled": sum(line.settled is not None for line in comparison.every_line),
        "everything": everything,
        "next": _next(review, study, book) if comparison.is_done else None,
    }
    return render(request, "extraction/adjudicate.html", context)


def _next(review: Review, study: Study, book: Codebook) -> Study | None:
    waiting = progress.included(review, book).filter(stage="to-settle")
    return waiting.exclude(pk=study.pk).first()


def card(
    line: FieldLine | ComponentLine, *, error: str = "", typed: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the piece `_card.html` shows of one line."""
    common = {
        "line": line,
        "error": error,
        "typed": typed or {},
        "seen": line.settled.pk if line.settled else 0,
        "basis": "-".join(str(each or 0) for each in _in_order(line)),
        "is_open": line.is_open,
        "is_stale": line.is_stale,
    }
    if isinstance(line, ComponentLine):
        return common | {
            "id": f"line-{line.field.pk}-{line.component.pk}",
            "is_component": True,
            "stances": Stance.choices,
        }
    field = line.field
    return common | {
        "id": f"line-{Answer(field, line.item).id}",
        "pairs": _to_pair(line) if field.is_repeating else None,
        "first": shown(field, line.first.value, line.first.not_reported) if line.first else "",
        "second": shown(field, line.second.value, line.second.not_reported) if line.second else "",
        "settled": (
            shown(field, line.settled.value, line.settled.not_reported) if line.settled else ""
        ),
        "may_be_both": field.kind in LISTS,
    }


def _to_pair(line: FieldLine) -> tuple[list[str], list[str]] | None:
    """The items that only A has and those that only B has, where both have some."""
    first, second = [(each.value if each else None) or [] for each in (line.first, line.second)]
    only = (
        [name for name in first if not repeating.named(second, name)],
        [name for name in second if not repeating.named(first, name)],
    )
    return only if all(only) else None


def _in_order(line: FieldLine | ComponentLine) -> list[int | None]:
    return list(line.basis) if isinstance(line, FieldLine) else [*sorted(line.basis)]


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split("-") if part.isascii() and part.isdigit()][:1000]


@require_POST
@member("adjudicate_extraction")
def settle_value(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    study = study_of(review, pk)
    asked = get_object_or_404(Field, codebook__review=review, pk=field)
    post = request.POST
    basis = [number or None for number in _numbers(post.get("basis", ""))]
    item = post.get("item", "")
    several = asked.kind == Field.Kind.MULTIPLE
    given = post.getlist("value") if several else post.get("value", "")
    error, status = "", 200
    try:
        adjudicating.settle_value(
            study,
            asked,
            post.get("side", ""),
            by=request.user,
            item=item,
            basis=basis,
            seen=(_numbers(post.get("seen", "")) or [0])[0],
            given=given,
            not_reported="not_reported" in post,
            reason=post.get("reason", ""),
            same_as={b: a for b, a in zip(post.getlist("b"), post.getlist("a"), strict=False) if a},
        )
    except Refused as refusal:
        error, status = str(refusal), 422
    comparison = compare(study, asked.codebook)
    line = comparison.line(asked, item)
    response = _answer(request, review, study, comparison, line, error, status)
    if asked.is_repeating and not error:
        response["HX-Refresh"] = "true"  # which items hold decides about the cards below
    return response


@require_POST
@member("adjudicate_extraction")
def settle_component(
    request: MemberRequest, review: Review, pk: int, field: int, component: int
) -> HttpResponse:
    study = study_of(review, pk)
    asked = get_object_or_404(Field, codebook__review=review, pk=field)
    found = get_object_or_404(Component, review=review, pk=component)
    post = request.POST
    other = OtherForm(post)
    error, status = "", 200
    try:
        if not other.is_valid():
            raise Refused("The page or the quote is too long.")
        adjudicating.settle_component(
            study,
            asked,
            found,
            post.get("side", ""),
            by=request.user,
            basis=_numbers(post.get("basis", "")),
            seen=(_numbers(post.get("seen", "")) or [0])[0],
            **other.cleaned_data,
        )
    except Refused as refusal:
        error, status = str(refusal), 422
    comparison = compare(study, asked.codebook)
    line = next(
        (
            line
            for line in comparison.component_lines
            if (line.field.pk, line.component.pk) == (field, component)
        ),
        None,
    )
    return _answer(request, review, study, comparison, line, error, status)


def _answer(
    request: MemberRequest,
    review: Review,
    study: Study,
    comparison: Comparison,
    line: FieldLine | ComponentLine | None,
    error: str,
    status: int,
) -> HttpResponse:
    """The card again, as it stands now, with what was typed where it was refused."""
    if not request.htmx or line is None:
        if error:
            messages.error(request, error)
        return to("adjudicate", review, study.pk, book=comparison.codebook)
    typed = {**request.POST.dict(), "values": request.POST.getlist("value")} if error else None
    context = {
        "study": study,
        "codebook": comparison.codebook,
        "only_report": only_reports([study.pk]).get(study.pk),
        "card": card(line, error=error, typed=typed),
        "left": len(comparison.open_lines),
        "is_answer": True,
    }
    return render(request, "extraction/_card.html", context, status=status)
