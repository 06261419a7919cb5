"""Exclusion reasons and the words to mark for a new review."""

from django.db import transaction
from django.db.models import F

from reviews import audit
from reviews.models import Review, User

from .desk import words
from .models import Reason


@transaction.atomic
def copy_setup(source: Review, target: Review, *, by: User) -> None:
    """Give `target` the words to mark, and the reasons in use, of `source`, in their order."""
    marked = {kind: "\n".join(listed) for kind, listed in words.lists_of(source, None).items()}
    words.set_lists(target, include=marked["include"], exclude=marked["exclude"], by=by)
    made: list[Reason] = []
    copy_of: dict[int | None, Reason] = {}
    # Those that others stand under first.
    for reason in source.reasons.filter(retired_at=None).order_by(
        F("parent").asc(nulls_first=True)
    ):
        copy = Reason(review=target, stage=reason.stage, label=reason.label, order=reason.order)
        copy.parent = copy_of.get(reason.parent_id)
        copy.save()
        copy_of[reason.pk] = copy
        made.append(copy)
    if made:
        audit.record(
            target,
            "copied the reasons",
            by=by,
            target=f"{len(made)} reasons",
            after={"from": source.title, "reasons": [reason.label for reason in made]},
        )
