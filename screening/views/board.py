"""The lead's board."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reviews.access import MemberRequest, abilities, member
from reviews.models import Review

from .. import interests
from ..lead.board import PACE_DAYS, boards


@require_GET
@member("manage", "oversee")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    # The list of somebody's decisions holds what the reader may see; for who is blind that is not
    # the number on the board, which then opens nothing.
    sees_all = "oversee" in abilities(request.member) or not review.blind
    context = {
        "step": "board",
        "boards": boards(review),
        "days": PACE_DAYS,
        "sees_all": sees_all,
        "too_few": interests.too_few(review),
    }
    return render(request, "screening/board.html", context)
