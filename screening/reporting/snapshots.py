"""PRISMA numbers that were frozen on a day, and how they differ from others."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from reviews import audit, webhooks
from reviews.models import Review, User
from reviews.refusal import Refused

from ..models import Snapshot
from . import diagram, prisma

FROZE = "froze the PRISMA numbers"


def freeze(review: Review, name: str, *, by: User) -> Snapshot:
    """Keep the numbers as they are now, under `name`; a draft is kept as a draft."""
    name = name.strip()
    if not name:
        raise Refused("Give the snapshot a name, for example “Submission”.")
    # As the database will give them back, so that the fingerprint is of what is stored. Counted
    # before the transaction begins: `one_moment` needs one of its own.
    numbers = json.loads(json.dumps(prisma.report(review)))
    with transaction.atomic():
        taken = Snapshot.objects.create(
            review=review, name=name[:120], numbers=numbers, sha256=fingerprint(numbers), by=by
        )
        audit.record(
            review,
            FROZE,
            by=by,
            target=taken,
            after={"name": taken.name, "sha256": taken.sha256},
        )
        webhooks.tell(
            review, webhooks.FROZEN, snapshot=taken.pk, name=taken.name, sha256=taken.sha256
        )
    return taken


def of(review: Review) -> QuerySet[Snapshot]:
    """The newest first."""
    return Snapshot.objects.filter(review=review).select_related("by")


def fingerprint(numbers: dict[str, Any]) -> str:
    text = json.dumps(numbers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_afterwards(review: Review) -> list[str]:
    """A sentence for each snapshot that is no longer what was frozen, as the audit log knows it."""
    logged = {
        event.target: (event.after or {}).get("sha256")
        for event in review.events.filter(verb=FROZE)
    }
    return [
        f"the PRISMA snapshot “{each}” ({each.pk}) is not what was frozen"
        for each in of(review)
        if not fingerprint(each.numbers) == each.sha256 == logged.get(f"snapshot {each.pk}")
    ]


@dataclass(frozen=True)
class Change:
    """A number that differs between two moments; 0 where one of them has no such line."""

    label: str
    before: int
    after: int

    @property
    def by(self) -> str:
        return f"{self.after - self.before:+,}".replace("-", "−")


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """What differs between two sets of numbers: boxes, reasons, sources, and what is pending."""
    first, then = _lines(before), _lines(after)
    labels = list(dict.fromkeys([*first, *then]))
    found = [Change(label, first.get(label, 0), then.get(label, 0)) for label in labels]
    return [each for each in found if each.before != each.after]


def _lines(numbers: dict[str, Any]) -> dict[str, int]:
    lines = {label: numbers["boxes"].get(box, 0) for box, label in prisma.labels().items()}
    for source in numbers["sources"]:
        lines[f"Records identified from {source['name']}"] = source["n"]
    for column, where in (("reasons", ""), ("other_reasons", "Other methods: ")):
        for row in numbers[column]:
            lines[f"{where}Excluded: {row['reason']}"] = row["n"]
    for key, n in numbers["pending"].items():
        lines[f"Pending: {diagram.PENDING_WORDS[key]}"] = n
    return lines
