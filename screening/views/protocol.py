"""Locking the protocol, and what has departed from it since."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews import actions
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from ..lead import protocol


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    context = {"step": "setup", "differences": protocol.differences(review)}
    return render(request, "screening/protocol.html", context)


@require_GET
@member("read")
def download(request: MemberRequest, review: Review) -> HttpResponseBase:
    lines = protocol.as_csv(protocol.differences(review))
    answer = StreamingHttpResponse(lines, "text/csv; charset=utf-8")
    name = f"differences-from-protocol-{review.slug}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@member("manage")
def lock(request: MemberRequest, review: Review) -> HttpResponse:
    actions.lock_protocol(review, by=request.user)
    messages.success(request, "The protocol is locked.")
    return redirect("screening:protocol", review.slug)


@require_POST
@member("manage")
def unlock(request: MemberRequest, review: Review) -> HttpResponse:
    try:
        actions.unlock_protocol(review, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The protocol is unlocked; this stands in the list.")
    return redirect("screening:protocol", review.slug)
