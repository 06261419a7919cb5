"""One's own account: name, tokens, looks. Password, e-mail and second factor are allauth's."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from reviews import actions
from reviews import tokens as door
from reviews.access import SignedIn
from reviews.forms import NameForm, TokenForm
from reviews.models import AccessToken
from reviews.refusal import Refused

FRESH = "fresh_token"  # in the session for one page: the only time that a token is shown
TOKENS_A_PAGE = 50


@never_cache
@require_http_methods(["GET", "POST"])
def me(request: SignedIn) -> HttpResponse:
    form = NameForm(
        request.POST if request.method == "POST" else None, initial={"name": request.user.name}
    )
    if request.method == "POST" and form.is_valid():
        actions.rename(request.user, form.cleaned_data["name"])
        messages.success(request, "Your name is saved.")
        return redirect("reviews:me")
    context = {"form": form, "second_factor": is_mfa_enabled(request.user)}
    return render(request, "reviews/me.html", context, status=422 if form.errors else 200)


def _tokens(request: SignedIn, form: TokenForm, status: int = 200, **more: Any) -> HttpResponse:
    mine = AccessToken.objects.filter(user=request.user).select_related("review")
    context = {
        "form": form,
        "page": Paginator(mine.order_by("-pk"), TOKENS_A_PAGE).get_page(request.GET.get("page")),
        "early": Token.objects.filter(user=request.user).first(),
        **more,
    }
    return render(request, "reviews/tokens.html", context, status=status)


@never_cache
@require_GET
def tokens(request: SignedIn) -> HttpResponse:
    return _tokens(request, TokenForm(request.user), fresh=request.session.pop(FRESH, None))


@require_POST
def make_token(request: SignedIn) -> HttpResponse:
    form = TokenForm(request.user, request.POST)
    if not form.is_valid():
        return _tokens(request, form, 422)
    try:
        _, request.session[FRESH] = door.make(request.user, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _tokens(request, form, 422)
    return redirect("reviews:tokens")


@require_POST
def revoke_token(request: SignedIn, pk: int) -> HttpResponse:
    token = door.revoke(get_object_or_404(AccessToken, user=request.user, pk=pk))
    messages.success(request, f"“{token}” is revoked; programs that used it are shut out.")
    return redirect("reviews:tokens")


@require_POST
def revoke_early_token(request: SignedIn) -> HttpResponse:
    door.revoke_early(request.user)
    messages.success(request, "The token is revoked; programs that used it are shut out.")
    return redirect("reviews:tokens")
