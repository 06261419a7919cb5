"""Merging, splitting and re-coding components that studies were coded with."""

import pytest

from components import actions as tree
from components import events, reshaping
from extraction.comparing import compare
from extraction.models import AdjudicatedComponent, AdjudicatedEntry, ComponentEntry
from extraction.table import columns
from synthesis.matrix import matrix

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(study, handed_in):
    """Both extractors found both components."""
    codes = ["WRAP-CM", "WRAP-MH"]
    handed_in(study, ("bo", {}, codes), ("cy", {}, codes))
    return study


def rows():
    found = [AdjudicatedComponent.objects, AdjudicatedEntry.objects, ComponentEntry.objects]
    basis = AdjudicatedComponent.basis.through.objects
    return [list(each.order_by("pk").values()) for each in [*found, basis]]


def test_a_study_with_both_keeps_the_quotes_of_both(cast, settled, components):
    before = rows()
    event = reshaping.merge(
        components["WRAP-MH"], components["WRAP-CM"], by=cast.ada, reason="One thing"
    )
    assert event.affected == 1
    [held] = AdjudicatedComponent.objects.current().filter(study=settled)
    assert {each.quote for each in held.entries.all()} == {"Quote for WRAP-CM", "Quote for WRAP-MH"}
    assert compare(settled).open_lines == []  # nothing becomes stale by it
    events.undo(event, by=cast.ada)
    assert rows() == before
    assert compare(settled).open_lines == []


def test_a_study_is_re_coded_with_what_was_weighed(cast, settled, components):
    before = rows()
    case = components["WRAP-CM"]
    parts = [reshaping.Part("CM-1", "Named worker"), reshaping.Part("CM-2", "One plan")]
    one, _ = reshaping.split(case, parts, by=cast.ada, reason="Two ideas")
    [(use, items)] = reshaping.queue(case)
    assert (use.many, items[0].where, items[0].text) == (
        "study codings",
        "Abara 2019",
        "Quote for WRAP-CM",
    )
    event = reshaping.recode(case, use, [items[0].pk], one, by=cast.ada)
    codes = {line.component.code for line in compare(settled).component_lines}
    assert codes == {"CM-1", "WRAP-MH"}
    assert compare(settled).open_lines == []
    events.undo(event, by=cast.ada)
    assert rows() == before


def test_a_code_that_was_split_and_retired_stays_in_the_matrix_until_its_queue_is_empty(
    cast, review, settled, components
):
    """It held a study until somebody says which of its parts that is."""
    held = components["WRAP-CM"]
    parts = [reshaping.Part("WRAP-C1", "Meetings"), reshaping.Part("WRAP-C2", "Plans")]
    one, _ = reshaping.split(held, parts, by=cast.ada, reason="Two things")
    tree.retire(held, by=cast.ada, reason="It was split")

    def of_both_arms():
        return {row.component.code: len(row.studies) for row in matrix(review).rows}

    def of_studies():
        return {each.component.code: each.studies for each in columns(review)}

    assert (of_both_arms()["WRAP-CM"], of_studies()["WRAP-CM"]) == (1, 1)
    ((use, items),) = reshaping.queue(held)
    reshaping.recode(held, use, [items[0].pk], one, by=cast.ada)
    assert "WRAP-CM" not in of_both_arms()
    assert "WRAP-CM" not in of_studies()
    assert (of_both_arms()["WRAP-C1"], of_studies()["WRAP-C1"]) == (1, 1)
