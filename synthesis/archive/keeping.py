"""The archive that a review's lead asks for: written by a job, kept until the next one is made."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.urls import reverse

from reviews import audit
from reviews.access import abilities
from reviews.jobs import Run, enqueue, work
from reviews.models import Job, Membership, Review
from reviews.refusal import Refused

from . import writing

KIND = "archive"


def folder() -> Path:
    return Path(settings.DATA_DIR) / "archives"


def path_of(job: Job) -> Path:
    return folder() / f"{job.review_id}-{job.pk}.zip"


@transaction.atomic
def ask_for(review: Review, *, member: Membership, transcripts: bool) -> Job:
    """Begin to write an archive. Only who may read transcripts may have their words in it."""
    if transcripts and "read_transcripts" not in abilities(member):
        raise Refused("Only who may read transcripts can archive their words.")
    Review.objects.select_for_update(no_key=True).only("pk").get(pk=review.pk)
    if review.jobs.filter(kind=KIND, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        raise Refused("An archive of this review is being written already.")
    said = "with the words of interviews" if transcripts else "interviews sealed"
    audit.record(review, "made an archive", by=member.user, target="archive", after=said)
    return enqueue(review, KIND, by=member.user, transcripts=transcripts)


def newest(review: Review) -> Job | None:
    return review.jobs.filter(kind=KIND).select_related("by").first()


def may_have(job: Job, member: Membership) -> bool:
    """Whether `member` may have the file that `job` wrote: its words are not for everybody."""
    return not job.payload.get("transcripts") or "read_transcripts" in abilities(member)


@work(KIND, needs="oversee")
def write(run: Run) -> dict[str, Any]:
    """Write it beside its place, put it there whole, and let the earlier ones go."""
    review, path = run.job.review, path_of(run.job)
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    # Everything is read in one transaction that sees one moment; how far it is must be seen at
    # once by others, so it is told on a connection of its own.
    with ThreadPoolExecutor(1) as aside:
        try:
            made = writing.write(
                review,
                unfinished,
                transcripts=bool(run.payload.get("transcripts")),
                say=lambda *how_far: aside.submit(run.step, *how_far).result(),
            )
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        finally:
            aside.submit(connections.close_all).result()
    unfinished.replace(path)
    run.step(run.job.total, doing="")
    for older in folder().glob(f"{review.pk}-*.zip"):
        if older != path:
            older.unlink(missing_ok=True)
    rows = sum(each.get("rows", 0) for each in made["members"])
    files = sum(each["name"].startswith("files/") for each in made["members"])
    missing = len(made["missing_files"])
    lacks = f" {missing} files are missing here and could not be archived." if missing else ""
    return {
        "text": f"{rows:,} rows and {files:,} files.{lacks}",
        "url": reverse("synthesis:archive", args=[review.slug]),
        "size": path.stat().st_size,
    }
