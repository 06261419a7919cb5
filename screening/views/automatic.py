"""From which probability the machine joins by itself: what each setting comes to, and changing it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reviews.access import MemberRequest, member, require
from reviews.models import AuditEvent, Review
from reviews.refusal import Refused

from ..duplicates import automatic
from .duplicates import STEP, counts_of


class RulesForm(forms.Form):
    """A setting of automatic.SETTINGS, and with the confirmation the numbers that were shown."""

    join_from = forms.FloatField(min_value=0.5, max_value=automatic.NEVER)
    join_one_file = forms.BooleanField(required=False)
    joins = forms.IntegerField(min_value=0, required=False)
    parts = forms.IntegerField(min_value=0, required=False)


@dataclass
class Line:
    """One setting as the table shows it."""

    setting: automatic.Setting
    label: str
    is_asked: bool


def label_of(join_from: float) -> str:
    return "Nothing" if join_from >= automatic.NEVER else f"{100 * join_from:.4g} %"


@require_http_methods(["GET", "POST"])
@member("merge")
def rules(request: MemberRequest, review: Review) -> HttpResponse:
    """GET shows the table, and with `join_from` exactly what that setting would do; POST does it."""
    now = automatic.rules_of(review)
    if request.method == "POST":
        require(request.member, "manage")
        return _set(request, review)
    form = RulesForm(request.GET or None)
    is_asked = form.is_valid() and "join_from" in request.GET
    wanted = form.cleaned_data if is_asked else {}
    join_from: float = wanted.get("join_from", now.join_from)
    join_one_file: bool = wanted.get("join_one_file", now.join_one_file)
    lines = automatic.settings_of(review, join_one_file=join_one_file, besides=join_from)
    context: dict[str, Any] = {
        **STEP,
        "tab": "rules",
        "counts": counts_of(review),
        "now": now,
        "now_label": label_of(now.join_from),
        "lines": [
            Line(line, label_of(line.join_from), line.join_from == join_from) for line in lines
        ],
        "join_from": join_from,
        "join_from_label": label_of(join_from),
        "join_one_file": join_one_file,
        "missed": automatic.expected_missed(review),
        "before": _before(review),
    }
    if is_asked and (join_from, join_one_file) != (now.join_from, now.join_one_file):
        context["change"] = automatic.change_to(review, join_from, join_one_file=join_one_file)
    return render(request, "screening/duplicates_rules.html", context)


def _set(request: MemberRequest, review: Review) -> HttpResponse:
    form = RulesForm(request.POST)
    if not form.is_valid() or form.cleaned_data["joins"] is None:
        messages.error(request, "Look at what the setting would do first, then confirm it.")
        return redirect("screening:duplicate_rules", review.slug)
    wanted = form.cleaned_data
    try:
        change, job = automatic.set_rules(
            review,
            join_from=wanted["join_from"],
            join_one_file=wanted["join_one_file"],
            by=request.user,
            expected=(wanted["joins"], wanted["parts"] or 0),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("screening:duplicate_rules", review.slug)
    if job is not None:
        return redirect("reviews:job", review.slug, job.pk)
    messages.success(
        request,
        f"Set. {len(change.join)} questions were answered by joining, "
        f"{len(change.part)} automatic joins became questions.",
    )
    return redirect("screening:duplicate_rules", review.slug)


def _before(review: Review) -> dict[str, Any] | None:
    """The setting that the last change replaced, so that it can be undone."""
    last = AuditEvent.objects.filter(review=review, verb=automatic.CHANGED).first()
    if last is None or not last.before:
        return None
    return {**last.before, "label": label_of(last.before["join_from"]), "event": last}
