"""Webhooks: whom the review tells, what became of each message, a try, once more, the end."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews import webhooks
from reviews.access import MemberRequest, member
from reviews.forms import WebhookForm
from reviews.models import Message, Review
from reviews.refusal import Refused

STEP = {"step": "webhooks"}
MESSAGES_A_PAGE = 30
FRESH = "fresh_webhook"  # in the session for one page: the only time that a secret is shown


@never_cache
@require_http_methods(["GET", "POST"])
@member("manage")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = webhooks.add(review, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error("url", str(refusal))
        else:
            request.session[FRESH] = secret
            return redirect("reviews:webhook", review.slug, made.pk)
    hooks = review.webhooks.select_related("by").order_by("ended_at", "pk")
    context = {**STEP, "form": form, "hooks": hooks, "events": webhooks.EVENTS}
    return render(request, "reviews/webhooks.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
@member("manage")
def one(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    hook = get_object_or_404(review.webhooks, pk=pk)
    told = hook.messages.select_related("webhook").prefetch_related("attempts").order_by("-pk")
    context: dict[str, Any] = {
        **STEP,
        "hook": hook,
        "events": [webhooks.EVENTS[name] for name in hook.events],
        "page": Paginator(told, MESSAGES_A_PAGE).get_page(request.GET.get("page")),
        "fresh": request.session.pop(FRESH, None),
    }
    return render(request, "reviews/webhook.html", context)


@require_POST
@member("manage")
def test(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        webhooks.test(get_object_or_404(review.webhooks, pk=pk))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "A test is on its way; its row says what came of it.")
    return redirect("reviews:webhook", review.slug, pk)


@require_POST
@member("manage")
def send_again(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    known = Message.objects.filter(webhook__review=review).select_related("webhook")
    message = get_object_or_404(known, pk=pk)
    try:
        webhooks.send_again(message)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is on its way once more.")
    return redirect("reviews:webhook", review.slug, message.webhook_id)


@require_POST
@member("manage")
def end(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    webhooks.end(get_object_or_404(review.webhooks, pk=pk), by=request.user)
    messages.success(request, "It is told nothing any more.")
    return redirect("reviews:webhooks", review.slug)
