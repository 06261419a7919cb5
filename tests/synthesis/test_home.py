"""The review's home: what is done, and what waits for me."""

import pytest

from citations.models import DuplicatePair
from reviews import actions
from screening import actions as screening
from screening import retrieval
from screening.duplicates import joining
from screening.waiting import steps

pytestmark = pytest.mark.django_db


def tiles(cast, name):
    return {step.key: step for step in steps(cast.member(name))}


def home(client):
    return client.get("/r/one/")


def attach(report, by):
    retrieval.attach(
        report, by=by, name="a.pdf", sha256="0" * 64, size=3, content_type="application/pdf"
    )


def test_a_fresh_review_shows_the_lead_three_things_to_do(cast, signed_in):
    own = actions.create_review("Fresh", by=cast.eve, slug="fresh")
    client = signed_in(cast.eve)
    page = client.get("/r/fresh/")
    assert [thing["done"] for thing in page.context["beginning"]] == [False, False, False]
    actions.set_criteria(own, [("inclusion", "Youth")], by=cast.eve)
    actions.invite(own, by=cast.eve, roles=["screener"])
    page = client.get("/r/fresh/")
    assert [thing["done"] for thing in page.context["beginning"]] == [True, True, False]


def test_a_fresh_review_tells_the_others_who_sets_it_up(cast, review, signed_in):
    page = home(signed_in(cast.bo))
    assert "being set up by Ada" in page.content.decode()
    assert "beginning" not in page.context


def test_numbers_are_mine(cast, review, make_report):
    one, two, three = (make_report(review) for _ in range(3))
    screening.decide(one, "abstract", "include", by=cast.bo)
    screening.decide(two, "abstract", "exclude", by=cast.bo)
    screening.decide(one, "abstract", "exclude", by=cast.cy)
    mine = tiles(cast, "bo")["screen"]
    assert (mine.done, mine.total, mine.waiting) == (2, 3, 1)
    cys = tiles(cast, "cy")["screen"]
    assert (cys.done, cys.total, cys.waiting) == (1, 3, 2)
    leads = tiles(cast, "ada")["screen"]
    assert (leads.done, leads.total, leads.waiting) == (0, 3, 0)
    assert tiles(cast, "al")["conflicts"].waiting == 1
    assert "conflicts" not in tiles(cast, "bo")
    screening.final_word(one, "abstract", "include", by=cast.al)
    settled = tiles(cast, "al")["conflicts"]
    assert (settled.done, settled.total, settled.waiting) == (1, 1, 0)
    assert settled.is_over
    assert three.place == "abstract-open"


def test_full_texts_wait_for_who_finds_them_and_then_for_who_reads(cast, review, make_report):
    report = make_report(review)
    for user in (cast.bo, cast.cy):
        screening.decide(report, "abstract", "include", by=user)
    assert tiles(cast, "ada")["fulltexts"].waiting == 1
    assert tiles(cast, "bo")["fulltexts"].waiting == 0
    attach(report, cast.ada)
    assert tiles(cast, "ada")["fulltexts"].waiting == 0
    assert tiles(cast, "bo")["fulltexts"].waiting == 1
    for user in (cast.bo, cast.cy):
        screening.decide(report, "fulltext", "include", by=user)
    assert tiles(cast, "bo")["fulltexts"].is_over
    assert tiles(cast, "obi")["prisma"].says == "1 report, 1 included so far"


def test_questions_about_duplicates_wait_for_who_may_answer(cast, review, make_report):
    first, second = make_report(review), make_report(review)
    DuplicatePair.objects.create(
        review=review, first=first, second=second, probability=0.8, zone="ask", rule="t", why="t"
    )
    assert tiles(cast, "ada")["duplicates"].waiting == 1
    assert "duplicates" not in tiles(cast, "bo")
    joining.merge(first, second, by=cast.ada)
    step = tiles(cast, "ada")["duplicates"]
    assert step.waiting == 0
    assert step.says == "1 report joined with another one"


@pytest.mark.parametrize("name", ["cy", "obi", "ed"])
@pytest.mark.parametrize("screeners", [2, 3])
def test_the_page_is_the_same_in_both_worlds_of_a_hidden_vote(
    cast, review, make_report, signed_in, name, screeners
):
    screening.set_rules(review, "abstract", by=cast.ada, screeners=screeners, maybe="advances")
    report = make_report(review)
    make_report(review)
    pages = []
    for verdict in ("include", "exclude", "maybe"):
        screening.decide(report, "abstract", verdict, by=cast.bo)
        page = home(signed_in(getattr(cast, name))).content.decode()
        pages.append([line for line in page.splitlines() if "csrf" not in line])
    assert pages[0] == pages[1] == pages[2]


def test_the_lead_sees_recent_activity_and_nobody_else_does(cast, review, signed_in):
    actions.set_blind(review, True, by=cast.ada, reason="Nothing")
    actions.invite(review, by=cast.ada, roles=["viewer"])
    assert "invited a person" in home(signed_in(cast.ada)).content.decode()
    assert "invited a person" not in home(signed_in(cast.bo)).content.decode()


def test_it_takes_a_fixed_number_of_queries(
    cast, review, make_report, signed_in, django_assert_num_queries
):
    clients = {name: signed_in(getattr(cast, name)) for name in ("ada", "bo", "obi")}
    for _ in range(2):
        for _ in range(5):
            report = make_report(review)
            screening.decide(report, "abstract", "include", by=cast.bo)
        for name, queries in (("ada", 15), ("bo", 14), ("obi", 8)):
            with django_assert_num_queries(queries):
                home(clients[name])
