"""Exclusion reasons for a new review."""

from django.db import transaction

from reviews import audit
from reviews.models import Review, User

from .models import Reason


@transaction.atomic
def copy_setup(source: Review, target: Review, *, by: User) -> None:
    """Give `target` the reasons that are in use in `source`, stage by stage, in their order."""
    made = Reason.objects.bulk_create(
        Reason(review=target, stage=reason.stage, label=reason.label, order=reason.order)
        for reason in source.reasons.filter(retired_at=None)
    )
    if made:
        audit.record(
            target,
            "copied the reasons",
            by=by,
            target=f"{len(made)} reasons",
            after={"from": source.title, "reasons": [reason.label for reason in made]},
        )
