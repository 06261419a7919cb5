"""Sentence vectors: the network that is built from the package's weights, and rows that hold both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening import ranking
from screening.ranking import encoder, joint, words
from screening.ranking.features import features

needs_packages = pytest.mark.skipif(
    not encoder.is_installed(),
    reason="NOT RUN: the packages of requirements-vectors.lock are not installed.",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("encoder")


def alike(a, b) -> float:
    a, b = a.astype(float), b.astype(float)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@needs_packages
def test_texts_of_one_subject_are_alike_without_a_word_in_common(folder):
    methadone, heroin, software = encoder.vectors(
        [
            "A randomized trial of methadone for heroin users",
            "Opioid substitution study",
            "Testing tools for software engineers",
        ],
        folder,
    )
    assert alike(methadone, heroin) > 0.4
    assert alike(methadone, heroin) > 3 * alike(methadone, software)


@needs_packages
def test_a_vector_has_length_one_in_8_bits(folder):
    (one,) = encoder.vectors(["Housing and mentoring for young people"], folder)
    assert one.dtype == np.int8
    assert one.shape == (encoder.LENGTH,)
    assert np.linalg.norm(one / encoder.SCALE) == pytest.approx(1, abs=0.02)


@needs_packages
def test_the_8_bit_network_says_what_the_whole_one_says(folder, tmp_path):
    """Against the weights themselves, layer for layer in numpy."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    weights = load_file(encoder._package() / "model.safetensors")
    text = "Residential treatment of youth who were exploited"
    tokens = Tokenizer.from_file(str(encoder._package() / "tokenizer.json")).encode(text)
    ids = [each for each, seen in zip(tokens.ids, tokens.attention_mask, strict=True) if seen]
    expected = by_hand({k.removeprefix("bert."): v for k, v in weights.items()}, ids)
    assert alike(encoder.vectors([text], folder)[0], expected) > 0.98


def by_hand(w, ids):
    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gelu(x):
        from math import erf, sqrt

        return x * 0.5 * (1 + np.vectorize(erf)(x / sqrt(2)))

    e = "embeddings"
    x = w[f"{e}.word_embeddings.weight"][ids] + w[f"{e}.position_embeddings.weight"][: len(ids)]
    x = norm(x + w[f"{e}.token_type_embeddings.weight"][0], f"{e}.LayerNorm")
    for n in range(6):
        a, heads = f"encoder.layer.{n}.attention", []
        q, k, v = (linear(x, f"{a}.self.{name}") for name in ("query", "key", "value"))
        for h in range(12):
            part = slice(32 * h, 32 * h + 32)
            s = np.exp(q[:, part] @ k[:, part].T / np.sqrt(32))
            heads.append(s / s.sum(1, keepdims=True) @ v[:, part])
        x = norm(linear(np.hstack(heads), f"{a}.output.dense") + x, f"{a}.output.LayerNorm")
        more = gelu(linear(x, f"encoder.layer.{n}.intermediate.dense"))
        x = norm(
            linear(more, f"encoder.layer.{n}.output.dense") + x,
            f"encoder.layer.{n}.output.LayerNorm",
        )
    return x.mean(0)


@needs_packages
def test_a_vector_follows_from_its_text_alone(folder):
    """Not from what stands beside it, and not from the day: the same bytes from a model made anew."""
    texts = ["Foster care", "A long text " * 300, "", "子どもの保護", "x"]
    together = encoder.vectors(texts, folder)
    for row, text in enumerate(texts):
        assert np.array_equal(encoder.vectors([text], folder)[0], together[row])
    assert not together[2].any()
    encoder._loaded.cache_clear()
    encoder.built(folder).unlink()
    assert np.array_equal(encoder.vectors(texts, folder), together)


@needs_packages
def test_nothing_is_fetched(folder, monkeypatch):
    import socket

    def refuse(*_args, **_kwargs):
        raise AssertionError("a call to another host")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    encoder._loaded.cache_clear()
    assert encoder.vectors(["Foster care"], folder).any()


# --- rows with vectors behind the words --------------------------------------------------------


def rows_of(n, seed):
    draw = np.random.RandomState(seed)
    texts = [" ".join(f"w{k}" for k in draw.randint(0, 9, 6)) for _ in range(n)]
    vectors = draw.randint(-127, 128, (n, 5)).astype(np.int8)
    return features(words.bags(texts)).rows, vectors


@given(st.integers(1, 30), st.integers(0, 9), st.sampled_from([1, 4, 8192]))
@settings(max_examples=40, deadline=None)
def test_the_products_are_those_of_one_dense_matrix(n, seed, at_once):
    rows, vectors = rows_of(n, seed)
    before, joint.AT_ONCE = joint.AT_ONCE, at_once
    try:
        both = joint.Joint(rows, vectors)
        dense = np.zeros((n, rows.width + 5))
        for row in range(n):
            inside = slice(rows.starts[row], rows.starts[row + 1])
            dense[row, rows.columns[inside]] = rows.values[inside]
        dense[:, rows.width :] = vectors * (joint.COUNT / encoder.SCALE)
        draw = np.random.RandomState(seed + 1)
        weights, taken = draw.randn(both.width), draw.randn(n)
        assert np.allclose(both.times(weights.astype(np.float32)), dense @ weights, atol=1e-4)
        assert np.allclose(both.total(taken.astype(np.float32)), taken @ dense, atol=1e-4)
        some = draw.permutation(n)[: n // 2]
        part = both.take(some)
        assert np.allclose(part.times(weights.astype(np.float32)), dense[some] @ weights, atol=1e-4)
    finally:
        joint.AT_ONCE = before


# --- the ranker ------------------------------------------------------------------------------------

TEXTS = [("", f"alpha beta n{i}") for i in range(12)]  # words that tell nothing apart
NEAR, FAR = np.array([100] + 4 * [0], np.int8), np.array([0, 100] + 3 * [0], np.int8)


def meanings(question=NEAR):
    records = np.stack([NEAR if i % 3 == 0 else FAR for i in range(12)])
    return ranking.Meanings(records, question[None])


def test_the_question_finds_what_it_shares_no_word_with():
    ranker = ranking.Ranker.of([ranking.texts_of(TEXTS)], "gamma", meanings())
    nothing = np.array([], np.int64)
    assert ranker.order(nothing, nothing.astype(bool))[:4].tolist() == [0, 3, 6, 9]


def test_vectors_teach():
    ranker = ranking.Ranker.of([ranking.texts_of(TEXTS)], "", meanings(np.zeros(5, np.int8)))
    order = ranker.order(np.array([0, 1]), np.array([True, False]))
    assert sorted(order[:3].tolist()) == [3, 6, 9]


def test_only_words_are_named_as_reasons():
    ranker = ranking.Ranker.of([ranking.texts_of(TEXTS)], "", meanings(np.zeros(5, np.int8)))
    weights = ranker.fit(np.array([0, 1]), np.array([True, False]))
    assert len(ranker.words_weigh(weights)) == len(ranker.features.vocabulary)


def test_equal_vectors_change_no_order():
    same = ranking.Meanings(np.stack([NEAR] * 12), NEAR[None])
    texts = [("", "tree " * (i % 3) + "fish river") for i in range(12)]
    bags = [ranking.texts_of(texts)]
    nothing = np.array([], np.int64)
    with_, without = (ranking.Ranker.of(bags, "tree", m) for m in (same, None))
    assert np.array_equal(
        with_.order(nothing, nothing.astype(bool)), without.order(nothing, nothing.astype(bool))
    )
