"""Time and memory of the duplicate engine as records grow, and of adding to what stands.

    python bench/dedup_scale.py [--sizes 20000 200000] [--add 1000] [--data ../shared/bench/dedup]

Records come from the generator beside the labelled sets, with a fresh seed. Each measurement runs
in a process of its own, so that its memory is its own. What is added goes through the functions
that an import uses (citations/matching/index.py); keeping the indexes in a database is not in it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from citations.matching import Citation, Ground, index, match, settle, tables, unpacked  # noqa: E402

RUN = 10_000  # records an index, as in citations/indexing.py
# size: at most this many MB; larger to smaller size: at most this many times the CPU
MOST_MEMORY = {200_000: 1500}
MOST_GROWTH = {(20_000, 200_000): 12.0}
LEAST_SHARE = 40.0  # adding costs at most one of so many parts of the full run


def generate(data: Path, size: int, seed: int, path: Path) -> None:
    make = data / "generator"
    command = [sys.executable, make / "synth.py", make / "base_open.json.gz", str(size), str(seed)]
    subprocess.run([*command, path], check=True, stdout=subprocess.DEVNULL)


def read(path: Path) -> list[Citation]:
    """Records with the integer ids that they have in a database."""
    return [replace(c, id=k) for k, c in enumerate(tables.read_csv(path), start=1)]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole(path: Path) -> dict:
    cited = read(path)
    before = megabytes()
    start = time.process_time()
    found = match(cited)
    return {
        "records": len(cited),
        "seconds": time.process_time() - start,
        "pairs": len(found.pairs),
        "megabytes": megabytes(),
        "megabytes_read": before,
    }


def added(path: Path, count: int) -> dict:
    """The last `count` records against those before, whose indexes are kept as bytes."""
    cited = read(path)
    standing, new = cited[:-count], cited[-count:]
    kept = [index(standing[at : at + RUN]).packed() for at in range(0, len(standing), RUN)]
    first = match(standing).clusters  # the reports that stand: a record's first one names it
    members: dict[int, list[int]] = {}
    for pk, report in first.items():
        members.setdefault(report, []).append(pk)
    before = megabytes()
    start = time.process_time()
    fetched: set[int] = set()

    def whole(ids: list[int]) -> tuple[list[Citation], dict[int, int]]:
        reports = {first[pk] for pk in ids}
        mine = {pk: report for report in reports for pk in members[report]}
        fetched.update(mine)
        return [standing[pk - 1] for pk in sorted(mine)], mine

    def reports(ids: list[int]) -> dict[int, int]:
        return {pk: first[pk] for pk in ids}

    ground = Ground(lambda: (unpacked(**each) for each in kept), whole, reports)
    found = settle(new, [index(new)], ground)
    return {
        "seconds": time.process_time() - start,
        "met": len(fetched),
        "afresh": len(found.afresh),
        "pairs": len(found.pairs),
        "kept_bytes": sum(len(part) for each in kept for part in each.values()),
        "megabytes": megabytes(),
        "megabytes_read": before,
    }


def in_child(*words: object) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, *map(str, words)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def verdict(value: float, most: float) -> str:
    return f"(goal <= {most:g}: {'met' if value <= most else 'NOT MET'})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/bench/dedup")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--add", type=int, default=1000, help="records added to the largest size")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--whole", type=Path, help="(a child) match this file")
    parser.add_argument("--added", type=Path, help="(a child) add the end of this file to its rest")
    args = parser.parse_args()
    if args.whole:
        return print(json.dumps(whole(args.whole)))
    if args.added:
        return print(json.dumps(added(args.added, args.add)))
    if not args.data.exists():
        sys.exit(f"{args.data} is absent: nothing to measure with.")
    seconds: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted(args.sizes):
            path = Path(folder) / f"{size}.csv.gz"
            generate(args.data, size, args.seed, path)
            told = in_child("--whole", path)
            seconds[size] = told["seconds"]
            goal = verdict(told["megabytes"], MOST_MEMORY[size]) if size in MOST_MEMORY else ""
            print(
                f"{size} records: {told['seconds']:.1f} s of CPU, "
                f"{1e6 * told['seconds'] / size:.0f} us a record, {told['pairs']} pairs, "
                f"{told['megabytes']:.0f} MB {goal} ({told['megabytes_read']:.0f} MB with the file read)",
                flush=True,
            )
        if args.add:
            told = in_child("--added", path, "--add", args.add)
    for (small, large), most in MOST_GROWTH.items():
        if small in seconds and large in seconds:
            growth = seconds[large] / seconds[small]
            print(f"t({large}) / t({small}) = {growth:.1f} {verdict(growth, most)}")
    if args.add:
        share = seconds[size] / told["seconds"]
        print(
            f"adding {args.add} to {size - args.add}: {told['seconds']:.2f} s of CPU, 1/{share:.0f} of the "
            f"full run (goal 1/{LEAST_SHARE:g}: {'met' if share >= LEAST_SHARE else 'NOT MET'}); "
            f"{told['met']} standing records read, {told['afresh']} matched afresh, {told['kept_bytes'] / 1e6:.0f} MB of indexes, "
            f"{told['megabytes'] - told['megabytes_read']:.0f} MB more than the records and indexes"
        )


if __name__ == "__main__":
    main()
