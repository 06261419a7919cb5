"""Who speaks to the API: the owner of a token, or who is signed in in a browser."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from . import tokens
from .models import AccessToken


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token …`. `request.auth` is the token, None in a browser's session.

    A token made before there were scopes (one a person, kept by rest_framework.authtoken) goes on
    working for everything but transcripts until its owner revokes it.
    """

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        known = AccessToken.objects.select_related("user", "review")
        token = known.filter(hash=tokens.hash_of(key)).first()
        if token is None:
            return super().authenticate_credentials(key)
        if token.state != "working":
            raise AuthenticationFailed(f"This token is {token.state}.")
        if not token.user.is_active:
            raise AuthenticationFailed("The account of this token's owner is closed.")
        tokens.notice(token)
        return token.user, token


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, made under your account, *Tokens*.",
        }
