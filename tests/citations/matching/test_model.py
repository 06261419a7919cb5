"""The shipped model fits the features of the code, and its record says what it was made of."""

import json

import numpy as np

from citations.matching import features, model, rules


def test_the_model_was_trained_on_these_features_in_this_order():
    assert model.trees().names == features.NAMES


def test_the_record_beside_it_gives_figures_with_each_review_left_out():
    record = json.loads(model.FILE.with_suffix(".json").read_text())
    assert list(record["features"]) == list(features.NAMES)
    assert record["join_from"] == rules.JOIN_FROM
    assert len(record["each_review_left_out"]) == 7
    assert all(f["studies_lost"] == 0 for f in record["each_review_left_out"].values())


def test_more_agreement_is_never_less_probable():
    rng = np.random.default_rng(3)
    rows = np.tile(np.array([-1.0] * len(features.NAMES), dtype=np.float32), (200, 1))
    rows += rng.integers(0, 2, rows.shape).astype(np.float32)
    for name, direction in features.FEATURES.items():
        if direction:
            more = rows.copy()
            more[:, features.INDEX[name]] += 50
            change = model.trees().probability(more) - model.trees().probability(rows)
            assert (direction * change >= -1e-9).all(), name
