"""One's own account: name, token, looks. Password, e-mail and second factor are allauth's."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from reviews import actions
from reviews.access import SignedIn
from reviews.forms import NameForm

FRESH = "fresh_token"  # in the session for one page: the only time that a token is shown


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
    context = {
        "form": form,
        "token": Token.objects.filter(user=request.user).first(),
        "fresh": request.session.pop(FRESH, None),
        "second_factor": is_mfa_enabled(request.user),
    }
    return render(request, "reviews/me.html", context, status=422 if form.errors else 200)


@require_POST
def make_token(request: SignedIn) -> HttpResponse:
    request.session[FRESH] = actions.make_token(request.user)
    return redirect("reviews:me")


@require_POST
def revoke_token(request: SignedIn) -> HttpResponse:
    actions.revoke_token(request.user)
    messages.success(request, "The token is revoked; programs that used it are shut out.")
    return redirect("reviews:me")
