"""What the diagram's numbers are made of, counted in few passes over narrow indexes.

Reports are counted by place, records by search, and reports by the column of the diagram. Records are
never joined to reports one by one: with 100,000 of them that alone takes longer than the whole page may.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from citations.models import DATABASE_KINDS, Record, Report, Search, Upload
from reviews.models import Review

from .places import ADVANCED

# The columns of the diagram. In an update the reports that an earlier version brought are a column
# of their own, whatever the new searches find of them again.
DATABASES, OTHER_METHODS, PREVIOUS = "D", "O", "P"


@dataclass
class Tally:
    """Counts of one moment. `searches` are those of the version that the diagram is about."""

    searches: list[Search]
    placed: Counter[tuple[str, str]]  # (column, place) -> reports
    imported: Counter[int]  # search id -> records that are here
    first: int  # reports that the databases of this version brought
    advanced: int  # of them, by their records: past title and abstract

    def records(self, *kinds: str) -> int:
        """How many records are here from sources of `kinds`."""
        return sum(self.imported[each.pk] for each in self.searches if each.kind in kinds)

    def removed(self, cause: str, *kinds: str) -> int:
        """How many records somebody removed for `cause` before the files of `kinds` came here."""
        return sum(getattr(s, f"removed_{cause}") for s in self.searches if s.kind in kinds)

    def here(self, column: str) -> int:
        return sum(n for (where, _), n in self.placed.items() if where == column)


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything that is read inside is read as of one moment.

    A decision between two of the queries would otherwise show as an identity that does not hold.
    Inside a transaction nothing changes: it decides itself what it sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Starting helpers and compiling takes longer than these counts, and a core that counts
            # is not there for who screens.
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off")
            yield
    else:
        # Not atomic(): that would be BEGIN IMMEDIATE, and readers would wait for the writer.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def take(review: Review) -> Tally:
    """Count the review. At most 8 queries, whatever its size."""
    every = list(Search.objects.filter(review=review).order_by("pk"))
    now = [each for each in every if each.version == review.version]
    before = [each.pk for each in every if each.version < review.version]
    databases = [each.pk for each in now if each.kind in DATABASE_KINDS]
    others = [each.pk for each in now if each.kind not in DATABASE_KINDS]
    records = arrived(review)

    def of_report(searches: list[int]) -> Exists:
        return Exists(records.filter(report=OuterRef("report"), search__in=searches))

    def places(some: QuerySet[Record]) -> Counter[str]:
        found = Report.objects.filter(review=review, pk__in=some.values("report"))
        return _by_place(found)

    from_databases = records.filter(search__in=databases)
    from_others = records.filter(search__in=others).exclude(of_report(databases))
    placed: Counter[tuple[str, str]] = Counter()
    previous: Counter[str] = Counter()
    if before:
        previous = places(records.filter(search__in=before))
        from_databases = from_databases.exclude(of_report(before))
        from_others = from_others.exclude(of_report(before))
    of_others = places(from_others) if others else Counter()
    for place, n in _by_place(Report.objects.filter(review=review)).items():
        placed[PREVIOUS, place] = previous[place]
        placed[OTHER_METHODS, place] = of_others[place]
        placed[DATABASES, place] = n - previous[place] - of_others[place]
    counted = records.filter(search__in=[*databases, *others])
    return Tally(
        searches=now,
        placed=placed,
        imported=Counter(
            dict(counted.order_by().values_list("search").annotate(n=Count("report")))
        ),
        first=from_databases.order_by().values("report").distinct().count(),
        # From the few reports that advanced to their records, by the index: never the other way round.
        advanced=Report.objects.filter(
            Exists(from_databases.filter(report=OuterRef("pk"))), review=review, place__in=ADVANCED
        ).count(),
    )


def arrived(review: Review) -> QuerySet[Record]:
    """The records that are here, by the ids of the few uploads that have not, so that an index has all it needs."""
    absent = Upload.objects.filter(review=review).filter(
        Q(imported_at=None) | Q(undone_at__isnull=False)
    )
    records = Record.objects.filter(review=review)
    ids = list(absent.values_list("pk", flat=True))
    return records.filter(Q(upload=None) | ~Q(upload__in=ids)) if ids else records


def _by_place(reports: QuerySet[Report]) -> Counter[str]:
    return Counter(dict(reports.order_by().values_list("place").annotate(n=Count("pk"))))
