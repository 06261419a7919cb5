"""A fictional demo review, with people, so that every page has something to show."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from synthesis.demo import making, people


class Command(BaseCommand):
    help = "Make the fictional demo review once, and print its addresses and sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base-url", default="http://127.0.0.1:8000", help="where it is served"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        review = making.make(lambda text: self.stderr.write(f"  {text} …"))
        base = options["base_url"].rstrip("/")
        self.stdout.write(f"Demo review: {base}/r/{review.slug}/")
        self.stdout.write(f"Sign in at:  {base}/accounts/login/")
        self.stdout.write("")
        for person in people.CAST:
            self.stdout.write(
                f"  {person.username:4} {people.password(person.username)}   {person.name}: {person.does}"
            )
