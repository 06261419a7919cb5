"""The words of a review's reports: read once, in a job, and stored packed by the thousand."""

import hashlib
import zlib
from collections.abc import Iterator

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from citations.models import Report
from reviews.jobs import Run, make_way
from reviews.models import Review

from .. import flow, ranking
from ..models import WordBag
from . import meaning

A_BAG = 1000  # reports

Ids = NDArray[np.int64]


def _check(title: str, abstract: str) -> int:
    return zlib.crc32(f"{ranking.VERSION}\n{title}\n{abstract}".encode(errors="replace"))


def _texts(ids: list[int]) -> dict[int, tuple[str, str]]:
    rows = Report.objects.filter(pk__in=ids).values_list("pk", "title", "abstract")
    return {pk: (title, abstract) for pk, title, abstract in rows}


def standing(review: Review) -> "QuerySet[Report]":
    return review.reports.exclude(place__in=flow.NOWHERE)


def ids_in(bag: WordBag) -> Ids:
    return np.frombuffer(bytes(bag.reports), "<i8").astype(np.int64)


def read(run: Run) -> int:
    """Read the reports that were not read yet and those whose text has changed since: how many.

    It commits bag by bag; run twice, the second finds nothing left to read.
    """
    review, fresh = run.job.review, 0
    known: set[int] = set()
    numbers = list(review.word_bags.order_by("number").values_list("number", flat=True))
    total = standing(review).count()
    for number in numbers:
        with transaction.atomic():
            run.step(min(len(known), total), total, "Reading words")
            bag = review.word_bags.defer("vectors", "vectors_of").get(number=number)
            ids = ids_in(bag)
            texts = _texts(ids.tolist())
            known.update(ids.tolist())
            checks = _checks(texts, ids.tolist())
            if checks.tobytes() != bytes(bag.checks):
                fresh += int((checks != np.frombuffer(bytes(bag.checks), "<u4")).sum())
                _fill(bag, ids.tolist(), texts)
        make_way()
    for unread in _unread(review, known):
        with transaction.atomic():
            run.step(min(len(known), total), total, "Reading words")
            # The last bag is filled up before another is begun.
            last = review.word_bags.order_by("-number").first()
            if last is None or len(ids_in(last)) >= A_BAG:
                last = WordBag(review=review, number=last.number + 1 if last else 1)
                here: list[int] = []
            else:
                here = ids_in(last).tolist()
            some = unread[: A_BAG - len(here)]
            _fill(last, here + some, _texts(here + some))
            rest = unread[len(some) :]
            if rest:
                bag = WordBag(review=review, number=last.number + 1)
                _fill(bag, rest, _texts(rest))
        known.update(unread)
        fresh += len(unread)
        make_way()
    return fresh


def _checks(texts: dict[int, tuple[str, str]], ids: list[int]) -> NDArray[np.uint32]:
    # A report whose row is gone has no words.
    return np.array([_check(*texts.get(pk, ("", ""))) for pk in ids], "<u4")


def _fill(bag: WordBag, ids: list[int], texts: dict[int, tuple[str, str]]) -> None:
    bag.reports = np.array(ids, "<i8").tobytes()
    bag.checks = _checks(texts, ids).tobytes()
    bag.packed = ranking.texts_of([texts.get(pk, ("", "")) for pk in ids]).packed()
    # A bag that stands keeps its vectors: those of changed texts are told by their marks.
    bag.save(update_fields=["reports", "checks", "packed"] if bag.pk else None)


def _unread(review: Review, known: set[int]) -> Iterator[list[int]]:
    ids = standing(review).order_by("pk").values_list("pk", flat=True)
    unread = [pk for pk in ids.iterator() if pk not in known]
    for at in range(0, len(unread), A_BAG):
        yield unread[at : at + A_BAG]


# --- what was read -----------------------------------------------------------------------------


def signature(review: Review, question: str, model: str) -> str:
    """SHA-256 of the words of a review: the same as long as no report and no word has changed, and
    the model is fitted on the same kind of rows."""
    found = hashlib.sha256(f"{ranking.VERSION}\n{model}\n{question}".encode(errors="replace"))
    rows = review.word_bags.order_by("number").values_list("reports", "checks")
    for reports, checks in rows.iterator(chunk_size=50):
        found.update(bytes(reports) + bytes(checks))
    return found.hexdigest()


# A worker keeps the words of the review that it ranked last: an order is learnt in some hundredths of
# a second, weighing the words anew takes twenty times that.
_kept: dict[str, tuple[Ids, ranking.Ranker]] = {}


def ranker_of(run: Run, question: str, words: str) -> tuple[Ids, ranking.Ranker]:
    """The ids of all reports that were read, and their ranker; `words` is their signature."""
    if words not in _kept:
        review = run.job.review
        try:
            ids, parts = words_of(review)
        except ranking.OtherVersion:
            read(run)
            ids, parts = words_of(review)
        _kept.clear()
        meant = meaning.of(review, question) if meaning.is_complete(review) else None
        _kept[words] = ids, ranking.Ranker.of(parts, question, meant)
    return _kept[words]


def words_of(review: Review) -> tuple[Ids, list[ranking.Bags]]:
    """The ids of all reports that were read, and their words. OtherVersion where these are outdated."""
    ids, parts = [np.zeros(0, np.int64)], []
    bags = review.word_bags.order_by("number").defer("vectors", "vectors_of")
    for bag in bags.iterator(chunk_size=10):
        ids.append(ids_in(bag))
        parts.append(ranking.unpacked(bytes(bag.packed)))
    return np.concatenate(ids), parts
