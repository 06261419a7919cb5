"""A backup into an empty installation: all of it, or nothing and the reason."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from citations import blobs
from reviews.refusal import Refused

from ..archive.writing import Say, say_nothing
from ..sealed.reading import Sealed, checked
from . import tables
from .writing import BACKUP, SECRET

PIECE = 500  # rows stored at a time
Made = dict[str, type[models.Model]]


def restore(path: Path, *, say: Say = say_nothing) -> dict[str, Any]:
    """Put the backup at `path` into this installation, which must be empty; its manifest.

    The database is brought to the migrations of the backup, filled, and brought to today's. Refused
    and nothing is kept when the backup is not whole, is of a newer Concord, or contradicts itself.
    """
    with checked(path, BACKUP) as backup:
        nodes = [(str(app), str(name)) for app, name in backup.manifest["migrations"]]
        made = _empty(nodes)
        if strange := {each["table"] for each in _tables(backup)} - set(made):
            raise Refused(f"The backup holds a table that its migrations lack: {min(strange)}.")
        _files(backup, say)
        try:
            with transaction.atomic():
                _fill(backup, made, say)
        except (DatabaseError, KeyError, TypeError, ValueError, ValidationError) as error:
            raise Refused(f"The backup can't be stored, so nothing was kept: {error}") from error
        _secret(backup)
    call_command("migrate", interactive=False, verbosity=0)
    return backup.manifest


def _empty(nodes: list[tables.Node]) -> Made:
    """An empty database after exactly the migrations `nodes`; its models then."""
    executor = MigrationExecutor(connection)
    graph, here = executor.loader.graph, tables.migrations_of(executor.loader)
    if strange := [node for node in nodes if node not in graph.nodes]:
        raise Refused(
            f"The backup was made by a newer Concord (“{'.'.join(strange[0])}”). Upgrade Concord, "
            "then restore it."
        )
    made = tables.models_at(executor.loader, nodes)
    if not here:
        # The last of each app: what they need comes along.
        children = {node: {child.key for child in graph.node_map[node].children} for node in nodes}
        last = [n for n in nodes if not any(c[0] == n[0] and c in nodes for c in children[n])]
        executor.migrate(last)
        return made
    occupied = made["reviews.User"]._base_manager.exists() if set(here) == set(nodes) else True
    if occupied:
        raise Refused(
            "A backup goes into an empty installation, and there is something in this one. Name a "
            "new data folder or a new database, and do nothing with it before."
        )
    return made


def _tables(backup: Sealed) -> list[dict[str, Any]]:
    return [each for each in backup.manifest["members"] if "table" in each]


def _files(backup: Sealed, say: Say) -> None:
    """Its files into the store. Those of a restoration that fails are used by the next."""
    for number, sha256 in enumerate(backup.files):
        if number % 50 == 0:
            say(0, 0, f"Storing files ({number} of {len(backup.files)})")
        if not blobs.is_whole(sha256):
            with blobs.received(backup.file(sha256)) as draft:
                draft.keep()


def _fill(backup: Sealed, made: Made, say: Say) -> None:
    """Every row as it was. What migrations put into a new database goes first."""
    names = [model._meta.db_table for model in made.values()]
    flush = connection.ops.sql_flush(no_style(), names, reset_sequences=False, allow_cascade=True)
    connection.ops.execute_sql_flush(flush)
    total, done = sum(each["rows"] for each in _tables(backup)), 0
    for each in _tables(backup):
        model = made[each["table"]]
        say(done, total, f"Restoring {each['table']}")
        rows = (_row(model, said) for said in backup.lines(each["name"]))
        stored = sum(_store(model, piece) for piece in _pieces(rows))
        if stored != each["rows"]:
            raise Refused(f"The backup promises {each['rows']} rows of {each['table']}.")
        done += stored
    connection.check_constraints(table_names=names)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(made.values())):
            cursor.execute(statement)


def _store(model: type[models.Model], rows: list[Any]) -> int:
    for each in model._meta.concrete_fields:
        if isinstance(each, models.DateField):  # a row keeps the day that it had
            each.auto_now = each.auto_now_add = False
    model._base_manager.bulk_create(rows)
    return len(rows)


def _row(model: type[models.Model], said: dict[str, Any]) -> models.Model:
    fields = {each.attname: each for each in tables.columns(model)}
    return model(**{name: tables.stored(fields[name], value) for name, value in said.items()})


def _pieces(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while piece := list(islice(rows, PIECE)):
        yield piece


def _secret(backup: Sealed) -> None:
    """What signed links and webhooks there signs them here, unless the environment names a secret."""
    if SECRET not in backup.packed.namelist() or os.environ.get("REVIEWAPP_SECRET_KEY"):
        return
    path = Path(settings.DATA_DIR) / SECRET
    fresh = path.with_name(f".{SECRET}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in backup.bytes_of(SECRET):
            file.write(chunk)
    fresh.replace(path)
