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
    stretch: factor on log-odds above 0, so that left-out reviews come out calibrated.
    names: the features the model was trained with, in their order.
    """

    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray
    bias: float
    stretch: float
    names: tuple[str, ...]

    def probability(self, x: np.ndarray) -> np.ndarray:
        """Probability that each row of features (n, features) is one and the same record."""
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
        log_odds[log_odds > 0] *= self.stretch
        return 1 / (1 + np.exp(-log_odds))


@cache
def trees() -> Trees:
    with np.load(FILE) as data:
        return Trees(
            data["feature"].astype(np.intp),
            data["threshold"].astype(np.float32),
            data["leaf"].astype(np.float64),
            float(data["bias"]),
            float(data["stretch"]),
            tuple(data["names"].tolist()),
        )


@cache
def _rarities() -> bytes:
    with np.load(FILE) as data:
        return data["rarity"].astype(np.uint8).tobytes()


@lru_cache(maxsize=200_000)
def rarity(word: str) -> int:
    """0 (in every title) to 255 (in none that we saw): scaled -log of its share of titles."""
    return _rarities()[crc32(word.encode("utf-8", "surrogatepass")) & (RARITY_SLOTS - 1)]
