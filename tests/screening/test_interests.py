"""Conflicts of interest: what is kept from a person, who says so, and that nothing is orphaned."""

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.models import AuditEvent, Membership
from reviews.refusal import Refused
from screening import actions, flow, interests
from screening.desk import leases, own_papers, queue
from screening.lead import conflicts
from screening.models import Decision, Interest
from screening.reporting import prisma

PAGE = "/r/one/interests/"


@pytest.mark.parametrize(
    ("name", "author", "same"),
    [
        ("Karin Lind", "Lind, K.", True),
        ("Lind, Karin", "Lind, Karin M", True),
        ("Karin Lind", "Lind, Otto", False),
        ("Karin Lind", "Lindgren, K.", False),
        ("Jo Müller", "Muller, J", True),
        ("Lind", "Lind, Otto", True),
        ("Lind, K.", "Lind", True),
        ("", "Lind, K.", False),
        ("X", "X", False),
    ],
)
def test_a_name_may_be_an_authors(name, author, same):
    assert own_papers.may_be(name, author) is same


@given(st.text(), st.text())
def test_no_name_makes_it_fall_over(name, author):
    assert own_papers.may_be(name, author) in (True, False)
    own_papers.family_as_typed(name)


@pytest.mark.django_db
class TestKeptFrom:
    def test_it_is_never_handed_out_nor_counted_nor_taken(
        self, cast, review, member, make_report, signed_in
    ):
        mine, other = make_report(review), make_report(review)
        bo = signed_in(cast.bo)
        assert queue.left_for(member(cast.bo), "abstract") == 2
        leases.hand_out(member(cast.bo), "abstract", 5)
        answer = bo.post(f"{PAGE}declare/", {"report": mine.pk, "why": "Own paper"})
        assert answer.status_code == 302
        assert leases.hand_out(member(cast.bo), "abstract", 5) == [other]
        assert queue.left_for(member(cast.bo), "abstract") == 1
        assert queue.still_asked(member(cast.bo), "abstract", [mine.pk, other.pk]) == {other.pk}
        body = json.dumps({"report": mine.pk, "verdict": "include"})
        sent = bo.post("/r/one/screen/abstract/decide/", body, content_type="application/json")
        assert (sent.status_code, "interest" in sent.json()["detail"]) == (422, True)
        # The others are handed it at once: no seat is kept.
        assert set(leases.hand_out(member(cast.cy), "abstract", 5)) == {mine, other}
        event = AuditEvent.objects.get(verb="declared an interest")
        assert (event.actor, event.after) == (cast.bo, {"for": "bo", "why": "Own paper"})

    def test_half_decided_by_another_it_is_passed_over_too(self, cast, review, member, make_report):
        report = make_report(review)
        actions.decide(report, "abstract", "include", by=cast.cy)
        interests.declare(report, by=cast.bo)
        assert queue.next_for(member(cast.bo), "abstract", 5) == []

    def test_a_pilot_round_passes_it_over(self, cast, review, member, make_report):
        from screening.lead import pilots

        reports = [make_report(review) for _ in range(3)]
        pilots.draw(review, "abstract", size=3, threshold=0.6, by=cast.ada)
        interests.declare(reports[0], by=cast.bo)
        assert set(queue.next_for(member(cast.bo), "abstract", 5)) == set(reports[1:])
        assert queue.left_for(member(cast.bo), "abstract") == 2

    def test_an_order_by_relevance_passes_it_over(
        self, cast, review, member, make_report, monkeypatch
    ):
        first, second = make_report(review), make_report(review)
        monkeypatch.setattr(queue, "order_for", lambda who: "an order")
        monkeypatch.setattr(queue, "ids_of", lambda order: np.array([first.pk, second.pk]))
        review.stage_rules.filter(stage="abstract").update(by_relevance=True)
        assert queue.next_for(member(cast.bo), "abstract", 5) == [first, second]
        interests.declare(first, by=cast.bo)
        assert queue.next_for(member(cast.bo), "abstract", 5) == [second]

    def test_taken_back_it_comes_again(self, cast, review, member, make_report, signed_in):
        report = make_report(review)
        made = interests.declare(report, by=cast.bo)
        assert interests.declare(report, by=cast.bo) == made
        answer = signed_in(cast.bo).post(f"{PAGE}{made.pk}/withdraw/")
        assert answer.status_code == 302
        assert queue.next_for(member(cast.bo), "abstract", 5) == [report]
        assert Interest.objects.get().withdrawn_by == cast.bo  # the row stays
        interests.declare(report, by=cast.bo)
        assert Interest.objects.count() == 2

    def test_no_conflict_on_it_comes_to_who_is_bound(self, cast, in_conflict, member, signed_in):
        report, other = in_conflict(), in_conflict()
        interests.declare(report, by=cast.al)
        assert list(conflicts.waiting(member(cast.al), "abstract")) == [other]
        al = signed_in(cast.al)
        assert al.get(f"/r/one/conflicts/{report.pk}/").status_code == 302
        with pytest.raises(Refused, match="interest"):
            actions.final_word(report, "abstract", "include", by=cast.al)
        actions.final_word(report, "abstract", "include", by=cast.ada)

    def test_what_was_decided_before_stands_and_no_count_moves(
        self, cast, review, in_conflict, make_report
    ):
        report = in_conflict()
        make_report(review)
        before = (flow.boxes(review), prisma.report(review), list(Decision.objects.values()))
        interests.declare(report, by=cast.bo)
        interests.declare(report, by=cast.ada, user=cast.cy)
        assert (
            flow.boxes(review),
            prisma.report(review),
            list(Decision.objects.values()),
        ) == before

    def test_it_goes_along_when_duplicates_are_joined(self, cast, review, make_report):
        from screening.duplicates import joining

        keep, absorb = make_report(review), make_report(review)
        interests.declare(absorb, by=cast.bo)
        made = joining.merge(keep, absorb, by=cast.ada)
        assert interests.kept_from(cast.bo.pk).get()["report"] == keep.pk
        joining.unmerge(made, by=cast.ada)
        assert interests.kept_from(cast.bo.pk).get()["report"] == absorb.pk


@pytest.mark.django_db
class TestWhoSays:
    def test_the_lead_declares_for_somebody_and_takes_it_back(
        self, cast, review, make_report, signed_in
    ):
        report = make_report(review)
        ada, bo = signed_in(cast.ada), signed_in(cast.bo)
        ada.post(f"{PAGE}declare/", {"report": report.pk, "person": cast.bo.pk})
        made = Interest.objects.get()
        assert (made.user, made.declared_by) == (cast.bo, cast.ada)
        bo.post(f"{PAGE}{made.pk}/withdraw/")
        assert Interest.objects.get().withdrawn_at is None  # the lead said it
        ada.post(f"{PAGE}{made.pk}/withdraw/")
        assert Interest.objects.get().withdrawn_at

    def test_nobody_else_speaks_for_another(self, cast, review, make_report, signed_in):
        report = make_report(review)
        signed_in(cast.cy).post(f"{PAGE}declare/", {"report": report.pk, "person": cast.bo.pk})
        assert not Interest.objects.exists()
        with pytest.raises(Refused, match="Only the lead"):
            interests.declare(report, by=cast.cy, user=cast.bo)
        made = interests.declare(report, by=cast.bo)
        assert signed_in(cast.cy).post(f"{PAGE}{made.pk}/withdraw/").status_code == 404
        assert report.title not in signed_in(cast.cy).get(PAGE).content.decode()
        assert report.title in signed_in(cast.ada).get(PAGE).content.decode()

    def test_own_papers_are_suggested_by_name_and_declared_together(
        self, cast, review, make_report, signed_in
    ):
        cast.bo.name = "Bo Müller"
        cast.bo.save()
        theirs = make_report(review, "Mine", authors=["Ek, A.", "Müller, B."])
        make_report(review, "Not mine", authors=["Müller, Otto"])
        bo = signed_in(cast.bo)
        found = bo.get(PAGE).context["suggested"]
        assert [(each.report, each.author) for each in found] == [(theirs, "Müller, B.")]
        bo.post(f"{PAGE}declare/", {"report": [theirs.pk], "why": "Own paper"})
        assert bo.get(PAGE).context["suggested"] == []

    def test_a_search_by_name_tells_nothing_that_the_rules_hide(
        self, cast, review, make_report, signed_in
    ):
        make_report(review, "Hidden", authors=["Lind, K."])
        actions.set_rules(
            review, "abstract", by=cast.ada, screeners=2, maybe="advances", hide_source=True
        )
        assert signed_in(cast.bo).get(f"{PAGE}?name=Lind").context["suggested"] == []
        assert signed_in(cast.ada).get(f"{PAGE}?name=Lind").context["suggested"] != []

    def test_the_api_does_the_same(self, cast, review, make_report, signed_in):
        report = make_report(review)
        bo, api = signed_in(cast.bo), "/api/v1/reviews/one/interests/"
        sent = {"report": report.pk, "why": "Own paper"}
        made = bo.post(api, json.dumps(sent), content_type="application/json")
        assert (made.status_code, made.json()["user"]) == (201, "bo")
        assert [each["id"] for each in bo.get(api).json()["results"]] == [made.json()["id"]]
        assert bo.get("/api/v1/reviews/one/queue/").json()["records"] == []
        sent = {"report": report.pk, "user": "cy"}
        other = bo.post(api, json.dumps(sent), content_type="application/json")
        assert other.status_code == 422
        assert bo.delete(f"{api}{made.json()['id']}/").status_code == 204


@pytest.mark.django_db
class TestTooFew:
    def test_the_board_names_what_nobody_can_decide(
        self, cast, review, make_report, in_conflict, signed_in
    ):
        report, ready = make_report(review, "Alone"), make_report(review, "Ready")
        ada = signed_in(cast.ada)
        interests.declare(report, by=cast.bo)
        (short,) = ada.get("/r/one/board/").context["too_few"]
        assert (short.report, short.stage, short.missing) == (report, "abstract", 1)
        assert "Alone" in ada.get("/r/one/board/").content.decode()
        assert "Ready" not in ada.get("/r/one/board/").content.decode()
        del ready

    def test_it_equals_a_plain_count(self, cast, review, join, make_report):
        chance = random.Random(3)
        people = [cast.bo, cast.cy, join("Di")]
        for _ in range(15):
            report = make_report(review)
            bound = [user for user in people if chance.random() < 0.5]
            free = [user for user in people if user not in bound]
            voted = free[: chance.choice([0, 0, 1])]
            for user in voted:
                actions.decide(report, "abstract", "include", by=user)
            for user in bound:
                interests.declare(report, by=user)
            missing = {short.report: short.missing for short in interests.too_few(review)}
            assert missing.get(report, 0) == max(0, 2 - len(free))

    def test_a_conflict_that_nobody_may_settle(self, cast, review, in_conflict):
        report = in_conflict()
        interests.declare(report, by=cast.al)
        assert interests.too_few(review) == []  # the lead may
        interests.declare(report, by=cast.ada)
        (short,) = interests.too_few(review)
        assert (short.report, short.is_conflict) == (report, True)
        Membership.objects.filter(review=review, user=cast.cy).update(
            roles=["screener", "adjudicator"]
        )
        assert interests.too_few(review) == []
        actions.set_rules(
            review, "abstract", by=cast.ada, screeners=2, maybe="advances", bar_own=True
        )
        assert len(interests.too_few(review)) == 1
