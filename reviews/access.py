"""Who may do what. The only module that knows about roles.

A capability is a verb on the review; a role is a set of them; a member may hold several roles.
A stranger gets 404, because that a review exists is private; a member who lacks the capability
gets 403 with a sentence.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from .models import Membership, Review, User
from .roles import Role
from .written import instances, prepared

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class SignedIn(HttpRequest):
    """A request behind LoginRequiredMiddleware."""

    user: User
    htmx: "HtmxDetails"


class MemberRequest(SignedIn):
    """A request that has passed `@member`."""

    member: Membership


# What each capability lets a person do, in the words that a refusal uses.
CAPABILITIES = {
    "read": "look at this review",
    "screen": "screen reports",
    "see_queue": "see the screening queue",
    "adjudicate": "settle conflicts",
    "adjudicate_extraction": "settle differences between extractors",
    "import_records": "import records",
    "merge": "answer questions about duplicates",
    "join": "say that two reports are duplicates",
    "retrieve": "look after full texts",
    "extract": "extract data",
    "edit_codebook": "change the codebook",
    "edit_components": "change the tree of components",
    "read_transcripts": "read transcripts",
    "code": "code transcripts",
    "judge": "judge convergence",
    "export": "export",
    "manage": "manage this review",
    "oversee": "see decisions before both reviewers have decided",
}

READ = {"read", "export"}
CAN: dict[str, set[str]] = {
    Role.VIEWER: READ,
    Role.SCREENER: READ | {"screen", "see_queue", "retrieve", "join"},
    Role.ADJUDICATOR: READ | {"adjudicate", "adjudicate_extraction", "merge", "join", "retrieve"},
    Role.EXTRACTOR: READ | {"extract", "retrieve"},
    Role.ANALYST: READ | {"read_transcripts", "code", "edit_components", "judge"},
    # The lead sees everything of the literature and holds no vote: who wants to screen as well
    # takes the role of screener too, and is then as blind as every other screener. Transcripts
    # are confidential and stay with the analysts.
    Role.LEAD: READ
    | {
        "see_queue",
        "adjudicate",
        "adjudicate_extraction",
        "import_records",
        "merge",
        "join",
        "retrieve",
        "edit_codebook",
        "edit_components",
        "judge",
        "manage",
        "oversee",
    },
}


class Abilities:
    """What one member may do; templates ask `{% if can.adjudicate %}`."""

    def __init__(self, roles: Iterable[str]) -> None:
        self.names = set().union(*(CAN[role] for role in roles))
        if "screen" in self.names:
            # Independence beats oversight: a lead who screens sees no vote before its time.
            self.names.discard("oversee")

    def __contains__(self, capability: str) -> bool:
        if capability not in CAPABILITIES:
            raise KeyError(f"There is no capability called {capability}.")
        return capability in self.names

    def __getattr__(self, name: str) -> bool:
        if name in CAPABILITIES:
            return name in self.names
        raise AttributeError(name)


def abilities(member: Membership | None) -> Abilities:
    return Abilities(member.roles if member and member.left_at is None else [])


def membership_of(user: User, slug: str) -> Membership:
    """The standing membership of `user` in the review `slug`; Http404 for a stranger. 1 query."""
    rows = _standing(user.pk, slug)
    if not rows:
        raise Http404("No such review.")
    own, review, person = (len(model._meta.concrete_fields) for model in _KNOWN)
    (row,) = rows
    (found,) = instances(Membership, [row[:own]])
    (found.review,) = instances(Review, [row[own : own + review]])
    (found.user,) = instances(User, [row[-person:]])
    return found


_KNOWN = (Membership, Review, User)


@prepared
def _standing(user: int, slug: str) -> Any:
    columns = [
        f"{path}{field.attname}"
        for path, model in zip(("", "review__", "user__"), _KNOWN, strict=True)
        for field in model._meta.concrete_fields
    ]
    found = Membership.objects.filter(review__slug=slug, user_id=user, left_at=None)
    return found.values_list(*columns)


def require(member: Membership, *capabilities: str) -> None:
    """Raise PermissionDenied with a sentence unless `member` has one of `capabilities`."""
    can = abilities(member)
    if not any(capability in can for capability in capabilities):
        roles = ", ".join(Role(role).label.lower() for role in member.roles) or "no role"
        raise PermissionDenied(
            f"You take part in this review as {roles}; that does not let you "
            f"{CAPABILITIES[capabilities[0]]}. Ask the review's lead."
        )


View = Callable[..., HttpResponseBase]


def member(*capabilities: str) -> Callable[[View], View]:
    """Open a view under /r/<slug>/ to members who have one of `capabilities`.

    The view is called with the review in place of the slug; `request.member` is the membership.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            found = membership_of(request.user, slug)  # type: ignore[arg-type]
            request.member = found  # type: ignore[attr-defined]
            require(found, *capabilities)
            return view(request, found.review, *args, **kwargs)

        wrapper.capabilities = capabilities  # type: ignore[attr-defined]
        return wrapper

    return decorator


def may_restore(user: User) -> bool:
    """Whether `user` may bring a whole review in from the page.

    An archive names its people by their e-mail addresses and says what they decided, and its seal
    shows only that it is whole: so it is for whom the administrator trusts.
    """
    return user.is_superuser or settings.RESTORE_FROM_PAGE == "everybody"


def members_who(review: Review, capability: str) -> list[Membership]:
    """The standing members of `review` with `capability`, in the order in which they joined."""
    standing = review.memberships.filter(left_at=None).select_related("user").order_by("pk")
    return [member for member in standing if capability in abilities(member)]
