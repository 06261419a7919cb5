"""The gate: no study of a real, labelled review is lost by an automatic join, nor of made-up ones."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from citations.matching import match, tables

BENCH = Path(__file__).resolve().parents[4] / "shared/bench/dedup"
OPEN = BENCH / "open"
FLOORS = {  # F1 of the automatic joins, over pairs
    "stroke": 0.985,
    "haematology": 0.955,
    "copper": 0.985,
    "cardiac_part": 0.985,
    "gambling": 0.985,
    "digital_work": 0.985,
    "misq_cd": 0.985,
}
SEED = 4242  # nothing was trained on it

pytestmark = pytest.mark.skipif(
    not BENCH.exists(), reason="NOT RUN: the labelled sets are not beside the project"
)


def gate(gold: Path, folder: Path, floor: float) -> None:
    found = match(tables.read_csv(gold)).clusters
    out = folder / "clusters.csv"
    with out.open("w", newline="") as lines:
        csv.writer(lines).writerows([("record_id", "cluster_id"), *found.items()])
    limits = ["--max-lost", "0", "--min-f1", str(floor)]
    done = subprocess.run(
        [sys.executable, BENCH / "score.py", gold, out, *limits], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FLOORS)
def test_no_study_of_a_real_review_is_lost(name, tmp_path):
    gate(OPEN / f"{name}.csv.gz", tmp_path, FLOORS[name])


def test_no_study_of_made_up_databases_is_lost(tmp_path):
    path, make = tmp_path / "made.csv.gz", BENCH / "generator"
    command = [sys.executable, make / "synth.py", make / "base_open.json.gz", "5000", str(SEED)]
    subprocess.run([*command, path], check=True, stdout=subprocess.DEVNULL)
    gate(path, tmp_path, 0.985)
