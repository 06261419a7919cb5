"""Keeping what an act is about to change in place, so that the state of any past day can be told.

Call it inside the transaction of the act, before its change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from .models import EarlierState, Review


def keep(review: Review, rows: QuerySet[Any], *fields: str) -> None:
    """Keep what `fields` of `rows` say at this moment. 2 queries."""
    said = {row.pop("pk"): row for row in rows.order_by().values("pk", *fields)}
    keep_said(review, rows.model, said)


def keep_said(review: Review, model: type[Model], said: Mapping[int, Mapping[str, Any]]) -> None:
    """Keep {id: {field: value}} of rows of `model`. 1 query."""
    now, label = timezone.now(), model._meta.label_lower
    EarlierState.objects.bulk_create(
        (
            EarlierState(
                review=review,
                model=label,
                said={"id": pk} | {name: _plain(value) for name, value in fields.items()},
                at=now,
            )
            for pk, fields in said.items()
        ),
        batch_size=1000,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def changed_since(review: Review, moment: datetime) -> dict[str, dict[int, dict[str, Any]]]:
    """{model: {id: {field: what it said at `moment`}}} of what was changed in place since. 1 query."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    later = EarlierState.objects.filter(review=review, at__gte=moment).order_by("-at", "-pk")
    # The first change after the moment replaced what stood then: it comes last and wins.
    for model, said in later.values_list("model", "said").iterator():
        found.setdefault(model, {}).setdefault(said.pop("id"), {}).update(said)
    return found
