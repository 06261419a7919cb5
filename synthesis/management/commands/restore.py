"""A review out of its archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.refusal import Refused
from synthesis.archive import restoring


class Command(BaseCommand):
    help = "Restore a review from an archive: all of it, or nothing and the reason why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE.zip")
        parser.add_argument("--slug", default="", help="its address; without it the archive's own")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["archive"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            review = restoring.restore(
                path,
                slug=options["slug"],
                say=lambda done, total, doing: self.stderr.write(f"  {doing} …"),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Restored as {review.slug}: {review.title}")
        strangers = [
            each.user
            for each in review.memberships.select_related("user").order_by("pk")
            if not each.user.has_usable_password()
        ]
        for user in strangers:
            self.stdout.write(f"  {user} ({user.email}) has no password here yet")
