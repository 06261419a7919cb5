"""Conflicts of interest: one's own, and for the lead everybody's; declared from the screening page too."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from reviews.access import MemberRequest, abilities, member
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from .. import interests
from ..listing import number_in
from ..models import Interest

PER_PAGE = 50
AT_ONCE = 200  # reports that one act declares


def _person(request: MemberRequest, sent: Any) -> User:
    """Of whom it is about: oneself, or for the lead whoever of the review is named."""
    asked = number_in(sent.get("person"))
    if asked is None or asked == request.user.pk:
        return request.member.user
    if "manage" not in abilities(request.member):
        raise Refused("Only the lead speaks for somebody else.")
    found = request.member.review.memberships.filter(user=asked, left_at=None)
    standing = found.select_related("user").first()
    if standing is None:
        raise Refused("That person does not take part in this review.")
    return standing.user


@require_GET
@member("screen", "adjudicate", "manage")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    who = request.member
    try:
        person = _person(request, request.GET)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("screening:interests", review.slug)
    name = request.GET.get("name", "")[:150]
    leads = "manage" in abilities(who)
    context = {
        "step": "interests",
        "page": Paginator(interests.seen_by(who), PER_PAGE).get_page(request.GET.get("page")),
        "person": person,
        "name": name or str(person),
        "suggested": interests.suggestions(who, person, name),
        "people": review.memberships.filter(left_at=None).select_related("user").order_by("pk")
        if leads
        else [],
        "too_few": interests.too_few(review) if leads else [],
        "leads": leads,
    }
    return render(request, "screening/interests.html", context)


@require_POST
@member("screen", "adjudicate", "manage")
def declare(request: MemberRequest, review: Review) -> HttpResponse:
    """Keep the named reports from a person. JSON where the screening page asks for it."""
    as_json = "application/json" in request.headers.get("Accept", "")
    numbers = [number_in(each) for each in request.POST.getlist("report")[:AT_ONCE]]
    made: list[Interest] = []
    status, sentence = 200, ""
    try:
        person = _person(request, request.POST)
        reports = list(review.reports.filter(pk__in=[each for each in numbers if each]))
        if not reports:
            raise Refused("Which report? None of this review was named.")
        for report in reports:
            why = request.POST.get("why", "")
            made.append(interests.declare(report, by=request.member.user, user=person, why=why))
    except Clash as clash:
        status, sentence = 409, str(clash)
    except Refused as refusal:
        status, sentence = 422, str(refusal)
    if as_json:
        body = {"detail": sentence} if sentence else {"interests": [each.pk for each in made]}
        return JsonResponse(body, status=status)
    if sentence:
        messages.error(request, sentence)
    else:
        n = len(made)
        messages.success(
            request, f"Declared. {n} report{'' if n == 1 else 's'} will not be handed to {person}."
        )
    return _back(request, review)


@require_POST
@member("screen", "adjudicate", "manage")
def withdraw(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    mine = get_object_or_404(interests.seen_by(request.member), pk=pk)
    status, sentence = 200, ""
    try:
        interests.withdraw(mine, by=request.member.user)
    except Refused as refusal:
        status, sentence = 422, str(refusal)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": sentence} if sentence else {}, status=status)
    if sentence:
        messages.error(request, sentence)
    else:
        messages.success(request, "Taken back.")
    return _back(request, review)


def _back(request: MemberRequest, review: Review) -> HttpResponse:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/r/"):
        return redirect(back)
    return redirect("screening:interests", review.slug)
