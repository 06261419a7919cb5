"""Sentence vectors in the app: made in a job, used once they are whole, made anew with the text."""

import numpy as np
import pytest

from reviews import jobs
from reviews.models import Job
from screening import actions
from screening.models import RankedOrder, WordBag
from screening.ranking import encoder
from screening.relevance import meaning, orders, rules, sentences

pytestmark = pytest.mark.django_db

PAGE = "/r/one/ranking/"
read_by_the_encoder: list[str] = []


def pretend(texts, _folder):
    """Houses and homes mean the same to it, and nothing else means anything."""
    read_by_the_encoder.extend(texts)
    found = np.zeros((len(texts), encoder.LENGTH), np.int8)
    for row, text in enumerate(texts):
        found[row, 0 if {"house", "home"} & set(text.lower().split()) else 1] = 100
    return found


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    read_by_the_encoder.clear()
    monkeypatch.setattr(encoder, "is_installed", lambda: True)
    monkeypatch.setattr(encoder, "vectors", pretend)


@pytest.fixture
def reports(review, make_report):
    """Twenty of which each fourth is about a home, in words that the question does not use."""
    return [
        make_report(review, f"Report {n}", abstract="a home" if n % 4 == 0 else "a river")
        for n in range(20)
    ]


def work():
    while jobs.run_one():
        pass


def switch_on(cast):
    rules.set_ranking(cast.review, by=cast.ada, by_relevance=True, show_why=False)


def first_of(review, n=5):
    return orders.ids_of(orders.common(review))[:n].tolist()


def about_homes(reports):
    return [each.pk for each in reports[::4]]


def test_the_order_follows_the_sentences_once_they_are_read(cast, review, reports):
    review.question = {"population": "people in a house"}
    review.save()
    switch_on(cast)
    jobs.run_one()
    assert orders.common(review).model == orders.MODEL
    work()
    assert orders.common(review).model == orders.MODEL_WITH_SENTENCES
    assert first_of(review) == about_homes(reports)


def test_each_text_is_read_once(cast, review, reports, make_report):
    switch_on(cast)
    work()
    read = len([text for text in read_by_the_encoder if text.startswith("Report")])
    assert read == 20
    make_report(review, "Report late", abstract="a home")
    reports[1].abstract = "a home after all"
    reports[1].save()
    orders.due(review, by=cast.ada, read=True)
    work()
    late = [text for text in read_by_the_encoder if text.startswith("Report")][20:]
    assert sorted(late) == ["Report 1. a home after all", "Report late. a home"]
    assert meaning.is_complete(review)


def test_a_decision_is_followed_while_sentences_are_being_read(cast, review, reports, monkeypatch):
    """The job takes turns: what others wait for comes between two of them."""
    monkeypatch.setattr(sentences, "A_TURN", 0)
    monkeypatch.setattr(sentences, "AT_ONCE", 3)
    switch_on(cast)
    jobs.run_one()  # the order by words
    jobs.run_one()  # a first turn
    assert meaning.progress(review) == meaning.Progress(3, 20)
    for user in (cast.bo, cast.cy):
        actions.decide(reports[1], "abstract", "include", by=user)
    orders.due(review, by=cast.bo)
    kinds = review.jobs.filter(state=Job.State.QUEUED).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [meaning.KIND, orders.KIND]
    jobs.run_one()
    jobs.run_one()
    assert orders.common(review).included == 1
    work()
    assert meaning.is_complete(review)
    assert review.jobs.filter(kind=meaning.KIND).count() <= sentences.KEPT_JOBS + 1


def test_a_killed_turn_loses_what_it_had_not_stored_and_no_more(cast, review, reports, monkeypatch):
    switch_on(cast)
    jobs.run_one()
    monkeypatch.setattr(sentences, "AT_ONCE", 8)
    calls = []

    def dying(texts, folder):
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return pretend(texts, folder)

    monkeypatch.setattr(encoder, "vectors", dying)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_one()
    assert meaning.progress(review) == meaning.Progress(8, 20)
    monkeypatch.setattr(encoder, "vectors", pretend)
    Job.objects.filter(kind=meaning.KIND).update(lease_until=review.created_at)
    work()
    assert meaning.is_complete(review)
    assert orders.common(review).model == orders.MODEL_WITH_SENTENCES


def test_without_the_packages_words_alone_make_the_order(cast, review, reports, monkeypatch):
    switch_on(cast)
    work()
    monkeypatch.setattr(encoder, "is_installed", lambda: False)
    orders.due(review, by=cast.ada)
    work()
    assert orders.common(review).model == orders.MODEL
    assert meaning.progress(review) is None


def test_vectors_of_another_encoder_are_made_again(cast, review, reports, monkeypatch):
    switch_on(cast)
    work()
    monkeypatch.setattr(meaning, "_NAME", meaning._NAME ^ np.uint32(1))
    assert meaning.progress(review) == meaning.Progress(0, 20)


def test_the_same_answers_give_the_same_order(cast, review, reports):
    switch_on(cast)
    work()
    before = orders.common(review).fingerprint
    RankedOrder.objects.all().delete()
    WordBag.objects.update(vectors=b"", vectors_of=b"")
    orders.due(review, by=cast.ada)
    work()
    assert orders.common(review).fingerprint == before


def test_the_page_and_the_api_say_how_far_it_is(cast, review, reports, signed_in, monkeypatch):
    monkeypatch.setattr(sentences, "A_TURN", 0)
    monkeypatch.setattr(sentences, "AT_ONCE", 5)
    switch_on(cast)
    jobs.run_one()
    jobs.run_one()
    client = signed_in(cast.ada)
    assert "5 of 20" in client.get(PAGE).content.decode()
    told = client.get("/api/v1/reviews/one/ranking/").json()
    assert told["sentences"] == {"done": 5, "of": 20}
    assert told["order"]["model"] == orders.MODEL
    work()
    assert "Words and sentences of all 20 reports" in client.get(PAGE).content.decode()


def test_a_stop_keeps_the_model_that_made_the_order(cast, review, reports):
    from screening.relevance import stopping

    switch_on(cast)
    work()
    stopped = stopping.stop(cast.member("ada"), reason="enough")
    assert stopped.model == orders.MODEL_WITH_SENTENCES
