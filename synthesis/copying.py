"""A new review with the set-up of another one and none of its data."""

from collections.abc import Iterable

from django.db import transaction

import components.copying
import reviews.actions
import screening.copying
from reviews import audit
from reviews.models import Review, User

# Each room copies its own part. A room that gets a set-up adds `copy_setup` and a line here.
ROOMS = [reviews.actions, components.copying, screening.copying]


@transaction.atomic
def start_like(source: Review, title: str, *, by: User, roles: Iterable[str]) -> Review:
    """Question, criteria, rules, reasons and components of `source` under a new title.

    No person, record, decision or text comes along, and the new review is blind.
    """
    made = reviews.actions.create_review(
        title, by=by, framework=source.framework, question=dict(source.question), roles=roles
    )
    for room in ROOMS:
        room.copy_setup(source, made, by=by)
    audit.record(made, "copied a set-up", by=by, target=made, after={"from": source.title})
    return made
