"""Which words differ: only those that do, and no word is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citations.differences import differ, mark


def marked(pieces):
    return [text.strip() for text, differs in pieces if differs]


@pytest.mark.parametrize(
    ("left", "right", "ours", "theirs"),
    [
        ("Care at home", "Care at home", [], []),
        ("Care at home.", "CARE AT HOME", [], []),
        ("Care at home", "Care at school", ["home"], ["school"]),
        ("Part 1 of a trial", "Part 2 of a trial", ["1"], ["2"]),
        ("A trial", "A randomised trial", [], ["randomised"]),
        ("", "A title", [], ["A title"]),
        ("2016–2019", "2016-2019", [], []),
        ("a b c", "c a b", ["c"], ["c"]),
    ],
)
def test_only_what_differs_is_marked(left, right, ours, theirs):
    first, second = mark(left, right)
    assert sorted(marked(first)) in (sorted(ours), ["a b"])
    assert sorted(marked(second)) in (sorted(theirs), ["a b"])


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_are_the_text(left, right):
    first, second = mark(left, right)
    assert "".join(text for text, _ in first) == left.strip()
    assert "".join(text for text, _ in second) == right.strip()


def test_a_very_long_text_is_marked_by_its_words():
    left = " ".join(f"word{n}" for n in range(5000))
    first, second = mark(left, left.replace("word77 ", "other "))
    assert marked(first) == ["word77"]
    assert marked(second) == ["other"]


def test_differ_looks_past_case_and_punctuation():
    assert not differ("J. Care", "J Care")
    assert differ("Part 1", "Part 2")
    assert not differ("", "")
