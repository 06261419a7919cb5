"""Which record's value a report shows."""

import pytest

from citations import composing
from citations.models import Record, Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(cast, review, make_search):
    def make(*records):
        report = Report.objects.create(review=review)
        search = make_search(review)
        for fields in records:
            Record.objects.create(review=review, search=search, report=report, **fields)
        return composing.compose(report)

    return make


@pytest.mark.parametrize(
    ("field", "first", "second", "shown"),
    [
        ("abstract", "Short.", "A longer abstract.", "A longer abstract."),
        ("authors", ["A"], ["A", "B"], ["A", "B"]),
        ("journal", "J Care", "Journal of Care", "J Care"),
        ("title", "CARE AT HOME", "Care at home", "Care at home"),
        ("title", "CARE AT HOME", "CARE AT SCHOOL", "CARE AT HOME"),
        ("doi", "", "10.1/a", "10.1/a"),
        ("year", None, 2019, 2019),
        ("journal", "JAMA", "Jama", "JAMA"),
    ],
)
def test_the_best_value_wins(made, field, first, second, shown):
    assert getattr(made({field: first}, {field: second}), field) == shown


def test_many_at_once_give_the_same(made):
    reports = [
        made({"title": f"A {n}", "abstract": "x" * n}, {"title": f"B {n}", "abstract": "xx"})
        for n in range(5)
    ]
    before = list(Report.objects.order_by("pk").values())
    Report.objects.update(title="", abstract="")
    composing.compose_all([report.pk for report in reports])
    assert list(Report.objects.order_by("pk").values()) == before


def test_a_report_without_records_keeps_its_own(review):
    report = Report.objects.create(review=review, title="By itself")
    composing.compose_all([report.pk])
    assert composing.compose(report).title == "By itself"
