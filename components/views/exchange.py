"""The tree as files, in and out, with what a format can't carry said in words."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import exchange
from ..forms import ImportForm


@member("edit_components")
def bring_in(request: MemberRequest, review: Review) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                content = file.read(exchange.ENOUGH)
                done = exchange.bring_in(review, file.name, content, by=request.user)
            except Refused as refusal:
                form.add_error("file", str(refusal))
            else:
                said = f"{done.added} added, {done.changed} changed, {done.unchanged} as before."
                messages.success(request, said)
                for sentence in done.lost:
                    messages.warning(request, sentence)
                return redirect("components:tree", review.slug)
    context = {"form": form, "step": "components", "lost": exchange.lost_in_qdc(review)}
    return render(request, "components/import.html", context, status=status)


@require_safe
@member("export")
def export(request: MemberRequest, review: Review, format: str) -> HttpResponse:
    try:
        content = exchange.written(review, format)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("components:tree", review.slug)
    response = HttpResponse(content, content_type=exchange.FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="{review.slug}-components.{format}"'
    return response
