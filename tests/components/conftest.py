"""A tree to work on, and the fictional sample beside the code."""

from pathlib import Path

import pytest

from components import actions

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


@pytest.fixture
def sample():
    return SAMPLE


@pytest.fixture
def small_tree(cast, review):
    """A > (A1, A2), B: {code: component}."""
    made = {}
    for code, parent in [("A", None), ("A1", "A"), ("A2", "A"), ("B", None)]:
        made[code] = actions.add(
            review, by=cast.ada, code=code, name=f"Name {code}", parent=made.get(parent)
        )
    return made
