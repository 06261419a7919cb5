"""PRISMA numbers frozen on a day: the list, one of them with what has changed since, its files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from reviews.access import MemberRequest, member, require
from reviews.models import Review
from reviews.refusal import Refused

from ..listing import number_in
from ..reporting import figures, prisma, snapshots
from ..reporting.choices import Choices

STEP = {"step": "prisma"}


@require_http_methods(["GET", "POST"])
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    if request.method == "POST":
        require(request.member, "manage")
        try:
            taken = snapshots.freeze(review, request.POST.get("name", ""), by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("screening:snapshots", review.slug)
        messages.success(request, f"The numbers of today are kept as “{taken}”.")
        return redirect("screening:snapshot", review.slug, taken.pk)
    return render(request, "screening/snapshots.html", {**STEP, "snapshots": snapshots.of(review)})


@require_GET
@member("read")
def one(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """One snapshot, and how it differs from now or from another one (`with`)."""
    taken = get_object_or_404(snapshots.of(review), pk=pk)
    others = snapshots.of(review).exclude(pk=pk)
    other = others.filter(pk=number_in(request.GET.get("with")) or 0).first()
    if other is None:
        changes = snapshots.changes(taken.numbers, prisma.report(review))
    else:
        first, then = sorted([taken, other], key=lambda each: (each.at, each.pk))
        changes = snapshots.changes(first.numbers, then.numbers)
    by = Choices.of(request.GET.dict())
    context = {
        **STEP,
        "snapshot": taken,
        "others": others,
        "other": other,
        "is_earlier": other is not None and other.at < taken.at,
        "changes": changes,
        "d": figures.drawn(review, taken.numbers, by),
        "formats": figures.FORMATS,
    }
    return render(request, "screening/snapshot.html", context)


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, pk: int, kind: str) -> HttpResponse:
    if kind not in figures.CONTENT_TYPES:
        raise Http404(f"The diagram can be had as {', '.join(figures.CONTENT_TYPES)}.")
    taken = get_object_or_404(snapshots.of(review), pk=pk)
    made = figures.write(review, taken.numbers, kind, Choices.of(request.GET.dict()))
    answer = HttpResponse(made, content_type=figures.CONTENT_TYPES[kind])
    name = f"prisma-{review.slug}-{taken.at:%Y-%m-%d}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
