"""Differences from the protocol: what was changed after it was locked, out of the log."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from citations.writing import guarded
from reviews.models import AuditEvent, Review
from reviews.views.log import differences as changed

LOCKED = "locked the protocol"
# What departs from a protocol; the acts write these verbs (reviews/actions.py, actions.py).
VERBS = {
    "changed the question": "Question",
    "changed the criteria": "Criteria",
    "changed the rules": "Rules of screening",
    "opened the blind": "Blinding opened",
    "closed the blind": "Blinding closed",
    LOCKED: "Protocol locked",
    "unlocked the protocol": "Protocol unlocked",
}
COLUMNS = ["date", "who", "what", "part", "before", "after", "reason"]


@dataclass(frozen=True)
class Difference:
    """One change: `parts` are (what, before, after) in words, none for a lock."""

    event: AuditEvent
    what: str
    parts: list[tuple[str, str, str]]


def _flat(said: Any) -> Any:
    """{"question": {"population": …}} -> {"population": …}, so that each part stands by itself."""
    if not isinstance(said, dict):
        return said
    flat = dict(said)
    inner = flat.pop("question", None)
    return flat | inner if isinstance(inner, dict) else said


def differences(review: Review) -> list[Difference]:
    """Every change after the protocol was first locked, the oldest first. 2 queries."""
    first = review.events.filter(verb=LOCKED).order_by("number").first()
    if first is None:
        return []
    events = review.events.filter(verb__in=VERBS, number__gt=first.number)
    found = []
    for event in events.select_related("actor").order_by("number"):
        event.before, event.after = _flat(event.before), _flat(event.after)
        what = VERBS[event.verb]
        if event.verb == "changed the rules":
            what = event.target.capitalize()
        found.append(Difference(event, what, changed(event)))
    return found


def as_csv(found: list[Difference]) -> Iterator[str]:
    """A line for each part that changed."""

    def line(cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow([guarded(cell) for cell in cells])
        return out.getvalue()

    yield "\ufeff" + line(COLUMNS)
    for each in found:
        event = each.event
        for part, before, after in each.parts or [("", "", "")]:
            told = [event.at.date().isoformat(), str(event.actor), each.what]
            yield line([*told, part, before, after, event.reason])
