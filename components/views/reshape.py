"""Merging, splitting and re-coding: the pages that say first what will move."""

from django.contrib import messages
from django.forms import formset_factory
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from reviews.access import MemberRequest, abilities, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import reshaping
from ..forms import MergeForm, PartForm, ReasonForm

Parts = formset_factory(PartForm, extra=3, max_num=reshaping.MOST_PARTS)


@member("edit_components")
def merge(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components, pk=pk, retired_at=None)
    form = MergeForm(component, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            into, reason = form.cleaned_data["into"], form.cleaned_data["reason"]
            try:
                event = reshaping.merge(component, into, by=request.user, reason=reason)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                said = f"{component.code} is merged into {event.into}; {event.affected} moved."
                messages.success(request, f"{said} It can be undone in the history.")
                return redirect("components:history", review.slug)
    context = {
        "step": "components",
        "component": component,
        "form": form,
        "effects": reshaping.effects(component),
        "below": component.children.filter(retired_at=None),
    }
    return render(request, "components/merge.html", context, status=status)


@member("edit_components")
def split(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components, pk=pk, retired_at=None)
    form = ReasonForm(request.POST or None)
    parts = Parts(request.POST or None, prefix="part")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and parts.is_valid():
            given = [
                reshaping.Part(each["code"], each["name"], each["definition"])
                for each in parts.cleaned_data
                if each and (each["code"] or each["name"])
            ]
            reason = form.cleaned_data["reason"]
            try:
                made = reshaping.split(component, given, by=request.user, reason=reason)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{len(made)} parts stand beside {component.code}.")
                return redirect("components:recode", review.slug, pk)
    context = {
        "step": "components",
        "component": component,
        "form": form,
        "parts": parts,
        "effects": reshaping.effects(component),
    }
    return render(request, "components/split.html", context, status=status)


@member("edit_components")
def recode(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The queue after a split. What one may not read is counted and left to those who may."""
    component = get_object_or_404(review.components, pk=pk)
    codes = reshaping.splits(review).get(component.code, [])
    parts = [each for each in review.components.filter(retired_at=None) if each.code in codes]
    can = abilities(request.member)
    groups = reshaping.queue(component)
    if request.method == "POST":
        target = get_object_or_404(
            review.components, pk=request.POST.get("to", "") or 0, retired_at=None
        )
        try:
            for use, _ in groups:
                chosen = [pk for pk in request.POST.getlist(use.label) if pk.isdecimal()]
                if chosen:
                    if use.needs not in can:
                        raise Http404("Not for these eyes.")
                    reshaping.recode(component, use, map(int, chosen), target, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("components:recode", review.slug, pk)
    context = {
        "step": "components",
        "component": component,
        "parts": parts,
        "groups": [(use, items) for use, items in groups if use.needs in can],
        "hidden": [(use, len(items)) for use, items in groups if use.needs not in can],
        "left": sum(len(items) for _, items in groups),
    }
    return render(request, "components/recode.html", context)
