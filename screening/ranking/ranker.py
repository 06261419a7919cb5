"""Records in the order of how likely they are relevant, learnt from those that are decided.

One linear model over the words of titles and abstracts, and over their sentence vectors where those
are made. The review's question stands in as a relevant record whose importance falls with each one
that is found; before anything is found, and something excluded, records are ordered by their likeness
to it. Each side's importance is as in ASReview's default: the excluded together weigh 1/9.8 of the
included.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from . import fitting
from .encoder import Vectors
from .features import Features, Floats, Rows, features
from .joint import Joint
from .words import Bags, Numbers, bags, counted, joined, number, words

COST = 0.11
EXCLUDED_WEIGH = 1 / 9.8  # all of them together, against all included
QUESTION_FADES = 0.1  # a tenth more slowly with each one included
TITLE_COUNTS = 3  # times

Indices = NDArray[np.int64]


def texts_of(records: list[tuple[str, str]]) -> Bags:
    """The bags of (title, abstract) pairs: a word of the title counts three times."""
    return counted(words(title) * TITLE_COUNTS + words(abstract) for title, abstract in records)


@dataclass(frozen=True)
class Meanings:
    """Sentence vectors of all records, and of the question (one row)."""

    records: Vectors
    question: Vectors


@dataclass
class Ranker:
    """A review's records and its question. Scores of one call follow from its arguments alone.

    `question` is the text of the review's question and criteria; empty where there is none.
    """

    features: Features
    question: str = ""
    meanings: Meanings | None = None
    _rows: Rows | Joint = field(init=False)  # the question is the last where it says something
    _records: Rows | Joint = field(init=False)
    _like: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        rows = self.features.rows
        asked = self.features.row_of(bags([self.question]))
        if self.meanings is None:
            known = len(asked.columns) > 0
            self._rows = stacked(rows, asked) if known else rows
            self._records = rows
            self._like = rows.times(_dense(asked)) if known else None
            return
        meant = self.meanings.question
        known = len(asked.columns) > 0 or bool(meant.any())
        self._records = Joint(rows, self.meanings.records)
        self._rows, self._like = self._records, None
        if known:
            both = np.concatenate([self.meanings.records, meant])
            self._rows = Joint(stacked(rows, asked), both)
            # Beside each other by how far each tells records apart: cosines of words are small numbers.
            nothing = np.zeros(rows.width, np.float32)
            by_meaning = np.concatenate([nothing, meant[0].astype(np.float32)])
            self._like = apart(rows.times(_dense(asked))) + apart(self._records.times(by_meaning))

    @classmethod
    def of(
        cls, parts: list[Bags], question: str = "", meanings: Meanings | None = None
    ) -> "Ranker":
        return cls(features(joined(parts)), question, meanings)

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
            return self._records.times(weights[:-1])
        if self._like is not None:
            return self._like
        return np.zeros(len(self), np.float32)

    def words_weigh(self, weights: Floats) -> Floats:
        """What a fit gives each word of the vocabulary, rarity included."""
        return weights[: self.features.rows.width] * self.features.rarity

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


def apart(scores: Floats) -> Floats:
    """Scores with mean 0 and deviation 1; all 0 where they are all the same."""
    spread = scores.std()
    if not spread:
        return np.zeros(len(scores), np.float32)
    return ((scores - scores.mean()) / spread).astype(np.float32)


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


def words_of(
    title: str, abstract: str, numbers: Numbers, weights: Floats
) -> list[tuple[str, float]]:
    """The words of one record that put it where it stands, the strongest first, each once and as
    the record spells it first: (word, weight), for it above 0 and against it below.

    `numbers` (sorted) and `weights` are of the words that a model weighs, rarity included.
    """
    spelled: dict[int, str] = {}
    for word in words(f"{title} {abstract}"):
        spelled.setdefault(number(word), word)
    bag = texts_of([(title, abstract)])
    at = np.minimum(np.searchsorted(numbers, bag.words), max(0, len(numbers) - 1))
    known = numbers[at] == bag.words if len(numbers) else np.zeros(len(at), bool)
    parts = (1 + np.log(bag.counts[known].astype(np.float32))) * weights[at[known]]
    named = [
        (spelled[int(word)], round(float(part), 4))
        for word, part in zip(bag.words[known], parts, strict=True)
        if part
    ]
    return sorted(named, key=lambda pair: (-abs(pair[1]), pair[0]))


def nearest(rows: Rows, record: int, among: Indices) -> tuple[int, float] | None:
    """Which of the records `among` has most of its words in common with `record`: (record, cosine)."""
    others = among[among != record]
    if not len(others):
        return None
    alike = rows.take(others).times(_dense(rows.take(np.array([record]))))
    best = int(np.argmax(alike))
    return (int(others[best]), float(alike[best])) if alike[best] > 0 else None
