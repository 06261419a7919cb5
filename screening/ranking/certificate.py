"""May we stop? A test of what could still be missed, by the hypergeometric distribution.

Callaghan and Müller-Hansen (2020), Systematic Reviews 9:273. If only records that were screened from
some point on are looked at, and they had been drawn at random from what was left there, how probable
were so few relevant ones if recall were below the target? Ranked screening draws better than at
random, so the true probability is smaller. The smallest p over all points to look back to is taken.

A run of irrelevant records alone is no evidence: how much it says depends on how many records are
left and how many were found.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TARGET = 0.95  # recall
CERTIFIED_BELOW = 0.05  # probability of a recall below TARGET
LIKELY_BELOW = 0.20

Booleans = NDArray[np.bool_]


class State(StrEnum):
    KEEP_GOING = "keep going"
    LIKELY = "likely"
    CERTIFIED = "certified"


@dataclass(frozen=True)
class Certificate:
    """What can be said after some records were screened in ranked order."""

    state: State
    screened: int
    found: int
    left: int  # not screened
    p: float  # that recall is below the target, at the most
    at_most: int  # relevant records in all, at 95 % confidence

    @property
    def recall_at_least(self) -> float | None:
        """The lower bound of recall at 95 % confidence; None where nothing was found."""
        return self.found / self.at_most if self.found else None

    @property
    def recall_percent(self) -> int | None:
        """The same in whole per cent, rounded down: no bound is said to be higher than it is."""
        bound = self.recall_at_least
        return None if bound is None else int(100 * bound)


@lru_cache(maxsize=4)
def _log_factorials(up_to: int) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, up_to + 1)))])


def p_of_more(screened: Booleans, of: int, relevant: int) -> float:
    """How probable so few finds are at the most if `relevant` of the `of` records were relevant.

    `screened`: relevant or not, in the order of screening. 1 when no more could be missing.
    """
    found = int(screened.sum())
    left = of - len(screened)
    missing = relevant - found
    if missing <= 0 or not len(screened):
        return 1.0
    if missing > left:
        return 0.0
    last = screened[::-1]
    drawn = np.arange(1, len(last) + 1)
    hits = np.cumsum(last)
    # Points just before a find add nothing to those after it: more were found in more draws.
    best = np.append(np.flatnonzero(last[1:]), len(last) - 1)
    drawn, hits = drawn[best], hits[best]
    among = left + drawn
    return float(np.min(_at_most(hits, among, hits + missing, drawn)))


def _at_most(hits: NDArray, among: NDArray, marked: NDArray, drawn: NDArray) -> NDArray:
    """P(X <= hits) for X hypergeometric: `drawn` from `among` records of which `marked` count."""
    logs = _log_factorials(1 << int(among.max()).bit_length())

    def choose(n: NDArray, k: NDArray) -> NDArray:
        inside = (k >= 0) & (k <= n)
        k = np.clip(k, 0, n)
        return np.where(inside, logs[n] - logs[k] - logs[n - k], -np.inf)

    total = np.zeros(len(hits))
    # From the largest term down; terms that no longer matter end it.
    for less in range(int(hits.max()) + 1):
        k = hits - less
        use = k >= 0
        if not use.any():
            break
        term = np.zeros(len(hits))
        kk = np.maximum(k, 0)
        term[use] = np.exp(
            choose(marked, kk) + choose(among - marked, drawn - kk) - choose(among, drawn)
        )[use]
        total += term
        if less > 3 and np.all(term <= 1e-9 * total):
            break
    return np.minimum(total, 1.0)


def certificate(screened: Booleans, of: int) -> Certificate:
    """What the records `screened` (relevant or not, in order) say about all `of` records.

    Nothing can be certified before a relevant record was found, unless all records are screened.
    """
    screened = np.asarray(screened, bool)
    found, left = int(screened.sum()), of - len(screened)
    at_most = _most(screened, of, 1 - TARGET)
    if not left:
        state, p = State.CERTIFIED, 0.0
    elif not found:
        state, p = State.KEEP_GOING, 1.0
    else:
        # The smallest number of relevant records of which those found are less than the target.
        p = p_of_more(screened, of, int(np.floor(found / TARGET)) + 1)
        state = State.LIKELY if p < LIKELY_BELOW else State.KEEP_GOING
        state = State.CERTIFIED if p < CERTIFIED_BELOW else state
    return Certificate(state, len(screened), found, left, p, at_most)


def _most(screened: Booleans, of: int, alpha: float) -> int:
    """The largest number of relevant records that the finds do not contradict at `alpha`."""
    found = int(screened.sum())
    low, high = found, found + of - len(screened)
    while low < high:
        middle = (low + high + 1) // 2
        if p_of_more(screened, of, middle) < alpha:
            high = middle - 1
        else:
            low = middle
    return low


def random_sample(relevant: int, drawn: int, among: int, confidence: float = 0.95) -> int:
    """How many of `among` unscreened records may be relevant at the most, after a random sample of
    `drawn` of them held `relevant`: the exact one-sided bound."""
    most = among - drawn + relevant
    low, high = relevant, most
    one = np.array([relevant])
    while low < high:
        middle = (low + high + 1) // 2
        if (
            _at_most(one, np.array([among]), np.array([middle]), np.array([drawn]))[0]
            < 1 - confidence
        ):
            high = middle - 1
        else:
            low = middle
    return low
