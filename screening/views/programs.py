"""The programs that studies describe: which studies each has, and another name for all of them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from citations import studies
from citations.models import Program
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


def _page(
    request: MemberRequest, review: Review, refused: tuple[Program, str, str] | None = None
) -> HttpResponse:
    """`refused`: the program, the name that it was to have, and why it has not got it."""
    included = flow.studies_in(review)
    found = (
        review.programs.filter(studies__in=review.studies.all()).distinct().order_by("name", "pk")
    )
    found = found.prefetch_related(
        Prefetch("studies", included.order_by("label", "pk"), to_attr="included"),
        Prefetch("studies", review.studies.exclude(pk__in=included), to_attr="others"),
    )
    context = {
        "step": "prisma",
        "page": Paginator(found, 50).get_page(request.GET.get("page") or request.POST.get("page")),
        "unnamed": included.filter(program=None).count(),
        "refused": refused,
    }
    return render(request, "screening/programs.html", context, status=409 if refused else 200)


@require_POST
@member("manage", "extract")
def rename(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    program = get_object_or_404(review.programs, pk=pk)
    name, join = request.POST.get("name", ""), request.POST.get("join") == "on"
    try:
        now = studies.rename_program(program, by=request.user, name=name, join=join)
    except Refused as refusal:
        return _page(request, review, (program, name, str(refusal)))
    messages.success(request, f"Its studies describe “{now}” now.")
    return redirect("screening:programs", review.slug)
