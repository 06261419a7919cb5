"""Reasons on two levels; merged, renamed and put back, while decisions stay as they were."""

import pytest

from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused
from screening import actions, flow, reasons, verifying
from screening.models import Decision, Reason
from screening.reporting import prisma

pytestmark = pytest.mark.django_db

PAGE = "/r/one/reasons/"


@pytest.fixture
def listed(cast, review):
    labels = ["Population", "Children", "Adults only", "Design"]
    return reasons.set_reasons(review, "fulltext", labels, by=cast.ada)


@pytest.fixture
def excluded(cast, at_fulltext):
    def make(*given):
        report = at_fulltext()
        for user, reason in zip((cast.bo, cast.cy), given, strict=True):
            actions.decide(report, "fulltext", "exclude", by=user, reason=reason)
        report.refresh_from_db()
        return report

    return make


def labels(review):
    return [each.full_label for each in reasons.reasons_in_use(review, "fulltext")]


def rows(review):
    kept = "label", "order", "parent_id", "retired_at", "merged_into_id", "counts_as_id"
    return list(Reason.objects.filter(review=review).order_by("pk").values_list(*kept))


def fresh(reason):
    return Reason.objects.select_related("review").get(pk=reason.pk)


def test_reasons_stand_under_others_and_move_with_them(cast, review, listed):
    population, children, adults, design = listed
    for each in (children, adults):
        reasons.put_under(fresh(each), population, by=cast.ada)
    narrow = ["Population: Children", "Population: Adults only"]
    assert labels(review) == ["Population", *narrow, "Design"]
    reasons.move_reason(fresh(design), -1, by=cast.ada)
    assert labels(review) == ["Design", "Population", *narrow]
    reasons.move_reason(fresh(adults), -1, by=cast.ada)
    assert labels(review) == ["Design", "Population", *narrow[::-1]]
    reasons.move_reason(fresh(adults), -5, by=cast.ada)  # the first stays the first
    assert labels(review) == ["Design", "Population", *narrow[::-1]]


def test_there_are_two_levels(cast, review, listed):
    population, children, adults, _ = listed
    reasons.put_under(children, population, by=cast.ada)
    for reason, parent in ((adults, children), (population, adults), (adults, adults)):
        with pytest.raises(Refused):
            reasons.put_under(fresh(reason), fresh(parent), by=cast.ada)
    with pytest.raises(Refused, match="stand under"):
        reasons.retire_reason(fresh(population), by=cast.ada)
    with pytest.raises(Refused, match="stand under"):
        reasons.merge_reason(fresh(population), adults, by=cast.ada)


def test_a_merge_counts_as_the_other_and_leaves_every_decision(cast, review, listed, excluded):
    population, children, *_ = listed
    one, two = excluded(population, population), excluded(children, children)
    split = excluded(population, children)
    assert split.place == "fulltext-conflict"
    before = rows(review), list(Decision.objects.order_by("pk").values())
    reasons.merge_reason(children, population, by=cast.ada)
    assert flow.reasons(review) == {population.pk: 3}
    listed_now = set(flow.reports_in(review, "D8", reason=population.pk))
    assert listed_now == {one, two, split}  # who gave the one or the other has agreed
    assert prisma.report(review)["reasons"] == [
        {"id": population.pk, "reason": "Population", "n": 3}
    ]
    assert list(Decision.objects.order_by("pk").values()) == before[1]
    assert flow.misplaced(review) == []
    reasons.unmerge_reason(fresh(children), by=cast.ada)
    assert rows(review) == before[0]
    assert flow.reasons(review) == {population.pk: 1, children.pk: 1}
    split.refresh_from_db()
    assert split.place == "fulltext-conflict"


def test_merges_over_two_steps_are_undone_in_any_order(cast, review, listed, excluded):
    population, children, adults, _ = listed
    excluded(adults, adults)
    before = rows(review)
    reasons.merge_reason(adults, children, by=cast.ada)
    reasons.merge_reason(children, population, by=cast.ada)
    assert flow.reasons(review) == {population.pk: 1}
    reasons.unmerge_reason(fresh(adults), by=cast.ada)
    assert flow.reasons(review) == {adults.pk: 1}
    reasons.unmerge_reason(fresh(children), by=cast.ada)
    assert sorted(labels(review)) == sorted(row[0] for row in before)
    assert flow.reasons(review) == {adults.pk: 1}


def test_verify_recomputes_what_merged_reasons_count_as(cast, review, listed, excluded):
    population, children, adults, *_ = listed
    excluded(children, children)
    reasons.merge_reason(children, population, by=cast.ada)
    reasons.merge_reason(adults, population, by=cast.ada)

    def wrong():
        return [each for check in verifying.checks(review) for each in check.differences]

    assert wrong() == []
    children.refresh_from_db()
    type(children).objects.filter(pk=children.pk).update(counts_as=adults.pk)
    assert any(f"reason {children.pk} (“{children.label}”)" in each for each in wrong())
    type(children).objects.filter(pk=children.pk).update(counts_as=None)
    assert any(f"counts as {population.pk}" in each for each in wrong())


def test_what_can_not_be_merged_says_why(cast, review, listed):
    population, children, *_ = listed
    with pytest.raises(Refused, match="into itself"):
        reasons.merge_reason(population, population, by=cast.ada)
    reasons.merge_reason(children, population, by=cast.ada)
    with pytest.raises(Clash, match="merged already"):
        reasons.merge_reason(fresh(children), population, by=cast.ada)
    with pytest.raises(Refused, match="not in use"):
        reasons.merge_reason(fresh(population), fresh(children), by=cast.ada)
    with pytest.raises(Refused, match="undo the merge"):
        reasons.restore_reason(fresh(children), by=cast.ada)


def test_a_renamed_reason_is_counted_under_its_new_name(cast, review, listed, excluded):
    report = excluded(listed[0], listed[0])
    new = reasons.rename_reason(listed[0], "Wrong people", by=cast.ada)
    assert prisma.report(review)["reasons"] == [{"id": new.pk, "reason": "Wrong people", "n": 1}]
    assert {each.reason.label for each in report.decisions.at_stage("fulltext")} == {"Population"}
    assert AuditEvent.objects.get(verb="renamed a reason").after == {"reason": "Wrong people"}


def test_the_page_does_it_all_and_tells_what_was_done(cast, review, listed, excluded, signed_in):
    population, children, *_ = listed
    excluded(children, children)
    ada = signed_in(cast.ada)

    def act(reason, name, **more):
        url = f"{PAGE}{reason.pk}/change/"
        return ada.post(url, {"act": name, **more}, follow=True).content.decode()

    assert "Given on 1 report on which" in ada.get(PAGE).content.decode()
    page = act(children, "merge", into=population.pk)
    assert "Undo the merge" in page
    assert "merged a reason" in page
    assert labels(review)[0] == "Population"
    act(children, "unmerge")
    act(children, "under", parent=population.pk)
    assert "Population: Children" in labels(review)
    act(children, "retire")
    assert "Population: Children" not in labels(review)
    act(children, "restore")
    assert labels(review)[1] == "Population: Children"
    assert "Choose the other reason" in act(children, "merge")
    events = set(AuditEvent.objects.values_list("verb", "actor__username"))
    for verb in ("merged a reason", "undid a merge of reasons", "changed the reasons"):
        assert (verb, cast.ada.username) in events


def test_a_blind_answer_is_not_counted_on_the_page(cast, review, listed, at_fulltext, signed_in):
    actions.decide(at_fulltext(), "fulltext", "exclude", by=cast.bo, reason=listed[0])
    assert "Given on 1" not in signed_in(cast.ada).get(PAGE).content.decode()
    assert reasons.given_on(review, "fulltext") == {}
