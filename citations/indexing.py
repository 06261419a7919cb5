"""The stored keys of records: which standing records a new import has to be compared with.

An index is made in the import that brings the records. One that is missing, or made by an older
release in another way, is made when the next import asks for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.db.models import Max

from reviews.models import Review

from .matching import Citation, Index, index, unpacked
from .matching.index import PARTS, version
from .matching.normal import ABSTRACT_READ
from .models import KeyIndex, Record
from .querysets import RecordQuerySet

RUN = 10_000  # records of an upload that share one index: bounds the memory of making one
CHUNK = 500  # ids in one statement
_FIELDS = ("title", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "isbn")
_READ = ("pk", "search", "authors", "abstract", "entry_type", *_FIELDS)


def citations(records: RecordQuerySet) -> list[Citation]:
    """What the matching sees of `records`, in the order of their ids."""
    return [
        Citation(
            id=row["pk"],
            authors=tuple(map(str, row["authors"])),
            abstract=row["abstract"][:ABSTRACT_READ],
            entry_type=row["entry_type"],
            source=str(row["search"]),
            **{name: row[name] for name in _FIELDS},
        )
        for row in records.order_by("pk").values(*_READ).iterator()
    ]


def complete(upload: int, told: Callable[[], None]) -> dict[int, Index]:
    """Make what is missing of the indexes of the upload with this id; `told` is called before each.

    Gives those that it made, by the number of their first record: they know what they were made of.
    """
    fresh: dict[int, Index] = {}
    made = set(
        KeyIndex.objects.filter(upload=upload, version=version()).values_list("first", flat=True)
    )
    records = Record.objects.filter(upload=upload)
    last = records.aggregate(last=Max("number"))["last"] or 0
    for first in range(1, last + 1, RUN):
        if first not in made:
            told()
            some = citations(records.filter(number__gte=first, number__lt=first + RUN))
            fresh[first] = index(some)
            KeyIndex.objects.update_or_create(
                upload_id=upload,
                first=first,
                defaults={"version": version(), **fresh[first].packed()},
            )
    return fresh


def indexes(uploads: Iterable[int]) -> Iterator[Index]:
    """The indexes of uploads, one in memory at a time."""
    for upload in uploads:
        yield from of(upload, {})


def of(upload: int, made: Mapping[int, Index]) -> Iterator[Index]:
    """The indexes of an upload; `made` are those that `complete` has just given."""
    runs = KeyIndex.objects.filter(upload=upload).order_by("first")
    for first in list(runs.values_list("first", flat=True)):
        if first in made:
            yield made[first]
        else:
            kept = runs.get(first=first)
            yield unpacked(**{name: getattr(kept, name) for name in PARTS})


def standing(review: Review, uploads: Iterable[int]) -> Iterator[Index]:
    """Those of `uploads`, and of records that came in no file."""
    yield from indexes(uploads)
    loose = citations(Record.objects.filter(review=review, upload=None))
    if loose:
        yield index(loose)


def reports_of(records: list[int]) -> dict[int, int]:
    """{record: report} of `records` (ids)."""
    found: dict[int, int] = {}
    for at in range(0, len(records), CHUNK):
        some = Record.objects.filter(pk__in=records[at : at + CHUNK])
        found.update(some.values_list("pk", "report"))
    return found


def with_their_reports(records: list[int]) -> tuple[list[Citation], dict[int, int]]:
    """All records of the reports that `records` (ids) belong to, and {record: report}.

    A report comes whole: that a new record contradicts one of its records keeps it out of it.
    """
    found: list[Citation] = []
    report_of: dict[int, int] = {}
    ordered = sorted(set(reports_of(records).values()))
    for at in range(0, len(ordered), CHUNK):
        theirs = Record.objects.filter(report__in=ordered[at : at + CHUNK])
        found += citations(theirs)
        report_of.update(theirs.order_by("pk").values_list("pk", "report"))
    return found, report_of
