"""Orders and timings of ASReview, for bench/ranking.py; run by a Python that has `asreview` installed.

    PYTHON bench/ranking_asreview.py orders SETS OUT SEED...     OUT/<set>.<seed>.csv
    PYTHON bench/ranking_asreview.py cold SETS OUT SEED...       the same without prior knowledge
    PYTHON bench/ranking_asreview.py times SETS                  JSON on stdout

Its default model ELAS u4 through its own classes: fit on all labels, rank the pool, label the first,
again. It ends with the last included record, as its own simulation does. A file that is there is kept.
"""

import csv
import gzip
import json
import os
import random
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from asreview.learner import ActiveLearningCycle
from asreview.models.models import get_ai_config


def read(path: Path) -> pd.DataFrame:
    csv.field_size_limit(2**31 - 1)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return pd.DataFrame(rows)


def cycle() -> ActiveLearningCycle:
    return ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])


def priors(labels: np.ndarray, seed: int) -> list[int]:
    """One included and one excluded record, drawn with `seed`."""
    draw = random.Random(seed)
    return [draw.choice(np.flatnonzero(labels == value).tolist()) for value in (1, 0)]


def order(data: pd.DataFrame, seed: int, *, cold: bool) -> tuple[list[int], int]:
    labels = data["label_included"].astype(int).to_numpy()
    model = cycle()
    features = model.transform(data[["title", "abstract"]])
    if cold:
        shuffled = list(range(len(labels)))
        random.Random(seed).shuffle(shuffled)
        both = next(i for i in range(len(labels)) if len(set(labels[shuffled[: i + 1]])) == 2)
        done, known = shuffled[: both + 1], 0
    else:
        done = priors(labels, seed)
        known = len(done)
    pool = np.ones(len(labels), bool)
    pool[done] = False
    left = int(labels[pool].sum())
    while left:
        model.fit(features[done], labels[done])
        waiting = np.flatnonzero(pool)
        first = int(waiting[model.rank(features[waiting])[0]])
        done.append(first)
        pool[first] = False
        left -= int(labels[first])
    return done, known


def orders(sets: Path, out: Path, seeds: list[int], *, cold: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        for path in sorted(sets.glob("*.csv.gz")):
            target = out / f"{path.name.removesuffix('.csv.gz')}.{seed}.csv"
            if target.exists():
                continue
            data = read(path)
            done, known = order(data, seed, cold=cold)
            ids = data["record_id"].tolist()
            rows = "".join(f"{ids[row]},{int(at < known)}\n" for at, row in enumerate(done))
            target.write_text("record_id,is_prior\n" + rows)
            print(target.name, flush=True)


def resident() -> float:
    """Peak of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def times(sets: Path) -> None:
    """All open sets as one of 10,000 records: features, then fit and rank at 2,000 and 5,000 labels."""
    data = pd.concat([read(path) for path in sorted(sets.glob("*.csv.gz"))], ignore_index=True)
    shuffled = np.random.RandomState(0).permutation(len(data))[:10_000]
    data = data.iloc[shuffled].reset_index(drop=True)
    labels = data["label_included"].astype(int).to_numpy()
    text = data[["title", "abstract"]]
    cycle().transform(text.iloc[:50])  # what is loaded once is not counted
    model, before, start = cycle(), resident(), time.process_time()
    features = model.transform(text)
    found = {
        "features_s": time.process_time() - start,
        "features_mb": resident() - before,
        "matrix_mb": sum(part.nbytes for part in (features.data, features.indices, features.indptr))
        / 2**20,
    }
    for known in (2_000, 5_000):
        runs = []
        for _ in range(3):
            start = time.process_time()
            model.fit(features[np.arange(known)], labels[:known])
            model.rank(features[np.arange(known, len(labels))])
            runs.append(1000 * (time.process_time() - start))
        found[f"rank_{known}_ms"] = sorted(runs)[1]
    print(json.dumps(found))


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    if what == "times":
        times(Path(folder))
    else:
        orders(Path(folder), Path(rest[0]), [int(seed) for seed in rest[1:]], cold=what == "cold")
