"""Tokens with which programs act as a person: what each may do, how long, and its end.

Only the hash of a token is kept. A token never lets a program do what its owner may not.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from rest_framework.authtoken.models import Token

from .models import AccessToken, Review, User
from .refusal import Refused

MOST = 50  # tokens of one person that work at the same time
LONGEST = 3650  # days
# How exact "last used" is: a program that asks a hundred times a second writes once a minute.
NOTICE = timedelta(minutes=1)
BEGIN = "concord_"  # so that a token is known for one wherever it turns up


class Scope(TextChoices):
    READ = "read", "Read"
    DECIDE = "decide", "Decide"
    MANAGE = "manage", "Manage"
    TRANSCRIPTS = "transcripts", "Transcripts"


SAYS = {
    Scope.READ: "looks at what its owner may see; every token does",
    Scope.DECIDE: "screens, settles, answers questions, extracts: what counts as its owner's word",
    Scope.MANAGE: "imports, changes set-up, people and codebook, starts jobs",
    Scope.TRANSCRIPTS: "reads interviews, which are confidential: nothing else opens them",
}

# The capabilities (reviews/access.py) that give a word of one's own; the others change the review.
DECIDING = {
    "screen",
    "see_queue",
    "adjudicate",
    "adjudicate_extraction",
    "merge",
    "join",
    "retrieve",
    "extract",
    "judge",
    "code",
}
CONFIDENTIAL = {"read_transcripts", "code"}


def needed(method: str, capabilities: Iterable[str]) -> set[str]:
    """The scopes that a request takes which asks for one of `capabilities`."""
    asked = set(capabilities)
    wanted: set[str] = {Scope.READ}
    if method not in ("GET", "HEAD", "OPTIONS"):
        wanted.add(Scope.DECIDE if asked & DECIDING else Scope.MANAGE)
    if asked & CONFIDENTIAL:
        wanted.add(Scope.TRANSCRIPTS)
    return wanted


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    review: Review | None = None,
    days: int | None = 365,
) -> tuple[AccessToken, str]:
    """A new token of `user`, and its secret, which is stored nowhere.

    `review` limits it to one of theirs; `days` None: without an end.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wanted = {Scope.READ, *scopes}
    if not wanted <= set(Scope.values):
        raise Refused("A token reads, decides, manages or opens transcripts; nothing else.")
    if days is not None and not 1 <= days <= LONGEST:
        raise Refused(f"A token is good for 1 to {LONGEST} days, or without an end.")
    if not name.strip():
        raise Refused("Say what the token is for.")
    if review and not review.memberships.filter(user=user, left_at=None).exists():
        raise Refused("You take no part in that review.")
    if AccessToken.objects.working().filter(user=user).count() >= MOST:
        raise Refused(f"You have {MOST} tokens that work. Revoke one that nothing uses.")
    secret = BEGIN + secrets.token_urlsafe(30)
    made = AccessToken.objects.create(
        user=user,
        name=name.strip(),
        scopes=[scope for scope in Scope.values if scope in wanted],
        review=review,
        begins=secret[: len(BEGIN) + 4],
        hash=hash_of(secret),
        expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
    )
    return made, secret


@transaction.atomic
def revoke(token: AccessToken) -> AccessToken:
    """From now on whoever uses the token is shut out. It stays in the list."""
    token = AccessToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token


def everything(user: User, name: str = "Everything but transcripts") -> str:
    """A token that does what its owner may in all their reviews, without an end; its secret."""
    scopes = [Scope.READ, Scope.DECIDE, Scope.MANAGE]
    return make(user, name=name, scopes=scopes, days=None)[1]


def revoke_early(user: User) -> None:
    """End the token that `user` made before there were scopes."""
    Token.objects.filter(user=user).delete()


def notice(token: AccessToken) -> None:
    """Remember that the token was used now."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTICE:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
