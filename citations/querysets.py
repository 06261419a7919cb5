"""Named filters over records and reports."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

# PRISMA 2020's left column: a report is "of the databases" when any of its records came from one.
DATABASE_KINDS = ["database", "register"]

# Where a report stands while the import that brings it has not finished (flow.Place.ARRIVING).
ARRIVING = "arriving"


class ReportQuerySet(QuerySet[Any]):
    def standing(self) -> "ReportQuerySet":
        """Those that no other report has absorbed and that have arrived."""
        return self.filter(merged_into=None).exclude(place=ARRIVING)

    def from_databases(self) -> "ReportQuerySet":
        return self.filter(Exists(self._records().filter(search__kind__in=DATABASE_KINDS)))

    def from_other_methods(self) -> "ReportQuerySet":
        return self.filter(~Exists(self._records().filter(search__kind__in=DATABASE_KINDS)))

    def matching(self, words: str) -> "ReportQuerySet":
        """Those that hold every one of `words` in title, abstract, authors, journal or DOI."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(title__icontains=word)
                | Q(abstract__icontains=word)
                | Q(authors__icontains=word)
                | Q(journal__icontains=word)
                | Q(doi__iexact=word)
            )
        return found

    def _records(self) -> QuerySet[Any]:
        from .models import Record

        return Record.objects.filter(report=OuterRef("pk"))


class RecordQuerySet(QuerySet[Any]):
    def of_kind(self, *kinds: str) -> "RecordQuerySet":
        return self.filter(search__kind__in=kinds)

    def arrived(self) -> "RecordQuerySet":
        """Those whose import has finished: a file is shown whole or not at all."""
        return self.filter(Q(upload=None) | Q(upload__imported_at__isnull=False))

    def arriving(self) -> "RecordQuerySet":
        return self.filter(upload__isnull=False, upload__imported_at=None)
