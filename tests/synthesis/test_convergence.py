"""The published definition, executed."""

import pytest

from synthesis.convergence import category


@pytest.mark.parametrize(
    ("left", "right", "meaning", "coverage", "expected"),
    [
        (0, 0, None, None, "no evidence"),
        (3, 0, None, None, "silence"),
        (0, 1, True, True, "silence"),
        (2, 1, True, True, "agreement"),
        (2, 1, True, False, "partial agreement"),
        (2, 1, False, True, "partial agreement"),
        (2, 1, False, False, "dissonance"),
        (2, 1, None, True, None),
    ],
)
def test_two_answers_make_the_category(left, right, meaning, coverage, expected):
    found = category(left=left, right=right, same_meaning=meaning, same_coverage=coverage)
    assert found == expected
