"""python manage.py simulate DATASET --order OUT: a labelled dataset in the order it is screened."""

import csv
import gzip
import random
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from screening import ranking
from screening.relevance import meaning

COLUMNS = ("record_id", "title", "abstract", "label_included")
LABELS = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}


@dataclass
class Labelled:
    """Records with their answers."""

    ids: list[str]
    texts: list[tuple[str, str]]
    included: list[bool]


class Command(BaseCommand):
    help = (
        "Screens a labelled CSV (record_id, title, abstract, label_included) again in ranked order "
        "and writes the record_ids in the order they were screened. The same input gives the same order."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", metavar="DATASET", type=Path)
        parser.add_argument("--order", metavar="OUT", type=Path, required=True)
        parser.add_argument(
            "--seed", type=int, default=0, help="of the draw of what is known before"
        )
        parser.add_argument("--prior-included", metavar="N", type=int, default=0)
        parser.add_argument("--prior-excluded", metavar="N", type=int, default=0)
        parser.add_argument(
            "--sentences",
            action="store_true",
            help="learn from sentence vectors as well (requirements-vectors.lock)",
        )
        parser.add_argument(
            "--question", metavar="TEXT", default="", help="of the review, and criteria"
        )

    def handle(
        self,
        *,
        dataset: Path,
        order: Path,
        seed: int,
        prior_included: int,
        prior_excluded: int,
        question: str,
        sentences: bool,
        **_: Any,
    ) -> None:
        data = read(dataset)
        priors = drawn(data, seed, prior_included, prior_excluded)
        meanings = meant(data.texts, question) if sentences else None
        ranker = ranking.Ranker.of([ranking.texts_of(data.texts)], question, meanings)
        included = np.array(data.included, bool)
        found = ranking.replay(ranker, included, np.array(priors, np.int64))
        with open_text(order, "wt") as lines:
            writer = csv.writer(lines)
            writer.writerow(["record_id"])
            writer.writerows([data.ids[row]] for row in found.order)
        self.stdout.write(summary(included[found.order[found.priors :]]))


def meant(texts: list[tuple[str, str]], question: str) -> ranking.Meanings:
    """CommandError where the packages are not installed."""
    encoder = ranking.encoder
    if not encoder.is_installed():
        raise CommandError(
            "Sentence vectors need their packages: python3 run.py setup --vectors installs them."
        )
    return ranking.Meanings(
        encoder.vectors(encoder.texts_of(texts), meaning.folder()),
        encoder.vectors([question], meaning.folder()),
    )


def summary(relevant: np.ndarray) -> str:
    told = f"{len(relevant)} records screened, {int(relevant.sum())} included"
    needed = ranking.screened_for(relevant)
    return f"{told}." if needed is None else f"{told}; 95 % of them among the first {needed}."


def drawn(data: Labelled, seed: int, included: int, excluded: int) -> list[int]:
    """The records that are known before: the included ones first. CommandError when there are too few."""
    draw, found = random.Random(seed), []  # noqa: S311  (a draw that can be repeated)
    for label, wanted, name in ((True, included, "included"), (False, excluded, "excluded")):
        some = [row for row, value in enumerate(data.included) if value is label]
        if not 0 <= wanted <= len(some):
            raise CommandError(f"The dataset has {len(some)} {name} records, not {wanted}.")
        found += draw.sample(some, wanted)
    return found


def open_text(path: Path, mode: str) -> Any:
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, mode, encoding="utf-8-sig" if "r" in mode else "utf-8", newline="")


def read(path: Path) -> Labelled:
    """CommandError with one sentence when the file is not such a table."""
    csv.field_size_limit(2**31 - 1)
    data = Labelled([], [], [])
    try:
        with open_text(path, "rt") as lines:
            rows = csv.DictReader(line.replace("\0", "") for line in lines)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise CommandError(f"{path.name} has no column {missing[0]}.")
            for number, row in enumerate(rows, 1):
                label = (row["label_included"] or "").strip().lower()
                if label not in LABELS:
                    raise CommandError(f"Row {number}: label_included is “{label}”, not 0 or 1.")
                data.ids.append(row["record_id"] or "")
                data.texts.append((row["title"] or "", row["abstract"] or ""))
                data.included.append(LABELS[label])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path.name} cannot be read: {error}") from error
    if len(set(data.ids)) < len(data.ids):
        raise CommandError(f"{path.name} has the same record_id twice.")
    return data
