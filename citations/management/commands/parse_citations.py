"""`parse_citations FILE`: what the readers make of a file, without touching the database."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from citations.formats import FORMATS
from citations.formats.json_lines import print_citations


class Command(BaseCommand):
    help = "Print the records and problems of a citation file, one JSON object a line."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--format", choices=sorted(FORMATS), help="instead of what the content says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(print_citations(options["file"], sys.stdout, sys.stderr, format=options["format"]))
