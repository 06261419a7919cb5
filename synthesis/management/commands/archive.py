"""A whole review as one file."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.models import Review
from reviews.refusal import Refused
from synthesis.archive import writing


class Command(BaseCommand):
    help = "Write a whole review into one zip that any program can read (docs/archive.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("out", type=Path, metavar="OUT.zip")
        parser.add_argument(
            "--transcripts",
            action="store_true",
            help="with the words of interviews, which are confidential; otherwise they are sealed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        review = Review.objects.filter(slug=options["slug"]).first()
        if review is None:
            raise CommandError(f"There is no review called “{options['slug']}”.")
        out: Path = options["out"]
        unfinished = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            made = writing.write(review, unfinished, transcripts=options["transcripts"])
            unfinished.replace(out)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{out} can't be written: {error.strerror}.") from error
        finally:
            unfinished.unlink(missing_ok=True)
        rows = sum(each.get("rows", 0) for each in made["members"])
        files = sum(each["name"].startswith("files/") for each in made["members"])
        self.stdout.write(
            f"{out}: {rows:,} rows, {files:,} files, transcripts {made['transcripts']}"
        )
        for sha256 in made["missing_files"]:
            self.stderr.write(f"  the file {sha256} is missing and could not be archived")
