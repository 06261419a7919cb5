"""My reviews, and a new one."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from reviews import actions
from reviews.access import SignedIn, may_restore
from reviews.forms import NewReviewForm
from reviews.models import Membership, Review
from reviews.roles import Role

REVIEWS_A_PAGE = 20


@require_GET
def reviews(request: SignedIn) -> HttpResponse:
    standing = Membership.objects.filter(left_at=None).select_related("user").order_by("pk")
    mine = (
        request.user.memberships.filter(left_at=None)
        .select_related("review")
        .prefetch_related(Prefetch("review__memberships", standing, to_attr="people"))
        .order_by("-review__created_at", "-pk")
    )
    page = Paginator(mine, REVIEWS_A_PAGE).get_page(request.GET.get("page"))
    for member in page:
        member.leads = [  # type: ignore[attr-defined]
            each.user
            for each in member.review.people  # type: ignore[attr-defined]
            if Role.LEAD in each.roles
        ]
    return render(request, "reviews/list.html", {"page": page})


@require_http_methods(["GET", "POST"])
def new(request: SignedIn) -> HttpResponse:
    form = NewReviewForm(
        request.POST if request.method == "POST" else None,
        initial={"framework": Review.Framework.PICO},
    )
    if request.method == "POST" and form.is_valid():
        roles = [Role.LEAD, *([Role.SCREENER] if form.cleaned_data["screen_too"] else [])]
        review = actions.create_review(
            **form.asked(), screeners=form.cleaned_data["screeners"], roles=roles, by=request.user
        )
        return redirect("synthesis:home", review.slug)
    known = Review.objects.filter(memberships__user=request.user, memberships__left_at=None)
    return render(
        request,
        "reviews/new.html",
        {
            "form": form,
            "known": known.order_by("-created_at")[:REVIEWS_A_PAGE],
            "may_restore": may_restore(request.user),
        },
        status=422 if form.errors else 200,
    )


@require_GET
def others(request: SignedIn) -> HttpResponse:
    """The other reviews of the person, for the menu over the rail; asked for when it opens."""
    found = Review.objects.filter(
        memberships__user=request.user, memberships__left_at=None
    ).exclude(slug=request.GET.get("not", ""))
    return render(request, "reviews/_others.html", {"reviews": found.order_by("-created_at")[:10]})
