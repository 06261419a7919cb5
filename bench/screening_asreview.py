"""The same crowd on ASReview LAB, beside Concord: run by bench/screening.py --asreview, or alone.

    python bench/screening_asreview.py VENV [--people 50] [--records 100000] [--seconds 30]

VENV is an environment with ASReview LAB and nothing of ours. Needs ../shared/harness, whose driver
of ASReview it uses, and the ranking sets beside it, from which the records are made: their titles
and abstracts in turn, each title with a number of its own. Everything happens in a folder that is
removed at the end. Prints {"next": {...}, "decide": {...}, "per_second": n} in milliseconds, with
1 to 3 seconds of thought before each decision.
"""

import argparse
import csv
import gzip
import itertools
import json
import os
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
THINK = 2  # times .5 to 1.5: seconds


def records(count, out):
    """Write `count` records as CSV; the labelled sets over and over."""
    csv.field_size_limit(sys.maxsize)

    def once():
        for path in sorted((SHARED / "bench" / "ranking" / "open").glob("*.csv.gz")):
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    if row.get("title"):
                        yield row["title"], row.get("abstract") or ""

    known = list(once())
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "abstract"])
        for n, (title, abstract) in zip(range(count), itertools.cycle(known), strict=False):
            writer.writerow([f"{title} {n}", abstract])


def measure(people, count, seconds):
    sys.path.insert(0, str(SHARED / "harness"))
    import asreview_peer as peer
    import load

    peer.HOME = peer.CFG["env"]["ASREVIEW_PATH"] = str(Path.cwd() / "asr_home")
    names = peer.users(people)
    server = peer.Server(peer.CFG)
    peer.fresh()
    server.start(peer.BASE)
    try:
        target = peer.target(people)
        sessions = peer.signup(target)
        lead = next(iter(names))
        project, took = peer.imp(sessions[lead], count)
        print(f"ASReview imported {count} in {took:.0f} s", file=sys.stderr, flush=True)
        peer.join(sessions, lead, project)
        took = peer.begin(sessions[lead], project)
        print(f"ASReview's first record after {took:.0f} s", file=sys.stderr, flush=True)
        target.cfg["vars"] = target.vars = {"project": project}
        return load.run(target.cfg, people, seconds, THINK, server=server)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("venv", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    if not (SHARED / "harness" / "asreview_peer.py").exists():
        sys.exit("NOT RUN: ../shared/harness is not there.")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("venv").symlink_to(args.venv.resolve())
        Path("data").mkdir()
        records(args.records, Path("data") / f"corpus_{args.records}.csv")
        found = measure(args.people, args.records, args.seconds)
        os.chdir("/")
    print(
        json.dumps(
            {
                "next": found["next_ms"],
                "decide": found["decide_ms"],
                "per_second": found["decisions_per_s"],
                "errors": found["errors"],
            }
        )
    )


if __name__ == "__main__":
    main()
