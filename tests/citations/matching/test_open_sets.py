"""No study of a real, labelled review is lost by an automatic join."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import pytest

from citations.matching import match, tables

OPEN = Path(__file__).resolve().parents[4] / "shared/bench/dedup/open"
FLOORS = {  # share of the duplicates that the automatic joins find
    "stroke": 0.98,
    "haematology": 0.9,
    "copper": 0.99,
    "cardiac_part": 0.99,
    "gambling": 0.98,
    "misq_cd": 0.97,
}


@pytest.mark.skipif(not OPEN.exists(), reason="the labelled sets are not beside the project")
@pytest.mark.parametrize("name", FLOORS)
def test_no_study_is_lost_and_the_duplicates_are_found(name):
    path = OPEN / f"{name}.csv.gz"
    found = match(tables.read_csv(path)).clusters
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        gold = {row["record_id"]: row["cluster_id"] for row in csv.DictReader(lines)}
    studies = defaultdict(set)
    for record, cluster in found.items():
        studies[cluster].add(gold[record])
    assert [held for held in studies.values() if len(held) > 1] == []
    duplicates = len(gold) - len(set(gold.values()))
    assert (len(gold) - len(studies)) / duplicates >= FLOORS[name]
