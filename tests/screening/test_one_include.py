"""Liberal accelerated: one include sends a report on, excluding takes all; one person at a time."""

import threading
import time

import pytest
from django.db import connection

from reviews.actions import copy_setup
from reviews.models import AuditEvent, Membership
from reviews.refusal import Clash, Refused
from screening import actions, flow
from screening.desk import leases, queue
from screening.models import Decision
from tests.conftest import person

pytestmark = pytest.mark.django_db

RULES = "/r/one/rules/"


def ids(reports):
    return [report.pk for report in reports]


@pytest.fixture
def alone(cast, review):
    def set_(screeners=2, maybe="advances"):
        return actions.set_rules(
            review, "abstract", by=cast.ada, screeners=screeners, maybe=maybe, one_include=True
        )

    return set_


def place(report):
    report.refresh_from_db()
    return report.place


def test_one_include_sends_it_on_and_two_excludes_are_needed(cast, review, make_report, alone):
    alone()
    kept, out, late = (make_report(review) for _ in range(3))
    actions.decide(kept, "abstract", "include", by=cast.bo)
    assert place(kept) == "sought"
    with pytest.raises(Clash, match="not needed"):
        actions.decide(kept, "abstract", "exclude", by=cast.cy)
    actions.decide(out, "abstract", "exclude", by=cast.bo)
    assert place(out) == "abstract-half"
    actions.decide(out, "abstract", "exclude", by=cast.cy)
    assert place(out) == "abstract-out"
    actions.decide(late, "abstract", "exclude", by=cast.bo)
    actions.decide(late, "abstract", "include", by=cast.cy)
    assert place(late) == "sought"  # no conflict: the include is enough
    assert flow.misplaced(review) == []


@pytest.mark.parametrize(
    ("maybe", "stands"), [("advances", "sought"), ("discussed", "abstract-half")]
)
def test_maybe_sends_on_only_where_it_counts_as_include(
    cast, review, make_report, alone, maybe, stands
):
    alone(maybe=maybe)
    report = make_report(review)
    actions.decide(report, "abstract", "maybe", by=cast.bo)
    assert place(report) == stands
    if maybe == "discussed":
        actions.decide(report, "abstract", "exclude", by=cast.cy)
        assert place(report) == "abstract-conflict"


def test_it_can_be_taken_back_until_work_on_the_full_text_began(cast, review, make_report, alone):
    alone()
    report = make_report(review)
    decision = actions.decide(report, "abstract", "include", by=cast.bo)
    actions.withdraw(decision, by=cast.bo)
    assert place(report) == "abstract-open"


def test_it_is_a_rule_of_title_and_abstract_for_two_or_more(cast, review, alone):
    with pytest.raises(Refused, match="as it is"):
        alone(screeners=1)
    with pytest.raises(Refused, match="title and abstract only"):
        actions.set_rules(
            review, "fulltext", by=cast.ada, screeners=2, maybe="advances", one_include=True
        )


def test_the_page_sets_it_with_a_line_in_the_log_and_a_new_review_takes_it_over(
    cast, review, signed_in, make_report
):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    ada = signed_in(cast.ada)
    page = ada.get(RULES).content.decode()
    assert 'name="abstract-one_include"' in page
    assert 'name="fulltext-one_include"' not in page
    form = {"stage": "abstract", "abstract-screeners": "2", "abstract-maybe": "advances"}
    assert ada.post(RULES, form | {"abstract-one_include": "on"}).status_code == 302
    assert place(report) == "sought"
    event = AuditEvent.objects.get(verb="changed the rules")
    assert (event.before["one include is enough"], event.after["one include is enough"]) == (
        False,
        True,
    )
    assert "liberal accelerated" in signed_in(cast.obi).get(RULES).content.decode()
    copy_setup(review, cast.other, by=cast.zed)
    assert cast.other.rules("abstract").one_include
    told = ada.get("/r/one/agreement/").content.decode()
    assert "One include is enough at this stage" in told
    assert ada.post(RULES, form).status_code == 302
    assert place(report) == "abstract-half"


def test_a_report_is_before_one_person_at_a_time(cast, review, member, make_report, alone):
    alone()
    made = [make_report(review) for _ in range(4)]
    bo, cy = member(cast.bo), member(cast.cy)
    first = ids(leases.hand_out(bo, "abstract", 3))
    assert ids(leases.hand_out(cy, "abstract", 9)) == [
        each.pk for each in made if each.pk not in first
    ]
    actions.decide(made[0], "abstract", "exclude", by=cast.bo)
    assert made[0].pk in ids(leases.hand_out(cy, "abstract", 9))
    assert queue.left_for(cy, "abstract") == 4


@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_second_give_no_answer_that_is_not_needed(
    cast, review, make_report, alone
):
    alone()
    reports = [make_report(review) for _ in range(12)]
    people = [person(f"P{n}") for n in range(20)]
    members = [
        Membership.objects.create(review=review, user=each, roles=["screener"]) for each in people
    ]
    together, trouble = threading.Barrier(len(members)), []
    ends = time.monotonic() + 240

    def screen(member):
        try:
            together.wait()
            while queue.left_for(member, "abstract"):
                assert time.monotonic() < ends, "nobody gets what is left"
                for report in leases.hand_out(member, "abstract", 2):
                    verdict = "include" if (report.pk + member.pk) % 3 == 0 else "exclude"
                    actions.decide(report, "abstract", verdict, by=member.user)
        except Exception as error:
            trouble.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=screen, args=(each,)) for each in members]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert trouble == []
    assert flow.misplaced(review) == []
    for report in reports:
        said = list(
            Decision.objects.filter(report=report).order_by("pk").values_list("verdict", flat=True)
        )
        assert said in (["include"], ["exclude", "include"], ["exclude", "exclude"])
