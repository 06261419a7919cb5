"""How far the extractors agreed, question by question."""

import re
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review

from .. import agreeing
from .books import asked_book, step_of

PERCENT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?")


@require_safe
@member("read")
def agreement(request: MemberRequest, review: Review) -> HttpResponse:
    asked = request.GET.get("pair", "")
    book = asked_book(request, review)
    people = agreeing.people(review, book)
    chosen = next((pair for pair, _, _ in people if "-".join(map(str, pair)) == asked), None)
    versions = agreeing.versions(book) if book else []
    version = next((each for each in versions if str(each) == request.GET.get("version")), None)
    typed = request.GET.get("tolerance", "").strip()
    is_percent = PERCENT.fullmatch(typed) is not None
    tolerance = Decimal(typed) if is_percent else Decimal(0)
    lines = agreeing.board(review, chosen, book, version=version, tolerance=tolerance)
    compared = max([(line.answers or line.sets).n for line in lines], default=0)  # type: ignore[union-attr]
    context = {
        "step": step_of(book, "studies"),
        "codebook": book,
        "lines": lines if compared else [],
        "compared": compared,
    }
    context |= {"people": people, "chosen": chosen, "versions": versions, "version": version}
    context |= {"tolerance": typed, "wrong": bool(typed) and not is_percent}
    return render(request, "extraction/agreement.html", context)
