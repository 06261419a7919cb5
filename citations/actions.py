"""Every write about searches and files, and the choice of a report's values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from reviews import audit, jobs
from reviews.models import Job, Review, User
from reviews.refusal import Clash, Refused

from . import blobs, composing
from .formats import Unreadable, read
from .models import BIBLIOGRAPHIC_FIELDS, FullText, Record, Report, Search, Upload

UNNAMED = "Unnamed source"
SEARCH_FIELDS = [
    "name",
    "kind",
    "platform",
    "strategy",
    "limits",
    "searched_on",
    "hits_reported",
    "removed_duplicates",
    "removed_automation",
    "removed_other",
    "removed_why",
]


# --- Searches -------------------------------------------------------------------------------


def _plain(search: Search) -> dict[str, Any]:
    """The search's fields as the log keeps them."""
    values = {name: getattr(search, name) for name in SEARCH_FIELDS}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _check_removed(search: Search) -> None:
    if search.removed and not search.removed_why.strip():
        raise Refused("Say why records were removed before import.")


@transaction.atomic
def add_search(review: Review, *, by: User, **fields: Any) -> Search:
    """A new source; `fields` are those of SEARCH_FIELDS."""
    search = Search(review=review, created_by=by, **fields)
    _check_removed(search)
    if Search.objects.filter(review=review, name=search.name).exists():
        raise Refused(f"There is a source named “{search.name}” already.")
    search.save()
    audit.record(review, "added a search", by=by, target=search, after=_plain(search))
    return search


@transaction.atomic
def edit_search(search: Search, *, by: User, **fields: Any) -> Search:
    """Change what is known about a search. Its numbers enter PRISMA, so the log keeps both."""
    search = Search.objects.select_for_update().select_related("review").get(pk=search.pk)
    before = _plain(search)
    for name, value in fields.items():
        setattr(search, name, value)
    _check_removed(search)
    namesakes = Search.objects.filter(review=search.review, name=search.name)
    if namesakes.exclude(pk=search.pk).exists():
        raise Refused(f"There is a source named “{search.name}” already.")
    after = _plain(search)
    if before != after:
        search.save(update_fields=list(fields))
        audit.record(
            search.review, "changed a search", by=by, target=search, before=before, after=after
        )
    return search


# --- Files ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """What became of a file: its upload, the job that works on it, and whether it is new here."""

    upload: Upload
    job: Job | None
    is_new: bool


def receive(
    review: Review,
    chunks: Iterable[bytes],
    *,
    name: str,
    by: User,
    source: Callable[[], Search],
    then: str = "preview",
) -> Receipt:
    """Store a file and queue the job `then`.

    `source` finds or makes the search; it is called in the transaction that stores the file, so a
    file that is refused leaves no empty source behind. A file that cannot be read as a whole is refused and leaves nothing. The same bytes again,
    under whatever name and source, give the receipt of the first time.
    """
    with blobs.received(chunks) as draft:
        _refuse_unreadable(draft, name)
        try:
            with transaction.atomic():
                known = _known(review, draft.sha256)
                if known is not None:
                    return Receipt(known, latest_job(known), is_new=False)
                upload = Upload.objects.create(
                    review=review,
                    search=source(),
                    name=name[-255:],
                    sha256=draft.sha256,
                    size=draft.size,
                    by=by,
                    confirmed_at=timezone.now() if then == "import" else None,
                )
                draft.keep()
                job = jobs.enqueue(review, then, by=by, upload=upload.pk)
        except IntegrityError as error:
            # Somebody sent the same file, or named the same source, at this very moment.
            known = _known(review, draft.sha256)
            if known is None:
                raise Clash("A source of that name has just been added; choose it.") from error
            return Receipt(known, latest_job(known), is_new=False)
    return Receipt(upload, job, is_new=True)


def _refuse_unreadable(draft: blobs.Draft, name: str) -> None:
    try:
        read(draft.path, name=name)
    except Unreadable as error:
        raise Refused(str(error)) from error


def _known(review: Review, sha256: str) -> Upload | None:
    return review.uploads.filter(sha256=sha256).select_related("search").first()


def latest_job(upload: Upload) -> Job | None:
    """The last job about this upload, whatever its kind."""
    about = Job.objects.filter(review_id=upload.review_id, kind__in=["preview", "import"])
    return about.filter(payload__upload=upload.pk).order_by("-pk").first()


def submit(
    review: Review,
    chunks: Iterable[bytes],
    *,
    name: str,
    by: User,
    source: str | None = None,
    kind: str = Search.Kind.DATABASE,
) -> Job:
    """Import a file in one step, without a preview; returns the job to watch.

    `source` names a search that is there or makes one of `kind`. The same file again changes
    nothing: while its import runs the answer is that very job, afterwards one that is done and
    says so (`result["already"]`).
    """
    title = (source or UNNAMED).strip()[:120] or UNNAMED
    receipt = receive(
        review,
        chunks,
        name=name,
        by=by,
        source=lambda: _search_named(review, title, kind, by=by),
        then="import",
    )
    if receipt.is_new and receipt.job is not None:
        return receipt.job
    return _import_again(receipt.upload, by=by)


def _search_named(review: Review, name: str, kind: str, *, by: User) -> Search:
    search, is_new = Search.objects.get_or_create(
        review=review, name=name, defaults={"kind": kind, "created_by": by}
    )
    if is_new:
        audit.record(review, "added a search", by=by, target=search, after=_plain(search))
    return search


@transaction.atomic
def _import_again(upload: Upload, *, by: User) -> Job:
    """The job for a file that is known: the running one, a fresh one, or a word that all is done."""
    upload = (
        Upload.objects.select_for_update(of=("self",)).select_related("review").get(pk=upload.pk)
    )
    if upload.imported_at is None:
        return confirm(upload, by=by)
    count = upload.records.count()
    text = f"“{upload.name}” had been imported already: nothing changed."
    return Job.objects.create(
        review=upload.review,
        kind="import",
        payload={"upload": upload.pk},
        state=Job.State.DONE,
        done=count,
        total=count,
        finished_at=timezone.now(),
        result={"already": True, "upload": upload.pk, "records": count, "new": 0, "text": text},
        by=by,
    )


@transaction.atomic
def confirm(upload: Upload, *, by: User) -> Job:
    """Start the import of a previewed file; the running import when there is one."""
    upload = (
        Upload.objects.select_for_update(of=("self",)).select_related("review").get(pk=upload.pk)
    )
    if upload.imported_at:
        raise Clash("This file has been imported already.")
    if upload.unreadable:
        raise Refused(upload.unreadable)
    if upload.summary and not upload.summary["records"]:
        raise Refused("No record was found in this file, so there is nothing to import.")
    last = latest_job(upload)
    if last is not None and last.kind == "import" and not last.is_over:
        return last
    if upload.confirmed_at is None:
        upload.confirmed_at = timezone.now()
        upload.save(update_fields=["confirmed_at"])
    return jobs.enqueue(upload.review, "import", by=by, upload=upload.pk)


@transaction.atomic
def discard(upload: Upload, *, by: User | None) -> None:
    """Remove a file that has not been imported, and whatever a stopped import had laid ready."""
    review = upload.review
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise Clash("This file has been discarded already.")
    if held.imported_at:
        raise Refused("This file has been imported; its records are part of the review.")
    last = latest_job(held)
    if by is not None and last is not None and last.kind == "import" and not last.is_over:
        raise Refused("This file is being imported; stop the import first.")
    # Nobody has ever seen these: they were to become records when all of them were there.
    reports = list(held.records.values_list("report", flat=True))
    Record.objects.filter(upload=held).delete()
    for at in range(0, len(reports), 500):
        Report.objects.filter(pk__in=reports[at : at + 500]).delete()
    audit.record(
        review,
        "discarded an upload",
        by=by,
        target=held,
        before={"name": held.name, "sha256": held.sha256},
    )
    held.delete()
    transaction.on_commit(lambda: _remove_file(held.sha256))


def _remove_file(sha256: str) -> None:
    blobs.remove_unused(sha256, file_is_in_use)


def file_is_in_use(sha256: str) -> bool:
    """Whether a row of any review names the file."""
    return (
        Upload.objects.filter(sha256=sha256).exists()
        or FullText.objects.filter(sha256=sha256).exists()
    )


# --- A report's values ----------------------------------------------------------------------


@transaction.atomic
def choose_value(report: Report, field: str, record: Record | None, *, by: User) -> Report:
    """Let `report` show `record`'s value of `field`; None goes back to the best value's rule."""
    report = (
        Report.objects.select_for_update(of=("self",)).select_related("review").get(pk=report.pk)
    )
    if field not in BIBLIOGRAPHIC_FIELDS:
        raise Refused("A report has no such field.")
    if record is not None and record.report_id != report.pk:
        raise Clash("That record no longer belongs to this report.")
    before = {field: getattr(report, field)}
    chosen = {name: pk for name, pk in report.chosen.items() if name != field}
    report.chosen = chosen if record is None else {**chosen, field: record.pk}
    report.save(update_fields=["chosen"])
    composing.compose(report)
    audit.record(
        report.review,
        "chose a value",
        by=by,
        target=report,
        before=before,
        after={field: getattr(report, field), "record": record.pk if record else None},
    )
    return report
