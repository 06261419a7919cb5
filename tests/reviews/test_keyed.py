"""A request that is sent twice is carried out once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from reviews import audit
from reviews.keyed import answer_once, fingerprint
from reviews.models import AuditEvent, KeyedAnswer
from reviews.refusal import Clash, Refused


class Act:
    def __init__(self, review, by, refuse=None):
        self.review, self.by, self.refuse, self.times = review, by, refuse, 0

    def __call__(self):
        self.times += 1
        audit.record(self.review, "acted", by=self.by)
        if self.refuse:
            raise self.refuse
        return 201, {"times": self.times}


def written():
    return AuditEvent.objects.filter(verb="acted").count()


@pytest.mark.django_db
def test_the_same_key_is_answered_the_same(cast, review):
    act = Act(review, cast.bo)
    answers = [answer_once(cast.bo, "k", fingerprint("a"), act) for _ in range(3)]
    assert answers == [(201, {"times": 1})] * 3
    assert act.times == written() == 1


@pytest.mark.django_db
def test_the_same_key_for_another_request_clashes(cast, review):
    act = Act(review, cast.bo)
    answer_once(cast.bo, "k", fingerprint("a"), act)
    with pytest.raises(Clash, match="another request"):
        answer_once(cast.bo, "k", fingerprint("b"), act)
    assert act.times == 1


@pytest.mark.django_db
def test_a_key_belongs_to_a_person(cast, review):
    act = Act(review, cast.bo)
    answer_once(cast.bo, "k", fingerprint("a"), act)
    assert answer_once(cast.cy, "k", fingerprint("b"), act) == (201, {"times": 2})


@pytest.mark.django_db
@pytest.mark.parametrize(("refusal", "status"), [(Refused("No."), 422), (Clash("No."), 409)])
def test_a_refusal_is_kept_and_writes_nothing(cast, review, refusal, status):
    act = Act(review, cast.bo, refusal)
    answers = [answer_once(cast.bo, "k", fingerprint("a"), act) for _ in range(2)]
    assert answers == [(status, {"detail": "No."})] * 2
    assert act.times == 1
    assert written() == 0


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_not_an_answer(cast, review):
    act = Act(review, cast.bo, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        answer_once(cast.bo, "k", fingerprint("a"), act)
    assert KeyedAnswer.objects.count() == written() == 0
    act.refuse = None
    assert answer_once(cast.bo, "k", fingerprint("a"), act)[0] == 201


@pytest.mark.django_db
def test_without_a_key_each_is_carried_out(cast, review):
    act = Act(review, cast.bo)
    assert [answer_once(cast.bo, "", "", act)[1]["times"] for _ in range(2)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_run_once(cast, review):
    if connection.vendor != "postgresql":
        pytest.skip("NOT RUN: threads need PostgreSQL (SQLite's test database is one connection)")
    start, act = Barrier(8), Act(review, cast.bo)

    def send(_):
        start.wait()
        try:
            return answer_once(cast.bo, "k", fingerprint("a"), act)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert answers == [(201, {"times": 1})] * 8
    assert act.times == written() == 1
