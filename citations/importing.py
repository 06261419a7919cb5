"""From a file to records: read it once to show what is in it, once more to store it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max
from django.utils.text import Truncator

from reviews.jobs import Run, make_way, work
from reviews.refusal import Refused

from . import blobs
from .actions import How
from .formats import ParsedRecord, Problem, Reading, Unreadable
from .models import BIBLIOGRAPHIC_FIELDS, Record, Report, Upload, UploadProblem
from .querysets import ARRIVING

BATCH = 500  # records (or problems) stored in one transaction
SHOWN = 5  # records that a preview shows
ABSTRACT_SHOWN = 300  # letters of each one's abstract

T = TypeVar("T")


def upload_of(run: Run) -> Upload:
    """The upload that a job is about; Refused when it has been discarded since."""
    upload = (
        Upload.objects.select_related("review", "search", "by")
        .filter(pk=run.payload["upload"], review=run.job.review_id)
        .first()
    )
    if upload is None:
        raise Refused("This file was discarded.")
    return upload


@work("preview")
def preview(run: Run) -> dict[str, Any]:
    upload = upload_of(run)
    try:
        survey(run, upload)
    except Unreadable as error:
        with transaction.atomic():
            run.step(0)  # a run that was stopped, because somebody reads the file anew, is silent
            upload.unreadable = str(error)
            upload.save(update_fields=["unreadable"])
        raise Refused(str(error)) from error
    return {"upload": upload.pk, **upload.summary}


def survey(run: Run, upload: Upload) -> None:
    """Read the whole file and store what it holds: counts, the first records, every problem.

    Raises Unreadable. Running it again replaces what an earlier run had stored.
    """
    reading = _open(upload)
    first: list[dict[str, Any]] = []
    problems: list[UploadProblem] = []
    _store_problems(run, upload, [], at=0, afresh=True)
    for number, item in enumerate(reading, start=1):
        if isinstance(item, Problem):
            problems.append(_as_row(upload, item))
        elif len(first) < SHOWN:
            first.append(_as_shown(item))
        if number % BATCH == 0:
            _store_problems(run, upload, problems, at=reading.records)
            problems = []
    upload.format, upload.dialect = reading.format, reading.dialect
    upload.encoding, upload.newline = reading.encoding, reading.newline
    upload.summary = {
        "records": reading.records,
        "problems": reading.problems,
        "lost": reading.lost,
        "first": first,
    }
    with transaction.atomic():
        _store_problems(run, upload, problems, at=reading.records)
        upload.save(update_fields=["format", "dialect", "encoding", "newline", "summary"])


def _open(upload: Upload) -> Reading:
    return How.of(upload).open(blobs.path_of(upload.sha256), upload.name)


def _as_row(upload: Upload, problem: Problem) -> UploadProblem:
    return UploadProblem(
        upload=upload,
        line=problem.line,
        message=problem.message,
        excerpt=problem.excerpt,
        lost=problem.lost,
    )


def _as_shown(parsed: ParsedRecord) -> dict[str, Any]:
    shown = {name: getattr(parsed, name) for name in BIBLIOGRAPHIC_FIELDS}
    shown["abstract"] = Truncator(parsed.abstract).chars(ABSTRACT_SHOWN)
    return {**shown, "line": parsed.line, "end_line": parsed.end_line}


@transaction.atomic
def _store_problems(
    run: Run, upload: Upload, problems: list[UploadProblem], *, at: int, afresh: bool = False
) -> None:
    if not Upload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refused("This file was discarded.")
    run.step(at, doing="Reading the file")
    if afresh:
        upload.problems.all().delete()
    UploadProblem.objects.bulk_create(problems, batch_size=BATCH)


def store(run: Run, upload: Upload) -> None:
    """Store the file's records, each with a report of its own that has not arrived yet.

    A run that was killed goes on after the last whole batch.
    """
    done = upload.records.aggregate(last=Max("number"))["last"] or 0
    total = upload.summary["records"]
    fresh = (
        item for item in _open(upload) if isinstance(item, ParsedRecord) and item.number > done
    )
    for batch in _batches(fresh, BATCH):
        with transaction.atomic():
            if not Upload.objects.select_for_update().filter(pk=upload.pk).exists():
                raise Refused("This file was discarded.")
            run.step(batch[-1].number, total, "Storing records")
            _store_batch(upload, batch)
        make_way()


def _store_batch(upload: Upload, batch: list[ParsedRecord]) -> None:
    values = [{name: getattr(each, name) for name in BIBLIOGRAPHIC_FIELDS} for each in batch]
    reports = Report.objects.bulk_create(
        Report(review_id=upload.review_id, place=ARRIVING, **fields) for fields in values
    )
    Record.objects.bulk_create(
        Record(
            review_id=upload.review_id,
            search_id=upload.search_id,
            upload=upload,
            report=report,
            number=each.number,
            line=each.line,
            end_line=each.end_line,
            raw=each.raw,
            **fields,
        )
        for each, report, fields in zip(batch, reports, values, strict=True)
    )


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
