"""Ranking in the app: the lead's switch, the job, each person's own order, and that no vote leaks."""

import numpy as np
import pytest

from reviews import jobs
from reviews.actions import lock_protocol
from reviews.models import AuditEvent, Job
from screening import actions
from screening.desk import leases, queue
from screening.models import Decision, RankedOrder, WordBag
from screening.relevance import orders, reading, rules

pytestmark = pytest.mark.django_db

PAGE = "/r/one/ranking/"
TREES = "Urban trees cool streets of cities in summer heat"
FISH = "Salmon and trout swim upstream in cold rivers"
BIRDS = "Songbirds nest in hedges near fields of wheat"


def work():
    while jobs.run_one():
        pass


def switch(cast, on=True, why=False):
    rules.set_ranking(cast.review, by=cast.ada, by_relevance=on, show_why=why)
    work()


@pytest.fixture
def reports(review, make_report):
    """Thirty: of trees, fish and birds in turn."""
    return [
        make_report(review, f"{abstract.split()[0]} {n}", abstract=f"{abstract} study{n % 4}")
        for n, abstract in enumerate([TREES, FISH, BIRDS] * 10)
    ]


def of(reports, word):
    return [report for report in reports if report.title.startswith(word)]


def settle(cast, reports, verdict):
    for report in reports:
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", verdict, by=user)


def served(member, user, n=5):
    return [report.title.split()[0] for report in queue.next_for(member(user), "abstract", n)]


def test_it_is_off_by_default(cast, review, reports):
    settle(cast, reports[:2], "include")
    leases.hand_out(cast.member("bo"), "abstract", 3)
    assert not review.jobs.filter(kind="ranking").exists()
    assert not RankedOrder.objects.exists()


def test_the_likely_ones_come_first(cast, member, reports):
    settle(cast, of(reports, "Urban")[:3], "include")
    settle(cast, of(reports, "Salmon")[:3] + of(reports, "Songbirds")[:3], "exclude")
    switch(cast)
    assert served(member, cast.bo, 7) == ["Urban"] * 7
    assert len(served(member, cast.bo, 30)) == 21


def test_the_question_alone_brings_the_likely_ones(cast, review, member, reports):
    review.question = {"population": "Songbirds near hedges"}
    review.save()
    switch(cast)
    assert served(member, cast.bo, 8) == ["Songbirds"] * 8


def test_a_new_order_follows_the_decisions(cast, member, reports):
    switch(cast)
    settle(cast, of(reports, "Salmon")[:3], "include")
    settle(cast, of(reports, "Urban")[:2] + of(reports, "Songbirds")[:2], "exclude")
    before = orders.ids_of(orders.order_for(member(cast.bo)))
    leases.hand_out(member(cast.bo), "abstract", 1)
    # Until a new one is whole the old one stands, and many looks ask for one job.
    leases.hand_out(member(cast.bo), "abstract", 2)
    assert cast.review.jobs.filter(kind="ranking", state="queued").count() == 1
    assert np.array_equal(orders.ids_of(orders.order_for(member(cast.bo))), before)
    work()
    assert served(member, cast.cy, 5) == ["Salmon"] * 5


def learnt_from():
    shared = RankedOrder.objects.get(by=None)
    return shared.included, shared.excluded


def asked(review):
    return review.jobs.filter(kind="ranking", state="queued").count()


def test_an_answer_taken_back_is_unlearnt(cast, review, reports, signed_in):
    settle(cast, reports[:4], "include")
    switch(cast)
    assert learnt_from() == (4, 0)
    mine = Decision.objects.filter(by=cast.bo).order_by("pk")[:3]
    bo = signed_in(cast.bo)
    for decision in mine:
        assert bo.post(f"/r/one/decisions/{decision.pk}/withdraw/").status_code < 400
    assert asked(review) == 1  # of many acts one job
    work()
    assert learnt_from() == (1, 0)
    # Cy's answers on them stand alone now and teach nobody else.
    own = RankedOrder.objects.get(by=cast.cy)
    assert (own.included, own.excluded) == (4, 0)


def test_a_half_decided_answer_taken_back_is_forgotten(cast, review, reports, signed_in):
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    switch(cast)
    assert RankedOrder.objects.filter(by=cast.bo).exists()
    decision = Decision.objects.get()
    signed_in(cast.bo).post(f"/r/one/decisions/{decision.pk}/withdraw/")
    work()
    assert not RankedOrder.objects.filter(by=cast.bo).exists()


def test_a_changed_answer_is_learnt(cast, review, member, reports):
    switch(cast)
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    leases.hand_out(member(cast.bo), "abstract", 1)
    work()
    actions.decide(reports[0], "abstract", "exclude", by=cast.bo)
    for _ in range(3):
        leases.hand_out(member(cast.bo), "abstract", 1)
    assert asked(review) == 1
    work()
    own = RankedOrder.objects.get(by=cast.bo)
    assert (own.included, own.excluded) == (0, 1)


def test_a_final_word_is_learnt_and_unlearnt(cast, review, member, reports, signed_in):
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    actions.decide(reports[0], "abstract", "exclude", by=cast.cy)
    switch(cast)
    assert learnt_from() == (0, 0)
    word = actions.final_word(reports[0], "abstract", "include", by=cast.ada)
    leases.hand_out(member(cast.bo), "abstract", 1)
    work()
    assert learnt_from() == (1, 0)
    reopen = f"/r/one/conflicts/settled/{word.pk}/reopen/"
    assert signed_in(cast.ada).post(reopen, {"reason": "Too early"}).status_code < 400
    assert asked(review) == 1
    work()
    assert learnt_from() == (0, 0)


def test_other_rules_settle_and_teach_otherwise(cast, review, reports):
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    switch(cast)
    assert learnt_from() == (0, 0)
    actions.set_rules(review, "abstract", by=cast.ada, screeners=1, maybe="advances")
    assert asked(review) == 1
    work()
    assert learnt_from() == (1, 0)


def test_nothing_is_asked_for_where_ranking_is_off_or_at_full_text(cast, review, reports):
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    actions.withdraw(Decision.objects.get(), by=cast.bo)
    assert not review.jobs.filter(kind="ranking").exists()
    switch(cast)
    actions.set_rules(review, "fulltext", by=cast.ada, screeners=1, maybe="advances")
    assert not asked(review)


def test_half_decided_ones_still_come_first(cast, member, reports):
    settle(cast, of(reports, "Urban")[:3], "include")
    settle(cast, of(reports, "Salmon")[:3], "exclude")
    switch(cast)
    half = of(reports, "Songbirds")[4]
    actions.decide(half, "abstract", "exclude", by=cast.cy)
    assert queue.next_for(member(cast.bo), "abstract", 1) == [half]


# --- blinding ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["include", "exclude", "maybe"])
def test_no_vote_reaches_anybody_elses_order(cast, member, reports, verdict):
    """What Cy said alone, in whatever way, leaves everything that Bo is served as it was."""
    settle(cast, of(reports, "Urban")[:2], "include")
    settle(cast, of(reports, "Salmon")[:2], "exclude")
    switch(cast)
    before = orders.order_for(member(cast.bo))
    for report in of(reports, "Songbirds")[:6]:
        actions.decide(report, "abstract", verdict, by=cast.cy)
    orders.due(cast.review, by=cast.ada)
    work()
    after = orders.order_for(member(cast.bo))
    assert after.by is None
    for name in ("basis", "fingerprint", "nearest", "included", "excluded"):
        assert getattr(before, name) == getattr(after, name)
    assert bytes(before.weights) == bytes(after.weights)
    mine = orders.order_for(member(cast.cy))
    assert mine.by == cast.cy
    assert mine.basis != before.basis
    assert mine.included + mine.excluded == 10


def test_ones_own_answers_teach_ones_own_order(cast, member, reports):
    switch(cast)
    for report in of(reports, "Songbirds")[:3]:
        actions.decide(report, "abstract", "include", by=cast.cy)
    for report in of(reports, "Urban")[:3] + of(reports, "Salmon")[:3]:
        actions.decide(report, "abstract", "exclude", by=cast.cy)
    orders.due(cast.review, by=cast.ada)
    work()
    assert served(member, cast.cy, 6) == ["Songbirds"] * 6
    shared = RankedOrder.objects.get(by=None)
    assert (shared.included, shared.excluded) == (0, 0)


def test_an_order_of_ones_own_goes_when_all_is_settled(cast, member, reports):
    switch(cast)
    actions.decide(reports[0], "abstract", "include", by=cast.bo)
    orders.due(cast.review, by=cast.ada)
    work()
    assert RankedOrder.objects.filter(by=cast.bo).exists()
    actions.decide(reports[0], "abstract", "include", by=cast.cy)
    orders.due(cast.review, by=cast.ada)
    work()
    assert not RankedOrder.objects.filter(by__isnull=False).exists()


def test_who_left_or_never_screened_has_no_order(cast, reports, join, member):
    switch(cast)
    di = join("Di")
    actions.decide(reports[0], "abstract", "include", by=di)
    orders.due(cast.review, by=cast.ada)
    work()
    assert RankedOrder.objects.filter(by=di).exists()
    gone = member(di)
    gone.roles = ["viewer"]
    gone.save()
    orders.due(cast.review, by=cast.ada)
    work()
    assert not RankedOrder.objects.filter(by=di).exists()


# --- the job -------------------------------------------------------------------------------------


def test_later_reports_are_added_and_changed_ones_read_anew(
    cast, review, reports, make_report, monkeypatch
):
    monkeypatch.setattr(reading, "A_BAG", 8)
    switch(cast)
    sizes = [len(reading.ids_in(bag)) for bag in WordBag.objects.order_by("number")]
    assert sizes == [8, 8, 8, 6]
    more = [make_report(review, f"Later {n}") for n in range(5)]
    first = reports[0]
    first.abstract = "Something else altogether"
    first.save()
    orders.due(review, by=cast.ada, read=True)
    work()
    told = review.jobs.filter(kind="ranking").first()
    assert told.result["text"] == "1 orders were learnt, 6 reports were read."
    sizes = [len(reading.ids_in(bag)) for bag in WordBag.objects.order_by("number")]
    assert sizes == [8, 8, 8, 8, 3]
    ids = orders.ids_of(RankedOrder.objects.get(by=None)).tolist()
    assert sorted(ids) == sorted(report.pk for report in [*reports, *more])


def test_a_report_that_was_not_read_yet_is_served_after_the_ranked(
    cast, review, reports, member, make_report
):
    switch(cast)
    later = make_report(review, "Later")
    found = queue.next_for(member(cast.bo), "abstract", 99)
    assert len(found) == 31
    assert found[-1] == later


def test_run_twice_it_ends_the_same(cast, review, reports):
    settle(cast, reports[:6], "include")
    switch(cast)
    before = RankedOrder.objects.values_list("pk", "basis", "fingerprint", "at").get()
    orders.due(review, by=cast.ada, read=True)
    work()
    assert RankedOrder.objects.values_list("pk", "basis", "fingerprint", "at").get() == before


def test_the_same_decisions_give_the_same_order_to_the_bit(cast, review, reports):
    settle(cast, reports[:9], "include")
    settle(cast, reports[9:14], "exclude")
    switch(cast)
    before = RankedOrder.objects.get()
    RankedOrder.objects.all().delete()
    WordBag.objects.all().delete()
    reading._kept.clear()
    orders.due(review, by=cast.ada, read=True)
    work()
    after = RankedOrder.objects.get()
    assert before.fingerprint == after.fingerprint
    assert bytes(before.weights) == bytes(after.weights)


def test_words_of_another_release_are_read_again(cast, review, reports):
    switch(cast)
    for bag in WordBag.objects.all():
        bag.packed = bytes([99]) + bytes(bag.packed)[1:]
        bag.checks = bytes(len(bag.checks))
        bag.save()
    RankedOrder.objects.all().delete()
    orders.due(review, by=cast.ada)
    work()
    assert RankedOrder.objects.get().fingerprint
    assert not review.jobs.filter(state="failed").exists()


def test_finished_runs_do_not_pile_up(cast, review, reports):
    switch(cast)
    for report in reports[:8]:
        actions.decide(report, "abstract", "include", by=cast.bo)
        orders.due(review, by=cast.bo)
        work()
    assert review.jobs.filter(kind="ranking", state=Job.State.DONE).count() <= 5


def test_without_reports_or_labels_nothing_falls_over(cast, review, member):
    switch(cast)
    assert not RankedOrder.objects.exists()
    assert queue.next_for(member(cast.bo), "abstract", 3) == []


@pytest.mark.parametrize("verdict", ["include", "exclude"])
def test_all_in_or_all_out_is_an_order(cast, reports, member, verdict):
    settle(cast, reports[:20], verdict)
    switch(cast)
    assert len(queue.next_for(member(cast.bo), "abstract", 30)) == 10


# --- the page ------------------------------------------------------------------------------------


def test_the_lead_switches_it_on_and_the_log_says_so(cast, review, reports, signed_in):
    ada = signed_in(cast.ada)
    assert "Rank by relevance" in ada.get(PAGE).content.decode()
    answer = ada.post(PAGE, {"by_relevance": "on"})
    assert answer.status_code == 302
    work()
    event = AuditEvent.objects.get(verb="changed the ranking")
    assert event.after == {"rank by relevance": True}
    assert "from the question alone" in ada.get(PAGE).content.decode()
    ada.post(PAGE, {})
    assert not review.rules("abstract").by_relevance


def test_a_locked_protocol_asks_why(cast, review, signed_in):
    lock_protocol(review, by=cast.ada)
    ada = signed_in(cast.ada)
    answer = ada.post(PAGE, {"by_relevance": "on"})
    assert answer.status_code == 422
    assert ada.post(PAGE, {"by_relevance": "on", "reason": "Too many"}).status_code == 302


def test_others_read_it_and_cannot_switch(cast, signed_in):
    bo = signed_in(cast.bo)
    assert "Save</button>" not in bo.get(PAGE).content.decode()
    assert bo.post(PAGE, {"by_relevance": "on"}).status_code == 403


def test_the_page_says_what_may_be_missed(cast, review, reports, signed_in):
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "Keep going." in page
    assert "A run of irrelevant reports proves nothing" in page
    assert '<svg class="recall"' not in page
    settle(cast, of(reports, "Urban"), "include")
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "Keep going." in page
    assert '<svg class="recall"' in page
    settle(cast, of(reports, "Salmon") + of(reports, "Songbirds"), "exclude")
    page = signed_in(cast.bo).get(PAGE).content.decode()
    assert "Everything is settled." in page
    assert "≥ 100 %" in page


def test_what_one_person_said_changes_no_figure_of_the_page(cast, reports, signed_in):
    def figures():
        page = signed_in(cast.bo).get(PAGE).content.decode()
        return page[page.index("May we stop?") : page.index("The order</h2>")]

    before = figures()
    actions.decide(reports[0], "abstract", "include", by=cast.cy)
    assert figures() == before


# --- why -----------------------------------------------------------------------------------------


def test_why_is_not_said_unless_the_lead_has_it_shown(cast, reports, signed_in):
    settle(cast, of(reports, "Urban")[:3], "include")
    settle(cast, of(reports, "Salmon")[:3], "exclude")
    switch(cast)
    bo = signed_in(cast.bo)
    assert "why" not in bo.get("/r/one/screen/abstract/next/").json()["records"][0]
    page = bo.get("/r/one/screen/").content.decode()
    assert "data-why hidden" in page


def test_why_names_words_the_nearest_and_a_place_in_the_order(cast, review, reports, signed_in):
    settle(cast, of(reports, "Urban")[:3], "include")
    settle(cast, of(reports, "Salmon")[:3], "exclude")
    switch(cast, why=True)
    bo = signed_in(cast.bo)
    told = bo.get("/r/one/screen/abstract/next/").json()["records"][0]["why"]
    assert {"trees", "cool"} & set(told["for"])
    assert told["nearest"]["id"] in {report.pk for report in of(reports, "Urban")[:3]}
    assert told["among"] == 5
    page = bo.get("/r/one/screen/").content.decode()
    assert "among the first" in page
    assert "not a probability" in page


def test_the_nearest_one_is_never_one_that_is_not_settled(cast, review, reports, signed_in):
    for report in of(reports, "Urban")[:3]:
        actions.decide(report, "abstract", "include", by=cast.cy)
    for report in of(reports, "Salmon")[:3]:
        actions.decide(report, "abstract", "exclude", by=cast.cy)
    switch(cast, why=True)
    for user in (cast.bo, cast.cy):
        records = signed_in(user).get("/r/one/screen/abstract/next/").json()["records"]
        assert {each["why"]["nearest"] is None for each in records if each["why"]} == {True}
