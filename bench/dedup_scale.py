"""Time and memory of the duplicate engine as records grow, and of adding to what stands.

    python bench/dedup_scale.py [--sizes 20000 200000] [--add 1000] [--data ../shared/bench/dedup]

Records come from the generator beside the labelled sets, with a fresh seed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from citations.matching import block_keys, match, tables  # noqa: E402
from citations.matching.blocks import LARGEST_BLOCK  # noqa: E402


def generated(data: Path, size: int, seed: int, folder: Path) -> list:
    path = folder / f"synth_{size}_{seed}.csv.gz"
    make = data / "generator"
    subprocess.run(
        [sys.executable, make / "synth.py", make / "base_open.json.gz", str(size), str(seed), path],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tables.read_csv(path)


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def add(cited: list, count: int) -> float:
    """CPU seconds of matching the last `count` records with those before, whose keys are stored."""
    standing, new = cited[:-count], cited[-count:]
    stored = block_keys(standing)
    owner = np.repeat(np.arange(len(stored)), [len(k) for k in stored])
    keys = np.fromiter((key for k in stored for key in k), dtype=np.int64, count=len(owner))
    order = np.argsort(keys, kind="stable")
    keys, owner = keys[order], owner[order]
    start = time.process_time()
    wanted = np.unique(np.array([key for k in block_keys(new) for key in k], dtype=np.int64))
    low, high = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
    few = high - low <= LARGEST_BLOCK
    met = np.unique(np.concatenate([owner[a:b] for a, b in zip(low[few], high[few], strict=True)]))
    found = match(new, standing=[standing[k] for k in met])
    spent = time.process_time() - start
    print(f"adding {count}: {len(met)} standing records fetched, {len(found.pairs)} pairs")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/bench/dedup")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--add", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted(args.sizes):
            cited = generated(args.data, size, args.seed, Path(folder))
            before = megabytes()
            start = time.process_time()
            found = match(cited)
            times.append(time.process_time() - start)
            print(
                f"{size} records: {times[-1]:.1f} s of CPU, {1e6 * times[-1] / size:.0f} us a record, "
                f"{len(found.pairs)} pairs, {megabytes():.0f} MB at most ({before:.0f} MB with the file read)",
                flush=True,
            )
    for size, spent in zip(sorted(args.sizes)[1:], times[1:], strict=True):
        print(f"t({size}) / t({min(args.sizes)}) = {spent / times[0]:.1f}")
    spent = add(cited, args.add)
    print(
        f"adding {args.add} to {len(cited) - args.add}: {spent:.2f} s, 1/{times[-1] / spent:.0f} of the full run"
    )


if __name__ == "__main__":
    main()
