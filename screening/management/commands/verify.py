"""Recompute everything that is stored or promised; exit 1 names every difference."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.models import Review
from screening import verifying


class Command(BaseCommand):
    help = "Recompute places, PRISMA identities, the audit chain and the stored files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="one review; without it all of them")

    def handle(self, *args: Any, **options: Any) -> None:
        reviews = Review.objects.order_by("pk")
        if options["slug"]:
            reviews = reviews.filter(slug=options["slug"])
            if not reviews:
                raise CommandError(f"There is no review called “{options['slug']}”.")
        differences = 0
        for review in reviews:
            for check in verifying.checks(review):
                state = "ok" if not check.differences else f"{len(check.differences)} wrong"
                self.stdout.write(
                    f"{review.slug}: {check.name}: {check.looked_at:,} looked at, {state}"
                )
                for difference in check.differences:
                    self.stdout.write(f"  {difference}")
                differences += len(check.differences)
        if differences:
            sys.exit(1)
