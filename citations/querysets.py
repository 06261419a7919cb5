"""Named filters over records and reports; those that need both stand in origins.py."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

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
