"""Records as rows of weighted words: tf-idf, compressed by rows, without any library but numpy.

The weight of a word in a record is (1 + ln count) * (ln((1 + n) / (1 + records with it)) + 1), a row
has length 1. Words of one record alone say nothing about another and are left out, as are words that
nearly every record has.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .words import Bags, Numbers

IN_AT_LEAST = 2  # records
IN_AT_MOST = 0.95  # of all records

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """A sparse matrix by rows: row i holds the entries starts[i] to starts[i + 1]."""

    starts: NDArray[np.int64]
    columns: Ints
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def _filled(self) -> NDArray[np.int64]:
        return np.flatnonzero(np.diff(self.starts))

    @cached_property
    def owners(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    def times(self, weights: Floats) -> Floats:
        """Each row's product with `weights`: float32 (rows)."""
        out = np.zeros(len(self), np.float32)
        if len(self._filled):
            products = self.values * weights[self.columns]
            # Without rows that are empty, where reduceat would give the next row's first entry.
            out[self._filled] = np.add.reduceat(products, self.starts[self._filled])
        return out

    def total(self, of_rows: Floats) -> Floats:
        """The sum of all rows, row i taken `of_rows[i]` times: float32 (width)."""
        entries = self.values * of_rows[self.owners]
        return np.bincount(self.columns, entries, self.width).astype(np.float32)

    def take(self, which: NDArray[np.int64]) -> "Rows":
        """The rows `which`, in that order."""
        sizes = np.diff(self.starts)[which]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        entries = np.arange(starts[-1]) + np.repeat(self.starts[which] - starts[:-1], sizes)
        return Rows(starts, self.columns[entries], self.values[entries], self.width)


@dataclass(frozen=True)
class Features:
    """The words of a review's records as rows. `vocabulary` is sorted: the number of each column."""

    rows: Rows
    vocabulary: Numbers
    rarity: Floats

    def row_of(self, bags: Bags) -> Rows:
        """Texts that are not records of the review, such as its question, as rows of the same words."""
        columns = np.searchsorted(self.vocabulary, bags.words)
        columns = np.minimum(columns, max(0, len(self.vocabulary) - 1))
        known = (
            self.vocabulary[columns] == bags.words
            if len(self.vocabulary)
            else np.zeros(len(columns), bool)
        )
        return _weighted(bags, known, columns.astype(np.int32), self.rarity)


def features(bags: Bags) -> Features:
    """Weigh the words of all records of a review."""
    numbers, columns, seen = np.unique(bags.words, return_inverse=True, return_counts=True)
    kept = (seen >= IN_AT_LEAST) & (seen <= max(IN_AT_LEAST, IN_AT_MOST * len(bags)))
    new = np.cumsum(kept, dtype=np.int32) - 1
    rarity = (np.log((1 + len(bags)) / (1 + seen[kept])) + 1).astype(np.float32)
    rows = _weighted(bags, kept[columns], new[columns].astype(np.int32), rarity)
    return Features(rows=rows, vocabulary=numbers[kept], rarity=rarity)


def _weighted(bags: Bags, kept: NDArray[np.bool_], columns: Ints, rarity: Floats) -> Rows:
    owners = np.repeat(np.arange(len(bags)), bags.sizes)[kept]
    columns = columns[kept]
    values = (1 + np.log(bags.counts[kept].astype(np.float32))) * rarity[columns]
    lengths = np.sqrt(np.bincount(owners, values.astype(np.float64) ** 2, len(bags)))
    values = (values / lengths[owners]).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=len(bags)))])
    return Rows(starts.astype(np.int64), columns, values, len(rarity))
