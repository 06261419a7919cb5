"""An archive that somebody sends from the page: kept until a job has made a review of it, or refused it.

The work is `restoring.restore`, as for the command.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, connections, transaction
from django.urls import reverse

from reviews import audit
from reviews.actions import in_order
from reviews.jobs import LeaseLost, Run, cancel, enqueue, work
from reviews.models import Job, Membership, Review, User
from reviews.refusal import Refused
from reviews.roles import Role

from . import restoring
from .writing import Say

KIND = "restore-archive"


def folder() -> Path:
    return Path(settings.DATA_DIR) / "archives" / "arriving"


def _path_of(job: Job) -> Path:
    return folder() / f"{job.payload['file']}.zip"


def ask_for(file: UploadedFile, *, by: User) -> Job:
    """Begin to restore the review of an archive; whoever may begin a review may. One at a time each."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
        unfinished = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
        if unfinished.filter(kind=KIND, by=by).exists():
            raise Refused("You are restoring an archive already; wait until it is done.")
        job = enqueue(None, KIND, by=by, file=uuid4().hex, name=str(file.name)[:200])
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with _path_of(job).open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
    return job


@work(KIND, needs="manage")
def arrive(run: Run) -> dict[str, Any]:
    """Restore it, whole or not at all. The file goes when the job is over, however it ends."""
    job, path = run.job, _path_of(run.job)
    if job.review_id is None:
        if not path.is_file():
            raise Refused("The archive that was sent is not here any more; send it again.")
        try:
            with _told(run) as say:
                restoring.restore(path, by=job.by, say=say, and_then=partial(_arrived, run))
        except LeaseLost:
            raise  # whoever has the job now needs the file
        except Exception:
            path.unlink(missing_ok=True)
            raise
        job.refresh_from_db()
    # Else an earlier worker stored it and went away before it could say so.
    path.unlink(missing_ok=True)
    review = job.review
    strangers = review.memberships.filter(user__password__startswith="!").count()  # noqa: S106
    more = f" {strangers} of its people have no password here yet." if strangers else ""
    return {
        "text": f"{review.title}: {review.reports.count():,} reports.{more}",
        "url": reverse("synthesis:home", args=[review.slug]),
    }


def _arrived(run: Run, review: Review) -> None:
    """In the transaction that stored the review: the job is about it, and who sent it may come in."""
    by = run.job.by
    if by and not review.memberships.filter(user=by, left_at=None).exists():
        Membership.objects.update_or_create(
            review=review, user=by, defaults={"roles": in_order([Role.LEAD]), "left_at": None}
        )
        audit.record(review, "joined by restoring the archive", by=by, target=by)
    run.step(run.job.total, doing="Checking the numbers")
    Job.objects.filter(pk=run.job.pk).update(review=review)


@contextmanager
def _told(run: Run) -> Iterator[Say]:
    """How far it is, for others to see while one transaction stores everything.

    On SQLite nobody else can write meanwhile: it is told in the transaction, and seen before and after.
    """
    if connection.vendor == "sqlite":
        yield run.step
        return
    with ThreadPoolExecutor(1) as aside:

        def tell(done: int, total: int, doing: str) -> None:
            aside.submit(run.step, done, total, doing).result()

        try:
            yield tell
        finally:
            aside.submit(connections.close_all).result()


def stop(job: Job, *, by: User) -> None:
    """Nothing of it is kept; the file of one that nobody has begun goes at once."""
    if cancel(job, by=by).is_over:
        _path_of(job).unlink(missing_ok=True)
