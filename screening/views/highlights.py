"""Highlights of a full text: what the reader draws, makes and takes away."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Clash, Refused

from ..desk import highlights
from ..models import Highlight


class HighlightForm(forms.Form):
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    page = forms.IntegerField(min_value=1, max_value=100_000)
    quote = forms.CharField(required=False, max_length=highlights.LONGEST)
    before = forms.CharField(required=False, max_length=500, strip=False)
    after = forms.CharField(required=False, max_length=500, strip=False)
    left = forms.FloatField(required=False)
    top = forms.FloatField(required=False)
    width = forms.FloatField(required=False)
    height = forms.FloatField(required=False)
    note = forms.CharField(required=False, max_length=500)

    def values(self) -> dict[str, object]:
        given = dict(self.cleaned_data)
        area = [given.pop(name) for name in ("left", "top", "width", "height")]
        return {**given, "area": [] if None in area else area}


@require_http_methods(["GET"])
@member("read")
def listed(request: MemberRequest, review: Review, pk: int) -> JsonResponse:
    """Those that the reader may see, as JSON."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    return JsonResponse({"highlights": highlights.of(report, request.member)})


@require_POST
@member("retrieve")
def add(request: MemberRequest, review: Review, pk: int) -> JsonResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    form = HighlightForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"detail": "That can’t be marked."}, status=422)
    try:
        highlights.add(report, by=request.user, **form.values())  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(refusal)
    return JsonResponse({"highlights": highlights.of(report, request.member)}, status=201)


def _refused(refusal: Refused) -> JsonResponse:
    status = 409 if isinstance(refusal, Clash) else 422
    return JsonResponse({"detail": str(refusal)}, status=status)


@require_POST
@member("retrieve")
def change(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Take one's highlight away, or say that its doubtful place is right (`act`)."""
    mine = Highlight.objects.filter(report__review=review, by=request.user, removed_at=None)
    found = get_object_or_404(mine.select_related("report"), pk=pk)
    try:
        if request.POST.get("act") == "confirm":
            highlights.confirm(found, by=request.user)
        else:
            highlights.remove(found, by=request.user)
    except Refused as refusal:
        if request.headers.get("Accept") == "application/json":
            return _refused(refusal)
        messages.error(request, str(refusal))
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"highlights": highlights.of(found.report, request.member)})
    return redirect("screening:read", review.slug, found.report_id)
