"""Screening a review again whose answers are known, in the order that the ranker gives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .certificate import TARGET, State, certificate
from .ranker import Indices, Ranker

EVERY_LABEL_UP_TO = 30
THEN_EACH = 0.05  # of what is known


@dataclass(frozen=True)
class Replay:
    """`order` of all records; the first `priors` of them were known at the start."""

    order: Indices
    priors: int


def replay(ranker: Ranker, included: NDArray[np.bool_], priors: Indices) -> Replay:
    """Screen in ranked order, learning anew after each answer, later after each twentieth part more.

    `included` says for each record what was answered; `priors` are known before.
    """
    order = list(priors)
    weights = None
    waiting = np.ones(len(ranker), bool)
    waiting[priors] = False
    while waiting.any():
        known = np.array(order, np.int64)
        weights = ranker.fit(known, included[known], weights)
        scores = ranker.scores(weights)
        left = np.flatnonzero(waiting)
        step = (
            1 if weights is None or len(order) < EVERY_LABEL_UP_TO else int(THEN_EACH * len(order))
        )
        if step <= 1:
            first = left[[int(np.argmax(scores[left]))]]
        else:
            first = left[np.argsort(-scores[left], kind="stable")[:step]]
        order.extend(first.tolist())
        waiting[first] = False
    return Replay(np.array(order, np.int64), len(priors))


def recall_curve(relevant: NDArray[np.bool_], points: int = 200) -> list[tuple[int, int]]:
    """(screened, found) at up to `points` places of an order, from (0, 0) to its end."""
    found = np.concatenate([[0], np.cumsum(relevant)])
    at = np.unique(
        np.linspace(0, len(relevant), min(points, len(relevant) + 1)).round().astype(int)
    )
    return [(int(n), int(found[n])) for n in at]


def certificates(
    relevant: NDArray[np.bool_], of: int, parts: int = 100
) -> Iterator[tuple[int, State]]:
    """(screened, state) after each hundredth part of an order, until it is certified."""
    step = max(1, of // parts)
    for screened in range(step, of + 1, step):
        state = certificate(relevant[:screened], of).state
        yield screened, state
        if state is State.CERTIFIED:
            return


def screened_for(relevant: NDArray[np.bool_], recall: float = TARGET) -> int | None:
    """How many records were screened until that share of the relevant ones was found."""
    places = np.flatnonzero(relevant)
    if not len(places):
        return None
    return int(places[int(np.ceil(recall * len(places) - 1e-9)) - 1]) + 1
