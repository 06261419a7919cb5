"""Train the duplicate model on the open labelled sets and write it with its training record.

    python tools/train_matching.py [--open ../shared/bench/dedup/open] [--fast]

Needs numpy and rapidfuzz, and scikit-learn with what it brings: scipy, joblib, threadpoolctl,
cloudpickle and narwhals. Nothing else in the project needs these. Writes
citations/matching/model.npz (trees and word rarities) and model.json (data, parameters, figures
with each review left out).
"""

import argparse
import copy
import csv
import dataclasses
import gzip
import hashlib
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any
from unittest import mock
from zlib import crc32

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from citations.matching import (  # noqa: E402
    Citation,
    blocks,
    engine,
    features,
    model,
    normal,
    records,
    rules,
    tables,
)

REAL = ("stroke", "haematology", "copper", "cardiac_part", "gambling", "digital_work", "misq_cd")
SYNTHETIC = ("synth_open_20000", "synth_open_5000")
PARAMETERS: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.08,
    "max_leaf_nodes": 24,
    "max_depth": 6,
    "min_samples_leaf": 20,
    "l2_regularization": 3.0,
    "max_features": 0.6,
    "max_bins": 128,
    "random_state": 1,
    "early_stopping": False,
}


def truth(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [row["cluster_id"] for row in csv.DictReader(lines)]


# Share of records that lose these columns in a thinned copy of a set.
MISSING = {
    "doi doi_code": 0.5,
    "pmid": 0.5,
    "first_page last_page page_letter": 0.4,
    "volume": 0.15,
    "issue": 0.3,
    "journal": 0.1,
    "issn1 issn2": 0.6,
    "abstract": 0.6,
    "year": 0.05,
}
THINNED = 2  # thinned copies of each set
THINNED_SHARE = 0.35  # of the weight of a set
# Made-up databases of these seeds are trained on; those of FRESH only calibrate.
SEEDS, FRESH, MADE = (11, 12), (13,), 10_000


@dataclass
class Labelled:
    """A labelled set; `compare` fills x (features), y (same cluster?) of its candidate pairs."""

    cited: list[Citation]
    gold: list[str]
    sha256: str
    x: np.ndarray = field(default_factory=lambda: np.zeros((0, len(features.NAMES))))
    y: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    cut: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    more: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # thinned copies
    met: int = 0

    def compare(self, copies: int = THINNED) -> None:
        c = records.columns(self.cited)
        a, b = blocks.candidates(c, np.arange(len(c)), np.zeros(len(c), dtype=bool))
        self.met = len(a)
        a, b = features.worth_comparing(c, a, b)
        gold = np.array(self.gold)
        y = gold[a] == gold[b]
        self.x, self.y, self.cut = features.table(c, a, b), y, features.cut_off(c, a, b)
        self.more = [(features.table(thinned(c, seed), a, b), y) for seed in range(copies)]

    def summary(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "records": len(self.cited),
            "pairs_met": self.met,
            "pairs_compared": len(self.y),
            "true_pairs": sum(n * (n - 1) // 2 for n in Counter(self.gold).values()),
            "true_pairs_compared": int(self.y.sum()),
        }


def thinned(c: records.Columns, seed: int) -> records.Columns:
    """The same records with fields missing at random, as in exports of poorer databases."""
    chance = np.random.default_rng(seed)
    out = copy.copy(c)
    for names, share in MISSING.items():
        gone = chance.random(len(c)) < share
        for name in names.split():
            column = getattr(c, name).copy()
            column[gone] = "" if column.dtype == object else 0
            setattr(out, name, column)
    return out


def word_rarities(sets: Iterable[list[Citation]]) -> np.ndarray:
    """Share of titles that hold a word, on a log scale of 0..255, in slots of the word's CRC."""
    titles = {normal.title(c.title)[0] for cited in sets for c in cited}
    held = Counter(w for t in titles for w in set(t.split()))
    slots = np.zeros(model.RARITY_SLOTS)
    for word, n in held.items():
        k = crc32(word.encode("utf-8", "surrogatepass")) & (model.RARITY_SLOTS - 1)
        slots[k] = max(slots[k], n)
    most = math.log(len(titles) + 1)
    share = (most - np.log1p(slots)) / most
    return np.clip(np.round(share * model.RAREST), 0, model.RAREST).astype(np.uint8)


def weight(name: str, n: int) -> np.ndarray:
    """A small review counts almost as much as a large one; made-up records count less."""
    return np.full(n, (0.35 if name.startswith("synth") else 1.0) * (3000 / n + 0.3))


def fit(data: dict[str, Labelled], names: list[str]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    parts = [
        (x, y, weight(name, len(y)) * share)
        for name in names
        for x, y, share in (
            (data[name].x, data[name].y, 1 - THINNED_SHARE * bool(data[name].more)),
            *((x, y, THINNED_SHARE / len(data[name].more)) for x, y in data[name].more),
        )
    ]
    x, y, w = (np.concatenate(column) for column in zip(*parts, strict=True))
    learner = HistGradientBoostingClassifier(
        monotonic_cst=[features.FEATURES[k] for k in features.NAMES], **PARAMETERS
    )
    return learner.fit(x, y, sample_weight=w)


CAUTION = 10.0  # joins from raw odds of about 3 to 1; no left-out pair of two came near them
UNCALIBRATED = np.array([0.0, 1, 1, 1, 1])


def calibrate(parts: list[tuple[str, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Weights of `model.pieces` that make log-odds of pairs never trained on honest.

    `parts` are (name of the set, log-odds, is it the same record) of pairs that no rule holds.
    Least weighted log-loss; the slopes are exponentials, so that none is negative. Where no two
    publications come near the sure ones, nothing holds a slope back: CAUTION keeps it near 1.
    """
    from scipy.optimize import minimize

    x = np.concatenate([model.pieces(z) for _, z, _ in parts])
    y = np.concatenate([same for _, _, same in parts]).astype(float)
    w = np.concatenate([weight(name, len(z)) for name, z, _ in parts])

    def loss(t: np.ndarray) -> tuple[float, np.ndarray]:
        weights = np.r_[t[0], np.exp(t[1:])]
        odds = x @ weights
        slope = (w * (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - y)) @ x
        slope[1:] *= weights[1:]
        slope += 2 * CAUTION * t
        least = (w * (np.logaddexp(0, odds) - y * odds)).sum() + CAUTION * (t**2).sum()
        return float(least), slope

    found = minimize(loss, np.zeros(5), jac=True, method="BFGS").x
    return np.r_[found[0], np.exp(found[1:])]


def unheld(labelled: Labelled, trees: model.Trees) -> tuple[np.ndarray, np.ndarray]:
    """(log-odds, same record?) of the pairs that no rule holds."""
    free = rules.held_by(labelled.x, labelled.cut) < 0
    return trees.log_odds(labelled.x[free]), labelled.y[free]


def arrays(learner: Any) -> dict[str, np.ndarray]:
    """The learner's trees, each filled up to a complete tree of the same depth."""
    complete = [_complete(predictor.nodes) for (predictor,) in learner._predictors]
    return {
        "feature": np.array([f for f, _, _ in complete]),
        "threshold": np.array([t for _, t, _ in complete]),
        "leaf": np.array([v for _, _, v in complete]),
        "calibration": UNCALIBRATED,
        "bias": np.array(learner._baseline_prediction.ravel()[0]),
        "names": np.array(features.NAMES),
    }


def _complete(nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(feature, threshold, leaf) of one tree; a leaf above the last level fills all below it."""
    inner = 2 ** PARAMETERS["max_depth"] - 1
    feature = np.zeros(inner, np.int16)
    threshold = np.full(inner, np.inf, dtype=np.float32)
    leaf = np.zeros(inner + 1, np.float32)

    def place(at: int, node: np.void) -> None:
        if at >= inner:
            leaf[at - inner] = node["value"]
            return
        left, right = node, node
        if not node["is_leaf"]:
            feature[at], threshold[at] = node["feature_idx"], node["num_threshold"]
            left, right = nodes[node["left"]], nodes[node["right"]]
        place(2 * at + 1, left)
        place(2 * at + 2, right)

    place(0, nodes[0])
    return feature, threshold, leaf


def as_trees(parts: dict[str, np.ndarray]) -> model.Trees:
    return model.Trees(
        parts["feature"].astype(np.intp),
        parts["threshold"],
        parts["leaf"].astype(np.float64),
        float(parts["bias"]),
        parts["calibration"],
        features.NAMES,
    )


def left_out(
    data: dict[str, Labelled], names: list[str], fresh: list[tuple[str, np.ndarray, np.ndarray]]
) -> tuple[dict[str, model.Trees], np.ndarray]:
    """(for each real set a model that never saw it, the calibration from what all of them say).

    The model of a set is calibrated on the other sets, so it never saw it in any way.
    """
    blind = {}
    said = list(fresh)
    for name in REAL:
        rest = [other for other in names if other != name]
        blind[name] = as_trees(arrays(fit(data, rest)))
        said.append((name, *unheld(data[name], blind[name])))
        print("left out", name, flush=True)
    return {
        name: replace(trees, calibration=calibrate([part for part in said if part[0] != name]))
        for name, trees in blind.items()
    }, calibrate(said)


def figures_of(labelled: Labelled, trees: model.Trees, scorer: Any) -> dict[str, float]:
    with mock.patch.object(model, "trees", return_value=trees):
        found = engine.match(labelled.cited, every_pair=True)
    gold = {c.id: cluster for c, cluster in zip(labelled.cited, labelled.gold, strict=True)}
    s = scorer.score(gold, found.clusters)
    pairs = [{"id_a": p.a, "id_b": p.b, "prob": p.probability} for p in found.pairs]
    zones = scorer.zones(gold, found.clusters, pairs, rules.ASK_FROM, rules.JOIN_FROM)
    return {
        "studies_lost": s["lost_studies"],
        "duplicates_left": s["remaining_duplicates"],
        "pair_f1": round(s["pair_f1"], 4),
        "sensitivity": round(s["sensitivity"], 4),
        "questions": zones["questions"],
        "pair_f1_after_right_answers": round(zones["after_perfect_human"]["pair_f1"], 5),
        "calibration_error": round(zones["ece"], 4),
    }


def save(rarity: np.ndarray, parts: dict[str, np.ndarray], record: dict[str, Any]) -> None:
    with model.FILE.open("wb") as out:
        np.savez_compressed(out, allow_pickle=False, rarity=rarity, **parts)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    model.FILE.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load(folder: Path, name: str) -> Labelled:
    path = folder / f"{name}.csv.gz"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Labelled(tables.read_csv(path), truth(path), digest)


def generated(bench: Path, seed: int) -> Labelled:
    """MADE records of made-up databases, the same for the same seed."""
    with tempfile.TemporaryDirectory() as folder:
        make = bench / "generator"
        base, out = make / "base_open.json.gz", Path(folder) / f"synth_{seed}.csv.gz"
        command = [sys.executable, *map(str, (make / "synth.py", base, MADE, seed, out))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return load(out.parent, out.name.removesuffix(".csv.gz"))


def save_trees(path: Path, rarity: np.ndarray, trees: model.Trees) -> None:
    """A model on its own, as `bench/dedup.py --blind` reads it."""
    parts = {part.name: getattr(trees, part.name) for part in dataclasses.fields(trees)}
    np.savez_compressed(path, allow_pickle=False, rarity=rarity, **parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--open", type=Path, default=ROOT.parent / "shared/bench/dedup/open")
    parser.add_argument("--fast", action="store_true", help="leave no review out, write no record")
    parser.add_argument("--keep-blind", type=Path, help="keep the models that never saw a set here")
    args = parser.parse_args()
    made = [f"synth_{seed}" for seed in SEEDS]
    names = [*REAL, *SYNTHETIC, *made]
    data = {name: load(args.open, name) for name in (*REAL, *SYNTHETIC)}
    rarity = word_rarities(labelled.cited for labelled in data.values())
    data |= {f"synth_{seed}": generated(args.open.parent, seed) for seed in (*SEEDS, *FRESH)}
    with mock.patch.object(model, "rarities", return_value=rarity.tobytes()):
        model.rarity.cache_clear()
        for name, labelled in data.items():
            labelled.compare(copies=0 if name in made else THINNED)
        parts = arrays(fit(data, names))
        if args.fast:
            parts["calibration"] = model.trees().calibration
            return save(rarity, parts, {})
        scorer = SourceFileLoader("score", str(args.open.parent / "score.py")).load_module()
        trees = as_trees(parts)
        fresh = [(f"synth_{seed}", *unheld(data[f"synth_{seed}"], trees)) for seed in FRESH]
        blind, parts["calibration"] = left_out(data, names, fresh)
        without = {name: figures_of(data[name], blind[name], scorer) for name in REAL}
        trees = as_trees(parts)
        within = {name: figures_of(data[name], trees, scorer) for name in data}
        if args.keep_blind:
            args.keep_blind.mkdir(parents=True, exist_ok=True)
            for name, left in blind.items():
                save_trees(args.keep_blind / f"{name}.npz", rarity, left)
    for name, figures in [*without.items(), *within.items()]:
        print(name, figures)
    save(
        rarity,
        parts,
        {
            "made_by": "tools/train_matching.py",
            "learner": "sklearn HistGradientBoostingClassifier, monotone constraints",
            "parameters": PARAMETERS,
            "thinned_copies": {
                "copies": THINNED,
                "share_of_weight": THINNED_SHARE,
                "missing": MISSING,
            },
            "generated": {"records_each": MADE, "trained_on": SEEDS, "calibrated_on": FRESH},
            "weights": "3000/pairs + 0.3 a pair; synthetic sets 0.35 of that",
            "features": {
                k: {1: "up", -1: "down", 0: "free"}[v] for k, v in features.FEATURES.items()
            },
            "calibration": parts["calibration"].round(4).tolist(),
            "join_from": rules.JOIN_FROM,
            "ask_from": rules.ASK_FROM,
            "data": {name: labelled.summary() for name, labelled in data.items()},
            "each_review_left_out": without,
            "all_in_training": within,
        },
    )


if __name__ == "__main__":
    main()
