"""Where reports come from: filters that ask the records behind a report."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from .models import DATABASE_KINDS, Record, Report


def from_databases(reports: QuerySet[Report]) -> QuerySet[Report]:
    """PRISMA 2020's left column: those of which any record came from a database or register."""
    return reports.filter(Exists(_records().filter(search__kind__in=DATABASE_KINDS)))


def from_other_methods(reports: QuerySet[Report]) -> QuerySet[Report]:
    return reports.filter(~Exists(_records().filter(search__kind__in=DATABASE_KINDS)))


def new_by(reports: QuerySet[Report], upload: int) -> QuerySet[Report]:
    """Those that nobody knew before this upload (its id): all earlier records are others'."""
    mine = Record.objects.filter(upload=upload).arrived()
    earlier = _records().filter(upload__lt=upload) | _records().filter(upload=None)
    # Not EXISTS for the first: SQLite would walk all of the file's records for each report.
    return reports.filter(~Exists(earlier), pk__in=mine.values("report"))


def _records() -> QuerySet[Any]:
    return Record.objects.filter(report=OuterRef("pk")).arrived()
