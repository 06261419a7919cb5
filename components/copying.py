"""A tree of components for a new review."""

from django.db import transaction

from reviews import audit
from reviews.models import Review, User

from .models import Component


@transaction.atomic
def copy_setup(source: Review, target: Review, *, by: User) -> None:
    """Give `target` the components in use in `source`, each below the copy of its parent.

    What hangs below a retired component is not in use and stays behind.
    """
    waiting = list(source.components.filter(retired_at=None))
    copies: dict[int | None, Component | None] = {None: None}
    while ready := [each for each in waiting if each.parent_id in copies]:
        waiting = [each for each in waiting if each.parent_id not in copies]
        for component in ready:
            old = component.pk
            component.parent = copies[component.parent_id]
            component.pk, component.review = None, target
            component.save(force_insert=True)
            copies[old] = component
    made = len(copies) - 1
    if made:
        audit.record(
            target,
            "copied the components",
            by=by,
            target=f"{made} components",
            after={"from": source.title},
        )
