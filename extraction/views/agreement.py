"""How far the extractors agreed, question by question."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review

from .. import agreeing


@require_safe
@member("read")
def agreement(request: MemberRequest, review: Review) -> HttpResponse:
    lines = agreeing.board(review)
    compared = max([(line.answers or line.sets).n for line in lines], default=0)  # type: ignore[union-attr]
    context = {"step": "studies", "lines": lines if compared else [], "compared": compared}
    return render(request, "extraction/agreement.html", context)
