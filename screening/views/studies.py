"""The included studies: which reports tell of each, and which program it describes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations import studies
from citations.models import Program, Study
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow, grouping, listing
from ..arrival import study_list
from ..duplicates import marks
from ..flow import Place
from ..reporting import days, exports, past


class StudyForm(forms.Form):
    label = forms.CharField(label="Name of the study", max_length=200)
    program = forms.CharField(
        label="Program that it describes",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "programs"}),
    )


class ListForm(forms.Form):
    file = forms.FileField(
        label="List of studies",
        allow_empty_file=True,
        help_text="CSV in UTF-8. Needed: study_id and citation (or title). Used where there: year, "
        "program. Other columns are kept with each record.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    """The included studies; with `box` exactly those that this number of PRISMA's diagram counts, with
    `on` those of a past day."""
    asked = request.GET
    box = asked.get("box", "")
    past.ready(review, asked.get("on"))
    then = days.lists_of(review, asked.get("on"))
    listed = listing.studies(review, asked, request.member)
    included = listing.included(review, asked).order_by("year", "pk")
    found = listed.select_related("program").prefetch_related(
        Prefetch("reports", queryset=included, to_attr="included")
    )
    shown = Paginator(found, 50).get_page(request.GET.get("page"))
    marks.mark_all([report for study in shown for report in study.included])  # type: ignore[attr-defined]
    context = {
        "step": "prisma",
        "page": shown,
        "box": box,
        "box_label": flow.STUDY_BOXES.get(box, ""),
        "then": days.past_day_in(asked.get("on")),
        "elsewhere": _elsewhere(review, box, then),
        "extent": None if then else flow.of_studies(listed),
        "formats": exports.FORMATS,
    }
    return render(request, "screening/studies.html", context)


def _elsewhere(review: Review, box: str, then: days.Kept | None) -> int:
    """How many studies of the number in `box` an earlier version made elsewhere has."""
    if box != "P_studies":
        return 0
    if then is None:
        return review.previous_studies
    return int(then.numbers["boxes"][box]) - len(then.ids(f"studies {box}"))


@require_http_methods(["GET", "POST"])
@member("manage")
def bring_in(request: MemberRequest, review: Review) -> HttpResponse:
    """A list of studies that were included elsewhere, as CSV."""
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ListForm(*given)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            brought = study_list.bring_in(review, file.read(), name=file.name, by=request.user)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, brought.text)
            if brought.job:
                upload = brought.job.payload["upload"]
                return redirect("citations:preview", review.slug, upload)
            if brought.act:
                return redirect("screening:bulk", review.slug, brought.act.pk)
            return redirect("screening:studies", review.slug)
    context = {"step": "prisma", "form": form}
    return render(request, "screening/bring_in.html", context, status=422 if form.errors else 200)


@require_GET
@member("export")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The reports of the listed studies as a file: a row a report, with what it tells of."""
    asked = request.GET
    past.ready(review, asked.get("on"))
    listed = listing.studies(review, asked, request.member)
    found, name = listing.reports_of(review, listed, asked), f"included-studies-{review.slug}"
    return exports.study_response(found, listed, request.member, kind, name)


@require_http_methods(["GET", "POST"])
@member("manage", "extract")
def study(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """Name a study and its program, and let another report tell of it."""
    found = get_object_or_404(review.studies.select_related("program"), pk=pk)
    initial = {"label": found.label, "program": found.program.name if found.program else ""}
    form = StudyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            studies.describe(found, by=request.member.user, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refused as refusal:
            form.add_error("label", str(refusal))
        else:
            messages.success(request, "The study is saved.")
            return redirect("screening:studies", review.slug)
    others = grouping.open_to(review).exclude(pk=found.pk).annotate(told=Count("reports"))
    context: dict[str, Any] = {
        "step": "prisma",
        "study": found,
        "form": form,
        "programs": Program.objects.filter(review=review),
        "reports": marks.mark_all(list(found.reports.order_by("year", "pk"))),
        "others": others,
        "forms": grouping.when_moved(found),
    }
    return render(request, "screening/study.html", context, status=422 if form.errors else 200)


@require_POST
@member("manage", "extract")
def regroup(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """Let a report, at whatever stage, tell of another study; with `act` "no-longer" not of this one."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    chosen = request.POST.get("study", "")
    target = get_object_or_404(Study, review=review, pk=chosen if chosen.isdecimal() else 0)
    if request.POST.get("act") == "no-longer":
        try:
            grouping.stop_telling(report, target, by=request.member.user)  # type: ignore[attr-defined]
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"This report tells of {target} no more.")
        return redirect("screening:report", review.slug, pk)
    also = request.POST.get("also") == "on"
    studies.tell_of(report, target, by=request.member.user, also=also)  # type: ignore[attr-defined]
    messages.success(request, f"This report now tells of {target}.")
    return redirect("screening:study", review.slug, target.pk)


@require_POST
@member("manage", "extract")
def split(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Let one report of the study tell of a new one."""
    found = get_object_or_404(review.studies, pk=pk)
    chosen = request.POST.get("report", "")
    report = get_object_or_404(found.reports, pk=chosen if chosen.isdecimal() else 0)
    try:
        made = studies.split(report, found, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("screening:study", review.slug, pk)
    messages.success(request, f"It tells of a study of its own now: {made}.")
    return redirect("screening:study", review.slug, made.pk)


@require_http_methods(["GET", "POST"])
@member("manage", "extract")
def alike(request: MemberRequest, review: Review) -> HttpResponse:
    """Pairs of included reports that may tell of one study, with what speaks for it."""
    included = review.reports.filter(place=Place.INCLUDED)
    if request.method == "POST":
        first, second = (
            get_object_or_404(included, pk=given if given.isdecimal() else 0)
            for given in (request.POST.get("first", ""), request.POST.get("second", ""))
        )
        if request.POST.get("act") == "apart":
            studies.keep_apart(first, second, by=request.user)
            messages.success(request, "They stay two studies.")
        else:
            kept = studies.join(first, second, by=request.user)
            messages.success(request, f"Both tell of {kept} now.")
        return redirect("screening:alike", review.slug)
    reports = {report.pk: report for report in included.prefetch_related("studies")}
    found = studies.suggestions(reports.values())
    pairs = [(reports[each.first], reports[each.second]) for each in found[:50]]
    told = zip(grouping.when_joined(review, pairs), found, strict=False)
    rows = [(*pair, each.why) for pair, each in told]
    context = {"step": "prisma", "pairs": rows, "many": len(found)}
    return render(request, "screening/alike.html", context)
