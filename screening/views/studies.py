"""The included studies: which reports tell of each, and which program it describes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations import studies
from citations.models import Program, Report, Study
from reviews.access import member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow
from ..flow import Place


class StudyForm(forms.Form):
    label = forms.CharField(label="Name of the study", max_length=200)
    program = forms.CharField(
        label="Program that it describes",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "programs"}),
    )


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    """Exactly the studies that PRISMA's box "studies included" counts."""
    included = Report.objects.filter(place=Place.INCLUDED).order_by("year", "pk")
    found = (
        flow.studies_in(review)
        .select_related("program")
        .prefetch_related(Prefetch("reports", queryset=included, to_attr="included"))
        .order_by("program__name", "label", "pk")
    )
    context = {"step": "prisma", "page": Paginator(found, 50).get_page(request.GET.get("page"))}
    return render(request, "screening/studies.html", context)


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
    others = flow.studies_in(review).exclude(pk=found.pk).order_by("label", "pk")
    context: dict[str, Any] = {
        "step": "prisma",
        "study": found,
        "form": form,
        "programs": Program.objects.filter(review=review),
        "reports": found.reports.order_by("year", "pk"),
        "others": others,
    }
    return render(request, "screening/study.html", context, status=422 if form.errors else 200)


@require_POST
@member("manage", "extract")
def regroup(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """Let one report tell of another study."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    chosen = request.POST.get("study", "")
    target = get_object_or_404(Study, review=review, pk=chosen if chosen.isdecimal() else 0)
    studies.tell_of(report, target, by=request.member.user)  # type: ignore[attr-defined]
    messages.success(request, f"This report now tells of {target}.")
    return redirect("screening:study", review.slug, target.pk)
