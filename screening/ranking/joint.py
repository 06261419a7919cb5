"""Rows of words with a sentence vector behind each: what a model is fitted on where vectors are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .encoder import SCALE, Vectors
from .features import Floats, Rows

COUNT = 0.5  # how much a vector counts beside the words of a record, which have length 1
AT_ONCE = 8192  # rows turned from 8 into 32 bits at a time


@dataclass(frozen=True)
class Joint:
    """The same products as `Rows`, over its columns and then those of the vectors."""

    words: Rows
    vectors: Vectors  # one a row

    def __len__(self) -> int:
        return len(self.words)

    @property
    def width(self) -> int:
        return self.words.width + self.vectors.shape[1]

    @cached_property
    def _wide(self) -> Floats | None:
        """All vectors in 32 bits where they are few: a fit comes back to its rows many times."""
        return self._widened(0, len(self)) if len(self) <= AT_ONCE else None

    def _widened(self, first: int, after: int) -> Floats:
        return self.vectors[first:after].astype(np.float32) * np.float32(COUNT / SCALE)

    def _parts(self) -> list[tuple[int, Floats]]:
        if self._wide is not None:
            return [(0, self._wide)]
        starts = range(0, len(self), AT_ONCE)
        return [(first, self._widened(first, first + AT_ONCE)) for first in starts]

    # By einsum, not by a matrix product of many threads, which may add in another order on another day.

    def times(self, weights: Floats) -> Floats:
        """Each row's product with `weights` (width): float32 (rows)."""
        out = self.words.times(weights[: self.words.width])
        for first, part in self._parts():
            out[first : first + len(part)] += np.einsum(
                "ij,j->i", part, weights[self.words.width :]
            )
        return out

    def total(self, of_rows: Floats) -> Floats:
        """The sum of all rows, row i taken `of_rows[i]` times: float32 (width)."""
        found = np.zeros(self.vectors.shape[1], np.float32)
        for first, part in self._parts():
            taken = of_rows[first : first + len(part)].astype(np.float32)
            found += np.einsum("i,ij->j", taken, part)
        return np.concatenate([self.words.total(of_rows), found])

    def take(self, which: NDArray[np.int64]) -> "Joint":
        """The rows `which`, in that order."""
        return Joint(self.words.take(which), self.vectors[which])
