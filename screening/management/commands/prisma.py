"""PRISMA 2020 counts and diagram on the command line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.models import Review
from screening.reporting import figures, prisma
from screening.reporting.choices import Choices


class Command(BaseCommand):
    help = "Print a review's PRISMA 2020 numbers (json, csv) or its diagram."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--format", choices=list(figures.CONTENT_TYPES), default="json")
        parser.add_argument("--plain", action="store_true", help="black and white")
        parser.add_argument(
            "--keep", type=int, default=0, help="fold all but this many reasons into one line"
        )
        parser.add_argument("--out", type=Path, help="write to this file instead of stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        review = Review.objects.filter(slug=options["slug"]).first()
        if review is None:
            raise CommandError(f"There is no review called “{options['slug']}”.")
        numbers = prisma.report(review)
        by = Choices(keep=options["keep"], plain=options["plain"])
        made = figures.write(review, numbers, options["format"], by)
        if options["out"]:
            options["out"].write_bytes(made)
        elif options["format"] in ("png", "pdf", "docx"):
            raise CommandError("Say with --out where the file is to be written.")
        else:
            self.stdout.write(made.decode())
        broken = [each for each in numbers["identities"] if not each["holds"]]
        if broken:
            named = "; ".join(f"{each['number']} {each['says']}" for each in broken)
            raise CommandError(f"These identities do not hold: {named}")
