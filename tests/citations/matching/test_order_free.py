"""The same records in any order, at once or in parts, end in the same clusters."""

from collections import Counter
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citations.matching import Citation, blocks, clusters, match

from .in_parts import as_sets, clusters_in_parts
from .test_match import ASPIRIN

TITLES = [
    "Sleep of nurses in shift work: a cohort in northern ports",
    "Sleep of nurses in shift work: views of rural families",
    "Copper in serum",
]
MARKS = ["", ".", " [Review]", ". Part 1", ". Part 2", ": a reply"]
PMIDS = ["", "", "11111111", "22222222"]


@st.composite
def contradictory(draw):
    """Records of few works, with marks and numbers that contradict each other, and copies of them."""
    records = []
    for _ in range(draw(st.integers(2, 7))):
        work = draw(st.integers(0, 2))
        gone = draw(st.sets(st.sampled_from(["doi", "pages", "issue", "volume", "journal"])))
        record = Citation(
            id=0,
            title=TITLES[work] + draw(st.sampled_from(MARKS)),
            authors=draw(st.sampled_from([(), ("Vo, A.",), ("Vo, A.", "Okafor, B.")])),
            year=draw(st.sampled_from([2012, 2012, 2013, None])),
            journal="Journal of Care",
            volume="20",
            issue="2",
            pages=draw(st.sampled_from(["100-6", "100", "107-9"])),
            doi=f"10.1234/jc.{draw(st.sampled_from([work, 7]))}",
            pmid=draw(st.sampled_from(PMIDS)),
        )
        record = replace(record, **dict.fromkeys(gone, ""))
        sources = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
        records += [replace(record, source=source) for source in sources]
    return records


def said(records: list[Citation], found: set[frozenset[int]]) -> Counter:
    """The clusters by what their records say: copies of one record stand for each other."""
    by_id = {c.id: repr(replace(c, id=0)) for c in records}
    return Counter(tuple(sorted(by_id[k] for k in members)) for members in found)


def many_hold(most: int):
    """Keys tell nothing from here on: as among many more records."""
    limits = np.minimum(blocks._LARGEST, most)
    limits[blocks.COPY] = blocks._LARGEST[blocks.COPY]
    return mock.patch.object(blocks, "_LARGEST", limits)


def check(records: list[Citation], order: list[int], cuts: list[int]) -> None:
    once = [replace(c, id=k) for k, c in enumerate(records, 1)]
    expected = said(once, as_sets(match(once).clusters))
    again = [replace(records[at], id=k) for k, at in enumerate(order, 1)]
    parts = [again[a:b] for a, b in zip([0, *cuts], [*cuts, len(again)], strict=True)]
    assert said(again, clusters_in_parts(parts)) == expected


@pytest.mark.parametrize("most", [25, 3, 2])
@settings(max_examples=40)
@given(records=contradictory(), data=st.data())
def test_any_order_and_any_parts_give_the_same_clusters(most, records, data):
    order = data.draw(st.permutations(range(len(records))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(records) - 1), max_size=4)))
    with many_hold(most):
        check(records, order, cuts)


def test_a_join_is_taken_back_once_its_key_tells_nothing_any_more():
    """What two records had been compared by is held by too many, now that all have come."""
    records = [replace(ASPIRIN, doi="", pages="", volume="", issue="", source=k) for k in "ab"]
    records[1] = replace(records[1], title=records[1].title + " in Bergen", journal="")
    strangers = [replace(ASPIRIN, id=0, title=f"{ASPIRIN.title} {k}", source="c") for k in "xyz"]
    with many_hold(2):
        check([*records, *strangers], [0, 1, 2, 3, 4], [2, 3, 4])


def test_a_group_of_many_is_compared_whole():
    """Forty-five titles, each a word longer than the one before it."""
    words = [f"w{k}" for k in range(45)]
    records = [
        replace(ASPIRIN, doi="", title=" ".join([ASPIRIN.title, *words[:k]]), source=f"s{k}")
        for k in range(45)
    ]
    check(records, list(range(44, -1, -1)), [5, 20, 21])


def test_a_group_too_large_to_compare_joins_its_copies_alone():
    records = [replace(ASPIRIN, pages=f"659-{last}", source="a") for last in range(670, 676)]
    records += [replace(c, source="b") for c in records]
    once = [replace(c, id=k) for k, c in enumerate(records, 1)]
    assert len(as_sets(match(once).clusters)) == 1
    with mock.patch.object(clusters, "LARGEST_TO_PROVE", 5):
        assert sorted(map(len, as_sets(match(once).clusters))) == [2] * 6
        check(records, [*range(6, 12), *range(6)], [1, 4, 5, 9])
