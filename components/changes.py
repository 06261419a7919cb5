"""One row before and after an act, as the log of the tree keeps it."""

import datetime
import uuid
from typing import Any, NamedTuple

from django.db import models


class Change(NamedTuple):
    """One row: what it was and what it became; None where it was not there (any more)."""

    model: str
    pk: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def plain(value: Any) -> Any:
    """`value` of a field as JSON keeps it, to the microsecond."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def state(row: models.Model) -> dict[str, Any]:
    """Everything that a row says, but for its key."""
    fields = row._meta.concrete_fields
    return {
        field.attname: plain(getattr(row, field.attname))
        for field in fields
        if not field.primary_key
    }
