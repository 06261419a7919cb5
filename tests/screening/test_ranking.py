"""The ranker itself: words, rows, the fitted model, orders, the certificate."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening import ranking
from screening.ranking import fitting, words
from screening.ranking.certificate import p_of_more
from screening.ranking.words import bags, joined, stem, unpacked

TREES = ("Trees in streets", "Urban trees cool the streets of cities in summer.")
FISH = ("Fish in rivers", "Salmon and trout swim upstream in cold rivers to spawn.")


def review(n: int, seed: int = 0) -> tuple[list[tuple[str, str]], np.ndarray]:
    """`n` records, every fifth about trees, in words drawn at random."""
    draw = random.Random(seed)
    noise = [f"word{i}" for i in range(40)]
    texts, included = [], []
    for i in range(n):
        title, abstract = TREES if i % 5 == 0 else FISH
        about = draw.sample(abstract.split(), 4) + draw.choices(noise, k=20)
        texts.append((title if draw.random() < 0.5 else "", " ".join(about)))
        included.append(i % 5 == 0)
    return texts, np.array(included)


# --- words ---------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=60), max_size=8))
def test_what_is_packed_comes_back(texts):
    made = bags(texts)
    back = unpacked(made.packed())
    for name in ("sizes", "words", "counts"):
        assert np.array_equal(getattr(made, name), getattr(back, name))


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.data())
def test_parts_are_the_same_as_the_whole(texts, data):
    cut = data.draw(st.integers(0, len(texts)))
    whole, parts = bags(texts), joined([bags(texts[:cut]), bags(texts[cut:])])
    for name in ("sizes", "words", "counts"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_bytes_of_another_release_are_told_apart():
    packed = bags(["trees"]).packed()
    with pytest.raises(ranking.OtherVersion):
        unpacked(bytes([words.VERSION + 1]) + packed[1:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("trees", "tree"),
        ("therapies", "therapy"),
        ("randomised", "randomisation"),
        ("cool", "cools"),
    ],
)
def test_forms_of_a_word_are_one(one, other):
    assert stem(one) == stem(other)


def test_numbers_are_the_same_however_many_words_are_kept(monkeypatch):
    texts = [f"tree{n} and tree{n // 2} of trees" for n in range(40)]
    whole = bags(texts)
    monkeypatch.setattr(words, "WORDS_KEPT", 3)
    words._numbers.clear()
    few = bags(texts)
    assert len(words._numbers) <= 3
    for name in ("sizes", "words", "counts"):
        assert np.array_equal(getattr(whole, name), getattr(few, name))


def test_a_long_text_is_read_to_a_limit():
    assert bags(["tree " * 400_000]).counts.tolist() == [255]


# --- the model -----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(6, 40), st.integers(0, 10_000))
def test_the_fit_is_a_minimum(n, seed):
    """The objective's gradient there is next to nothing of what it is at the start."""
    texts, included = review(n, seed)
    rows = ranking.features(ranking.texts_of(texts)).rows
    sides = np.where(included, 1, -1).astype(np.float32)
    weight = np.linspace(0.5, 2, n).astype(np.float32)
    found = fitting.fit(rows, sides, weight, 0.5)

    dense = np.zeros((n, rows.width + 1))
    dense[:, -1] = 1
    dense[rows.owners, rows.columns] = rows.values

    def slope(w):
        over = np.maximum(0, 1 - sides * (dense @ w))
        return w - 2 * 0.5 * dense.T @ (weight * sides * over)

    assert np.linalg.norm(slope(found)) <= 2e-3 * np.linalg.norm(slope(0 * found)) + 1e-5


def test_going_on_from_an_earlier_fit_ends_at_the_same_weights():
    texts, included = review(60)
    ranker = ranking.Ranker.of([ranking.texts_of(texts)])
    early = ranker.fit(np.arange(20), included[:20])
    warm = ranker.fit(np.arange(40), included[:40], early)
    cold = ranker.fit(np.arange(40), included[:40])
    assert np.allclose(warm, cold, atol=0.01)


def test_the_same_input_gives_the_same_bits():
    texts, included = review(80)

    def once():
        ranker = ranking.Ranker.of(
            [ranking.texts_of(texts[:30]), ranking.texts_of(texts[30:])], "urban trees"
        )
        known = np.arange(25)
        weights = ranker.fit(known, included[:25])
        return (
            weights.tobytes(),
            ranker.scores(weights).tobytes(),
            ranker.order(known, included[:25]),
        )

    first, second = once(), once()
    assert first[:2] == second[:2]
    assert ranking.fingerprint(first[2]) == ranking.fingerprint(second[2])


# --- orders --------------------------------------------------------------------------------------


def test_what_is_like_the_included_comes_first():
    texts, included = review(100)
    ranker = ranking.Ranker.of([ranking.texts_of(texts)])
    order = ranker.order(np.arange(20), included[:20])
    assert included[order[:14]].all()


def test_the_question_alone_brings_the_first():
    texts, included = review(100)
    ranker = ranking.Ranker.of([ranking.texts_of(texts)], "Do trees cool streets in cities?")
    order = ranker.order(np.array([], np.int64), np.array([], bool))
    assert included[order[0]]


@pytest.mark.parametrize("question", ["", "Do trees cool streets?"])
@pytest.mark.parametrize(
    ("texts", "included"),
    [
        ([], []),
        ([TREES], [True]),
        ([TREES, FISH, FISH], [True, False, False]),
        ([("", ""), ("", ""), ("", "")], [True, False, True]),
        ([TREES, FISH] * 3, [True] * 6),
        ([TREES, FISH] * 3, [False] * 6),
        (
            [("Trees " * 10, ""), ("Bäume in Straßen", "Fische 魚 рыба"), ("\0\ud800", "")],
            [True, False, False],
        ),
        ([TREES, ("One of 2 MB", "word " * 400_000), FISH], [False, True, False]),
    ],
    ids=["none", "one", "three", "empty", "all-in", "all-out", "languages", "huge"],
)
def test_bad_input_gives_an_order(texts, included, question):
    ranker = ranking.Ranker.of([ranking.texts_of(texts)], question)
    included = np.array(included, bool)
    for known in range(len(texts) + 1):
        order = ranker.order(np.arange(known), included[:known])
        assert sorted(order) == list(range(known, len(texts)))
    found = ranking.replay(ranker, included, np.array([], np.int64))
    assert sorted(found.order) == list(range(len(texts)))


def test_the_words_that_speak_for_a_record_are_shown_as_it_spells_them():
    texts, included = review(60)
    ranker = ranking.Ranker.of([ranking.texts_of(texts)])
    weights = ranker.fit(np.arange(40), included[:40])
    heavy = weights[:-1] * ranker.features.rarity
    told = ranking.words_of("TREES with Salmon", "streets", ranker.features.vocabulary, heavy)
    assert {word for word, weight in told if weight > 0} == {"trees", "streets"}
    assert {word for word, weight in told if weight < 0} == {"salmon"}


def test_the_nearest_record_is_the_one_with_most_words_in_common():
    rows = ranking.features(ranking.texts_of([TREES, FISH, TREES, FISH])).rows
    assert ranking.nearest(rows, 0, np.array([0, 1, 2]))[0] == 2
    assert ranking.nearest(rows, 0, np.array([0])) is None


# --- the certificate -----------------------------------------------------------------------------


def by_hand(screened: list[bool], of: int, relevant: int) -> Fraction:
    """The definition, term by term: the smallest P(X <= hits) over all points to look back to."""
    if relevant <= sum(screened):
        return Fraction(1)
    best = Fraction(1)
    for drawn in range(1, len(screened) + 1):
        hits = sum(screened[-drawn:])
        among = of - len(screened) + drawn
        marked = relevant - sum(screened[:-drawn])
        ways = sum(
            math.comb(marked, k) * math.comb(among - marked, drawn - k) for k in range(hits + 1)
        )
        best = min(best, Fraction(ways, math.comb(among, drawn)))
    return best


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=25), st.integers(0, 20), st.data())
def test_the_probability_is_the_one_of_the_definition(screened, left, data):
    found = sum(screened)
    relevant = data.draw(st.integers(found, found + left))
    expected = by_hand(screened, len(screened) + left, relevant)
    assert p_of_more(np.array(screened), len(screened) + left, relevant) == pytest.approx(
        float(expected), rel=1e-6, abs=1e-12
    )


def test_a_run_of_irrelevant_records_alone_certifies_nothing():
    told = ranking.certificate(np.array([False] * 500), 1000)
    assert told.state == "keep going"
    assert told.recall_at_least is None


def test_the_same_run_says_less_where_more_is_left():
    screened = np.array([True] * 20 + [False] * 300)
    assert ranking.certificate(screened, 400).state == "certified"
    assert ranking.certificate(screened, 10_000).state == "keep going"


def test_all_screened_is_certain():
    told = ranking.certificate(np.array([True, False, False]), 3)
    assert (told.state, told.recall_at_least, told.p) == ("certified", 1, 0)


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 30))
def test_the_bound_is_at_most_what_could_be(screened, left):
    told = ranking.certificate(np.array(screened, bool), len(screened) + left)
    assert sum(screened) <= told.at_most <= sum(screened) + left


def test_it_covers_orders_drawn_at_random():
    """Where the order knows nothing at all, a certificate is wrong at the most as often as it says.

    Stated for a look at one moment that was chosen beforehand and the whole looked back at."""
    draw, wrong, given_ = np.random.default_rng(1), 0, 0
    for _ in range(300):
        order = draw.permutation(np.arange(400) < 40)
        told = ranking.certificate(order[:380], 400)
        if told.state == "certified":
            given_ += 1
            wrong += told.found / 40 < 0.95
    assert wrong <= 0.05 * 300
    assert given_


def test_a_random_sample_bounds_what_was_left():
    # 0 of 59 drawn from very many: less than 5 % are relevant, with 95 % confidence.
    assert ranking.random_sample(0, 59, 100_000) / 100_000 == pytest.approx(0.05, abs=0.001)
    assert ranking.random_sample(0, 20, 20) == 0


@pytest.mark.parametrize("odds", [1.5, 4])
def test_where_the_order_is_better_than_chance_certificates_hold(odds):
    """Drawn orders in which a relevant record comes `odds` times as readily, with repeated looks."""
    missed = 0
    for seed in range(15):
        draw = np.random.RandomState(seed)
        relevant = np.arange(300) < 30
        order = relevant[np.argsort(draw.exponential(size=300) / np.where(relevant, odds, 1))]
        *_, (screened, _) = ranking.certificates(order, 300, parts=25)
        missed += order[:screened].sum() < 0.95 * 30
    assert missed == 0  # .05 of 15 would be less than one
