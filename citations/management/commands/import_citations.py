"""Import a file in the foreground: the same way as the page and the API."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from citations import actions
from citations.models import Search
from reviews import jobs
from reviews.access import members_who
from reviews.models import Job, Review, User
from reviews.refusal import Refused

_CHUNK = 1 << 20


class Command(BaseCommand):
    help = "Import a file of citations into a review and print a summary as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the review, as its address names it")
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="", help="the search that it came from")
        parser.add_argument("--kind", default="database", choices=Search.Kind.values)
        parser.add_argument(
            "--by", default="", help="user name (default: the first who may import)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        review = Review.objects.filter(slug=options["slug"]).first()
        if review is None:
            raise CommandError(f"There is no review at “{options['slug']}”.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                job = actions.submit(
                    review,
                    iter(lambda: file.read(_CHUNK), b""),
                    name=path.name,
                    by=_who(review, options["by"]),
                    source=options["source"],
                    kind=options["kind"],
                )
        except OSError as error:
            raise CommandError(f"The file can't be opened: {error.strerror}.") from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        job = _finish(job)
        if job.state != Job.State.DONE:
            raise CommandError(job.error or "The import was stopped.")
        self.stdout.write(json.dumps({"job": job.pk, **job.result}, ensure_ascii=False))


def _who(review: Review, username: str) -> User:
    able = [member.user for member in members_who(review, "import_records")]
    for user in able:
        if not username or user.username == username:
            return user
    raise CommandError(
        f"{username} may not import into this review."
        if username
        else "Nobody in this review may import."
    )


def _finish(job: Job) -> Job:
    """Do the work here, unless a worker was faster: then wait for it."""
    while not job.is_over:
        if not jobs.run_one(job.pk):
            time.sleep(0.2)
        job.refresh_from_db()
    return job
