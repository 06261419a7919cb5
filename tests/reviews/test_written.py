"""A query that is written once finds what the ORM finds, whatever the values."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from citations.models import Report
from reviews.models import KeyedAnswer, Membership
from reviews.written import insert, instances, prepared, written

pytestmark = pytest.mark.django_db


@written
def named(ids, review, *, limit):
    return Report.objects.filter(pk__in=ids, review=review).order_by("-pk")[:limit]


@prepared
def entitled(review, title, before, *, place):
    found = Report.objects.filter(review=review, title=title, created_at__lt=before, place=place)
    return found.values_list("pk", "created_at", "authors")


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_it_finds_the_rows_of_the_values_of_the_moment(review, make_report, count):
    reports = [make_report(review, f"T{n}") for n in range(6)]
    for chosen in (reports[:count], reports[-count:]):
        ids = tuple(each.pk for each in chosen)
        found = instances(Report, named(ids, review.pk, limit=4))
        assert found == sorted(chosen, key=lambda each: -each.pk)[:4]
        assert found[0].title == chosen[-1].title
        assert named(ids, review.pk + 1, limit=4) == []


def test_values_come_back_as_the_model_has_them(review, make_report):
    later = timezone.now() + timedelta(hours=1)
    for title in ("100% ?", "it's %s"):
        report = make_report(review, title, authors=["Müller, Jo"])
        for _ in range(7):  # more often than a plan of PostgreSQL's own takes
            found = entitled(review.pk, title, later, place="abstract-open")
            assert found == [(report.pk, report.created_at, ["Müller, Jo"])]
        assert entitled(review.pk, title, report.created_at, place="abstract-open") == []
        assert entitled(review.pk, title, later, place="it's %s") == []


def test_no_ids_find_nothing(review, make_report):
    make_report(review)
    assert named((), review.pk, limit=4) == []


def test_a_value_that_is_worked_with_is_noticed(review):
    @written
    def next_one(pk):
        return Membership.objects.filter(pk=pk + 1)

    with pytest.raises(AssertionError, match="does more with a value"):
        next_one(3)


def test_a_new_row_is_stored_as_the_orm_stores_it(cast):
    row = KeyedAnswer(user=cast.bo, key="100% %s", fingerprint="f", status=201, body={"a": [None]})
    insert(row)
    stored = KeyedAnswer.objects.get()
    assert stored == row
    assert (stored.key, stored.body, stored.at) == (row.key, row.body, row.at)
    row.status = 409
    row.save()
    assert KeyedAnswer.objects.get().status == 409


def test_postgresql_keeps_the_plan(review):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans each time.")
    for _ in range(8):
        entitled(review.pk, "A plan to be kept", timezone.now(), place="sought")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%sought%'"
        )
        assert cursor.fetchone() == (1,)
