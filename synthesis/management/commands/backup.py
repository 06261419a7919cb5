"""The whole installation as one file."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.refusal import Refused
from synthesis.backup import writing


class Command(BaseCommand):
    help = "Write the whole installation into one zip while it runs (docs/administrator.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        unfinished = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            made = writing.write(unfinished)
            unfinished.replace(out)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{out} can't be written: {error.strerror}.") from error
        finally:
            unfinished.unlink(missing_ok=True)
        rows = sum(each.get("rows", 0) for each in made["members"])
        files = sum(each["name"].startswith("files/") for each in made["members"])
        self.stdout.write(f"{out}: {rows:,} rows, {files:,} files. It is confidential: encrypt it.")
