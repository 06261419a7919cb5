"""A linear model of squared hinge loss, fitted by Newton steps from wherever the last fit ended.

Minimises |w|²/2 + C * sum of s_i * max(0, 1 - y_i (x_i w + b))², the objective of L2-regularised
support vector machines (Fan et al. 2008, J Mach Learn Res 9:1871), b regularised like a word. Each
step is solved by conjugate gradients over the records that are not yet on the right side (Keerthi and
DeCoste 2005, J Mach Learn Res 6:341). No random numbers and no order of threads: the same input
gives the same bits.
"""

import numpy as np

from .features import Floats, Rows
from .joint import Joint

CLOSE_ENOUGH = 1e-3  # of the gradient at the start
STEPS = 30
SOLVER_STEPS = 40
HALVINGS = 12


def _dot(a: Floats, b: Floats) -> float:
    # Not numpy's dot: that of many threads may add in another order on another day.
    return float(np.einsum("i,i->", a, b, dtype=np.float64))


def _times(rows: Rows | Joint, weights: Floats) -> Floats:
    return rows.times(weights[:-1]) + weights[-1]


def _total(rows: Rows | Joint, of_rows: Floats) -> Floats:
    return np.append(rows.total(of_rows), of_rows.sum()).astype(np.float32)


def fit(
    rows: Rows | Joint, sides: Floats, importance: Floats, cost: float, start: Floats | None = None
) -> Floats:
    """Weights of each word and, last, the bias: float32 (width + 1).

    `sides` +1 or -1 and `importance` for each row; `start` is an earlier result.
    """
    weights = np.zeros(rows.width + 1, np.float32) if start is None else start.copy()
    pull = (2 * cost * importance).astype(np.float32)
    margin = 1 - sides * _times(rows, weights)
    wrong = margin > 0
    loss = _loss(weights, pull, margin, wrong)
    from_nothing = np.sqrt(_dot(g := _total(rows, -pull * sides), g))
    for _ in range(STEPS):
        slope = weights + _total(rows, np.where(wrong, -pull * sides * margin, 0))
        steep = np.sqrt(_dot(slope, slope))
        if steep <= CLOSE_ENOUGH * from_nothing:
            break
        step = _newton_step(rows, pull, wrong, slope, min(0.1, np.sqrt(steep / from_nothing)))
        moved, downhill, length = _times(rows, step), _dot(slope, step), 1.0
        for _ in range(HALVINGS):
            new = (weights + length * step).astype(np.float32)
            new_margin = (margin - length * sides * moved).astype(np.float32)
            new_wrong = new_margin > 0
            new_loss = _loss(new, pull, new_margin, new_wrong)
            if new_loss <= loss + 1e-4 * length * downhill:
                break
            length /= 2
        weights, margin, wrong, loss = new, new_margin, new_wrong, new_loss
    return weights


def _loss(weights: Floats, pull: Floats, margin: Floats, wrong: np.ndarray) -> float:
    over = margin[wrong]
    return (_dot(weights, weights) + _dot(pull[wrong] * over, over)) / 2


def _newton_step(
    rows: Rows | Joint, pull: Floats, wrong: np.ndarray, slope: Floats, accuracy: float
) -> Floats:
    inside = rows.take(np.flatnonzero(wrong))
    weight = pull[wrong]
    step = np.zeros_like(slope)
    rest = -slope
    direction = rest.copy()
    size = _dot(rest, rest)
    enough = accuracy * np.sqrt(size)
    for _ in range(SOLVER_STEPS):
        curved = direction + _total(inside, weight * _times(inside, direction))
        far = np.float32(size / _dot(direction, curved))
        step += far * direction
        rest -= far * curved
        smaller = _dot(rest, rest)
        if np.sqrt(smaller) < enough:
            break
        direction = rest + np.float32(smaller / size) * direction
        size = smaller
    return step
