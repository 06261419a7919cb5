"""Sentence vectors of a review's reports, where their packages are installed (sentences.py makes them).

The order is learnt from words until every report has its vector; from then on from both. Without the
packages nothing here does anything.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from reviews import jobs
from reviews.models import Job, Review, User

from .. import ranking
from ..models import WordBag
from ..ranking import encoder

KIND = "sentences"
_NAME = np.uint32(zlib.crc32(encoder.NAME.encode()))


def marks(checks: bytes) -> NDArray[np.uint32]:
    """What says of which text, and by which encoder, a vector was made."""
    return np.frombuffer(checks, "<u4") ^ _NAME


def lacking_in(bag: WordBag) -> NDArray[np.int64]:
    """Which rows of a bag have no vector of their text as it is now."""
    wanted = marks(bytes(bag.checks))
    made = np.zeros_like(wanted)
    there = np.frombuffer(bytes(bag.vectors_of), "<u4")[: len(wanted)]
    made[: len(there)] = there
    return np.flatnonzero(made != wanted)


def lacking(review: Review) -> int:
    """How many reports have no vector yet. 1 query."""
    bags = review.word_bags.only("checks", "vectors_of")
    return sum(len(lacking_in(bag)) for bag in bags.iterator(chunk_size=50))


def read(review: Review) -> int:
    """How many reports have their words read. 1 query."""
    bags = review.word_bags.values_list("checks", flat=True)
    return sum(len(bytes(checks)) // 4 for checks in bags.iterator(chunk_size=50))


def is_complete(review: Review) -> bool:
    """Whether orders are learnt from sentences as well. 1 query, or none."""
    return encoder.is_installed() and not lacking(review)


@dataclass(frozen=True)
class Progress:
    """How many of the reports whose words are read have their sentences read as well."""

    done: int
    of: int


def progress(review: Review) -> Progress | None:
    """None where the packages are not installed. 2 queries, or none."""
    if not encoder.is_installed():
        return None
    of = read(review)
    return Progress(of - lacking(review), of)


def due(review: Review, *, by: User | None) -> None:
    """Have the vectors made that are lacking, unless that is under way. Up to 3 queries."""
    open_ = [Job.State.QUEUED, Job.State.RUNNING]
    if not encoder.is_installed() or review.jobs.filter(kind=KIND, state__in=open_).exists():
        return
    if lacking(review):
        jobs.enqueue(review, KIND, by=by)


def room(bag: WordBag) -> tuple[encoder.Vectors, NDArray[np.uint32]]:
    """The vectors of a bag and their marks, as long as the bag is now."""
    size = len(bytes(bag.checks)) // 4
    vectors, made_of = np.zeros((size, encoder.LENGTH), np.int8), np.zeros(size, np.uint32)
    there = np.frombuffer(bytes(bag.vectors), np.int8).reshape(-1, encoder.LENGTH)
    vectors[: len(there)] = there
    made_of[: len(there)] = np.frombuffer(bytes(bag.vectors_of), "<u4")
    return vectors, made_of


def of(review: Review, question: str) -> ranking.Meanings:
    """The vectors of all reports that were read, in the order of their bags, and of the question."""
    parts = [np.zeros((0, encoder.LENGTH), np.int8)]
    bags = review.word_bags.order_by("number").only("checks", "vectors", "vectors_of")
    parts += [room(bag)[0] for bag in bags.iterator(chunk_size=10)]
    return ranking.Meanings(np.concatenate(parts), encoder.vectors([question], folder()))


def folder() -> Path:
    """Where the 8-bit model is kept."""
    return Path(settings.DATA_DIR) / "encoder"
