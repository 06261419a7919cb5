"""Replaying a finished review in ranked order."""

import numpy as np
import pytest

from reviews import jobs
from screening import actions, ranking
from screening.models import Decision, RankedOrder
from screening.ranking.words import bags, joined, some_of

pytestmark = pytest.mark.django_db

PAGE = "/r/one/ranking/replay/"


@pytest.fixture
def finished(cast, review, make_report):
    review.question = {"population": "Trees in streets"}
    review.save()
    for n in range(40):
        words = "Trees cool streets" if n % 4 == 3 else "Salmon swim in rivers"
        report = make_report(review, f"{words} {n}", abstract=f"{words} place{n % 3}")
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include" if n % 4 == 3 else "exclude", by=user)


def test_it_says_what_would_have_been_saved_and_changes_nothing(cast, review, finished, signed_in):
    before = list(review.reports.values_list("pk", "place")), Decision.objects.count()
    ada = signed_in(cast.ada)
    assert ada.post(f"{PAGE}begin/").status_code == 302
    assert "running" in ada.get(PAGE).content.decode()
    assert "running already" in ada.post(f"{PAGE}begin/", follow=True).content.decode()
    while jobs.run_one():
        pass
    told = review.jobs.get(kind="replay-ranking").result
    assert (told["of"], told["found"], told["first"], told["needed"]) == (40, 10, 1, 10)
    page = ada.get(PAGE).content.decode()
    assert "75 % saved" in page
    assert "The curve in numbers" in page
    assert (list(review.reports.values_list("pk", "place")), Decision.objects.count()) == before
    assert not RankedOrder.objects.exists()


def test_without_both_sides_there_is_nothing_to_replay(cast, review, make_report, signed_in):
    report = make_report(review)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    answer = signed_in(cast.ada).post(f"{PAGE}begin/", follow=True).content.decode()
    assert "needs reports that went on and reports that were excluded" in answer
    assert not review.jobs.exists()


def test_some_of_all_words_are_those_of_the_records():
    texts = ["trees cool streets", "", "salmon swim", "birds", "trees"]
    parts = [bags(texts[:2]), bags(texts[2:])]
    which = np.array([4, 0, 1, 2])
    picked, expected = some_of(parts, which), bags([texts[i] for i in which])
    for name in ("sizes", "words", "counts"):
        assert np.array_equal(getattr(picked, name), getattr(expected, name))
    assert len(joined([])) == 0
    assert ranking.some_of is some_of
