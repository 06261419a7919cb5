"""How far the extractors agreed, question by question."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review

from .. import agreeing
from .books import asked_book, step_of


@require_safe
@member("read")
def agreement(request: MemberRequest, review: Review) -> HttpResponse:
    asked = request.GET.get("pair", "")
    book = asked_book(request, review)
    people = agreeing.people(review, book)
    chosen = next((pair for pair, _, _ in people if "-".join(map(str, pair)) == asked), None)
    lines = agreeing.board(review, chosen, book)
    compared = max([(line.answers or line.sets).n for line in lines], default=0)  # type: ignore[union-attr]
    context = {
        "step": step_of(book, "studies"),
        "codebook": book,
        "lines": lines if compared else [],
        "compared": compared,
    }
    context |= {"people": people, "chosen": chosen}
    return render(request, "extraction/agreement.html", context)
