"""The state of a past moment, counted by the very rules that count the present.

`as_of` lays tables of that moment over the present ones: temporary tables of the same names, which
every query of this connection then reads. PostgreSQL looks for a name among them first, and so does
SQLite. What is counted, how, and where a report stands is said nowhere here.

1. Rows that came later are left out; what ended later (a decision superseded, a full text set aside,
   a round closed, a question answered) has not ended.
2. What was changed in place says what it said then (reviews/past.py).
3. The places of today are taken over, and settled anew where anything that a place is made of was
   different then. That is seen by comparing the rows, so no act can be forgotten here.

Nobody waits meanwhile: the present tables are only read. All of it is rolled back at the end.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

from citations.models import DuplicatePair, FullText, Record, Report, Search, StudyReport, Upload
from reviews import past
from reviews.models import AuditEvent, EarlierState, Review, StageRules

from ..models import Decision, Pilot, PilotReport, Reason, Stopping
from .placing import settle

# What is changed in place by these acts was not kept before reviews/past.py was there.
REPLACING = [
    *("merged duplicates", "unmerged", "redid an import", "changed a search"),
    *("merged a reason", "undid a merge of reasons", "renamed a reason", "grouped a report"),
    *("split a study", "began an update", "took an update back", "declared an earlier version"),
    *("changed the rules",),
]


def unknown(review: Review, until: datetime) -> list[tuple[str, int]]:
    """(act, how many) of what came after `until` and did not keep what it replaced: the state of that
    moment cannot be told. Empty where it can. 2 queries."""
    first = EarlierState.objects.filter(review=review).order_by("at").first()
    events = AuditEvent.objects.filter(review=review, at__gte=until, verb__in=REPLACING)
    if first is not None:
        events = events.filter(at__lt=first.at)
    counted: dict[str, int] = {}
    for verb in events.order_by("number").values_list("verb", flat=True):
        counted[verb] = counted.get(verb, 0) + 1
    return list(counted.items())


@contextmanager
def as_of(review: Review, until: datetime) -> Iterator[Review]:
    """Inside, whatever is counted is as it stood just before `until`; yields the review of then.

    A copy of the rows that count, and a settling of the reports that anything happened to since. It
    costs seconds in a large review, so whoever asks keeps what was counted
    (screening/reporting/past.py).
    """
    with _rolled_back():
        changed = past.changed_since(review, until)
        _lay_over(review, until, changed)
        then = copy.copy(review)
        for name, value in changed.get("reviews.review", {}).get(review.pk, {}).items():
            setattr(then, name, value)
        _settle(then)
        yield then


@contextmanager
def _rolled_back() -> Iterator[None]:
    """One moment of the present; whatever is written inside is gone afterwards."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        # Not atomic(): that would be BEGIN IMMEDIATE, and keep writers out (see tally.one_moment).
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        try:
            yield
        finally:
            transaction.set_rollback(True)


# --- Settling -------------------------------------------------------------------------------------

# What a place is made of (placing.py): what of each row counts. Each of these columns is copied twice;
# its twin keeps what is said today, so that what is different is seen in the narrow copy alone.
_SAYS: dict[type[Model], tuple[str, ...]] = {
    StageRules: ("screeners", "maybe", "one_include"),
    Report: ("merged_into_id",),
    Record: ("report_id", "upload_id"),
    Decision: ("report_id", "superseded_at"),
    FullText: ("report_id", "removed_at"),
    PilotReport: ("report_id",),
    # These reach reports through others.
    Upload: ("imported_at", "undone_at"),
    Pilot: ("closed_at",),
    Reason: ("counts_as_id",),
}
_THROUGH: list[tuple[type[Model], type[Model], str]] = [
    (Upload, Record, "upload_id"),
    (Pilot, PilotReport, "pilot_id"),
    (Reason, Decision, "reason_id"),
]
_UNSETTLED = ""


def _settle(then: Review) -> None:
    """Settle the reports of which something was different then."""
    if _any_rules_differ():
        settle(then)
        return
    today = _schema_of_today()
    for of_reports, parameters in _touched(then, today):
        _run(
            f"UPDATE {_over(Report)} SET place = '{_UNSETTLED}' WHERE id IN ({of_reports})",  # noqa: S608
            parameters,
        )
    settle(then, Report.objects.filter(place=_UNSETTLED))


def _touched(then: Review, today: str) -> Iterator[tuple[str, list[Any]]]:
    """(SELECT of ids of reports, its parameters): of then and of today, where something is different."""
    yield f"SELECT id FROM {_over(Report)} WHERE {_changed(Report)}", []  # noqa: S608
    for model in (Record, Decision, FullText, PilotReport):
        for column in ("report_id", "report_id_today"):
            yield f"SELECT {column} FROM {_over(model)} WHERE {_changed(model)}", []  # noqa: S608
        # What has come since.
        later = f"SELECT n.report_id FROM {today}.{_name(model)} n"  # noqa: S608
        within = f"n.report_id IN (SELECT id FROM {_over(Report)})"  # noqa: S608
        parameters: list[Any] = []
        if model is Record:
            within, parameters = "n.review_id = %s", [then.pk]
        absent = f"NOT EXISTS (SELECT 1 FROM {_over(model)} t WHERE t.id = n.id)"  # noqa: S608
        yield f"{later} WHERE {within} AND {absent}", parameters
    for row, of, through in _THROUGH:
        unlike = f"SELECT id FROM {_over(row)} WHERE {_changed(row)}"  # noqa: S608
        yield f"SELECT report_id FROM {_over(of)} WHERE {through} IN ({unlike})", []  # noqa: S608


def _changed(model: type[Model]) -> str:
    # Not IS DISTINCT FROM: SQLite learned it late.
    told = [(column, f"{column}_today") for column in _SAYS[model]]
    return " OR ".join(f"{a} <> {b} OR ({a} IS NULL) <> ({b} IS NULL)" for a, b in told)


def _any_rules_differ() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {_over(StageRules)} WHERE {_changed(StageRules)}")  # noqa: S608
        return cursor.fetchone() is not None


def _schema_of_today() -> str:
    if connection.vendor == "sqlite":
        return "main"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return connection.ops.quote_name(cursor.fetchone()[0])


# --- Laying over ----------------------------------------------------------------------------------


def _lay_over(review: Review, until: datetime, changed: Mapping[str, Any]) -> None:
    for rows in _rows(review, until):
        _copy(rows)
    for label, states in changed.items():
        if label != "reviews.review":
            _say_again(apps.get_model(label), states)
    for model, ended in _ENDS:
        rows = model._default_manager.filter(**{f"{ended}__gte": until})
        rows.update(**{ended: None})
    _ask_again(until)
    _regroup(changed.get("citations.report", {}))
    reports, records = _over(Report), _over(Record)
    _run(
        # Of a file that had not come: its reports were not there.
        f"DELETE FROM {reports} WHERE merged_into_id IS NULL AND NOT EXISTS "  # noqa: S608 (ours)
        f"(SELECT 1 FROM {records} r WHERE r.report_id = {_name(Report)}.id)"
    )
    if connection.vendor == "postgresql":
        for model in _INDEXED:
            _run(f"ANALYZE {_over(model)}")


def _rows(review: Review, until: datetime) -> Iterator[QuerySet[Any]]:
    """The rows of then, by what they themselves say. Those that others are found by come last."""
    of_review = {"review": review}
    yield StageRules.objects.filter(**of_review)
    yield Reason.objects.filter(**of_review)
    yield Stopping.objects.filter(**of_review, at__lt=until)
    yield DuplicatePair.objects.filter(**of_review, created_at__lt=until)
    # By the report's row of today: a join leaves it in the same review.
    decisions = Decision.objects.filter(report__review=review, at__lt=until)
    yield decisions.defer("note")
    files = FullText.objects.filter(report__review=review, at__lt=until)
    yield files.only("report", "at", "removed_at")
    yield StudyReport.objects.filter(study__review=review)
    yield PilotReport.objects.filter(pilot__review=review, pilot__at__lt=until)
    yield Pilot.objects.filter(**of_review, at__lt=until)
    yield Search.objects.filter(**of_review, created_at__lt=until)
    uploads = Upload.objects.filter(**of_review, imported_at__lt=until)
    yield uploads.only("review", "search", "imported_at", "undone_at")
    here = Q(upload=None) | Q(upload__in=Upload.objects.order_by().values("pk"))
    records = Record.objects.filter(here, **of_review, at__lt=until)
    yield records.only("review", "search", "upload", "report", "at")
    reports = Report.objects.filter(**of_review, created_at__lt=until)
    yield reports.only("review", "place", "merged_into", "created_at")


_ENDS: list[tuple[type[Model], str]] = [
    (Decision, "superseded_at"),
    (FullText, "removed_at"),
    (Upload, "undone_at"),
    (Pilot, "closed_at"),
]
_INDEXED: dict[type[Model], list[str]] = {
    Report: ["id", "place", "merged_into_id"],
    Record: ["id", "report_id", "search_id"],
    Decision: ["id", "report_id"],
    FullText: ["id", "report_id"],
    StudyReport: ["report_id", "study_id"],
    PilotReport: ["id", "report_id"],
}


def _copy(rows: QuerySet[Any]) -> None:
    sql, parameters = rows.order_by().query.sql_with_params()
    twins = "".join(f", s.{each} AS {each}_today" for each in _SAYS.get(rows.model, ()))
    _run(
        f"CREATE TEMPORARY TABLE {_name(rows.model)} AS SELECT s.*{twins} FROM ({sql}) s",  # noqa: S608
        parameters,
    )
    for column in _INDEXED.get(rows.model, []):
        table = rows.model._meta.db_table
        index = connection.ops.quote_name(f"then_{table}_{column}")
        where = f"{_TEMPORARY[connection.vendor]}.{index}"
        # SQLite takes the schema from the index's name, PostgreSQL from the table's.
        if connection.vendor == "sqlite":
            _run(f"CREATE INDEX {where} ON {_name(rows.model)} ({column})")
        else:
            _run(f"CREATE INDEX {index} ON {_over(rows.model)} ({column})")


def _say_again(model: type[Model], states: Mapping[int, Mapping[str, Any]]) -> None:
    """Write what was changed in place since; rows that are not among those of then are passed over."""
    by_fields: dict[tuple[str, ...], list[list[Any]]] = {}
    for pk, said in states.items():
        names = tuple(sorted(name for name in said if name != "studies"))
        values = [_stored(model, name, said[name]) for name in names]
        if names:
            by_fields.setdefault(names, []).append([*values, pk])
    for names, rows in by_fields.items():
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        columns = [connection.ops.quote_name(field.column) for field in fields]
        told = ", ".join(f"{column} = %s" for column in columns)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {_over(model)} SET {told} WHERE id = %s", rows)  # noqa: S608


def _stored(model: type[Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name)
    if isinstance(value, str) and field.get_internal_type() == "DateTimeField":
        value = parse_datetime(value)
    return field.get_db_prep_save(value, connection)


def _ask_again(until: datetime) -> None:
    """The answers to questions about duplicates that stood then."""
    pairs = DuplicatePair.objects
    # What a machine joined later was a question before.
    pairs.filter(answered_at__gte=until, zone="auto").update(zone="ask")
    pairs.filter(answered_at__gte=until).update(answer="", answered_at=None)
    for pk, past_answers in pairs.exclude(past=[]).values_list("pk", "past"):
        for line in past_answers:
            began = parse_datetime(line["at"]) if line["at"] else None
            ended = parse_datetime(line["undone_at"])
            if ended and ended >= until and (began is None or began < until):
                pairs.filter(pk=pk).update(answer=line["answer"])


def _regroup(states: Mapping[int, Mapping[str, Any]]) -> None:
    """The studies that reports told of then."""
    told = {pk: said["studies"] for pk, said in states.items() if "studies" in said}
    links = _over(StudyReport)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {links} WHERE report_id = %s",  # noqa: S608
            [[pk] for pk in told],
        )
        pairs = [(study, report) for report, of in told.items() for study in of]
        cursor.executemany(
            f"INSERT INTO {links} (id, study_id, report_id) VALUES (%s, %s, %s)",  # noqa: S608
            [[-at, *pair] for at, pair in enumerate(pairs, 1)],
        )


_TEMPORARY = {"postgresql": "pg_temp", "sqlite": "temp"}


def _name(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _over(model: type[Model]) -> str:
    """The table of then, by a name that can't be that of the present one."""
    return f"{_TEMPORARY[connection.vendor]}.{_name(model)}"


def _run(sql: str, parameters: Iterable[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters) or None)
