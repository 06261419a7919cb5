"""The lead's board: its numbers, its dates, and that none of them tells how anybody decided."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reviews.models import Membership
from screening import actions, flow, interests
from screening.lead.pace import days_until
from screening.models import Decision

BOARD = "/r/one/board/"


@pytest.mark.parametrize(
    ("missing", "people", "days"),
    [
        (0, [], 0),
        (0, [(0, 0)], 0),
        (10, [], None),
        (10, [(0, 10)], None),
        (10, [(2, 10)], 5),
        (20, [(10, 10), (1, 10)], 10),  # both are needed for each report: the slowest decides
        (10, [(10, 10), (1, 10)], 10 / 11),  # one of them is enough: they share
        (15, [(10, 10), (1, 10)], 5),  # the fast one has nothing left after a day
        (20, [(10, 10), (0, 10)], None),  # nobody gives the second answer
    ],
)
def test_when_it_ends(missing, people, days):
    assert days_until(missing, people) == (None if days is None else pytest.approx(days))


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.sampled_from([0, 1 / 7, 0.5, 3, 40]), st.integers(0, 300)), max_size=6),
)
def test_by_that_day_so_many_answers_are_given(missing, people):
    days = days_until(missing, people)
    if days is None:
        assert sum(left for pace, left in people if pace) < missing
    else:
        assert sum(min(pace * days, left) for pace, left in people) == pytest.approx(missing)


@pytest.fixture
def ada(cast, signed_in):
    return signed_in(cast.ada)


def line_of(board, user):
    return next(line for line in board.lines if line.member.user_id == user.pk)


@pytest.mark.django_db
def test_who_has_done_what(cast, review, ada, make_report, in_conflict, at_fulltext):
    for _ in range(3):
        make_report(review)
    for _ in range(2):
        actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    actions.decide(make_report(review), "abstract", "exclude", by=cast.cy)
    in_conflict()
    actions.decide(at_fulltext(), "fulltext", "include", by=cast.cy)
    abstract, fulltext = ada.get(BOARD).context["boards"]
    bo, cy = line_of(abstract, cast.bo), line_of(abstract, cast.cy)
    assert (bo.done, bo.left, bo.half) == (4, 4, 1)
    assert (cy.done, cy.left, cy.half) == (3, 5, 2)
    assert (abstract.untouched, abstract.half, abstract.conflicts, abstract.decided) == (3, 3, 1, 1)
    assert abstract.missing == 9
    assert bo.pace == pytest.approx(4 / 7)
    assert abstract.pace == pytest.approx(1)
    # Cy has 5 left at 3 a week, and nobody else can give those answers.
    assert abstract.ends == cy.ends == timezone.localdate() + timedelta(days=12)
    assert bo.ends == timezone.localdate() + timedelta(days=7)
    assert (line_of(fulltext, cast.bo).left, line_of(fulltext, cast.bo).half) == (1, 1)
    assert line_of(fulltext, cast.cy).left == 0


@pytest.mark.django_db
def test_the_totals_are_those_of_the_diagram_and_every_number_opens_its_list(
    cast, review, ada, make_report, in_conflict, at_fulltext
):
    for verdict in ("include", "exclude", "maybe"):
        actions.decide(make_report(review), "abstract", verdict, by=cast.bo)
    make_report(review)
    in_conflict()
    at_fulltext()
    abstract, fulltext = ada.get(BOARD).context["boards"]
    assert abstract.total == flow.reports_in(review, "D3").count()
    assert fulltext.total == flow.reports_in(review, "D7").count()
    pending = abstract.untouched + abstract.half + abstract.conflicts
    assert pending == flow.reports_in(review, "D_Q").count()
    for name, n in (("untouched", 1), ("half", 3), ("conflict", 1)):
        found = ada.get(f"/r/one/reports/?place={abstract.places[name]}").context["page"]
        assert found.paginator.count == n
    for line in abstract.lines:
        url = f"/r/one/decisions/all/?person={line.member.user_id}&amp;stage=abstract"
        assert url in ada.get(BOARD).content.decode()
        found = ada.get(url.replace("&amp;", "&")).context["page"]
        assert found.paginator.count == line.done


@pytest.mark.django_db
def test_an_old_answer_is_no_pace_and_without_pace_there_is_no_date(cast, review, ada, make_report):
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    Decision.objects.update(at=timezone.now() - timedelta(days=8))
    board = ada.get(BOARD).context["boards"][0]
    assert (line_of(board, cast.bo).done, line_of(board, cast.bo).pace) == (1, 0)
    assert board.ends is None
    assert "Nobody has decided in the last 7 days" in ada.get(BOARD).content.decode()


@pytest.mark.django_db
def test_who_left_keeps_a_line_and_has_nothing_left(cast, review, ada, make_report, member):
    from reviews.actions import remove

    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    remove(member(cast.bo), by=cast.ada)
    board = ada.get(BOARD).context["boards"][0]
    assert (line_of(board, cast.bo).done, line_of(board, cast.bo).left) == (1, 0)
    assert "has left the review" in ada.get(BOARD).content.decode()
    assert board.missing == 1


@pytest.mark.django_db
def test_what_an_interest_keeps_from_somebody_is_not_left_for_them(cast, review, ada, make_report):
    untouched, half, own = make_report(review), make_report(review), make_report(review)
    make_report(review)
    actions.decide(half, "abstract", "include", by=cast.cy)
    actions.decide(own, "abstract", "include", by=cast.bo)
    for each in (untouched, half, own):  # on the third an answer stands
        interests.declare(each, by=cast.bo)
    page = ada.get(BOARD)
    line = line_of(page.context["boards"][0], cast.bo)
    assert (line.left, line.half, line.kept) == (1, 0, 2)
    assert "2 kept away by an interest" in page.content.decode()
    assert line_of(page.context["boards"][0], cast.cy).kept == 0


@pytest.mark.django_db
def test_a_lead_who_screens_sees_the_same_page_whatever_the_others_say(
    cast, review, signed_in, make_report
):
    Membership.objects.filter(review=review, user=cast.ada).update(roles=["lead", "screener"])
    report = make_report(review)
    seen = set()
    for verdict in ("include", "maybe", "exclude"):
        made = actions.decide(report, "abstract", verdict, by=cast.bo)
        Decision.objects.filter(pk=made.pk).update(at="2026-01-02T03:04:05Z")
        page = signed_in(cast.ada).get(BOARD)
        body = page.content.decode().split('id="main"')[1]
        assert f"person={cast.bo.pk}" not in body  # a list that would hold fewer than the number
        seen.add(body)
        every = signed_in(cast.ada).get(f"/r/one/decisions/all/?person={cast.bo.pk}")
        assert every.context["page"].paginator.count == 0
    assert len(seen) == 1


@pytest.mark.django_db
def test_the_list_shows_what_its_reader_may_see(cast, review, signed_in, make_report, in_conflict):
    actions.decide(make_report(review, "Still open"), "abstract", "include", by=cast.cy)
    in_conflict("Open to all")
    page = signed_in(cast.bo).get("/r/one/decisions/all/").content.decode()
    assert "Open to all" in page
    assert "Still open" not in page
    assert "Still open" in signed_in(cast.ada).get("/r/one/decisions/all/").content.decode()
    strange = signed_in(cast.bo).get("/r/one/decisions/all/?person=x&version=0&stage=y")
    assert strange.context["page"].paginator.count == 2


@pytest.mark.django_db
def test_a_fixed_number_of_queries(
    cast, review, ada, join, make_report, django_assert_max_num_queries
):
    for number in range(8):
        actions.decide(make_report(review), "abstract", "include", by=join(f"P{number}"))
        if number in (0, 7):
            with django_assert_max_num_queries(12):  # with pilots, sharing and interests
                ada.get(BOARD)
            with django_assert_max_num_queries(10):  # with the answers to criteria
                ada.get("/r/one/decisions/all/")


@pytest.mark.django_db
def test_an_empty_review_says_what_comes_first(ada):
    page = ada.get(BOARD).content.decode()
    assert "Nothing to screen yet" in page
    assert "No full text is on file yet" in page


def test_the_api_says_what_the_page_says(cast, review, ada, make_report, signed_in):
    for _ in range(3):
        make_report(review)
    actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    for shown, told in zip(
        ada.get(BOARD).context["boards"],
        ada.get(f"/api/v1/reviews/{review.slug}/board/").json()["results"],
        strict=True,
    ):
        for name in ("stage", "total", "untouched", "half", "conflicts", "decided", "missing"):
            assert told[name] == getattr(shown, name)
        people = [(line.member.user.username, line.done, line.left) for line in shown.lines]
        assert [(each["username"], each["done"], each["left"]) for each in told["people"]] == people
