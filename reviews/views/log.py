"""The audit log, for the lead."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reviews import audit
from reviews.access import MemberRequest, member
from reviews.forms import AuditFilter
from reviews.models import AuditEvent, Review, User

EVENTS_A_PAGE = 50
# Up to so many events the chain is checked with each look (0.3 s); beyond, when it is asked for.
CHECKED_UNASKED = 5000


def plain(value: Any) -> str:
    """A stored value as a person reads it."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(plain(each) for each in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def differences(event: AuditEvent) -> list[tuple[str, str, str]]:
    """(what, before, after) of each thing that `event` changed; what did not differ is left out."""
    before, after = event.before, event.after
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        before, after = {"": before}, {"": after}
    before, after = before or {}, after or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        (name, plain(before.get(name)), plain(after.get(name)))
        for name in names
        if plain(before.get(name)) != plain(after.get(name))
    ]


@require_GET
@member("manage")
def audit_log(request: MemberRequest, review: Review) -> HttpResponse:
    form = AuditFilter(request.GET)
    events = review.events.select_related("actor")
    if form.is_valid():
        person, verb = form.cleaned_data["person"], form.cleaned_data["verb"]
        if person is not None:
            events = events.filter(actor=person or None)  # 0: what the machine itself did
        if verb:
            events = events.filter(verb=verb)
    else:
        events = events.none()
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    for event in page:
        event.differences = differences(event)  # type: ignore[attr-defined]
    total = review.events.count()
    checked = total <= CHECKED_UNASKED or "check" in request.GET
    actors = review.events.order_by().values("actor").distinct()
    context = {
        "step": "audit",
        "page": page,
        "form": form,
        "checked": checked,
        "broken": audit.broken_links(review) if checked else [],
        "total": total,
        "people": User.objects.filter(pk__in=actors).order_by("name", "username"),
        "verbs": review.events.order_by("verb").values_list("verb", flat=True).distinct(),
    }
    return render(request, "reviews/audit.html", context)
