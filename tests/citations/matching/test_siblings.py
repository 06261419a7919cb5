"""Articles of one issue by one group, under two DOIs, are never joined without a person.

The siblings are made from real records: journal, issue, authors and, where it says so, pages are the same.
"""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from citations.matching import Citation, Zone, match, tables

OPEN = Path(__file__).resolve().parents[4] / "shared/bench/dedup/open"

pytestmark = pytest.mark.skipif(
    not OPEN.exists(), reason="NOT RUN: the labelled sets are not beside the project"
)


def another_doi(c: Citation) -> str:
    return c.doi + ".7"


def other_title(c: Citation, stranger: Citation) -> Citation:
    return replace(c, title=stranger.title)


def shares_half_its_title(c: Citation, stranger: Citation) -> Citation:
    words, others = c.title.split(), stranger.title.split()
    return replace(c, title=" ".join([*words[: len(words) // 2], *others[len(others) // 2 :]]))


def part_two(c: Citation, _: Citation) -> Citation:
    return replace(c, title=f"{c.title}. Part 2", pages="")


def erratum(c: Citation, _: Citation) -> Citation:
    return replace(c, title=f"Erratum to: {c.title}", pages="")


def reply(c: Citation, _: Citation) -> Citation:
    return replace(c, title=f"Reply to: {c.title}", pages="")


@pytest.mark.parametrize("paged", [True, False])
@pytest.mark.parametrize(
    "sibling",
    [other_title, shares_half_its_title, part_two, erratum, reply],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("name", ["digital_work", "misq_cd"])
def test_siblings_are_not_joined(name, sibling, paged):
    records = [
        c for c in tables.read_csv(OPEN / f"{name}.csv.gz") if c.title and c.doi and c.authors
    ]
    some = random.Random(name).sample(records, 150)
    if not paged:
        some = [replace(c, pages="") for c in some]
    records = []
    for k, c in enumerate(some):
        made = sibling(c, some[k - 1])
        if made.title != c.title:
            made = replace(made, id=2 * k + 1, doi=another_doi(c), pmid="", abstract="")
            records += [replace(c, id=2 * k), made]
    found = match(records)
    # Those that were really there twice may be joined with their like, and siblings with siblings.
    joined = [p for p in found.pairs if p.zone is Zone.AUTO and abs(p.a - p.b) == 1]
    assert not [p for p in joined if min(p.a, p.b) % 2 == 0]
    assert len(found.clusters) == len(records) > 200
