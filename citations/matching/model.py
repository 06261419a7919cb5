"""The trained model: small boosted trees as plain arrays, and how rare a word is in titles.

`model.npz` is made by `tools/train_matching.py`; `model.json` beside it is its training record.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np

FILE = Path(__file__).with_name("model.npz")
RARITY_SLOTS = 1 << 15
RAREST = 255


@dataclass(frozen=True)
class Trees:
    """Trees of one depth, stored level by level: node k has the children 2k+1 and 2k+2.

    feature, threshold: shape (trees, 2**depth - 1); a row goes left where x <= threshold.
    leaf: shape (trees, 2**depth), in log-odds. bias: log-odds before any tree.
    calibration: shape (5,), weights of `pieces`: made from reviews left out of training.
    names: the features the model was trained with, in their order.
    """

    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray
    bias: float
    calibration: np.ndarray
    names: tuple[str, ...]

    def probability(self, x: np.ndarray) -> np.ndarray:
        """Probability that each row of features (n, features) is one and the same record."""
        odds = pieces(self.log_odds(x)) @ self.calibration
        return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        """What the trees say of each row, before calibration."""
        n = len(x)
        depth = self.leaf.shape[1].bit_length() - 1
        log_odds = np.full(n, self.bias)
        flat = np.ascontiguousarray(x, dtype=np.float32).ravel()
        offset = np.arange(n) * x.shape[1]
        for feature, threshold, leaf in zip(self.feature, self.threshold, self.leaf, strict=True):
            node = np.zeros(n, dtype=np.intp)
            for _ in range(depth):
                node = 2 * node + 1 + (flat[offset + feature[node]] > threshold[node])
            log_odds += leaf[node - (len(leaf) - 1)]
        return log_odds


def pieces(log_odds: np.ndarray) -> np.ndarray:
    """Log-odds as (n, 5): a constant and the parts below -2, up to 0, up to 2 and above.

    A weighted sum of them is a broken line: Platt's calibration with a slope for each part. With
    weights that are not negative it rises everywhere, so calibrating keeps the order of pairs.
    """
    return np.column_stack(
        [
            np.ones(len(log_odds)),
            np.minimum(log_odds + 2, 0),
            np.clip(log_odds, -2, 0),
            np.clip(log_odds, 0, 2),
            np.maximum(log_odds - 2, 0),
        ]
    )


@cache
def trees() -> Trees:
    with np.load(FILE) as data:
        return Trees(
            data["feature"].astype(np.intp),
            data["threshold"].astype(np.float32),
            data["leaf"].astype(np.float64),
            float(data["bias"]),
            data["calibration"].astype(np.float64),
            tuple(data["names"].tolist()),
        )


@cache
def rarities() -> bytes:
    with np.load(FILE) as data:
        return data["rarity"].astype(np.uint8).tobytes()


@lru_cache(maxsize=200_000)
def rarity(word: str) -> int:
    """0 (in every title) to 255 (in none that we saw): scaled -log of its share of titles."""
    return rarities()[crc32(word.encode("utf-8", "surrogatepass")) & (RARITY_SLOTS - 1)]
