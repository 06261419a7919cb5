"""What happened to the tree, taking it back, and its versions."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import events, versions
from ..forms import FreezeForm
from ..models import TreeVersion

EVENTS_A_PAGE = 50


@require_safe
@member("read")
def history(request: MemberRequest, review: Review) -> HttpResponse:
    found = review.tree_events.select_related("by", "undone_by", "undoes")
    if code := request.GET.get("code", ""):
        found = found.filter(code=code)
    page = Paginator(found, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"step": "components", "page": page, "code": code}
    return render(request, "components/history.html", context)


@require_POST
@member("edit_components")
def undo(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    event = get_object_or_404(review.tree_events, pk=pk)
    try:
        events.undo(event, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Undone: {event.get_verb_display().lower()} {event.code}.")
    return redirect("components:history", review.slug)


@require_safe
@member("read")
def list_versions(request: MemberRequest, review: Review) -> HttpResponse:
    """The versions, and what differs between two of them ("now" is the tree as it stands)."""
    found = list(review.tree_versions.select_related("begun_by", "frozen_by"))
    frozen = {each.name: each for each in found if each.frozen_at}
    standing = versions.current(review)
    is_frozen = standing is not None and standing.frozen_at is not None
    names = list(frozen)
    before = request.GET.get("from", "")
    after = request.GET.get("to", "")
    if before not in frozen:
        before = names[1 if is_frozen and len(names) > 1 else 0] if names else ""
    if after not in frozen:
        after = "now"
    context: dict[str, Any] = {
        "step": "components",
        "versions": found,
        "standing": standing,
        "is_frozen": is_frozen,
        "frozen": list(frozen.values()),
        "before": before,
        "after": after,
        "next_name": versions.next_name(review),
        "form": FreezeForm(
            initial={"name": standing.name if standing else versions.next_name(review)}
        ),
    }
    if before:
        context["differences"] = versions.differences(
            versions.content_of(review, frozen[before]),
            versions.content_of(review, frozen.get(after)),
        )
    return render(request, "components/versions.html", context)


@require_POST
@member("edit_components")
def freeze(request: MemberRequest, review: Review) -> HttpResponse:
    form = FreezeForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("Number the version like 1.2.")
        made = versions.freeze(review, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Version {made.name} is frozen.")
    return redirect("components:versions", review.slug)


@require_POST
@member("edit_components")
def begin(request: MemberRequest, review: Review) -> HttpResponse:
    try:
        made: TreeVersion = versions.begin(
            review, by=request.user, name=request.POST.get("name", "")
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Version {made.name} is a draft; the tree can be changed.")
    return redirect("components:versions", review.slug)
