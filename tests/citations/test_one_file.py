"""Records of one file are not joined unless they are equal word for word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citations.matching import Citation, Matches, Pair, Zone, match
from citations.one_file import narrow, words_of


def pair(a, b, p=0.99, zone=Zone.AUTO):
    return Pair(a, b, p, zone, "doi", "The same DOI.")


def matches(pairs, clusters):
    return Matches(sorted(pairs, key=lambda each: -each.probability), clusters)


NEW = {1: "x", 2: "y", 3: "z"}


def asked(found):
    return {(each.a, each.b) for each in found.pairs if each.zone == Zone.ASK}


@pytest.mark.parametrize(
    ("pairs", "words", "clusters", "questions"),
    [
        ([pair(1, 2)], NEW, {1: 1, 2: 2}, {(1, 2)}),
        ([pair(1, 2)], {1: "x", 2: "x"}, {1: 1, 2: 1}, set()),  # word for word
        ([pair(1, 90)], NEW, {1: 90, 90: 90, 2: 2, 3: 3}, set()),  # 90 stands, of another file
        # Through a standing record: the more probable one is joined, the other is asked.
        ([pair(1, 90, 0.99), pair(2, 90, 0.97)], NEW, {1: 90, 90: 90, 2: 2, 3: 3}, {(2, 90)}),
        # One question between two clusters, and not two.
        (
            [pair(1, 90, 0.99), pair(1, 2, 0.98), pair(2, 90, 0.97)],
            NEW,
            {1: 90, 90: 90, 2: 2, 3: 3},
            {(1, 2)},
        ),
    ],
)
def test_narrowing(pairs, words, clusters, questions):
    joined = {one: 90 if any(90 in (p.a, p.b) for p in pairs) else 1 for one in words}
    if any(90 in (p.a, p.b) for p in pairs):
        joined[90] = 90
    found = narrow(matches(pairs, joined), words=words)
    assert {one: found.clusters[one] for one in clusters if one in found.clusters} == {
        one: name for one, name in clusters.items() if one in words or one == 90
    }
    assert asked(found) == questions


def test_a_review_may_say_otherwise_and_may_raise_the_line():
    told = matches([pair(1, 2, 0.97)], {1: 1, 2: 1})
    assert narrow(told, words={1: "x", 2: "y"}, join_one_file=True) is told
    found = narrow(told, words={1: "x", 2: "y"}, join_one_file=True, join_from=0.98)
    assert found.clusters == {1: 1, 2: 2}
    assert asked(found) == {(1, 2)}


def test_case_and_signs_are_not_words():
    one = Citation(1, title="Care at home.", doi="10.1/A", authors=("Abara, I.",))
    other = Citation(2, title="CARE AT HOME", doi="10.1/a", authors=("Abara, I",))
    assert words_of(one) == words_of(other)
    assert words_of(one) != words_of(Citation(3, title="Care at home", doi="10.1/b"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.integers(1, 8), st.floats(0.95, 1)).filter(
            lambda each: each[0] != each[1]
        ),
        max_size=16,
    ),
    st.lists(st.sampled_from("xyz"), min_size=4, max_size=4),
)
def test_no_cluster_holds_two_records_of_the_file_that_differ(edges, said):
    """Records 1 to 4 are of the file, 5 to 8 stand: whatever the engine joined."""
    words = dict(zip(range(1, 5), said, strict=True))
    pairs = [pair(min(a, b), max(a, b), p) for a, b, p in edges]
    root = {n: n for n in range(1, 9)}
    for each in pairs:
        old, new = root[each.a], root[each.b]
        root = {n: new if at == old else at for n, at in root.items()}
    groups = {}
    for n, at in root.items():
        groups.setdefault(at, []).append(n)
    clusters = {}
    for members in groups.values():
        name = min(members, key=lambda n: (n < 5, n))
        clusters.update(dict.fromkeys(members, name))
    found = narrow(matches(pairs, clusters), words=words)
    inside = {}
    for one, name in found.clusters.items():
        if one in words:
            assert inside.setdefault(name, words[one]) == words[one]
        # It only ever parts what the engine had joined.
        assert clusters[one] == clusters[name]
    for each in found.pairs:
        together = found.clusters.get(each.a, each.a) == found.clusters.get(each.b, each.b)
        assert together == (each.zone == Zone.AUTO)
    assert set(words) <= set(found.clusters)


def test_what_the_engine_finds_goes_through():
    article = {"title": "Nurse led care at home after a stroke", "authors": ("Abara, Ida",)}
    place = {"year": 2019, "journal": "Journal of Care", "volume": "3", "pages": "4-9"}
    one = Citation(1, **article, **place, doi="10.1/x")
    other = Citation(2, **article, **place, doi="10.1/x", abstract="An abstract of its own.")
    told = match([one, other])
    assert told.clusters == {1: 1, 2: 1}
    words = {each.id: words_of(each) for each in (one, other)}
    assert narrow(told, words=words).clusters == {1: 1, 2: 2}
