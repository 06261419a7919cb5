"""Which tables a backup holds, and how a value stands in JSON."""

import base64
from collections.abc import Iterable
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import Value

from reviews.refusal import Refused

Node = tuple[str, str]  # an app and the name of a migration
LEFT_OUT = {
    "sessions.Session": "everybody signs in again",
    "citations.KeyIndex": "made anew from the records",
    "screening.WordBag": "made anew from the reports",
    "screening.RankedOrder": "learnt anew from the decisions",
}


def migrations_of(loader: MigrationLoader) -> list[Node]:
    """What has been applied to this database, sorted."""
    known = loader.graph.nodes
    applied = sorted(loader.applied_migrations)
    if strange := [node for node in applied if node not in known]:
        raise Refused(
            f"This database was made by a newer Concord (“{'.'.join(strange[0])}”). Upgrade Concord."
        )
    return applied


def models_at(loader: MigrationLoader, nodes: Iterable[Node]) -> dict[str, type[models.Model]]:
    """{label: model} of every table that there is after the migrations `nodes`, in one order."""
    apps: Apps = loader.project_state(list(nodes)).apps
    found = {each._meta.label: each for each in apps.get_models(include_auto_created=True)}
    return {
        label: model
        for label, model in sorted(found.items())
        if model._meta.managed and not model._meta.proxy and label not in LEFT_OUT
    }


def columns(model: type[models.Model]) -> list[Any]:
    """The fields of `model` that have a column which we fill."""
    return [each for each in model._meta.concrete_fields if not getattr(each, "generated", False)]


def plain(value: Any) -> Any:
    """Times as ISO 8601, bytes as base64, numbers of fixed point and UUIDs as their text."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def stored(field: Any, value: Any) -> Any:
    """What `plain` has written, as the column takes it."""
    if isinstance(field, models.JSONField):
        return Value(None, models.JSONField()) if value is None and not field.null else value
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value, validate=True)
    return (field.target_field if field.is_relation else field).to_python(value)


def loader() -> MigrationLoader:
    return MigrationLoader(connection)
