"""Many people join and part the same reports at once: never a circle, a chain, or an error page."""

import random
import threading

import pytest
from django.db import connection

from citations.models import DuplicatePair, Merge, Record, Report
from reviews.audit import broken_links
from reviews.refusal import Refused
from screening import actions, flow
from screening.duplicates import answering, joining
from screening.models import Decision

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="NOT RUN: threads need PostgreSQL"),
]


def at_once(*works):
    """Run the functions in threads of their own; returns what they raised beside refusals."""
    raised: list[BaseException] = []
    ready = threading.Barrier(len(works))

    def run(work):
        try:
            ready.wait(timeout=30)
            work()
        except Refused:
            pass
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return raised


def is_a_forest(review):
    """Every absorbed report names a standing one, and the standing merges say the same."""
    parents = dict(Merge.objects.filter(undone_at=None).values_list("absorb", "keep"))
    for pk, merged_into in Report.objects.filter(review=review).values_list("pk", "merged_into"):
        root, steps = pk, 0
        while root in parents:
            root, steps = parents[root], steps + 1
            assert steps < 50
        assert (merged_into or pk) == root
    assert not Record.objects.exclude(report__merged_into=None).exists()
    assert not Decision.objects.exclude(report__merged_into=None).exists()
    assert flow.misplaced(review) == []
    assert broken_links(review) == []


def test_two_merges_against_each_other(cast, review, make_report):
    for _ in range(10):
        a, b = make_report(review), make_report(review)
        raised = at_once(
            lambda a=a, b=b: joining.merge(a, b, by=cast.ada),
            lambda a=a, b=b: joining.merge(b, a, by=cast.al),
        )
        assert raised == []
        assert Merge.objects.filter(absorb__in=[a, b], undone_at=None).count() == 1
    is_a_forest(review)


def test_the_same_question_answered_twice_at_once(cast, review, make_report):
    for _ in range(10):
        first, second = make_report(review), make_report(review)
        pair = DuplicatePair.objects.create(
            review=review,
            first=first,
            second=second,
            probability=0.5,
            rule="r",
            why="w",
            zone="ask",
        )
        assert (
            at_once(
                lambda pair=pair: answering.answer(pair, "same", by=cast.ada),
                lambda pair=pair: answering.answer(pair, "different", by=cast.al),
            )
            == []
        )
        pair.refresh_from_db()
        first.refresh_from_db()
        second.refresh_from_db()
        merged = (first.merged_into or second.merged_into) is not None
        assert merged == (pair.answer == "same")
    is_a_forest(review)


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_merges_parts_and_votes(seed, cast, review, make_report):
    reports = [make_report(review) for _ in range(6)]

    def busy(number, user):
        dice = random.Random(100 * seed + number)
        for _ in range(15):
            first, second = dice.sample(reports, 2)
            try:
                match dice.randrange(4):
                    case 0:
                        joining.merge(first, second, by=user)
                    case 1:
                        answering.join_by_hand(first, second, by=user)
                    case 2:
                        made = Merge.objects.filter(undone_at=None).order_by("?").first()
                        if made is not None:
                            joining.unmerge(made, by=user)
                    case _:
                        actions.decide(
                            first, "abstract", dice.choice(["include", "exclude"]), by=user
                        )
            except Refused:
                pass

    crowd = [cast.ada, cast.bo, cast.cy, cast.al]
    raised = at_once(
        *(lambda number=number, user=user: busy(number, user) for number, user in enumerate(crowd))
    )
    assert raised == []
    is_a_forest(review)
    for made in Merge.objects.filter(undone_at=None):
        joining.unmerge(made, by=cast.ada)
    is_a_forest(review)
    assert not Report.objects.exclude(merged_into=None).exists()
