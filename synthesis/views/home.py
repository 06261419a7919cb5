"""The review's home, and a new review with the same set-up."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

import citations.waiting
import extraction.waiting
import interviews.waiting
import screening.waiting
from citations.models import Record
from reviews.access import MemberRequest, abilities, member, members_who
from reviews.forms import CopyForm
from reviews.models import Review
from reviews.roles import Role
from reviews.waiting import address

from .. import copying

# The way of one citation, room by room. A room that offers tiles adds its `waiting` here.
ROOMS = [citations.waiting, screening.waiting, extraction.waiting, interviews.waiting]
RECENT_EVENTS = 8


@require_GET
@member("read")
def home(request: MemberRequest, review: Review) -> HttpResponse:
    """What is done and what waits for this member, step by step."""
    can = abilities(request.member)
    context = {
        "step": "home",
        "steps": [step for room in ROOMS for step in room.steps(request.member)],
        "fresh": not Record.objects.filter(review=review).exists(),
    }
    if "manage" in can:
        context["events"] = review.events.select_related("actor")[:RECENT_EVENTS]
        if context["fresh"]:
            context["beginning"] = _beginning(review)
    elif context["fresh"]:
        context["leads"] = [lead.user for lead in members_who(review, "manage")]
    return render(request, "synthesis/home.html", context)


def _beginning(review: Review) -> list[dict[str, object]]:
    """The first three things to do in a fresh review, and which of them are done."""
    people = review.memberships.filter(left_at=None).count()
    return [
        {
            "title": "Write down the question and the criteria",
            "says": "They stand beside every abstract that is screened.",
            "url": reverse("reviews:setup", args=[review.slug]),
            "done": review.criteria.filter(until_version=None).exists(),
        },
        {
            "title": "Invite your team",
            "says": "At least two screeners, and somebody to settle conflicts.",
            "url": reverse("reviews:members", args=[review.slug]) + "#invite",
            "done": people > 1 or review.invitations.exists(),
        },
        {
            "title": "Import the records of your searches",
            "says": "RIS, BibTeX or CSV, one file for each source.",
            "url": address("citations:searches", review),
            "done": False,
        },
    ]


@require_http_methods(["GET", "POST"])
@member("read")
def copy(request: MemberRequest, review: Review) -> HttpResponse:
    """What every member may read, every member may begin anew with."""
    form = CopyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        roles = [Role.LEAD, *([Role.SCREENER] if form.cleaned_data["screen_too"] else [])]
        made = copying.start_like(review, form.cleaned_data["title"], by=request.user, roles=roles)
        return redirect("synthesis:home", made.slug)
    return render(
        request, "synthesis/copy.html", {"form": form}, status=422 if form.errors else 200
    )
