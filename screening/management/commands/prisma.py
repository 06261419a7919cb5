"""PRISMA 2020 counts and diagram on the command line."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.models import Review
from screening.reporting import prisma
from screening.views.prisma import figure


class Command(BaseCommand):
    help = "Print a review's PRISMA 2020 numbers (json, csv) or its diagram (svg)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--format", choices=["json", "svg", "csv"], default="json")
        parser.add_argument("--out", type=Path, help="write to this file instead of stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        review = Review.objects.filter(slug=options["slug"]).first()
        if review is None:
            raise CommandError(f"There is no review called “{options['slug']}”.")
        numbers = prisma.report(review)
        if options["format"] == "svg":
            text = figure(review, links=False)
        elif options["format"] == "csv":
            rows = [f"{box},{numbers['boxes'][box]}" for box in prisma.OFFICIAL]
            text = "\n".join(["box,n", *rows])
        else:
            text = json.dumps(numbers, indent=2, ensure_ascii=False)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        else:
            self.stdout.write(text)
        broken = [each for each in numbers["identities"] if not each["holds"]]
        if broken:
            named = "; ".join(f"{each['number']} {each['says']}" for each in broken)
            raise CommandError(f"These identities do not hold: {named}")
