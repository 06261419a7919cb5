"""Score the duplicate engine on the labelled sets; see docs/duplicates.md.

    python bench/dedup.py [--data ../shared/bench/dedup] [--seed N ...] [--size N] [--gate]
                          [--against PYTHON_WITH_BIB_DEDUPE]

For each open set: F1, studies lost, duplicates left, questions, calibration, CPU per record.
"""

import argparse
import csv
import gzip
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from citations.matching import Matches, Zone, match, rules, tables  # noqa: E402

REAL = ("stroke", "haematology", "copper", "cardiac_part", "gambling", "digital_work", "misq_cd")
OTHER = ("cases", "synth_open_1000", "synth_open_5000", "synth_open_20000", "misq_cdp", "cora")


def scorer(data: Path):
    spec = importlib.util.spec_from_file_location("score", data / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def truth(path: Path) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {row["record_id"]: row["cluster_id"] for row in csv.DictReader(lines)}


def relations(path: Path) -> set[frozenset]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {frozenset((r["cluster_a"], r["cluster_b"])) for r in csv.DictReader(lines)}


def related_recall(path: Path, gold: dict[str, str], found: Matches) -> float | None:
    """Share of related works, both of which are in the set, that were linked or asked about."""
    file = path.with_name(path.name.replace(".csv.gz", ".relations.csv.gz"))
    if not file.exists():
        return None
    present = set(gold.values())
    wanted = {pair for pair in relations(file) if pair <= present}
    linked = {
        frozenset((gold[p.a], gold[p.b])) for p in found.pairs if p.zone in (Zone.RELATED, Zone.ASK)
    }
    return len(wanted & linked) / len(wanted)


def run(path: Path, score) -> dict:
    start = time.process_time()
    found = match(tables.read_csv(path))
    cpu = time.process_time() - start
    gold = truth(path)
    pairs = [{"id_a": p.a, "id_b": p.b, "prob": p.probability} for p in found.pairs]
    out = score.score(gold, found.clusters)
    out["zones"] = score.zones(gold, found.clusters, pairs, rules.ASK_FROM, rules.JOIN_FROM)
    out["cpu_us"] = 1e6 * cpu / len(gold)
    out["related"] = related_recall(path, gold, found)
    out["related_links"] = sum(p.zone is Zone.RELATED for p in found.pairs)
    return out


def line(name: str, s: dict) -> str:
    z = s["zones"]
    related = "" if s["related"] is None else f" recall {s['related']:.3f}"
    return (
        f"{name:18s} n {s['n']:6d}  F1 {s['pair_f1']:.4f}  lost {s['lost_studies']:3d}  "
        f"left {s['remaining_duplicates']:4d}  sens {s['sensitivity']:.4f}  "
        f"questions {z['questions']:4d} ({z['questions_per_1000_records']:4.1f}/1000, "
        f"yield {z['question_yield']:.2f})  after {z['after_perfect_human']['pair_f1']:.5f}  "
        f"ece {z['ece']:.4f}  related {s['related_links']:5d}{related}  {s['cpu_us']:.0f} us/record"
    )


def micro(found: list[dict]) -> str:
    def total(name: str) -> int:
        return sum(s[name] for s in found)

    precision = total("pair_tp") / max(1, total("pred_pairs"))
    recall = total("pair_tp") / max(1, total("gold_pairs"))
    questions = sum(s["zones"]["questions"] for s in found)
    return (
        f"{'MICRO (real)':18s} n {total('n'):6d}  F1 {2 * precision * recall / (precision + recall):.4f}  "
        f"lost {total('lost_studies')}  left {total('remaining_duplicates')}  "
        f"sens {total('duplicates_removed') / total('duplicates_gold'):.4f}  "
        f"questions {1000 * questions / total('n'):.1f}/1000"
    )


BIB_DEDUPE = """
import sys, time
import pandas as pd
from bib_dedupe.bib_dedupe import prep, block, match, cluster
d = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
start = time.process_time()
d = d.drop(columns=["cluster_id"]).rename(columns={
    "record_id": "ID", "authors": "author", "issue": "number", "entry_type": "ENTRYTYPE"})
d["author"] = d["author"].str.replace("; ", " and ")
d["ENTRYTYPE"] = "article"
d = d.drop(columns=["source", "pmid"])
found = cluster(match(block(prep(d, verbosity_level=0, cpu=1), cpu=1), cpu=1))
print("CPU", time.process_time() - start)
"""


def compare_with_bib_dedupe(python: Path, path: Path) -> None:
    """CPU of both on one file in one run; ours includes reading the file."""
    start = time.process_time()
    cited = tables.read_csv(path)
    match(cited)
    ours = time.process_time() - start
    said = subprocess.run(
        [python, "-c", BIB_DEDUPE, path], check=True, capture_output=True, text=True
    ).stdout
    theirs = float(next(line.split()[1] for line in said.splitlines() if line.startswith("CPU")))
    n = len(cited)
    print(
        f"{n} records: {1e3 * ours / n:.3f} ms of CPU a record, "
        f"bib-dedupe {1e3 * theirs / n:.3f} ms: 1/{theirs / ours:.1f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/bench/dedup")
    parser.add_argument("--seed", type=int, nargs="*", default=[], help="fresh synthetic sets")
    parser.add_argument("--size", type=int, default=20_000, help="records of each fresh set")
    parser.add_argument("--against", type=Path, help="a Python that has bib-dedupe")
    parser.add_argument("--gate", action="store_true", help="fail if a study of a real set is lost")
    args = parser.parse_args()
    if not args.data.exists():
        print(f"{args.data} is absent: nothing to score.", file=sys.stderr)
        return 2
    score = scorer(args.data)
    real = {}
    for name in REAL + OTHER:
        found = run(args.data / "open" / f"{name}.csv.gz", score)
        if name in REAL:
            real[name] = found
        print(line(name, found), flush=True)
    print(micro(list(real.values())))
    fresh = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in args.seed:
            path = Path(folder) / f"synth_{seed}.csv.gz"
            make = args.data / "generator"
            subprocess.run(
                [
                    sys.executable,
                    make / "synth.py",
                    make / "base_open.json.gz",
                    str(args.size),
                    str(seed),
                    path,
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            fresh[seed] = run(path, score)
            print(line(f"fresh seed {seed}", fresh[seed]), flush=True)
    if args.against:
        compare_with_bib_dedupe(args.against, args.data / "open/synth_open_20000.csv.gz")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    lost = [name for name, s in real.items() if s["lost_studies"]]
    lost += [str(seed) for seed, s in fresh.items() if s["lost_per_10k_studies"] > 1]
    if lost:
        print("Studies lost:", ", ".join(lost))
    return 1 if args.gate and lost else 0


if __name__ == "__main__":
    sys.exit(main())
