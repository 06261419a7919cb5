"""The numbers of the diagram are of one moment, in a few queries, and notice what has no record."""

import re
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from citations.models import Report, Search
from screening import flow
from screening.flow import Place
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
    with django_assert_max_num_queries(18):
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


@pytest.mark.parametrize(("number", "place"), [(4, Place.SOUGHT), (14, "lost")], ids=["4", "14"])
def test_a_broken_identity_is_named_by_page_command_and_verify(
    cast, make_report, signed_in, number, place
):
    """A report that no record leads to was sought; one stands where no box looks."""
    make_report(cast.review)
    numbers = prisma.report(cast.review)
    assert {1, 4, 14} <= {each["number"] for each in numbers["identities"] if each["holds"]}
    assert [each["left"] for each in numbers["identities"] if each["number"] == 14] == [1]
    Report.objects.create(review=cast.review, title="From nowhere", place=place)
    page = signed_in(cast.bo).get("/r/one/prisma/").content.decode()
    (named,) = re.findall(rf"Identity ({number}: [^<]+)", page)
    says = re.sub(r" \(.*", "", named).replace(":", "", 1)
    with pytest.raises(CommandError, match=re.escape(says)):
        call_command("prisma", "one", stdout=StringIO())
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", "one", stdout=out, stderr=out)
    assert f"identity {number} (" in out.getvalue()
