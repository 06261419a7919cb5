"""Screening over time and the reasons: sums against the diagram, the page, what a blind answer moves."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from citations.models import FullText
from reviews.models import Stage
from screening import actions, flow
from screening.models import Decision
from screening.reasons import set_reasons
from screening.reporting import course

PAGE = "/r/one/prisma/over-time/"
times = st.datetimes(datetime(2019, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))


@given(st.lists(st.tuples(times, st.booleans())))
def test_every_report_stands_in_one_step_and_the_sums_are_those_of_the_list(found):
    steps = course.steps(found)
    assert len(steps) <= course.MOST
    assert sum(step.finished for step in steps) == len(found)
    assert sum(step.kept for step in steps) == sum(kept for _, kept in found)
    assert [step.so_far for step in steps][-1:] == [len(found)] * bool(found)
    for one, following in pairwise(steps):
        assert following.first - one.first == timedelta(weeks=one.weeks)
        assert following.so_far == one.so_far + following.finished
    assert all(step.first.weekday() == 0 for step in steps)
    picture = course.draw(Stage.ABSTRACT, steps)
    for line in picture.lines:
        assert len(line.points) == len(steps)
        assert all(course.TOP <= point.y <= picture.zero for point in line.points)
        assert all(picture.left < point.x < picture.right for point in line.points)


@given(st.integers(0, 10**7))
def test_the_ceiling_holds_the_number_and_has_whole_quarters(n):
    top = course.ceiling(n)
    assert n <= top <= max(4, 2.5 * n)
    assert top % 4 == 0


def test_bars_are_as_long_as_their_numbers():
    long = "A reason " + "that goes on and on " * 8
    first, second = course.bars([(long, 40), ("B", 10)])
    assert abs(first.width - 4 * second.width) < 1
    assert (len(first.short), first.short[-1]) == (course.LETTERS, "…")
    assert course.bars([]) == []


def decide(report, stage, verdict, *people, at, **more):
    for who in people:
        actions.decide(report, stage, verdict, by=who, **more)
    Decision.objects.filter(report=report, stage=stage).update(at=at)


@pytest.fixture
def world(cast, review, make_report, make_search):
    """Two abstracts a week apart, one of them excluded; three full texts excluded, one of another
    method."""
    reasons = set_reasons(review, "fulltext", ["Wrong population", "Design"], by=cast.ada)
    both = cast.bo, cast.cy
    main, web = make_search(review, "MEDLINE"), make_search(review, "Web", kind="website")
    day = datetime(2026, 3, 4, 12, tzinfo=UTC)
    decide(make_report(review, search=main), "abstract", "exclude", *both, at=day)
    for reason, search in ((0, main), (0, main), (1, web)):
        report = make_report(review, search=search)
        decide(report, "abstract", "include", *both, at=day + timedelta(weeks=2))
        FullText.objects.create(
            report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
        )
        flow.settle(review, [report.pk])
        decide(
            report,
            "fulltext",
            "exclude",
            *both,
            at=day + timedelta(weeks=3),
            reason=reasons[reason],
        )
    return reasons


def tables(page):
    return [
        [[cell.text_content() for cell in row] for row in table.iter("tr")]
        for table in html.fromstring(page).iter("table")
    ]


def test_the_tables_say_what_the_diagram_says(world, cast, review, signed_in):
    obi = signed_in(cast.obi)
    page = obi.get(PAGE).content.decode()
    abstract, fulltext, reasons = tables(page)
    assert [row[1:] for row in abstract[1:]] == [
        ["1", "1", "0", "1", "0"],
        ["0", "0", "0", "1", "0"],
        ["3", "0", "3", "4", "3"],
    ]
    assert abstract[1][0] == "Week of 2 March 2026"
    assert [row[1:] for row in fulltext[1:]] == [["3", "3", "0", "3", "0"]]
    assert reasons[1:] == [
        ["Wrong population", "2", "0", "2"],
        ["Design", "0", "1", "1"],
        ["All reasons", "2", "1", "3"],
    ]
    numbers = flow.boxes(review)
    assert numbers["D8"] + numbers["O8"] == 3
    for address, n in re.findall(r'<a href="(/r/one/reports/\?[^"]+)">(\d+)</a>', page):
        listed = obi.get(address.replace("&amp;", "&")).content.decode()
        shown = re.search(r'class="total">(\d+) reports?\b', listed)
        assert int(shown[1]) == int(n), address
    drawn = html.fromstring(page).findall(".//figure/svg")
    assert len(drawn) == 3
    for svg in drawn:
        named = svg.get("aria-labelledby").split()
        assert all(svg.get_element_by_id(one).text.strip() for one in named)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_one_blind_answer_moves_nothing(world, cast, review, make_report, signed_in):
    cy = signed_in(cast.cy)
    report = make_report(review)
    before = tables(cy.get(PAGE).content)
    actions.decide(report, "abstract", "exclude", by=cast.bo)
    assert tables(cy.get(PAGE).content) == before
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    assert course.steps(course.finished(review, Stage.ABSTRACT))[-1].so_far == 5
    assert tables(cy.get(PAGE).content) != before


def test_a_change_of_mind_counts_once(cast, review, make_report):
    report = make_report(review)
    for who, verdict in ((cast.bo, "include"), (cast.cy, "include"), (cast.bo, "exclude")):
        actions.decide(report, "abstract", verdict, by=who)
    assert course.finished(review, Stage.ABSTRACT) == []  # a conflict
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    assert [kept for _, kept in course.finished(review, Stage.ABSTRACT)] == [False]


def test_it_asks_the_database_the_same_few_questions(
    world, cast, review, make_report, django_assert_num_queries
):
    for _ in range(2):
        with django_assert_num_queries(5):
            course.stages(review)
            flow.reasons_by_column(review)
        decide(make_report(review), "abstract", "exclude", cast.bo, cast.cy, at=datetime.now(UTC))


def test_an_empty_review_says_so(cast, signed_in):
    page = signed_in(cast.obi).get(PAGE).content.decode()
    assert page.count("Nothing is decided at this stage yet") == 2
    assert "No full text is excluded yet" in page
    assert "<table" not in page


def test_weeks_are_named():
    assert course.Step(date(2026, 3, 2), 4, 0, 0, 0, 0).name == "4 weeks from 2 March 2026"
