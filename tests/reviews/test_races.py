"""Two people at the same instant. SQLite lets one writer in at a time (transactions begin
IMMEDIATE), so there is no instant to share: these run on PostgreSQL."""

import threading

import pytest
from django.db import connection

from reviews import actions, audit
from reviews.models import Membership, Review
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _needs_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("NOT RUN: SQLite has one writer at a time, so this cannot race; use PostgreSQL")


def at_once(*acts):
    """Run `acts` in threads that start together; what each returned or refused with."""
    gate = threading.Barrier(len(acts))
    said = [None] * len(acts)

    def run(number, act):
        try:
            gate.wait(timeout=10)
            said[number] = act()
        except Refused as refusal:
            said[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive(), "the two acts wait for each other"
    return said


def refusals(said):
    return [str(each) for each in said if isinstance(each, Refused)]


@pytest.mark.parametrize("round_", range(3))
def test_two_leads_that_remove_each_other_leave_one(cast, review, round_):
    actions.set_roles(cast.member("bo"), ["lead"], by=cast.ada)
    ada, bo = cast.member("ada"), cast.member("bo")
    said = at_once(lambda: actions.remove(bo, by=cast.ada), lambda: actions.remove(ada, by=cast.bo))
    leads = [m for m in review.memberships.filter(left_at=None) if "lead" in m.roles]
    assert len(leads) == 1
    assert refusals(said) == ["A review needs a lead. Make somebody else a lead first."]
    assert audit.broken_links(review) == []


@pytest.mark.parametrize("round_", range(3))
def test_two_leads_that_step_down_at_once_leave_one(cast, review, round_):
    actions.set_roles(cast.member("bo"), ["lead"], by=cast.ada)
    ada, bo = cast.member("ada"), cast.member("bo")
    said = at_once(
        lambda: actions.set_roles(ada, ["viewer"], by=cast.ada),
        lambda: actions.remove(bo, by=cast.bo),
    )
    leads = [m for m in review.memberships.filter(left_at=None) if "lead" in m.roles]
    assert len(leads) == 1
    assert len(refusals(said)) == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_link_lets_one_person_in(cast, review, round_):
    invitation, token = actions.invite(review, by=cast.ada, roles=["screener"])
    said = at_once(
        lambda: actions.accept(token, by=cast.eve), lambda: actions.accept(token, by=cast.zed)
    )
    came = Membership.objects.filter(review=review, user__in=[cast.eve, cast.zed])
    assert came.count() == 1
    assert refusals(said) == ["That invitation is accepted. Ask for a new one."]
    invitation.refresh_from_db()
    assert invitation.accepted_by == came.get().user
    assert audit.broken_links(review) == []


@pytest.mark.parametrize("round_", range(3))
def test_pressing_twice_at_once_joins_once(cast, review, round_):
    _, token = actions.invite(review, by=cast.ada, roles=["screener"])
    said = at_once(*[lambda: actions.accept(token, by=cast.eve)] * 3)
    assert refusals(said) == []
    assert {member.pk for member in said} == {
        Membership.objects.get(review=review, user=cast.eve).pk
    }
    assert review.events.filter(verb="joined").count() == 1


def test_two_links_for_one_person_at_once_join_once(cast, review):
    _, first = actions.invite(review, by=cast.ada, roles=["screener"])
    _, second = actions.invite(review, by=cast.ada, roles=["viewer"])
    said = at_once(
        lambda: actions.accept(first, by=cast.eve), lambda: actions.accept(second, by=cast.eve)
    )
    assert refusals(said) == ["You take part in this review already."]
    assert Membership.objects.filter(review=review, user=cast.eve).count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_a_link_is_used_or_rescinded_and_never_both(cast, review, round_):
    invitation, token = actions.invite(review, by=cast.ada, roles=["screener"])
    said = at_once(
        lambda: actions.accept(token, by=cast.eve),
        lambda: actions.rescind(invitation, by=cast.ada),
    )
    invitation.refresh_from_db()
    assert len(refusals(said)) == 1
    assert bool(invitation.accepted_at) != bool(invitation.rescinded_at)
    joined = Membership.objects.filter(review=review, user=cast.eve).exists()
    assert joined == bool(invitation.accepted_at)


def test_criteria_of_two_leads_at_once_make_one_version_and_one_clash(cast, review):
    actions.set_criteria(review, [("inclusion", "Youth")], by=cast.ada)
    said = at_once(
        *[
            lambda text=text: actions.set_criteria(
                review, [("inclusion", text)], by=cast.ada, seen=1
            )
            for text in ("One", "Two")
        ]
    )
    assert len(refusals(said)) == 1
    assert actions.criteria_version(review) == 2
    assert len(actions.criteria_in_force(review)) == 1


def test_one_title_twice_at_once_makes_two_reviews(cast):
    said = at_once(*[lambda: actions.create_review("The same title", by=cast.eve)] * 2)
    assert len({review.slug for review in said}) == 2
    assert Review.objects.filter(title="The same title").count() == 2


def test_events_at_once_make_one_chain(cast, review):
    before = review.events.count()
    at_once(
        *[
            lambda days=days: actions.invite(review, by=cast.ada, roles=["viewer"], days=days)
            for days in range(1, 7)
        ]
    )
    assert review.events.count() == before + 6
    assert audit.broken_links(review) == []
