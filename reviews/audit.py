"""The log of what was done: append-only, one hash chain a review."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import AuditEvent, Restoration, Review, User

_ROW = re.compile(r"([a-z]+) ([0-9]+)")


def renamed(target: str, shifts: Mapping[str, int], sign: int = 1) -> str:
    """ "report 12" as "report 112", where reports have moved by 100; everything else as it is."""
    named = _ROW.fullmatch(target)
    by = {model.rsplit(".")[-1]: shift for model, shift in shifts.items()}
    if named is None or named[1] not in by:
        return target
    return f"{named[1]} {int(named[2]) + sign * by[named[1]]}"


def fingerprint(event: AuditEvent, restored: Restoration | None = None) -> str:
    """SHA-256 over everything the event says and the hash of the event before it.

    With `restored`, over what it said where it was written, by the ids of that server.
    """
    there = restored.there if restored else {"people": {}, "shifts": {}}
    said = [
        there.get("review", event.review_id),
        event.number,
        there["people"].get(str(event.actor_id), event.actor_id),
        event.verb,
        renamed(event.target, there["shifts"], -1),
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
    # An event that came with several archives was written before the first of them.
    came = list(review.restorations.order_by("events", "pk"))
    for event in AuditEvent.objects.filter(review=review).order_by("number").iterator():
        number += 1
        if event.number != number:
            wrong.append(f"event {number} is missing before event {event.number}")
            number = event.number
        if event.previous_hash != previous:
            wrong.append(f"event {event.number} does not follow the event before it")
        if (
            fingerprint(event, next((r for r in came if event.number <= r.events), None))
            != event.hash
        ):
            wrong.append(f"event {event.number} ({event.verb}) was changed")
        previous = event.hash
    return wrong
