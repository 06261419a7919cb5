"""Queries that the ORM writes once and many requests run.

Writing a query takes the ORM several times as long as the database needs to answer it. Where 50
people screen at once that is most of the work, and the text of the query is the same each time.

    @written
    def waiting(user: int, now: datetime, *, stage: str) -> Any:
        return Lease.objects.filter(by=user, until__gt=now, stage=stage).values_list("report")

    waiting(member.user_id, timezone.now(), stage="abstract")   # a list of tuples

Positional arguments are values: an id, a moment or a text, or a tuple of ids. What is written stays
the same for all of them, so the function must not look at them. Keyword arguments are the shape:
for each the query is written anew, so they are few: a stage, a limit.

The function returns a queryset, or SQL and parameters that it wrote itself. An id is one of a
BigAutoField; a narrower column would refuse what stands in for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import update_wrapper
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet

Value = int | datetime | str | tuple[int, ...]
Row = tuple[Any, ...]

MOST_KEPT = 512  # texts of one query; beyond that the shapes are too many and one starts again
FAR_AWAY = -7_000_000_000  # no row has such an id
_A_DAY_NOBODY_MEANS = datetime(1752, 9, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Text:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # (place among the parameters, which value goes there)
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]  # column, functions, expression


class Written:
    def __init__(self, build: Callable[..., Any], *, prepared: bool) -> None:
        self._build = build
        self._prepared = prepared
        self._kept: dict[Any, Text] = {}
        update_wrapper(self, build)

    def query(self, *values: Any, **shape: Any) -> Any:
        """The queryset itself, for who has something to add."""
        return self._build(*values, **shape)

    def once(self, *values: Any, **shape: Any) -> list[Row]:
        """Run it without keeping what is written, for a shape that few share."""
        text = _text(self._build(*values, **shape))
        return _run(text, list(text.parameters), prepared=False)

    def __call__(self, *values: Value, **shape: Any) -> list[Row]:
        if () in values:
            return []  # no ids name no row
        flat, lengths = _flattened(values)
        key = (connection.vendor, lengths, *shape.items())
        text = self._kept.get(key)
        if text is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            text = _write(self._build, values, lengths, shape, prepared=self._prepared)
            self._kept[key] = text
        parameters = list(text.parameters)
        for place, which in text.places:
            parameters[place] = flat[which]
        return _run(text, parameters, prepared=self._prepared)


def written(build: Callable[..., Any]) -> Written:
    """Run what `build` returns, written once for each shape."""
    return Written(build, prepared=False)


def prepared(build: Callable[..., Any]) -> Written:
    """The same, and PostgreSQL plans it once for each connection: for rows that are named by ids,
    where the plan is the same whatever the ids are."""
    return Written(build, prepared=True)


_inserts: dict[tuple[str, type[models.Model]], str] = {}


def insert(row: models.Model) -> None:
    """Store `row`, a new object of a model without parents, signals or files, and give it its id."""
    key = (connection.vendor, type(row))
    meta = row._meta
    fields = [field for field in meta.concrete_fields if field is not meta.pk]
    if key not in _inserts:
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(str(field.column)) for field in fields)
        blanks = ", ".join(["%s"] * len(fields))
        _inserts[key] = (
            f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ({blanks}) "  # noqa: S608
            f"RETURNING {quoted(str(meta.pk.column))}"
        )
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with _cursor(True) as cursor:
        cursor.execute(_inserts[key], values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


def instances(model: type[models.Model], rows: Sequence[Row]) -> list[Any]:
    """Objects of rows that hold all columns of `model`, in their order."""
    names = [field.attname for field in model._meta.concrete_fields]
    return [model.from_db(connection.alias, names, row) for row in rows]


def _padded(ids: tuple[int, ...]) -> tuple[int, ...]:
    """As many as the next power of two, the last repeated: a few lengths for all lists."""
    wanted = 1
    while wanted < len(ids):
        wanted *= 2
    return ids + ids[-1:] * (wanted - len(ids))


def _flattened(values: tuple[Value, ...]) -> tuple[list[Any], tuple[int | None, ...]]:
    flat: list[Any] = []
    lengths: list[int | None] = []
    for value in values:
        if isinstance(value, tuple):
            value = _padded(value)
            flat += value
            lengths.append(len(value))
        else:
            flat.append(_as_sent(value))
            lengths.append(None)
    return flat, tuple(lengths)


def _stand_in(value: Any, n: int) -> Any:
    """What stands for the n-th value while the query is written; no row has it."""
    if isinstance(value, datetime):
        return _A_DAY_NOBODY_MEANS + timedelta(days=n)
    return f"stand-in {n}" if isinstance(value, str) else FAR_AWAY - n


def _write(
    build: Callable[..., Any],
    values: tuple[Value, ...],
    lengths: tuple[int | None, ...],
    shape: dict[str, Any],
    *,
    prepared: bool,
) -> Text:
    stand_ins: list[Any] = []
    given: list[Any] = []
    for value, length in zip(values, lengths, strict=True):
        if length is None:
            stand_ins.append(_stand_in(value, len(stand_ins)))
            given.append(stand_ins[-1])
        else:
            several = [_stand_in(0, len(stand_ins) + n) for n in range(length)]
            stand_ins += several
            given.append(tuple(several))
    text = _text(build(*given, **shape))
    which = {_as_sent(each): n for n, each in enumerate(stand_ins)}
    places = tuple(
        (at, which[value])
        for at, value in enumerate(text.parameters)
        if value.__hash__ is not None and value in which
    )
    taken = {at for at, _ in places}
    left = (value for at, value in enumerate(text.parameters) if at not in taken)
    changed = [
        value for value in left if isinstance(value, int) and abs(value - FAR_AWAY) < 1_000_000
    ]
    assert not changed, f"{build.__name__} does more with a value than ask for it"  # noqa: S101
    text = replace(text, places=places)
    return _spelt_out(text) if prepared and connection.vendor == "postgresql" else text


def _spelt_out(text: Text) -> Text:
    """With everything but the values written into the SQL: PostgreSQL plans with what it knows."""
    where = dict(text.places)
    parts = text.sql.split("%s")
    sql, parameters, places = parts[0], list[Any](), list[tuple[int, int]]()
    for at, (parameter, part) in enumerate(zip(text.parameters, parts[1:], strict=True)):
        if at in where:
            places.append((len(parameters), where[at]))
            parameters.append(parameter)
            sql += "%s" + part
        else:
            said = connection.ops.compose_sql("%s", [parameter])  # type: ignore[attr-defined]
            sql += said.replace("%", "%%") + part
    return Text(sql, tuple(parameters), tuple(places), text.converters)


def _text(built: Any) -> Text:
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...] = ()
    if isinstance(built, QuerySet):
        compiler = built.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [each[0] for each in compiler.select[: compiler.col_count]]
        converters = tuple(
            (at, tuple(functions), expression)
            for at, (functions, expression) in compiler.get_converters(columns).items()
        )
    else:
        sql, parameters = built
    plain = (each.value if isinstance(each, Enum) else each for each in parameters)
    return Text(sql, tuple(plain), (), converters)


def _as_sent(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _run(text: Text, parameters: list[Any], *, prepared: bool) -> list[Row]:
    with _cursor(prepared) as cursor:
        cursor.execute(text.sql, parameters)
        rows = cursor.fetchall() if cursor.description else []
    if not (text.converters and rows):
        return rows
    found = []
    for row in rows:
        values = list(row)
        for at, functions, expression in text.converters:
            for function in functions:
                values[at] = function(values[at], expression, connection)
        found.append(tuple(values))
    return found


def _cursor(prepared: bool) -> Any:
    """A cursor of this thread's connection; a prepared one binds on PostgreSQL's side."""
    if not prepared or connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    from django.db.backends.postgresql.base import ServerBindingCursor

    bound: Any = ServerBindingCursor
    return connection._prepare_cursor(bound(connection.connection))  # type: ignore[attr-defined]
