"""Every write about reviews, their people and their protocol."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.text import slugify

from . import audit, leaving
from .access import Abilities
from .models import (
    SCREENING_STAGES,
    Criterion,
    Invitation,
    Membership,
    Review,
    StageRules,
    User,
)
from .refusal import Clash, Refused
from .roles import Role


def free_slug(title: str) -> str:
    """A slug made of `title` that no review has yet."""
    base = slugify(title)[:60].strip("-") or "review"
    if not Review.objects.filter(slug=base).exists():
        return base
    return f"{base}-{secrets.token_hex(3)}"


@transaction.atomic
def create_review(
    title: str,
    *,
    by: User,
    framework: str = Review.Framework.PICO,
    question: dict[str, str] | None = None,
    screeners: int = 2,
    roles: Iterable[str] = (Role.LEAD,),
    slug: str = "",
) -> Review:
    """A new review with the rules of both stages; `by` becomes its first member."""
    about = {"title": title, "framework": framework, "question": question or {}, "created_by": by}
    try:
        with transaction.atomic():
            review = Review.objects.create(slug=slug or free_slug(title), **about)
    except IntegrityError:
        if slug:
            raise Clash(f"The address “{slug}” is taken.") from None
        # Somebody took the same slug between our look and our write.
        review = Review.objects.create(slug=f"{free_slug(title)}-{secrets.token_hex(3)}", **about)
    for stage in SCREENING_STAGES:
        StageRules.objects.create(review=review, stage=stage, screeners=screeners)
    Membership.objects.create(review=review, user=by, roles=in_order(roles))
    audit.record(review, "created the review", by=by, target=review, after={"title": title})
    return review


def in_order(roles: Iterable[str]) -> list[str]:
    """`roles` without doubles, in the order of Role; Refused for none or an unknown one."""
    wanted = set(roles)
    if not wanted or not wanted <= set(Role.values):
        raise Refused("Choose at least one role.")
    return [role for role in Role.values if role in wanted]


@transaction.atomic
def copy_setup(source: Review, target: Review, *, by: User) -> None:
    """Give `target` the criteria and the stage rules of `source`. It stays blind."""
    set_criteria(target, [(each.kind, each.text) for each in criteria_in_force(source)], by=by)
    for rules in source.stage_rules.all():
        StageRules.objects.filter(review=target, stage=rules.stage).update(
            screeners=rules.screeners,
            maybe=rules.maybe,
            one_include=rules.one_include,
            hide_source=rules.hide_source,
            bar_own=rules.bar_own,
            hide_names=rules.hide_names,
            ask_criteria=rules.ask_criteria,
            settled_by=rules.settled_by,
        )


def said_now(review: Review) -> str:
    """A short mark of the title and question as they stand, for `describe(..., seen=)`."""
    said = json.dumps([review.title, review.framework, review.question], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def describe(
    review: Review,
    *,
    by: User,
    title: str,
    framework: str,
    question: dict[str, str],
    seen: str = "",
    reason: str = "",
) -> Review:
    """Change the title and the question; with a reason once the protocol is locked.

    `seen` is the mark (`said_now`) of what `by` had before the eyes: Clash when it has changed.
    """
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if seen and seen != said_now(review):
        raise Clash(
            "Somebody changed the question while you were writing. "
            "Yours is still here: compare it with theirs, then save again."
        )
    before = {"title": review.title, "framework": review.framework, "question": review.question}
    review.title, review.framework, review.question = title, framework, question
    after = {"title": title, "framework": framework, "question": question}
    if before != after:
        check_reason(review, reason)
        review.save(update_fields=["title", "framework", "question"])
        audit.record(
            review,
            "changed the question",
            by=by,
            target=review,
            before=before,
            after=after,
            reason=reason.strip(),
        )
    return review


@transaction.atomic
def set_blind(review: Review, blind: bool, *, by: User, reason: str) -> Review:
    """Open or close the blind. Opening it is a departure from method, so it needs a reason."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if not reason.strip():
        raise Refused("Say why the blind is changed; the reason is kept in the log.")
    if review.blind != blind:
        review.blind = blind
        review.save(update_fields=["blind"])
        verb = "closed the blind" if blind else "opened the blind"
        audit.record(review, verb, by=by, target=review, reason=reason.strip())
    return review


def check_reason(review: Review, reason: str) -> None:
    """Refuse a change of the protocol without a reason once it is locked. No query."""
    if review.protocol_locked_at and not reason.strip():
        raise Refused(
            "The protocol is locked. Say why it changes; the reason stands in the list of "
            "differences from the protocol."
        )


@transaction.atomic
def lock_protocol(review: Review, *, by: User) -> Review:
    """From here on a change of the question, the criteria or the rules asks for its reason."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if review.protocol_locked_at is None:
        review.protocol_locked_at = timezone.now()
        review.save(update_fields=["protocol_locked_at"])
        audit.record(review, "locked the protocol", by=by, target=review)
    return review


@transaction.atomic
def unlock_protocol(review: Review, *, by: User, reason: str) -> Review:
    """Let the protocol change without reasons again. That it was so stays in the list."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if not reason.strip():
        raise Refused("Say why the protocol is unlocked; the reason stands in the list.")
    if review.protocol_locked_at is not None:
        review.protocol_locked_at = None
        review.save(update_fields=["protocol_locked_at"])
        audit.record(review, "unlocked the protocol", by=by, target=review, reason=reason.strip())
    return review


def criteria_version(review: Review) -> int:
    """The number of the list of criteria that is in force (1, 2, 3 …)."""
    return int(review.criteria.aggregate(latest=latest_version())["latest"])


def latest_version() -> Greatest:
    """The same, as an aggregate over the criteria of a review."""
    return Greatest(Coalesce(Max("since_version"), 1), Coalesce(Max("until_version"), 1))


def criteria_in_force(review: Review) -> list[Criterion]:
    return list(review.criteria.filter(until_version=None))


def _by_kind(criteria: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """{"inclusion": [texts in their order], "exclusion": […]}, without empty ones."""
    said: dict[str, list[str]] = {kind: [] for kind in Criterion.Kind.values}
    for kind, text in criteria:
        if text.strip():
            said[kind].append(text.strip())
    return said


def criteria_at(review: Review, version: int) -> list[Criterion]:
    """The criteria as they stood in `version`, in their order."""
    gone = Q(until_version__isnull=False, until_version__lte=version)
    return list(review.criteria.filter(~gone, since_version__lte=version))


@transaction.atomic
def set_criteria(
    review: Review,
    wanted: Sequence[tuple[str, str]],
    *,
    by: User,
    reason: str = "",
    seen: int | None = None,
) -> int:
    """Replace the criteria by `wanted` = [(kind, text), …] in that order; returns the version.

    `seen` is the version that `by` had before the eyes: Clash when another one is in force.

    Rows are never edited: what changed is closed and opened anew under the next version, so that
    each decision can say under which text it was taken.
    """
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    have = _by_kind((each.kind, each.text) for each in criteria_in_force(review))
    want = _by_kind(wanted)
    version = criteria_version(review)
    if have == want:
        return version
    if seen is not None and seen != version:
        raise Clash(
            f"Somebody made version {version} of the criteria while you were writing. "
            "Yours are still here: compare them with theirs, then save again."
        )
    check_reason(review, reason)
    version += 1 if review.criteria.exists() else 0
    review.criteria.filter(until_version=None).update(until_version=version)
    Criterion.objects.bulk_create(
        Criterion(review=review, kind=kind, text=text, order=order, since_version=version)
        for kind, texts in want.items()
        for order, text in enumerate(texts)
    )
    audit.record(
        review,
        "changed the criteria",
        by=by,
        target=f"criteria {version}",
        before=have,
        after=want,
        reason=reason,
    )
    return version


# --- People ---------------------------------------------------------------------------------


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    review: Review, *, by: User, roles: Iterable[str], email: str = "", days: int = 14
) -> tuple[Invitation, str]:
    """Open a way in. Returns the invitation and its secret token, which is stored nowhere."""
    wanted = in_order(roles)
    if not 1 <= days <= 365:
        raise Refused("An invitation is good for 1 to 365 days.")
    email = email.strip().lower()
    standing = Membership.objects.filter(review=review, left_at=None, user__email__iexact=email)
    if email and standing.exists():
        raise Refused(f"{email} takes part in this review already.")
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        review=review,
        email=email,
        roles=wanted,
        token_hash=token_hash(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"email": email, "roles": wanted, "days": days}
    audit.record(review, "invited a person", by=by, target=invitation, after=after)
    return invitation, token


def find_invitation(token: str) -> Invitation | None:
    """The invitation that this secret opens, whatever its state."""
    known = Invitation.objects.select_related("review", "invited_by")
    return known.filter(token_hash=token_hash(token)).first()


@transaction.atomic
def rescind(invitation: Invitation, *, by: User) -> Invitation:
    """Close a way in that nobody has used."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at:
        raise Refused("That invitation has been accepted; remove the member instead.")
    if not invitation.rescinded_at:
        invitation.rescinded_at = timezone.now()
        invitation.save(update_fields=["rescinded_at"])
        audit.record(invitation.review, "rescinded an invitation", by=by, target=invitation)
    return invitation


@transaction.atomic
def accept(token: str, *, by: User) -> Membership:
    """Use an invitation. An old membership is taken up again with the roles of the invitation."""
    invitation = (
        Invitation.objects.select_for_update()
        .select_related("review")
        .filter(token_hash=token_hash(token))
        .first()
    )
    if invitation is None:
        raise Refused("That invitation link is not known. Ask for a new one.")
    if invitation.state == "accepted" and invitation.accepted_by_id == by.pk:
        return Membership.objects.get(review=invitation.review, user=by)
    if invitation.state != "open":
        raise Refused(f"That invitation is {invitation.state}. Ask for a new one.")
    if invitation.email and invitation.email.lower() != by.email.lower():
        raise Refused(
            f"That invitation is for {invitation.email}; you are signed in as {by.email}."
        )
    member, made = Membership.objects.select_for_update().get_or_create(
        review=invitation.review, user=by, defaults={"roles": invitation.roles}
    )
    if not made and member.left_at is None:
        raise Refused("You take part in this review already.")
    member.roles, member.left_at = invitation.roles, None
    member.save(update_fields=["roles", "left_at"])
    invitation.accepted_at, invitation.accepted_by = timezone.now(), by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    after = {"member": member.pk, "roles": member.roles}
    audit.record(invitation.review, "joined", by=by, target=invitation, after=after)
    return member


@transaction.atomic
def set_roles(member: Membership, roles: Iterable[str], *, by: User) -> Membership:
    """Give a member other roles. A review keeps at least one lead.

    What they had in hand and may no longer do is free for others (reviews/leaving.py).
    """
    leaving.hand_over(member, Abilities(in_order(roles)), by=by)
    _lock_people(member.review)
    member = Membership.objects.select_for_update().get(pk=member.pk)
    wanted = in_order(roles)
    if member.left_at:
        raise Clash(f"{member.user} has left the review.")
    if Role.LEAD not in wanted:
        _keep_a_lead(member)
    if member.roles != wanted:
        before, member.roles = member.roles, wanted
        member.save(update_fields=["roles"])
        audit.record(
            member.review, "changed roles", by=by, target=member, before=before, after=wanted
        )
    return member


@transaction.atomic
def remove(member: Membership, *, by: User) -> Membership:
    """End a membership. Decisions, extractions and codings stay as they are.

    What they had in hand is free for others (reviews/leaving.py).
    """
    leaving.hand_over(member, Abilities([]), by=by)
    _lock_people(member.review)
    member = Membership.objects.select_for_update().get(pk=member.pk)
    if member.left_at:
        return member
    _keep_a_lead(member)
    member.left_at = timezone.now()
    member.save(update_fields=["left_at"])
    verb = "left the review" if by.pk == member.user_id else "removed a member"
    audit.record(member.review, verb, by=by, target=member, before={"roles": member.roles})
    return member


def _lock_people(review: Review) -> None:
    """Two leads that remove each other at once must not leave the review without one."""
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)


def _keep_a_lead(member: Membership) -> None:
    others = Membership.objects.filter(~Q(pk=member.pk), review=member.review, left_at=None)
    if Role.LEAD in member.roles and not any(Role.LEAD in other.roles for other in others):
        raise Refused("A review needs a lead. Make somebody else a lead first.")


# --- One's own account ------------------------------------------------------------------------


def rename(user: User, name: str) -> User:
    """How colleagues see `user`, in every review."""
    user.name = name.strip()
    user.save(update_fields=["name"])
    return user
