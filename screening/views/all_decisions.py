"""Everybody's standing decisions, as far as the reader may see them."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from citations.models import Report
from reviews.access import MemberRequest, abilities, member
from reviews.actions import criteria_version
from reviews.models import SCREENING_STAGES, Review, Stage, User

from .. import naming
from ..desk.by_criterion import WITH_ANSWERS
from ..desk.hiding import hidden_places
from ..duplicates import marks
from ..forms import AllDecisionsFilter
from ..models import Decision

PER_PAGE = 50


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """By person, stage, version of the criteria and words; final words are under Conflicts."""
    form = AllDecisionsFilter(request.GET)
    form.is_valid()
    wanted: dict[str, Any] = {
        name: form.cleaned_data.get(name) for name in ("q", "stage", "person", "version")
    }
    visible = (
        Decision.objects.current()
        .independent()
        .visible_to(request.member)
        .filter(stage__in=SCREENING_STAGES)
    )
    hidden = naming.hidden_stages(request.member)
    found = visible.select_related("report", "reason", "by").prefetch_related(WITH_ANSWERS)
    found = found.order_by("-pk")
    if wanted["stage"]:
        found = found.at_stage(wanted["stage"])
    if wanted["person"]:
        found = naming.of_person(found, Q(by=wanted["person"]), request.member, hidden)
    if wanted["version"]:
        found = found.filter(criteria_version=wanted["version"])
    if wanted["q"]:
        reports = Report.objects.filter(review=review).matching(
            wanted["q"], hidden_places(request.member)
        )
        found = found.filter(report__in=reports.values("pk"))
    latest = criteria_version(review)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    marks.mark_all([each.report for each in shown])
    called = naming.beside(request.member, shown, hidden)
    context = {
        "step": "board",
        "page": shown,
        "rows": [(each.stage in hidden and called[each.pk], each) for each in shown],
        "unnamed": [Stage(each).label for each in SCREENING_STAGES if each in hidden],
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "stages": form.fields["stage"].choices,  # type: ignore[attr-defined]
        # Everybody who ever took part: who has decided would follow from a shorter list.
        "people": User.objects.filter(memberships__review=review).order_by("name", "username"),
        "latest": latest,
        "versions": range(1, latest + 1),
        "sees_all": "oversee" in abilities(request.member) or not review.blind,
    }
    return render(request, "screening/all_decisions.html", context)
