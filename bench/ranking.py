"""Score the ranker on the labelled sets, beside ASReview; see docs/methods/ranking.md.

    python bench/ranking.py [--data ../shared/bench/ranking] [--seed N ...]
                            [--against PYTHON_WITH_ASREVIEW] [--keep FOLDER] [--vectors FOLDER]

One run of each set and seed from the same one included and one excluded record, differences paired
over sets with bootstrap intervals and an exact sign-flip test; the cold start from the question
alone; the certificate; time and memory of features and of a new order of 10,000 records. ASReview's
orders are slow to make and kept in FOLDER. With --vectors the ranker reads sentences as well, for
which the packages of requirements-vectors.lock are needed; the vectors are kept in that folder.
"""

import argparse
import csv
import gzip
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from screening import ranking  # noqa: E402

MEASURES = {"loss": -1, "recall@10%": 1, "wss@95": 1}  # and which direction is better


def scorer(data: Path):
    spec = importlib.util.spec_from_file_location("score", data / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def read(path: Path) -> tuple[list[str], list[tuple[str, str]], np.ndarray]:
    csv.field_size_limit(2**31 - 1)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    texts = [(row["title"], row["abstract"]) for row in rows]
    return (
        [row["record_id"] for row in rows],
        texts,
        np.array([row["label_included"] == "1" for row in rows]),
    )


def sets(data: Path) -> dict[str, Path]:
    return {
        path.name.removesuffix(".csv.gz"): path for path in sorted((data / "open").glob("*.csv.gz"))
    }


def theirs(python: str, what: str, data: Path, keep: Path, *seeds: int) -> str:
    """Let ASReview screen what it has not screened yet; what it prints."""
    script = ROOT / "bench" / "ranking_asreview.py"
    where = [] if what == "times" else [keep / what, *map(str, seeds)]
    done = subprocess.run(
        [python, script, what, data / "open", *where], check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def order_of(path: Path) -> tuple[list[str], list[bool]]:
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["record_id"] for row in rows], [row["is_prior"] == "1" for row in rows]


VECTORS: Path | None = None


@cache
def encoded(path: Path, question: str) -> "ranking.Meanings | None":
    """The sentence vectors of a set and of its question, made once; None without --vectors."""
    if VECTORS is None:
        return None
    kept = VECTORS / f"{path.name}.npy"
    if not kept.exists():
        VECTORS.mkdir(parents=True, exist_ok=True)
        start, (_, texts, _) = time.process_time(), read(path)
        vectors = ranking.encoder.vectors(ranking.encoder.texts_of(texts), VECTORS)
        each = 1000 * (time.process_time() - start) / len(texts)
        print(f"{path.name}: {len(texts)} vectors, {each:.1f} ms CPU each", flush=True)
        np.save(kept, vectors)
    return ranking.Meanings(np.load(kept), ranking.encoder.vectors([question], VECTORS))


def ours(path: Path, question: str, priors: list[str]) -> tuple[list[str], np.ndarray]:
    """Our order, and whether each record in it is relevant."""
    ids, texts, included = read(path)
    place = {name: row for row, name in enumerate(ids)}
    meant = encoded(path, question)
    ranker = ranking.Ranker.of([ranking.texts_of(texts)], question, meant)
    found = ranking.replay(ranker, included, np.array([place[name] for name in priors], np.int64))
    return [ids[row] for row in found.order], included[found.order]


def sign_flips(differences: np.ndarray, draws: int = 20_000) -> float:
    """Two-sided p that the mean of paired differences is 0, their signs being arbitrary."""
    signs = np.random.RandomState(0).choice([-1, 1], (draws, len(differences)))
    means = np.abs((signs * differences).mean(1))
    return float((1 + (means >= abs(differences.mean()) - 1e-12).sum()) / (1 + draws))


def holm(p: dict[str, float]) -> dict[str, float]:
    adjusted, worst = {}, 0.0
    for at, name in enumerate(sorted(p, key=p.get)):
        worst = max(worst, min(1.0, (len(p) - at) * p[name]))
        adjusted[name] = worst
    return adjusted


def compare(rows: dict[str, list[tuple[dict, dict]]]) -> None:
    """Print the paired differences of {set: [(theirs, ours) of each seed]}."""
    if not rows:
        return print("nothing to compare with")
    means = {
        name: np.array(
            [np.mean([[a[name], b[name]] for a, b in found], 0) for found in rows.values()]
        )
        for name in MEASURES
    }
    adjusted = holm({name: sign_flips(m[:, 1] - m[:, 0]) for name, m in means.items()})
    draw = np.random.RandomState(0)
    for name, m in means.items():

        def change(m, name=name):
            a, b = m.mean(0)
            return (b - a) / a if name == "loss" else b - a

        some = [change(m[draw.randint(0, len(m), len(m))]) for _ in range(5000)]
        low, high = np.quantile(some, [0.025, 0.975])
        worst = (MEASURES[name] * (m[:, 1] - m[:, 0])).min()
        unit = "%" if name == "loss" else "points"
        print(
            f"{name:10s} ASReview {m[:, 0].mean():.4f}  ours {m[:, 1].mean():.4f}  "
            f"{100 * change(m):+.1f} {unit} [{100 * low:+.1f}, {100 * high:+.1f}]  "
            f"Holm p {adjusted[name]:.4f}  worst set {100 * worst:+.1f} points"
        )


def certified(relevant: np.ndarray) -> tuple[float, float]:
    """(recall, share of the work saved) where the certificate was given first."""
    *_, (screened, _) = ranking.certificates(relevant, len(relevant))
    return relevant[:screened].sum() / relevant.sum(), 1 - screened / len(relevant)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def our_times(data: Path) -> dict[str, float]:
    """As ranking_asreview.py times: the same 10,000 records and labels. MB of peak memory added."""
    texts, labels, vectors = [], [], []
    for path in sets(data).values():
        _, some, included = read(path)
        texts += some
        labels += included.tolist()
        if VECTORS is not None:
            vectors.append(encoded(path, "").records)
    shuffled = np.random.RandomState(0).permutation(len(texts))[:10_000]
    texts, labels = [texts[i] for i in shuffled], np.array(labels)[shuffled]
    ranking.texts_of(texts[:50])
    before, start = peak(), time.process_time()
    parts = [ranking.texts_of(texts[at : at + 1000]) for at in range(0, len(texts), 1000)]
    ranker = ranking.Ranker.of(parts)
    rows = ranker.features.rows
    found = {
        "features_s": time.process_time() - start,
        "features_mb": peak() - before,
        "matrix_mb": sum(part.nbytes for part in (rows.starts, rows.columns, rows.values)) / 2**20,
        "stored_mb": sum(len(part.packed()) for part in parts) / 2**20,
    }
    if VECTORS is not None:
        nothing = np.zeros((1, ranking.encoder.LENGTH), np.int8)
        meant = ranking.Meanings(np.concatenate(vectors)[shuffled], nothing)
        ranker = ranking.Ranker.of(parts, "", meant)
    for known in (2_000, 5_000):
        earlier = ranker.fit(np.arange(known - 5), labels[: known - 5])
        for name, begin in (("rank", earlier), ("cold_rank", None)):
            runs = []
            for _ in range(7):
                start = time.process_time()
                ranker.order(np.arange(known), labels[:known], begin)
                runs.append(1000 * (time.process_time() - start))
            found[f"{name}_{known}_ms"] = sorted(runs)[3]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/bench/ranking")
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--against", metavar="PYTHON")
    parser.add_argument("--keep", type=Path, default=ROOT / "bench" / "asreview-orders")
    parser.add_argument("--times-alone", action="store_true")
    parser.add_argument("--vectors", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    global VECTORS
    VECTORS = given.vectors
    if VECTORS and not ranking.encoder.is_installed():
        sys.exit("The packages of requirements-vectors.lock are not installed.")
    mine = our_times(given.data)
    print("times, ours:    ", json.dumps({name: round(value, 2) for name, value in mine.items()}))
    if given.against:
        other = json.loads(theirs(given.against, "times", given.data, given.keep))
        print(
            "times, ASReview:", json.dumps({name: round(value, 2) for name, value in other.items()})
        )
        print(
            "ASReview / ours:",
            json.dumps({k: round(other[k] / mine[k], 1) for k in other if mine.get(k)}),
        )
    if given.times_alone:
        return
    score, questions = scorer(given.data), json.loads((given.data / "questions.json").read_text())
    if given.against:
        theirs(given.against, "orders", given.data, given.keep, *given.seed)

    pairs: dict[str, list] = {}
    unasked: dict[str, list] = {}
    stops = []
    for name, path in sets(given.data).items():
        ids, _, included = read(path)
        labels = dict(zip(ids, included.astype(int).tolist(), strict=True))
        for seed in given.seed:
            file = given.keep / "orders" / f"{name}.{seed}.csv"
            if not file.exists():
                continue
            order, is_prior = order_of(file)
            priors = [one for one, known in zip(order, is_prior, strict=True) if known]
            a, _ = score.score(labels, order, is_prior)
            for question, rows in ((questions.get(name, ""), pairs), ("", unasked)):
                mine, relevant = ours(path, question, priors)
                b, _ = score.score(
                    labels, mine, [True] * len(priors) + [False] * (len(mine) - len(priors))
                )
                rows.setdefault(name, []).append((a, b))
                if rows is pairs:
                    stops.append((name, *certified(relevant)))
        if name in pairs:
            a, b = (
                np.mean([[pair[i][m] for m in MEASURES] for pair in pairs[name]], 0) for i in (0, 1)
            )
            print(f"{name:30s} ASReview {np.round(a, 4)}  ours {np.round(b, 4)}", flush=True)
    print(f"\nloss, recall@10%, WSS@95 over {len(pairs)} sets; with the question:")
    compare(pairs)
    print("without the question:")
    compare(unasked)

    print("\ncold start, from the question alone:")
    firsts, early = [], []
    for name, path in sets(given.data).items():
        _, relevant = ours(path, questions.get(name, ""), [])
        firsts.append(int(np.flatnonzero(relevant)[0]) + 1)
        early.append(int(relevant[:20].sum()))
        stops.append((name, *certified(relevant)))
        print(f"{name:30s} first relevant at {firsts[-1]:3d}, {early[-1]:2d} among the first 20")
    inside = sum(first <= 10 for first in firsts)
    print(
        f"first within 10: {inside} of {len(firsts)} sets; among the first 20: {np.mean(early):.1f}"
    )

    held = sum(recall >= 0.95 - 1e-9 for _, recall, _ in stops)
    saved = np.mean([part for *_, part in stops])
    print(
        f"\ncertificate: {held} of {len(stops)} runs had 95 % recall; work saved {100 * saved:.0f} %"
    )
    for name, recall, part in stops:
        if recall < 0.95 - 1e-9:
            print(f"  {name}: recall {recall:.3f}, saved {100 * part:.0f} %")


if __name__ == "__main__":
    main()
