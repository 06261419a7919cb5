"""The log of what was done: append-only, one hash chain a review."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import AuditEvent, Review, User


def fingerprint(event: AuditEvent) -> str:
    """SHA-256 over everything the event says and the hash of the event before it."""
    said = [
        event.review_id,
        event.number,
        event.actor_id,
        event.verb,
        event.target,
        event.before,
        event.after,
        event.reason,
        event.at.isoformat(),
        event.previous_hash,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record(
    review: Review,
    verb: str,
    *,
    by: User | None,
    target: Any = "",
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> AuditEvent:
    """Append an event; call it inside the transaction of the act, after its other locks.

    The review's row is locked so that two acts at once make one chain and not a fork; `no_key`
    lets others meanwhile write rows that point to the review.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event belongs into the transaction of its act.")
    Review.objects.select_for_update(no_key=True).only("pk").get(pk=review.pk)
    last = AuditEvent.objects.filter(review=review).order_by("-number").first()
    named = target if isinstance(target, str) else f"{target._meta.model_name} {target.pk}"
    event = AuditEvent(
        review=review,
        number=last.number + 1 if last else 1,
        actor=by,
        verb=verb,
        target=named,
        before=before,
        after=after,
        reason=reason,
        at=timezone.now(),
        previous_hash=last.hash if last else "",
    )
    event.hash = fingerprint(event)
    event.save()
    return event


def broken_links(review: Review) -> list[str]:
    """Sentences for every event whose hash, number or link to the one before is wrong."""
    wrong: list[str] = []
    number, previous = 0, ""
    for event in AuditEvent.objects.filter(review=review).order_by("number").iterator():
        number += 1
        if event.number != number:
            wrong.append(f"event {number} is missing before event {event.number}")
            number = event.number
        if event.previous_hash != previous:
            wrong.append(f"event {event.number} does not follow the event before it")
        if fingerprint(event) != event.hash:
            wrong.append(f"event {event.number} ({event.verb}) was changed")
        previous = event.hash
    return wrong
