"""Awaiting classification and ongoing study: outcomes at full text with places of their own."""

import pytest

from reviews.refusal import Refused
from screening import actions, flow
from screening.lead.conflicts import kind_of
from screening.models import Decision
from screening.reporting import agreeing, diagram, prisma

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize(("verdict", "box"), [("awaiting", "D_C"), ("ongoing", "D_G")])


def place(report):
    report.refresh_from_db()
    return report.place


@BOTH
def test_two_who_agree_on_it_end_the_stage(cast, review, at_fulltext, verdict, box):
    report = at_fulltext()
    actions.decide(report, "fulltext", verdict, by=cast.bo)
    assert place(report) == "fulltext-half"
    actions.decide(report, "fulltext", verdict, by=cast.cy)
    assert place(report) == verdict
    numbers = flow.boxes(review)
    assert (numbers["D7"], numbers[box], numbers["D_included"], numbers["D_F"]) == (1, 1, 0, 0)
    assert all(each.holds for each in flow.identities(review, numbers))
    assert not any(flow.pending(review, numbers).values())
    assert report.studies.count() == 0


@BOTH
def test_a_final_word_may_be_it(cast, review, at_fulltext, reasons, verdict, box):
    report = at_fulltext()
    actions.decide(report, "fulltext", "include", by=cast.bo)
    actions.decide(report, "fulltext", verdict, by=cast.cy)
    assert place(report) == "fulltext-conflict"
    actions.final_word(report, "fulltext", verdict, by=cast.al)
    assert place(report) == verdict
    actions.final_word(report, "fulltext", "include", by=cast.al)
    assert place(report) == "included"


@pytest.mark.parametrize("others", [("include", "awaiting"), ("awaiting", "ongoing")])
def test_two_outcomes_are_a_conflict_of_their_own_class(cast, at_fulltext, others):
    report = at_fulltext()
    for user, verdict in zip((cast.bo, cast.cy), others, strict=True):
        actions.decide(report, "fulltext", verdict, by=user)
    assert place(report) == "fulltext-conflict"
    kind = kind_of(list(Decision.objects.independent().at_stage("fulltext").on(report)))
    assert kind.key == "outcomes"
    assert " against " in kind.label


@BOTH
def test_title_and_abstract_know_neither(cast, review, make_report, in_conflict, verdict, box):
    with pytest.raises(Refused, match="outcomes at full text"):
        actions.decide(make_report(review), "abstract", verdict, by=cast.bo)
    with pytest.raises(Refused, match="outcomes at full text"):
        actions.final_word(in_conflict(), "abstract", verdict, by=cast.al)


def test_the_page_decides_it_by_button_and_by_key(cast, at_fulltext, signed_in):
    report = at_fulltext()
    bo = signed_in(cast.bo)
    page = bo.get("/r/one/screen/fulltext/").content.decode()
    assert 'value="awaiting"' in page
    assert 'value="ongoing"' in page
    assert 'value="ongoing"' not in bo.get("/r/one/screen/").content.decode()
    bo.post("/r/one/screen/fulltext/decide/", {"report": report.pk, "verdict": "ongoing"})
    assert Decision.objects.get(stage="fulltext").verdict == "ongoing"


def test_agreement_counts_it_as_not_excluded(cast, review, at_fulltext, reasons):
    for verdict in ("include", "ongoing"):
        report = at_fulltext()
        actions.decide(report, "fulltext", "include", by=cast.bo)
        actions.decide(report, "fulltext", verdict, by=cast.cy)
    (pair,) = agreeing.panel(review, "fulltext").pairs
    assert (pair.cells.a, pair.cells.b, pair.cells.c, pair.cells.d) == (2, 0, 0, 0)


def test_the_diagram_draws_an_optional_box(cast, review, at_fulltext):
    assert "D9" not in {box.id for box in diagram.draw(prisma.report(review)).boxes}
    report = at_fulltext()
    for user in (cast.bo, cast.cy):
        actions.decide(report, "fulltext", "ongoing", by=user)
    boxes = {box.id: box for box in diagram.draw(prisma.report(review)).boxes}
    says = " ".join(line.text for line in boxes["D9"].lines)
    assert says == "Reports of ongoing studies (n = 1)"
    assert boxes["D9"].y >= boxes["D8"].y + boxes["D8"].height
    assert boxes["I"].y >= boxes["D9"].y + boxes["D9"].height
