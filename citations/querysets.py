"""Named filters over records and reports."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

# PRISMA 2020's left column: a report is "of the databases" when any of its records came from one.
DATABASE_KINDS = ["database", "register"]

# Where a report stands while the import that brings it has not finished (flow.Place.ARRIVING), and
# when every import that brought it has been undone (flow.Place.WITHDRAWN).
ARRIVING = "arriving"
WITHDRAWN = "withdrawn"


class ReportQuerySet(QuerySet[Any]):
    def standing(self) -> "ReportQuerySet":
        """Those that no other report has absorbed, that have arrived and are not withdrawn."""
        return self.filter(merged_into=None).exclude(place__in=[ARRIVING, WITHDRAWN])

    def known(self) -> "ReportQuerySet":
        """The standing and the withdrawn: a new record may be a duplicate of either."""
        return self.filter(merged_into=None).exclude(place=ARRIVING)

    def from_databases(self) -> "ReportQuerySet":
        return self.filter(Exists(self._records().filter(search__kind__in=DATABASE_KINDS)))

    def from_other_methods(self) -> "ReportQuerySet":
        return self.filter(~Exists(self._records().filter(search__kind__in=DATABASE_KINDS)))

    def new_by(self, upload: int) -> "ReportQuerySet":
        """Those that nobody knew before this upload (its id): all earlier records are others'."""
        from .models import Record

        mine = Record.objects.filter(upload=upload).arrived()
        earlier = self._records().filter(upload__lt=upload) | self._records().filter(upload=None)
        # Not EXISTS for the first: SQLite would walk all of the file's records for each report.
        return self.filter(~Exists(earlier), pk__in=mine.values("report"))

    def matching(self, words: str, hidden: Collection[str] = ()) -> "ReportQuerySet":
        """Those that hold every one of `words` in title, abstract, authors, journal or DOI.

        `hidden`: places at which the reader may not know where a report comes from; there title and
        abstract alone are searched, since what is found tells what it was found by.
        """
        found = self
        for word in words.split():
            telling = Q(authors__icontains=word) | Q(journal__icontains=word) | Q(doi__iexact=word)
            if hidden:
                telling &= ~Q(place__in=sorted(hidden))
            found = found.filter(Q(title__icontains=word) | Q(abstract__icontains=word) | telling)
        return found

    def _records(self) -> QuerySet[Any]:
        from .models import Record

        return Record.objects.filter(report=OuterRef("pk")).arrived()


def arrived_by(path: str) -> Q:
    """The condition of `arrived` for a query that reaches records by `path` ("records__")."""
    done = Q(**{f"{path}upload__imported_at__isnull": False, f"{path}upload__undone_at": None})
    return Q(**{f"{path}upload": None}) | done


class RecordQuerySet(QuerySet[Any]):
    def of_kind(self, *kinds: str) -> "RecordQuerySet":
        return self.filter(search__kind__in=kinds)

    def arrived(self) -> "RecordQuerySet":
        """Those that count: a file is shown whole or not at all, and not once it was undone."""
        return self.filter(arrived_by(""))

    def arriving(self) -> "RecordQuerySet":
        return self.filter(upload__isnull=False, upload__imported_at=None)

    def speaking(self) -> "RecordQuerySet":
        """Those whose import was not undone: a report's fields are theirs."""
        return self.filter(Q(upload=None) | Q(upload__undone_at=None))
