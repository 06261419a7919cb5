"""Decisions: appended, blind, never one too many."""

import pytest

from citations.models import FullText
from reviews.refusal import Clash, Refused
from screening import actions, flow, retrieval
from screening.duplicates import joining
from screening.flow import Place
from screening.models import Decision
from screening.reasons import set_reasons

pytestmark = pytest.mark.django_db


def place(report):
    report.refresh_from_db()
    return report.place


def test_two_includes_send_a_report_to_retrieval(cast, review, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    assert place(report) == Place.ABSTRACT_HALF
    actions.decide(report, "abstract", "maybe", by=cast.cy)
    assert place(report) == Place.SOUGHT


def test_it_keeps_the_old_answer(cast, review, make_report):
    report = make_report(review)
    first = actions.decide(report, "abstract", "include", by=cast.bo)
    actions.decide(report, "abstract", "exclude", by=cast.bo)
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert Decision.objects.on(report).count() == 2


def test_a_third_person_is_told(cast, review, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "exclude", by=cast.bo)
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    with pytest.raises(Clash, match="Enough people"):
        actions.decide(report, "abstract", "include", by=cast.ed)


def test_the_final_word_ends_a_conflict_and_leaves_the_votes(cast, review, make_report):
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    assert place(report) == Place.ABSTRACT_CONFLICT
    actions.final_word(report, "abstract", "include", by=cast.al)
    assert place(report) == Place.SOUGHT
    assert Decision.objects.current().independent().on(report).count() == 2
    with pytest.raises(Clash, match="settled"):
        actions.decide(report, "abstract", "include", by=cast.cy)


def test_full_text_exclusion_needs_a_reason_and_one_reason(cast, review, make_report):
    report = make_report(review)
    found = set_reasons(review, "fulltext", ["Wrong population", "Not a program"], by=cast.ada)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    retrieval.attach(
        report, by=cast.ada, name="a.pdf", sha256="0" * 64, size=3, content_type="application/pdf"
    )
    with pytest.raises(Refused, match="reason"):
        actions.decide(report, "fulltext", "exclude", by=cast.bo)
    actions.decide(report, "fulltext", "exclude", by=cast.bo, reason=found[0])
    actions.decide(report, "fulltext", "exclude", by=cast.cy, reason=found[1])
    assert place(report) == Place.FULLTEXT_CONFLICT
    actions.final_word(report, "fulltext", "exclude", by=cast.al, reason=found[1])
    assert place(report) == Place.FULLTEXT_OUT
    assert flow.reasons(review) == {found[1].pk: 1}


def test_an_included_report_tells_of_a_study(cast, review, make_report):
    report = make_report(review, "A trial", authors=["Abara, I."], year=2019)
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    retrieval.attach(
        report, by=cast.ada, name="a.pdf", sha256="0" * 64, size=3, content_type="application/pdf"
    )
    for user in (cast.bo, cast.cy):
        actions.decide(report, "fulltext", "include", by=user)
    assert place(report) == Place.INCLUDED
    assert [str(study) for study in report.studies.all()] == ["Abara 2019"]
    assert all(identity.holds for identity in flow.identities(review, flow.boxes(review)))


def test_unmerging_gives_everything_back(cast, review, make_report):
    keep, absorb = make_report(review), make_report(review)
    actions.decide(keep, "abstract", "include", by=cast.bo)
    actions.decide(absorb, "abstract", "exclude", by=cast.bo)
    actions.decide(absorb, "abstract", "exclude", by=cast.cy)
    before = list(Decision.objects.order_by("pk").values("pk", "report_id", "superseded_at"))
    boxes = flow.boxes(review)
    made = joining.merge(keep, absorb, by=cast.ada)
    assert place(absorb) == Place.MERGED
    assert place(keep) == Place.ABSTRACT_CONFLICT
    assert flow.boxes(review)["D2_dup"] == boxes["D2_dup"] + 1
    joining.unmerge(made, by=cast.ada)
    assert (
        list(Decision.objects.order_by("pk").values("pk", "report_id", "superseded_at")) == before
    )
    assert flow.boxes(review) == boxes
    assert flow.misplaced(review) == []
    assert FullText.objects.count() == 0
