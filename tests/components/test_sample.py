"""The sample's interviews and studies on its tree: what a merge and a split find there."""

import csv

import pytest

from components import actions as tree
from components import events as history
from components import interchange, reshaping
from components.models import TreeEvent
from components.reshaping import Part
from extraction import codebook
from extraction.adjudicating import Coding, import_codings
from reviews import jobs
from screening.arrival import study_list
from synthesis.demo.study_part import interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes(cast, review, sample):
    """{code: component} of the sample, with its 40 studies, their codings and six interviews."""
    tree.bring_in(review, interchange.read((sample / "codebook.json").read_bytes()), by=cast.ada)
    found = {each.code: each for each in review.components.all()}
    study_list.bring_in(
        review, (sample / "studies.csv").read_bytes(), name="studies.csv", by=cast.ada
    )
    while jobs.run_one():
        pass
    codebook.publish(
        codebook.start(review, by=cast.ada, template="program-description"), by=cast.ada
    )
    with (sample / "study_components.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            Coding(row["study_id"], row["code"], row["stance"], row["page"], row["quote"])
            for row in csv.DictReader(file)
        ]
    assert import_codings(review, rows, by=cast.ada) == 144
    interview(review, cast.ann, found)
    return found


def on(component):
    return [len(items) for _, items in reshaping.queue(component)]


def test_a_merge_says_what_moves_and_is_undone(cast, review, nodes):
    source, target = nodes["PREV-ED"], nodes["PREV-WT"]
    before, acts = (on(source), on(target)), TreeEvent.objects.filter(review=review).count()
    assert {"2 interview codings", "1 study coding"} <= set(reshaping.effects(source))
    event = reshaping.merge(source, target, by=cast.ada, reason="One idea")
    assert on(source) == []
    history.undo(event, by=cast.ada)
    assert (on(source), on(target)) == before
    assert TreeEvent.objects.filter(review=review).count() == acts + 2


def test_a_split_queues_every_passage_and_every_study(cast, review, nodes):
    whole = nodes["REL-CH"]
    assert sorted(on(whole)) == [3, 12]
    parts = [Part("REL-C1", "One part", ""), Part("REL-C2", "Other part", "")]
    made = reshaping.split(whole, parts, by=cast.ada, reason="Two ideas")
    assert sorted(on(whole)) == [3, 12]
    for use, items in reshaping.queue(whole):
        reshaping.recode(whole, use, [items[0].pk], made[0], by=cast.ada)
    # Leaving half way keeps the rest; none is lost.
    assert sorted(on(whole)) == [2, 11]
    assert on(made[0]) == [1, 1]
