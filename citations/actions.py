"""Every write about files: they come, are read, imported, taken back and discarded."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from reviews import audit, jobs
from reviews.models import Job, Review, User
from reviews.refusal import Clash, Refused

from . import blobs, stored
from .formats import Reading, Unreadable, read
from .formats.columns import sheet_of
from .formats.csv_table import NO_HEADER
from .formats.source import ENCODINGS
from .models import Record, Report, Search, Upload
from .sources import search_named

UNNAMED = "Unnamed source"
UPLOAD_JOBS = ["preview", "import", "undo", "redo"]  # kinds of job about one upload


@dataclass(frozen=True)
class How:
    """How a person says that a file is to be read; what is empty is left to the file itself.

    `columns` are those of `citations.formats.read`.
    """

    format: str = ""
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, upload: Upload) -> "How":
        # "binary" and what an XML file declares are found again; they are nobody's choice.
        encoding = upload.encoding if upload.encoding in ENCODINGS else ""
        return cls(upload.format, encoding, upload.columns)

    def open(self, path: Path, name: str) -> Reading:
        """Raises Unreadable when the file as a whole can't be read this way."""
        return read(
            path,
            name=name,
            format=self.format or None,
            encoding=self.encoding or None,
            columns=self.columns or None,
        )


@dataclass(frozen=True)
class Receipt:
    """What became of a file: its upload, the job that works on it, and whether it is new here.

    No job works on a table whose columns nobody knows: `upload.unreadable` says so.
    """

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
    how: How | None = None,
    then: str = "preview",
    **payload: Any,
) -> Receipt:
    """Store a file and queue the job `then`, with `payload` beside the upload.

    `source` finds or makes the search; it is called in the transaction that stores the file, so a
    file that is refused leaves no empty source behind. A file that cannot be read as a whole is
    refused and leaves nothing, but for a table that only lacks a header we know: where a preview
    comes first, it waits for somebody to say what its columns are. The same bytes again, under
    whatever name and source, give the receipt of the first time.
    """
    how = how or How()
    with blobs.received(chunks) as draft:
        lacks = ""
        try:
            how.open(draft.path, name)
        except Unreadable as error:
            table = _table_in(draft.path, name, error) if then == "preview" else ""
            if not table:
                raise Refused(str(error)) from error
            how, lacks = How(format=table), NO_HEADER
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
                    unreadable=lacks,
                    **asdict(how),
                )
                draft.keep()
                job = (
                    None
                    if lacks
                    else jobs.enqueue(review, then, by=by, upload=upload.pk, **payload)
                )
        except IntegrityError as error:
            # Somebody sent the same file, or named the same source, at this very moment.
            known = _known(review, draft.sha256)
            if known is None:
                raise Clash("A source of that name has just been added; choose it.") from error
            return Receipt(known, latest_job(known), is_new=False)
    return Receipt(upload, job, is_new=True)


def is_table(source: bytes | Path, name: str, error: Unreadable) -> bool:
    """Whether what `error` refused is a table, so that somebody can say what its columns are.

    A text that no name calls a table counts as one when some column shows what it is.
    """
    return _table_in(source, name, error) != ""


def _table_in(source: bytes | Path, name: str, error: Unreadable) -> str:
    try:
        sheet = sheet_of(source, name=name)
    except Unreadable:
        return ""
    is_one = str(error) == NO_HEADER or (len(sheet.header) > 1 and bool(sheet.guess))
    return sheet.format if is_one else ""


def _known(review: Review, sha256: str) -> Upload | None:
    return review.uploads.filter(sha256=sha256).select_related("search").first()


def latest_job(upload: Upload) -> Job | None:
    """The last job about this upload, whatever its kind."""
    about = Job.objects.filter(review_id=upload.review_id, kind__in=UPLOAD_JOBS)
    return about.filter(payload__upload=upload.pk).order_by("-pk").first()


def submit(
    review: Review,
    chunks: Iterable[bytes],
    *,
    name: str,
    by: User,
    source: str | None = None,
    kind: str = Search.Kind.DATABASE,
    how: How | None = None,
) -> Job:
    """Import a file in one step, without a preview; returns the job to watch.

    `source` names a search that is there or makes one of `kind`. The same file again changes
    nothing: while its import runs the answer is that very job, afterwards one that is done and
    says so (`result["already"]`). One that waits for its confirmation is imported, read as `how`
    says.
    """
    title = (source or UNNAMED).strip()[:120] or UNNAMED
    receipt = receive(
        review,
        chunks,
        name=name,
        by=by,
        source=lambda: search_named(review, title, kind, by=by),
        how=how,
        then="import",
    )
    if receipt.is_new and receipt.job is not None:
        return receipt.job
    return _import_again(receipt.upload, how or How(), by=by)


@transaction.atomic
def _import_again(upload: Upload, how: How, *, by: User) -> Job:
    """The job for a file that is known: the running one, a fresh one, or a word that all is done."""
    upload = (
        Upload.objects.select_for_update(of=("self",)).select_related("review").get(pk=upload.pk)
    )
    if upload.imported_at is None:
        last = latest_job(upload)
        works = last is not None and last.kind == "import" and not last.is_over
        if how != How() and not works:
            _take_apart(upload, how, by=by)
        return confirm(upload, by=by)
    if upload.undone_at is not None:
        raise Clash(f"The import of “{upload.name}” was undone; redo it instead.")
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
def undo_import(upload: Upload, *, by: User, reason: str = "") -> Job:
    """Start taking an import out of the review; nothing is deleted, and `redo_import` brings all back."""
    upload = _held(upload)
    if upload.imported_at is None:
        raise Refused("This file has not been imported yet; discard it instead.")
    return _start(upload, "undo", by=by, reason=reason.strip())


@transaction.atomic
def redo_import(upload: Upload, *, by: User) -> Job:
    """Start bringing an undone import back, with everything that people did on its reports."""
    return _start(_held(upload), "redo", by=by)


def _start(upload: Upload, kind: str, *, by: User, **more: Any) -> Job:
    last = latest_job(upload)
    if last is not None and last.kind == kind and not last.is_over:
        return last
    if last is not None and not last.is_over:
        raise Clash("Another job works on this file; wait until it has finished.")
    if (upload.undone_at is None) == (kind == "redo"):
        raise Clash(
            "This import was undone already." if kind == "undo" else "This import was not undone."
        )
    return jobs.enqueue(upload.review, kind, by=by, upload=upload.pk, **more)


def _held(upload: Upload) -> Upload:
    held = Upload.objects.select_for_update(of=("self",)).select_related("review")
    found = held.filter(pk=upload.pk).first()
    if found is None:
        raise Clash("This file has been discarded.")
    return found


@transaction.atomic
def read_again(upload: Upload, how: How, *, by: User) -> Job:
    """Read a file that has not been imported another way; the job that makes the fresh preview."""
    upload = _waiting(upload)
    _take_apart(upload, how, by=by)
    return jobs.enqueue(upload.review, "preview", by=by, upload=upload.pk)


@transaction.atomic
def assign(upload: Upload, search: Search, *, by: User) -> Upload:
    """Say that a file came from another source than was said when it was uploaded."""
    upload = _waiting(upload)
    if search.pk == upload.search_id:
        return upload
    before, upload.search = upload.search, search
    upload.save(update_fields=["search"])
    # What a stopped import has laid ready goes along; nobody has seen it.
    upload.records.update(search=search)
    audit.record(
        upload.review,
        "changed the source of a file",
        by=by,
        target=upload,
        before={"source": before.name},
        after={"source": search.name},
    )
    return upload


def _waiting(upload: Upload) -> Upload:
    """The upload, locked; Clash when it is imported, being imported or gone."""
    held = _held(upload)
    if held.imported_at:
        raise Clash("This file has been imported already.")
    last = latest_job(held)
    if last is not None and last.kind == "import" and not last.is_over:
        raise Clash("This file is being imported; stop the import first.")
    return held


def _take_apart(upload: Upload, how: How, *, by: User) -> None:
    """Forget what was read of a locked upload, so that it is read as `how` says."""
    try:
        how.open(blobs.path_of(upload.sha256), upload.name)
    except Unreadable as error:
        raise Refused(str(error)) from error
    last = latest_job(upload)
    if last is not None and not last.is_over:
        jobs.cancel(last, by=by)
    before = asdict(How.of(upload))
    upload.problems.all().delete()
    _forget_records(upload)
    for name, value in asdict(how).items():
        setattr(upload, name, value)
    upload.summary, upload.unreadable, upload.confirmed_at = {}, "", None
    upload.save(update_fields=[*asdict(how), "summary", "unreadable", "confirmed_at"])
    after = asdict(how)
    if before != after:
        audit.record(
            upload.review,
            "read a file another way",
            by=by,
            target=upload,
            before=before,
            after=after,
        )


def _forget_records(upload: Upload) -> None:
    """Remove what a stopped import had laid ready. Nobody has ever seen it: it was to become
    records when all of it was there."""
    reports = list(upload.records.values_list("report", flat=True))
    Record.objects.filter(upload=upload).delete()
    for at in range(0, len(reports), 500):
        Report.objects.filter(pk__in=reports[at : at + 500]).delete()


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
    _forget_records(held)
    audit.record(
        review,
        "discarded an upload",
        by=by,
        target=held,
        before={"name": held.name, "sha256": held.sha256},
    )
    held.delete()
    transaction.on_commit(lambda: drop_file(held.sha256))


def drop_file(sha256: str) -> None:
    """Remove a stored file that no row names any more; call it once that is committed."""
    blobs.remove_unused(sha256, stored.is_in_use)
