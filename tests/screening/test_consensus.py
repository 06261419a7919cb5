"""Consensus: those who decided settle their conflict; nobody else reads along; the lead ends it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reviews.models import AuditEvent, Membership
from reviews.refusal import Clash, Refused
from screening import actions, consensus, flow, interests
from screening.models import Decision, Proposal, Remark
from tests.conftest import Cast

PAGE = "/r/one/consensus/"


def by_consensus(review, cast, stage="abstract", **more):
    kept = {"screeners": 2, "maybe": "advances", "settled_by": "consensus"}
    return actions.set_rules(review, stage, by=cast.ada, **kept | more)


@pytest.fixture
def report(cast, review, in_conflict):
    by_consensus(review, cast)
    return in_conflict("A report in conflict")


def send(client, report, act, **more):
    return client.post(f"{PAGE}{report.pk}/", {"stage": "abstract", "act": act, **more})


@pytest.mark.django_db
class TestFinding:
    def test_both_propose_the_same_and_it_is_the_final_word(self, cast, report, signed_in):
        before = list(Decision.objects.order_by("pk").values())
        bo, cy = signed_in(cast.bo), signed_in(cast.cy)
        assert [row[0] for row in bo.get(PAGE).context["rows"]] == [report]
        send(bo, report, "say", text="It is about adults.\x00")
        send(bo, report, "propose", verdict="include")
        report.refresh_from_db()
        assert report.place == "abstract-conflict"
        page = cy.get(f"{PAGE}{report.pk}/").content.decode()
        assert "It is about adults." in page
        assert "Confirm" in page
        send(cy, report, "propose", verdict="exclude")
        assert not Decision.objects.filter(final=True).exists()
        assert send(cy, report, "propose", verdict="include").url == PAGE
        report.refresh_from_db()
        assert report.place == "sought"
        word = Decision.objects.get(final=True)
        assert (word.verdict, word.consensus, word.by) == ("include", True, cast.cy)
        assert list(Decision.objects.filter(final=False).order_by("pk").values()) == before
        event = AuditEvent.objects.get(verb="found a consensus")
        assert event.after == {"verdict": "include", "reason": "", "by": ["bo", "cy"]}
        assert list(cy.get(PAGE).context["rows"]) == []
        assert [each.report for each in bo.get(PAGE).context["found"]] == [report]

    def test_who_found_it_takes_it_back_and_everybody_proposes_anew(self, cast, report, signed_in):
        for user in (cast.bo, cast.cy):
            word = consensus.propose(report, "abstract", "exclude", by=user)
        bo = signed_in(cast.bo)
        bo.post(f"{PAGE}{word.pk}/reopen/", {"reason": ""})
        assert Decision.objects.current().filter(final=True).exists()
        bo.post(f"{PAGE}{word.pk}/reopen/", {"reason": "We overlooked the appendix."})
        report.refresh_from_db()
        assert report.place == "abstract-conflict"
        assert consensus.standing(report, "abstract").proposals == {}
        assert AuditEvent.objects.get(verb="took a final word back").reason.startswith("We over")
        assert consensus.propose(report, "abstract", "exclude", by=cast.cy) is None

    def test_a_proposal_can_be_taken_back_and_falls_with_a_changed_decision(
        self, cast, report, signed_in
    ):
        consensus.propose(report, "abstract", "include", by=cast.bo)
        send(signed_in(cast.bo), report, "nothing")
        assert consensus.propose(report, "abstract", "include", by=cast.cy) is None
        actions.decide(report, "abstract", "exclude", by=cast.cy, note="Seen again")
        assert consensus.propose(report, "abstract", "include", by=cast.bo) is None
        assert set(consensus.standing(report, "abstract").proposals) == {cast.bo.pk}

    def test_at_full_text_the_reason_has_to_be_the_same(
        self, cast, review, at_fulltext, reasons, signed_in
    ):
        by_consensus(review, cast, "fulltext")
        report = at_fulltext()
        actions.decide(report, "fulltext", "include", by=cast.bo)
        actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
        with pytest.raises(Refused, match="reason"):
            consensus.propose(report, "fulltext", "exclude", by=cast.bo)
        consensus.propose(report, "fulltext", "exclude", by=cast.bo, reason=reasons[1])
        assert not consensus.propose(report, "fulltext", "exclude", by=cast.cy, reason=reasons[0])
        word = consensus.propose(report, "fulltext", "exclude", by=cast.cy, reason=reasons[1])
        assert (word.verdict, word.reason) == ("exclude", reasons[1])
        page = signed_in(cast.bo).get(f"{PAGE}{report.pk}/")
        assert page.status_code == 302

    def test_three_who_decided_all_have_to_agree(self, cast, review, join, make_report):
        by_consensus(review, cast, screeners=3)
        di, report = join("Di"), make_report(review)
        for user, verdict in ((cast.bo, "include"), (cast.cy, "exclude"), (di, "exclude")):
            actions.decide(report, "abstract", verdict, by=user)
        report.refresh_from_db()
        assert consensus.propose(report, "abstract", "exclude", by=cast.bo) is None
        assert consensus.propose(report, "abstract", "exclude", by=cast.cy) is None
        assert consensus.propose(report, "abstract", "exclude", by=di).final


@pytest.mark.django_db
class TestWho:
    def test_nobody_else_reads_along_or_takes_part(self, cast, review, join, report, signed_in):
        Remark.objects.create(report=report, stage="abstract", text="Between us", by=cast.bo)
        di = join("Di", "screener", "adjudicator")
        other = signed_in(di)
        assert other.get(f"{PAGE}{report.pk}/").status_code == 404
        assert send(other, report, "say", text="Me too").status_code == 404
        assert list(other.get(PAGE).context["rows"]) == []
        for act in (
            lambda: consensus.remark(report, "abstract", "x", by=di),
            lambda: consensus.propose(report, "abstract", "include", by=di),
        ):
            with pytest.raises(Refused, match="Only those who decided"):
                act()
        assert "Between us" in signed_in(cast.ada).get(f"{PAGE}{report.pk}/").content.decode()
        assert "Between us" not in other.get(f"/r/one/conflicts/{report.pk}/").content.decode()

    def test_only_the_lead_ends_it_otherwise(self, cast, report, signed_in):
        with pytest.raises(Refused, match="only the lead"):
            actions.final_word(report, "abstract", "include", by=cast.al)
        page = signed_in(cast.ada).get(f"/r/one/conflicts/{report.pk}/").content.decode()
        assert "settle this between them" in page
        consensus.propose(report, "abstract", "exclude", by=cast.bo)
        form = {"stage": "abstract", "verdict": "include"}
        signed_in(cast.ada).post(f"/r/one/conflicts/{report.pk}/", form)
        word = Decision.objects.get(final=True)
        assert (word.by, word.consensus) == (cast.ada, False)
        with pytest.raises(Clash):
            consensus.propose(report, "abstract", "exclude", by=cast.cy)

    def test_names_are_hidden_where_the_stage_says_so(self, cast, review, report, signed_in):
        consensus.remark(report, "abstract", "Look at page 2", by=cast.bo)
        by_consensus(review, cast, hide_names=True)
        page = signed_in(cast.cy).get(f"{PAGE}{report.pk}/").content.decode()
        assert "Reviewer A" in page
        assert ">Bo<" not in page

    @pytest.mark.parametrize("name", ["cy", "ada"])
    def test_who_declares_an_interest_reads_no_further(self, cast, report, signed_in, name):
        bound = getattr(cast, name)
        consensus.remark(report, "abstract", "Between us", by=cast.bo)
        client, api = signed_in(bound), f"/api/v1/reviews/one/reports/{report.pk}/consensus/"
        assert "Between us" in client.get(f"{PAGE}{report.pk}/").content.decode()
        declared = interests.declare(report, by=bound)
        assert client.get(f"{PAGE}{report.pk}/").status_code == 404
        assert send(client, report, "say", text="Still here").status_code == 404
        assert client.get(api).status_code == 404
        assert "Between us" in signed_in(cast.bo).get(f"{PAGE}{report.pk}/").content.decode()
        interests.withdraw(declared, by=bound)
        assert "Between us" in client.get(f"{PAGE}{report.pk}/").content.decode()

    def test_who_declares_an_interest_leaves_the_consensus_as_it_was_found(
        self, cast, report, signed_in
    ):
        for user in (cast.bo, cast.cy):
            word = consensus.propose(report, "abstract", "exclude", by=user)
        interests.declare(report, by=cast.cy)
        cy = signed_in(cast.cy)
        assert list(cy.get(PAGE).context["found"]) == []
        cy.post(f"{PAGE}{word.pk}/reopen/", {"reason": "I think otherwise now."})
        assert Decision.objects.current().get(final=True) == word
        assert [each.pk for each in signed_in(cast.bo).get(PAGE).context["found"]] == [word.pk]

    def test_who_has_left_is_ended_by_the_lead(self, cast, review, report):
        Membership.objects.filter(review=review, user=cast.cy).update(left_at="2026-01-01T00:00Z")
        assert consensus.propose(report, "abstract", "include", by=cast.bo) is None
        with pytest.raises(Refused):
            consensus.propose(report, "abstract", "include", by=cast.cy)
        actions.final_word(report, "abstract", "include", by=cast.ada)

    def test_where_an_adjudicator_settles_there_is_none(self, cast, in_conflict, signed_in):
        report = in_conflict()
        bo = signed_in(cast.bo)
        assert bo.get(f"{PAGE}{report.pk}/").status_code == 404
        with pytest.raises(Refused, match="adjudicator"):
            consensus.propose(report, "abstract", "include", by=cast.bo)

    def test_the_home_page_says_that_one_waits(self, cast, report, signed_in):
        home = signed_in(cast.bo).get("/r/one/").content.decode()
        assert "conflict of yours to agree on" in home
        assert f'href="{PAGE}"' in home
        assert PAGE not in signed_in(cast.al).get("/r/one/").content.decode()


steps = st.lists(
    st.tuples(
        st.sampled_from(["bo", "cy", "ada", "al"]),
        st.sampled_from(["propose", "nothing", "reopen", "end", "say"]),
        st.sampled_from(["include", "exclude"]),
    ),
    max_size=12,
)


class TestHistories(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(steps)
    def test_whatever_they_do_a_word_stands_only_when_both_said_it_or_the_lead_did(self, history):
        cast = Cast()
        review = cast.review
        by_consensus(review, cast)
        report = review.reports.create(title="One")
        actions.decide(report, "abstract", "include", by=cast.bo)
        actions.decide(report, "abstract", "exclude", by=cast.cy)
        first = list(Decision.objects.order_by("pk").values())
        says, word = {}, None
        for name, act, verdict in history:
            user = getattr(cast, name)
            report.refresh_from_db()
            try:
                if act == "propose":
                    consensus.propose(report, "abstract", verdict, by=user)
                elif act == "nothing":
                    consensus.take_proposal_back(report, "abstract", by=user)
                elif act == "say":
                    consensus.remark(report, "abstract", verdict, by=user)
                elif act == "end":
                    actions.final_word(report, "abstract", verdict, by=user)
                else:
                    actions.reopen(report, "abstract", by=user, reason="Again")
            except (Refused, Clash):
                continue
            if act == "propose":
                says[name] = verdict
                if len(says) == 2 and len(set(says.values())) == 1:
                    word, says = verdict, {}
            elif act == "nothing":
                says.pop(name, None)
            elif act == "end":
                word = verdict
            elif act == "reopen":
                word, says = None, {}
            now = Decision.objects.current().filter(final=True).first()
            assert (now.verdict if now else None) == word
        assert list(Decision.objects.filter(final=False).order_by("pk").values()) == first
        assert not flow.misplaced(review)
        open_ = Proposal.objects.filter(superseded_at=None)
        assert {each.by.username: each.verdict for each in open_} == says
