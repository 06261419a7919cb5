"""One act on many reports: exact preview, the rules of single acts, undo of what nobody touched."""

import pytest
from django.http import QueryDict

from reviews import jobs
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused
from screening import actions, flow, retrieval
from screening.duplicates import joining
from screening.flow import Place, misplaced
from screening.lead import bulk, conflicts
from screening.models import BulkAct, BulkPart, Decision, Labelling
from screening.relevance import orders, stopping

pytestmark = pytest.mark.django_db


@pytest.fixture
def some(review, make_report):
    return [make_report(review, f"Trial {n}") for n in range(6)]


@pytest.fixture
def preview(member, cast):
    def make(kind, asked="", **said):
        return bulk.preview(member(cast.ada), QueryDict(asked), kind, **said)

    return make


def places(reports):
    for report in reports:
        report.refresh_from_db()
    return [report.place for report in reports]


def standing():
    found = Decision.objects.current().order_by("report", "stage", "by", "final")
    return list(
        found.values_list("report", "stage", "verdict", "note", "by", "final", "automation")
    )


def test_preview_act_and_undo_on_the_pages(cast, review, some, signed_in):
    actions.decide(some[0], "abstract", "include", by=cast.bo)
    before, words = places(some), standing()
    ada = signed_in(cast.ada)
    assert "Act on these" in ada.get("/r/one/reports/?q=Trial").content.decode()
    assert "Act on these" not in signed_in(cast.obi).get("/r/one/reports/").content.decode()
    form = ada.get("/r/one/reports/act/?q=Trial").content.decode()
    assert "Act on 6 reports" in form
    assert "5 of 6 reports" in form
    asked = {"kind": "remove-automation", "reason": "A classifier said no"}
    assert ada.post("/r/one/reports/act/?q=Trial", {"kind": "remove-other"}).status_code == 422
    shown = ada.post("/r/one/reports/act/?q=Trial", asked, follow=True)
    assert places(some) == before  # a preview changes nothing
    page = shown.content.decode()
    assert "Do it to 5 reports" in page
    assert "1 awaiting more answers on title and abstract" in page
    address = shown.request["PATH_INFO"]
    ada.post(f"{address}begin/")
    assert places(some) == [Place.ABSTRACT_HALF] + [Place.REMOVED_AUTOMATION] * 5
    assert misplaced(review) == []
    word = Decision.objects.get(report=some[1])
    assert (word.note, word.automation, word.by, word.final) == (
        "A classifier said no",
        True,
        cast.ada,
        True,
    )
    assert "Undo" in ada.get(address).content.decode()
    ada.post(f"{address}undo/")
    assert (places(some), standing()) == (before, words)
    assert "5</b><span>put back" in ada.get(address).content.decode()
    assert "Undone" in ada.get("/r/one/reports/acts/").content.decode()
    verbs = AuditEvent.objects.filter(review=review).values_list("verb", flat=True)
    assert {"acted on many reports", "undid an act on many reports"} <= set(verbs)


def test_what_moved_since_the_preview_is_refused(cast, review, some, preview):
    act = preview("remove-other", reason="Wrong years")
    actions.decide(some[2], "abstract", "include", by=cast.bo)
    bulk.begin(act, by=cast.ada)
    assert places(some)[2] == Place.ABSTRACT_HALF
    part = act.parts.get(report=some[2])
    assert part.outcome == "refused"
    assert "moved since the preview" in part.why
    assert bulk.counted(act)["done"] == 5
    with pytest.raises(Clash):
        bulk.begin(act, by=cast.ada)


def test_undo_leaves_what_was_touched_since(cast, review, some, preview, make_report):
    act = bulk.begin(preview("remove-other", reason="Wrong years"), by=cast.ada)
    actions.restore_to_screening(some[0], by=cast.al)
    actions.restore_to_screening(some[1], by=cast.al)
    actions.remove_before_screening(some[1], by=cast.al, why="My own reason")
    joining.merge(some[3], some[2], by=cast.al)
    bulk.undo(act, by=cast.ada)
    outcome = dict(act.parts.values_list("report", "outcome"))
    assert [outcome[each.pk] for each in some] == [
        "kept",  # restored by hand
        "kept",  # removed again by somebody, with another reason
        "kept",  # merged
        "restored",
        "restored",
        "restored",
    ]
    assert Decision.objects.current().get(report=some[1]).note == "My own reason"
    assert all(part.why for part in act.parts.filter(outcome="kept"))
    assert misplaced(review) == []
    with pytest.raises(Clash):
        bulk.undo(act, by=cast.ada)


def test_sent_back_to_screening_and_removed_again_with_the_same_words(cast, some, preview):
    for report in some[:3]:
        actions.remove_before_screening(report, by=cast.al, why="A tool", automation=True)
    act = bulk.begin(preview("restore"), by=cast.ada)
    assert places(some) == [Place.ABSTRACT_OPEN] * 6
    actions.decide(some[0], "abstract", "include", by=cast.bo)
    bulk.undo(act, by=cast.ada)
    assert places(some)[:3] == [
        Place.ABSTRACT_HALF,
        Place.REMOVED_AUTOMATION,
        Place.REMOVED_AUTOMATION,
    ]
    assert Decision.objects.current().get(report=some[1]).note == "A tool"


def test_not_retrieved_and_sought_again(cast, review, some, preview):
    for report in some[:3]:
        for user in (cast.bo, cast.cy):
            actions.decide(report, "abstract", "include", by=user)
    act = bulk.begin(preview("not-retrieved", reason="No library has it"), by=cast.ada)
    assert places(some)[:3] == [Place.NOT_RETRIEVED] * 3
    assert bulk.counted(act)["done"] == 3
    bulk.undo(act, by=cast.ada)
    assert places(some)[:3] == [Place.SOUGHT] * 3
    for report in some[:2]:
        retrieval.give_up(report, by=cast.bo, why="No answer")
    again = bulk.begin(preview("seek"), by=cast.ada)
    retrieval.ask(some[0], by=cast.bo, where="The author")
    bulk.undo(again, by=cast.ada)
    assert places(some)[:2] == [Place.SOUGHT, Place.NOT_RETRIEVED]
    assert "asked for the full text since" in again.parts.get(report=some[0]).why


def test_a_label_is_put_on_and_taken_off_and_stays_blind(cast, review, some, preview, member):
    act = bulk.begin(preview("label", "q=Trial", label="  Animal   study "), by=cast.ada)
    assert Labelling.objects.filter(label__name="Animal study", by=cast.ada).count() == 6
    assert not Labelling.objects.visible_to(member(cast.bo)).exists()
    twice = bulk.begin(preview("label", label="animal study"), by=cast.ada)
    assert bulk.counted(twice)["refused"] == 6
    Labelling.objects.filter(report=some[0]).delete()
    bulk.undo(act, by=cast.ada)
    assert not Labelling.objects.exists()
    assert act.parts.get(report=some[0]).outcome == "kept"
    with pytest.raises(Refused):
        preview("label", label="x" * 61)


def test_many_are_a_job_that_may_be_killed_and_taken_up_again(
    cast, review, make_report, preview, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "PIECE", 4)
    reports = [make_report(review) for _ in range(10)]
    act = bulk.begin(preview("remove-other", reason="Wrong years"), by=cast.ada)
    assert act.job.state == "queued"
    assert places(reports) == [Place.ABSTRACT_OPEN] * 10
    with pytest.raises(Clash):
        bulk.undo(act, by=cast.ada)
    does, seen = bulk._do, []

    def dies(part, by):
        seen.append(part)
        if len(seen) == 6:
            raise KeyboardInterrupt
        does(part, by)

    monkeypatch.setattr(bulk, "_do", dies)
    with pytest.raises(KeyboardInterrupt):
        bulk.carry_out(jobs.claim())
    monkeypatch.setattr(bulk, "_do", does)
    assert places(reports).count(Place.REMOVED_OTHER) == 4  # whole pieces
    act.job.refresh_from_db()
    act.job.lease_until = act.job.created_at
    act.job.save()
    jobs.perform(jobs.claim())
    assert places(reports) == [Place.REMOVED_OTHER] * 10
    assert Decision.objects.current().count() == 10
    act.refresh_from_db()
    assert act.job.state == "done"
    undone = bulk.undo(act, by=cast.ada)
    jobs.perform(jobs.claim())
    undone.job.refresh_from_db()
    assert undone.job.result["text"] == "10 put back."
    assert places(reports) == [Place.ABSTRACT_OPEN] * 10


def test_a_preview_that_was_left_is_thrown_away(cast, some, preview):
    preview("label", label="One")
    kept = preview("label", label="Two")
    assert list(BulkAct.objects.all()) == [kept]
    assert BulkPart.objects.count() == 6


def test_who_did_not_see_the_preview_does_not_act(cast, some, preview, join):
    act = preview("label", label="One")
    with pytest.raises(Refused):
        bulk.begin(act, by=join("Lou", "lead"))
    with pytest.raises(Refused):
        bulk.undo(act, by=cast.ada)


def test_what_a_tool_excluded_as_a_screener_stands_apart_and_can_be_undone(
    cast, review, some, preview, signed_in, member
):
    for by in (cast.bo, cast.cy):
        actions.decide(some[0], "abstract", "exclude", by=by)
    actions.decide(some[1], "abstract", "include", by=cast.bo)
    act = preview("exclude-automation", reason="RobotSearch 1.0, not a trial")
    assert act.left_out == {Place.ABSTRACT_OUT: 1, Place.ABSTRACT_HALF: 1}
    bulk.begin(act, by=cast.ada)
    assert places(some) == [Place.ABSTRACT_OUT, Place.ABSTRACT_HALF] + [Place.ABSTRACT_OUT] * 4
    numbers = flow.boxes(review)
    assert [numbers[box] for box in ("D3", "D4", "D4_human", "D4_auto")] == [6, 5, 1, 4]
    assert all(each.holds for each in flow.identities(review, numbers))
    ada = signed_in(cast.ada)
    page = ada.get("/r/one/prisma/").content.decode()
    assert "By a human" in page
    assert "By automation tools" in page
    assert "How many records people and how many automation tools" in page
    listed = ada.get("/r/one/reports/?box=D4_auto")
    assert listed.context["page"].paginator.count == 4
    assert ada.get("/r/one/reports/?box=D4_human").context["page"].paginator.count == 1
    assert (
        "automation tool, entered by" in ada.get(f"/r/one/reports/{some[2].pk}/").content.decode()
    )
    assert (
        "4</a> of them by automation tools" in ada.get("/r/one/prisma/checklist/").content.decode()
    )
    # It ended no conflict, and nothing is learnt from it.
    assert conflicts.settled(member(cast.al)).count() == 0
    assert orders.settled(review) == {some[0].pk: False}
    assert len(stopping.in_order_settled(review)) == 1
    bulk.undo(act, by=cast.ada)
    assert places(some)[2:] == [Place.ABSTRACT_OPEN] * 4
    assert flow.boxes(review)["D4_auto"] == 0


def test_a_tool_gives_way_to_people_when_reports_are_joined(cast, review, some, preview):
    actions.decide(some[1], "abstract", "include", by=cast.bo)
    for report in (some[0], some[2]):
        actions.exclude_by_tool(report, by=cast.ada, why="A classifier")
    joined = joining.merge(some[0], some[1], by=cast.al)
    assert places(some)[0] == Place.ABSTRACT_HALF
    joining.unmerge(joined, by=cast.al)
    assert places(some)[:2] == [Place.ABSTRACT_OUT, Place.ABSTRACT_HALF]
    joining.merge(some[3], some[2], by=cast.al)  # nobody has answered on either
    assert places(some)[3] == Place.ABSTRACT_OUT
    with pytest.raises(Refused, match="begun to screen"):
        actions.exclude_by_tool(some[1], by=cast.ada, why="A classifier")
