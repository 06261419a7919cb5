"""Five people at the questions at the same moment, on either database: nothing is answered twice."""

import itertools
import random
from contextlib import suppress

import pytest

from citations.models import DuplicatePair, Merge, Report
from reviews.models import AuditEvent
from reviews.refusal import Refused
from screening.duplicates import answering, questions
from tests.screening.test_joining_races import at_once, is_a_forest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("seed", range(2))
def test_five_people_answer_one_group(seed, cast, review, make_report, join):
    """Some pair by pair, some for all at once, some by what they are given: nothing is doubled."""
    reports = [make_report(review) for _ in range(5)]
    pairs = [
        DuplicatePair.objects.create(
            review=review,
            first=one,
            second=other,
            probability=0.5 + n / 20,
            rule="unsure",
            why="w",
            zone="ask",
        )
        for n, (one, other) in enumerate(itertools.pairwise(reports))
    ]
    crowd = [cast.ada, cast.al, *(join(name, "adjudicator") for name in ("Di", "Em", "Fi"))]
    given = []

    def busy(number, user):
        dice = random.Random(10 * seed + number)
        turn = questions.turn(review, user)
        if turn.group is not None:
            given.append(user)
        if number % 2:
            answering.answer_together(pairs, by=user)
        else:
            for pair in dice.sample(pairs, len(pairs)):
                with suppress(Refused):
                    answering.answer(pair, dice.choice(["same", "same", "different"]), by=user)

    raised = at_once(
        *(lambda number=number, user=user: busy(number, user) for number, user in enumerate(crowd))
    )
    assert raised == []
    is_a_forest(review)
    assert len(given) <= 1  # one person was given the group, the others nothing
    fresh = DuplicatePair.objects.filter(pk__in=[pair.pk for pair in pairs])
    assert all(pair.answer and pair.answered_by for pair in fresh)
    answers = AuditEvent.objects.filter(verb="answered a question about duplicates")
    assert answers.count() == len(pairs)  # each was answered once
    merges = Merge.objects.filter(undone_at=None)
    assert merges.count() == Report.objects.exclude(merged_into=None).count()


def test_five_people_ask_for_a_question_at_once(cast, review, make_report, join):
    for _ in range(5):
        DuplicatePair.objects.create(
            review=review,
            first=make_report(review),
            second=make_report(review),
            probability=0.5,
            rule="unsure",
            why="w",
            zone="ask",
        )
    crowd = [cast.ada, cast.al, *(join(name, "adjudicator") for name in ("Di", "Em", "Fi"))]
    given = []
    raised = at_once(
        *(lambda user=user: given.append(questions.turn(review, user).pair) for user in crowd)
    )
    assert raised == []
    assert len(given) == len(set(given)) == 5
    assert None not in given
