"""A whole installation out of its backup."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.refusal import Refused
from synthesis.backup import restoring


class Command(BaseCommand):
    help = "Put a backup into an empty installation: all of it, or nothing and the reason why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, metavar="IN.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["backup"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            manifest = restoring.restore(
                path, say=lambda done, total, doing: self.stderr.write(f"  {doing} …")
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Restored what was backed up at {manifest['made_at']}.")
        call_command("verify", stdout=self.stdout)
