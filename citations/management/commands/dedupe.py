"""python manage.py dedupe IN OUT [--pairs PAIRS]: duplicates of a file, without a database."""

import csv
import gzip
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from citations.matching import Citation, Zone, match, tables
from citations.matching.normal import ABSTRACT_READ

if TYPE_CHECKING:
    from citations.formats import ParsedRecord


class Command(BaseCommand):
    help = (
        "Reads a reference file or a CSV (record_id, title, authors ...) and writes which records "
        "are the same one: OUT has record_id and cluster_id of the automatic joins."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="IN", type=Path)
        parser.add_argument("out", metavar="OUT", type=Path)
        parser.add_argument(
            "--pairs",
            type=Path,
            help="also write id_a, id_b, prob, zone and why of every compared pair",
        )

    def handle(self, *, source: Path, out: Path, pairs: Path | None, **_: Any) -> None:
        try:
            citations = read(source)
        except (tables.Unreadable, OSError) as error:
            raise CommandError(str(error)) from error
        found = match(citations, every_pair=pairs is not None)
        write(
            out,
            ("record_id", "cluster_id"),
            ((c.id, found.clusters[c.id]) for c in citations),
        )
        if pairs:
            write(
                pairs,
                ("id_a", "id_b", "prob", "zone", "why"),
                ((p.a, p.b, f"{p.probability:.5f}", p.zone, p.why) for p in found.pairs),
            )
        joined = len(citations) - len(set(found.clusters.values()))
        home = found.clusters
        asked = {frozenset((home[p.a], home[p.b])) for p in found.pairs if p.zone is Zone.ASK}
        self.stdout.write(
            f"{len(citations)} records, {joined} duplicates joined, {len(asked)} questions."
        )


def read(path: Path) -> list[Citation]:
    """Citations of a CSV with a record_id column, or of any format that we import.

    Records of other formats are named by their number in the file.
    """
    if tables.is_ours(path):
        return tables.read_csv(path)
    from citations import formats  # only here are the parsers needed

    try:
        return [
            _citation(item) for item in formats.read(path) if isinstance(item, formats.ParsedRecord)
        ]
    except formats.Unreadable as error:
        raise tables.Unreadable(str(error)) from error


def _citation(record: "ParsedRecord") -> Citation:
    return Citation(
        id=str(record.number),
        title=record.title,
        authors=tuple(record.authors),
        year=record.year,
        journal=record.journal,
        volume=record.volume,
        issue=record.issue,
        pages=record.pages,
        doi=record.doi,
        pmid=record.pmid,
        isbn=record.isbn,
        abstract=record.abstract[:ABSTRACT_READ],
        entry_type=record.entry_type,
    )


def write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(header)
        writer.writerows(rows)
