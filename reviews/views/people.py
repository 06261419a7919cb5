"""Members, their roles, and the invitations that bring new ones."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews import actions, letters
from reviews.access import MemberRequest, SignedIn, abilities, member, require
from reviews.context import outbox
from reviews.forms import InviteForm, RolesForm
from reviews.models import Invitation, Review
from reviews.refusal import Clash, Refused

PEOPLE_A_PAGE = 50
INVITATIONS_A_PAGE = 20
FRESH = "fresh_invitation"  # in the session for one page: the only time that a link is shown


def _page(request: MemberRequest, review: Review, status: int = 200, **more: Any) -> HttpResponse:
    standing = review.memberships.filter(left_at=None).select_related("user").order_by("pk")
    left = review.memberships.exclude(left_at=None).select_related("user").order_by("-left_at")
    context: dict[str, Any] = {
        "step": "members",
        "page": Paginator(standing, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        "left": left,
    }
    if "manage" in abilities(request.member):
        sent = review.invitations.select_related("invited_by", "accepted_by").order_by("-pk")
        context |= {
            "form": InviteForm(),
            "invitations": Paginator(sent, INVITATIONS_A_PAGE).get_page(
                request.GET.get("invitations")
            ),
            "fresh": request.session.pop(FRESH, None),
        }
    return render(request, "reviews/members.html", context | more, status=status)


@require_GET
@member("manage")
def members(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


@require_GET
@member("read")
def team(request: MemberRequest, review: Review) -> HttpResponse:
    """Who takes part and as what, for those who manage nobody; here one leaves."""
    return _page(request, review)


@require_POST
@member("manage")
def invite(request: MemberRequest, review: Review) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, review, 422, form=form)
    try:
        invitation, token = actions.invite(review, **form.cleaned_data, by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, review, 422, form=form)
    link = request.build_absolute_uri(reverse("reviews:invitation", args=[token]))
    if invitation.email:
        _send(request, invitation, link)
    request.session[FRESH] = {"link": link, "email": invitation.email}
    return redirect(reverse("reviews:members", args=[review.slug]) + "#fresh")


def _send(request: MemberRequest, invitation: Invitation, link: str) -> None:
    """Mail the link, and say what became of it."""
    if not letters.send_invitation(invitation, link):
        messages.warning(
            request,
            f"The mail to {invitation.email} could not be sent. The invitation stands: "
            "copy the link and send it yourself.",
        )
    elif folder := outbox():
        messages.warning(
            request,
            f"There is no mail server: the letter lies in {folder} on the server. "
            "Copy the link and send it yourself.",
        )
    else:
        messages.success(request, f"The invitation is on its way to {invitation.email}.")


@require_POST
@member("manage")
def rescind(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    invitation = get_object_or_404(review.invitations, pk=pk)
    try:
        actions.rescind(invitation, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The invitation is rescinded; its link no longer works.")
    return redirect("reviews:members", review.slug)


@require_http_methods(["GET", "POST"])
@member("manage")
def roles(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    person = get_object_or_404(review.memberships.select_related("user"), pk=pk, left_at=None)
    form = RolesForm(
        request.POST if request.method == "POST" else None, initial={"roles": person.roles}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.set_roles(person, form.cleaned_data["roles"], by=request.user)
            except Refused as refusal:
                form.add_error("roles", str(refusal))
                status = 409 if isinstance(refusal, Clash) else 422
            else:
                messages.success(request, f"{person.user} has new roles.")
                return redirect("reviews:members", review.slug)
    context = {"step": "members", "person": person, "form": form}
    return render(request, "reviews/roles.html", context, status=status)


@require_POST
@member("read")
def remove(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """A lead removes anybody; everybody may leave."""
    leaving = pk == request.member.pk
    if not leaving:
        require(request.member, "manage")
    person = get_object_or_404(review.memberships.select_related("user"), pk=pk)
    try:
        actions.remove(person, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reviews:team" if leaving else "reviews:members", review.slug)
    if leaving:
        messages.success(request, f"You have left “{review.title}”. What you did there stays.")
        return redirect("reviews:list")
    messages.success(request, f"{person.user} no longer takes part. What they did stays.")
    return redirect("reviews:members", review.slug)


# --- The page behind the link ---------------------------------------------------------------


def _closed(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "reviews/invitation_closed.html", {"sentence": sentence}, status=status)


@never_cache
@login_not_required
@require_GET
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the holder of a link sees, signed in or not. Nothing is used up by looking."""
    found = actions.find_invitation(token)
    if found is None:
        return _closed(request, "That invitation link is not known. Ask for a new one.", 404)
    if found.state == "accepted" and found.accepted_by_id == request.user.pk:
        return redirect("synthesis:home", found.review.slug)
    if found.state != "open":
        return _closed(request, f"That invitation is {found.state}. Ask for a new one.", 410)
    back = {"next": reverse("reviews:invitation", args=[token])}
    context = {
        "invitation": found,
        "roles": found.role_labels,
        "token": token,
        "for_another": request.user.is_authenticated
        and found.email
        and found.email.lower() != request.user.email.lower(),
        "sign_in": reverse("account_login") + "?" + urlencode(back),
        "sign_up": reverse("account_signup")
        + "?"
        + urlencode(back | ({"email": found.email} if found.email else {})),
    }
    return render(request, "reviews/invitation.html", context)


@require_http_methods(["GET", "POST"])
def accept(request: SignedIn, token: str) -> HttpResponse:
    if request.method == "GET":  # the way back from a sign-in that came between
        return redirect("reviews:invitation", token)
    try:
        joined = actions.accept(token, by=request.user)
    except Refused as refusal:
        return _closed(request, str(refusal), 422)
    messages.success(request, f"Welcome to “{joined.review.title}”.")
    return redirect("synthesis:home", joined.review.slug)
