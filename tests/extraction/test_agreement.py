"""The arithmetic of agreement between extractors, by hand."""

import pytest

from extraction.agreement import kappa, of_answers, of_sets


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([("a", "a")] * 5, None),  # chance agreement is total
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -1.0),
        ([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")], 0.0),
        # 40, 9, 11, 40: AGREEMENT's first row
        ([("y", "y")] * 40 + [("y", "n")] * 9 + [("n", "y")] * 11 + [("n", "n")] * 40, 0.60),
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.40),
        ([("a", "b")] * 4, 0.0),
    ],
)
def test_kappa(pairs, expected):
    found = kappa(pairs)
    assert found is None if expected is None else round(found, 2) == expected


def test_text_has_no_kappa():
    agreed = of_answers([("a", "a"), ("b", "c")], has_categories=False)
    assert (agreed.n, agreed.agreements, agreed.percent, agreed.kappa) == (2, 1, 50.0, None)
    assert of_answers([], has_categories=True).percent is None


def test_sets():
    pairs = [({"a", "b"}, {"b", "c"}), (set(), set()), ({"a"}, {"a"})]
    agreed = of_sets(pairs, ["a", "b", "c", "d"])
    assert (agreed.n, agreed.exact) == (3, 2)
    assert round(agreed.mean_jaccard, 4) == round((1 / 3 + 1 + 1) / 3, 4)
    assert agreed.option_agreement == 10 / 12
    # Both say yes 2 of 3 and 3 times of 12: a = 2, b = 1, c = 1, d = 8.
    assert round(agreed.option_kappa, 4) == round((12 * 10 - (3 * 3 + 9 * 9)) / (144 - 90), 4)
    assert of_sets([], ["a"]).mean_jaccard is None
