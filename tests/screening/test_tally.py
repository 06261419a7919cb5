"""The numbers of the diagram are of one moment, in a few queries, and notice what has no record."""

import threading

import pytest
from django.db import connection, connections

from citations.models import Report, Search
from screening import flow
from screening.reporting import prisma


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_not_seen(cast, make_report):
    make_report(cast.review)

    def add():
        make_report(cast.review)
        connections.close_all()

    with flow.one_moment():
        before = flow.take(cast.review)
        other = threading.Thread(target=add)
        other.start()
        other.join(timeout=60)
        assert not other.is_alive()
        assert flow.take(cast.review) == before
    assert flow.boxes(cast.review)["D1"] == 2


def test_the_number_of_queries_does_not_grow(
    cast, make_report, make_search, django_assert_max_num_queries
):
    for kind in Search.Kind:
        search = make_search(cast.review, kind=kind)
        for _ in range(3):
            make_report(cast.review, search=search)
    with django_assert_max_num_queries(17):
        prisma.report(cast.review)


def test_a_report_without_a_record_is_noticed(cast, make_report):
    make_report(cast.review)
    Report.objects.create(review=cast.review, title="From nowhere")
    broken = [
        i.number for i in flow.identities(cast.review, flow.boxes(cast.review)) if not i.holds
    ]
    assert 13 in broken
    assert connection.in_atomic_block  # the test's: one_moment leaves it alone
    with flow.one_moment():
        assert Report.objects.count() == 2
