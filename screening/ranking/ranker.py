"""Records in the order of how likely they are relevant, learnt from those that are decided.

One linear model over the words of titles and abstracts. The review's question stands in as a relevant
record whose importance falls with each one that is found; before anything is found, and something
excluded, records are ordered by their likeness to it. Each side's importance is as in ASReview's
default: the excluded together weigh 1/9.8 of the included.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from . import fitting
from .features import Features, Floats, Rows, features
from .words import Bags, bags, joined, number, words

COST = 0.11
EXCLUDED_WEIGH = 1 / 9.8  # all of them together, against all included
QUESTION_FADES = 0.1  # a tenth more slowly with each one included
TITLE_COUNTS = 3  # times

Indices = NDArray[np.int64]


def text_of(title: str, abstract: str) -> str:
    """What is read of a record: a word of the title counts three times."""
    return f"{title}\n" * TITLE_COUNTS + abstract


def texts_of(records: list[tuple[str, str]]) -> Bags:
    """The bags of (title, abstract) pairs."""
    return bags([text_of(title, abstract) for title, abstract in records])


@dataclass
class Ranker:
    """A review's records and its question. Scores of one call follow from its arguments alone.

    `question` is the text of the review's question and criteria; empty where there is none.
    """

    features: Features
    question: str = ""
    _rows: Rows = field(init=False)
    _like: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        asked = self.features.row_of(bags([self.question]))
        known = len(asked.columns) > 0
        # The question is the last row, so that a model is fitted on rows of one matrix.
        self._rows = stacked(self.features.rows, asked) if known else self.features.rows
        self._like = self.features.rows.times(_dense(asked)) if known else None

    @classmethod
    def of(cls, parts: list[Bags], question: str = "") -> "Ranker":
        return cls(features(joined(parts)), question)

    def __len__(self) -> int:
        return len(self.features.rows)

    def fit(
        self, known: Indices, included: NDArray[np.bool_], start: Floats | None = None
    ) -> Floats | None:
        """Weights (words, then the bias) learnt from the records `known`; None: too little is known.

        `start`: weights of an earlier fit, from where this one goes on.
        """
        relevant = int(included.sum())
        if relevant == len(known) or (not relevant and self._like is None):
            return None
        weight = np.ones(len(known))
        sides = np.where(included, 1.0, -1.0)
        if self._like is not None:
            known = np.append(known, len(self))
            sides = np.append(sides, 1.0)
            weight = np.append(weight, 1 / (1 + QUESTION_FADES * relevant))
        inside, outside = weight[sides > 0].sum(), weight[sides < 0].sum()
        weight[sides < 0] *= EXCLUDED_WEIGH * inside / outside
        weight *= len(weight) / weight.sum()
        return fitting.fit(
            self._rows.take(known),
            sides.astype(np.float32),
            weight.astype(np.float32),
            COST,
            start,
        )

    def scores(self, weights: Floats | None) -> Floats:
        """A number for each record, higher for what is more likely relevant. No probability."""
        if weights is not None:
            return self.features.rows.times(weights[:-1])
        if self._like is not None:
            return self._like
        return np.zeros(len(self), np.float32)

    def order(
        self, known: Indices, included: NDArray[np.bool_], start: Floats | None = None
    ) -> Indices:
        """All records that are not `known`, likely ones first; equal ones as they stand."""
        return in_order(self.scores(self.fit(known, included, start)), without=known)


def in_order(scores: Floats, *, without: Indices) -> Indices:
    waiting = np.ones(len(scores), bool)
    waiting[without] = False
    left = np.flatnonzero(waiting)
    return left[np.argsort(-scores[left], kind="stable")]


def fingerprint(order: Indices) -> str:
    """SHA-256 of an order of ids, to tell two apart."""
    return hashlib.sha256(np.asarray(order, "<i8").tobytes()).hexdigest()


def stacked(above: Rows, below: Rows) -> Rows:
    return Rows(
        np.concatenate([above.starts, above.starts[-1] + below.starts[1:]]),
        np.concatenate([above.columns, below.columns]),
        np.concatenate([above.values, below.values]),
        above.width,
    )


def _dense(rows: Rows) -> Floats:
    return rows.total(np.ones(len(rows), np.float32))


@dataclass(frozen=True)
class Why:
    """Words of one record that speak for and against it, the strongest first: (word, weight)."""

    words_for: list[tuple[str, float]]
    words_against: list[tuple[str, float]]


def why(found: Features, weights: Floats, title: str, abstract: str, most: int = 6) -> Why:
    """Which words of a record put it where it stands. A stem is shown as the record spells it."""
    spelled: dict[int, str] = {}
    for word in words(f"{title} {abstract}"):
        spelled.setdefault(number(word), word)
    row = found.row_of(texts_of([(title, abstract)]))
    parts = row.values * weights[row.columns]
    named = [
        (spelled[int(found.vocabulary[column])], round(float(part), 4))
        for column, part in zip(row.columns, parts, strict=True)
        if int(found.vocabulary[column]) in spelled and part
    ]
    named.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    return Why(
        [pair for pair in named if pair[1] > 0][:most],
        [pair for pair in named if pair[1] < 0][:most],
    )


def nearest(rows: Rows, record: int, among: Indices) -> tuple[int, float] | None:
    """Which of the records `among` has most of its words in common with `record`: (record, cosine)."""
    others = among[among != record]
    if not len(others):
        return None
    alike = rows.take(others).times(_dense(rows.take(np.array([record]))))
    best = int(np.argmax(alike))
    return (int(others[best]), float(alike[best])) if alike[best] > 0 else None
