"""Whose name stands beside a vote on the conflicts pages: one rule for list and page."""

from collections.abc import Iterable
from string import ascii_uppercase

from reviews.models import Membership, Stage, User

from .models import Decision


def nameless(member: Membership, stage: Stage) -> bool:
    """Whether the conflicts of `stage` are shown without names. 1 query."""
    return member.review.rules(stage).hide_names


def names(member: Membership, decisions: Iterable[Decision], *, hidden: bool) -> dict[int, str]:
    """{user id: what the page calls that person} for the decisions on one report.

    Hidden: "Reviewer A" and on, in the order of the decisions; one's own stays one's own.
    """
    if not hidden:
        return {each.by_id: str(each.by) for each in decisions}
    called: dict[int, str] = {}
    for each in decisions:
        letter = ascii_uppercase[len(called) % 26]
        called.setdefault(each.by_id, f"Reviewer {letter}")
    return called | {member.user_id: "You"} if member.user_id in called else called


def one(called: dict[int, str], user: User, *, hidden: bool) -> str:
    """What a page calls `user`, who may be none of those in `called`: somebody who has left, a lead."""
    return called.get(user.pk) or ("Somebody else" if hidden else str(user))
