"""Decisions, reasons, full texts and merges."""

from django.utils import timezone

from citations import blobs
from citations.models import Delivery, FullText, LooseFile, Record, Report
from reviews.models import User
from screening import flow
from screening.duplicates import joining
from screening.models import (
    BulkAct,
    Decision,
    Highlight,
    Interest,
    Pilot,
    Reason,
    Starter,
    Stopping,
)
from screening.reporting import snapshots
from tests.access_tables import MEMBERS, SCREENERS, Row, everybody

ADJUDICATORS = "ada al"
RETRIEVERS = "ada bo cy al ed"
EXTRACTING = "ada bo cy ed"
AT_ABSTRACT, AT_FULLTEXT = {"stage": "abstract"}, {"stage": "fulltext"}
WHO_SEES_THE_QUEUE = f"ada {SCREENERS}"  # the lead: that it is empty, and why
REASON = {"pk": "reason"}

ROWS = {
    # One's keys
    "screening:keys": [
        everybody(),
        everybody(422, method="post", data={"include": "x", "maybe": "x"}),
    ],
    # Deciding
    "screening:screen": Row(open_to=WHO_SEES_THE_QUEUE),
    "screening:screen_fulltext": Row(open_to=WHO_SEES_THE_QUEUE),
    "screening:screen_next": Row(open_to=WHO_SEES_THE_QUEUE, args=AT_ABSTRACT),
    "screening:consensus": Row(open_to=SCREENERS),
    # Whom it does not concern is told as little as a stranger.
    "screening:consensus_on": Row(
        open_to="ada",
        objects={"pk": "conflict"},
        ok=404,
        but={"bo": 404, "cy": 404},
    ),
    "screening:consensus_reopen": Row(
        open_to="ada bo cy al", method="post", objects={"pk": "settled"}, ok=404
    ),
    "screening:interests": Row(open_to="ada bo cy al"),
    "screening:declare_interest": Row(
        open_to="ada bo cy al", method="post", sent={"report": "sought"}, ok=302
    ),
    # It is not theirs: only the lead sees it.
    "screening:withdraw_interest": Row(
        open_to="ada",
        method="post",
        objects={"pk": "interest"},
        ok=302,
        but={"bo": 404, "cy": 404, "al": 404},
    ),
    "screening:screen_document": Row(
        open_to=WHO_SEES_THE_QUEUE, args=AT_FULLTEXT, objects={"pk": "on_file"}
    ),
    "screening:screen_decide": Row(
        open_to=SCREENERS, method="post", args=AT_ABSTRACT, data={"report": "0"}, ok=422
    ),
    "screening:screen_label": Row(
        open_to=SCREENERS, method="post", args=AT_ABSTRACT, data={"report": "x"}, ok=302
    ),
    "screening:screen_undo": Row(
        open_to=SCREENERS, method="post", args=AT_ABSTRACT, data={"report": "x"}, ok=302
    ),
    "screening:decisions": Row(open_to=SCREENERS),
    # They have decided nothing yet: an export of nothing says so.
    "screening:export_decisions": Row(SCREENERS, ok=422, args={"kind": "csv"}),
    "screening:withdraw": Row(
        # Somebody else's decision: one's own list does not hold it.
        open_to=SCREENERS,
        method="post",
        objects={"pk": "decision"},
        ok=404,
    ),
    "screening:all_decisions": Row(open_to=MEMBERS),
    "screening:board": Row(open_to="ada"),
    "screening:protocol": Row(open_to=MEMBERS),
    "screening:protocol_csv": Row(open_to=MEMBERS),
    "screening:lock_protocol": Row(open_to="ada", method="post", ok=302),
    "screening:unlock_protocol": Row(open_to="ada", method="post", ok=302),
    "screening:earlier": Row(open_to=MEMBERS),
    "screening:relook_begin": Row(open_to="ada", method="post", args=AT_ABSTRACT, ok=302),
    "screening:relook_end": Row(open_to="ada", method="post", args=AT_ABSTRACT, ok=404),
    "screening:relook": Row(open_to=SCREENERS, args=AT_ABSTRACT),
    "screening:relook_answer": Row(
        open_to=SCREENERS, method="post", args=AT_ABSTRACT, data={"report": "x"}, ok=422
    ),
    # Conflicts
    "screening:conflicts": Row(open_to=ADJUDICATORS),
    "screening:export_conflicts": Row(ADJUDICATORS, args={"kind": "csv"}),
    "screening:conflict": Row(open_to=ADJUDICATORS, objects={"pk": "conflict"}),
    "screening:reopen": Row(
        open_to=ADJUDICATORS, method="post", objects={"pk": "final"}, data={"reason": ""}, ok=302
    ),
    # Rules
    "screening:rules": [
        Row(open_to=MEMBERS),
        Row(open_to="ada", method="post", data={"stage": "abstract"}, ok=422),
    ],
    "screening:ranking": [
        Row(open_to=MEMBERS),
        Row(open_to="ada", method="post", data={"show_why": "on"}, ok=302),
    ],
    "screening:ranking_replay": Row(open_to=MEMBERS),
    "screening:begin_replay": Row(open_to="ada", method="post", ok=302),
    "screening:starters": Row(open_to=MEMBERS),
    "screening:starter_dois": Row(open_to="ada", method="post", ok=422),
    "screening:starter_file": Row(open_to="ada", method="post", ok=422),
    "screening:starters_found": Row(open_to="ada", method="post", ok=302),
    "screening:remove_starter": Row(
        open_to="ada", method="post", objects={"pk": "starter"}, ok=302
    ),
    "screening:stop": Row(open_to="ada", method="post", ok=422),
    "screening:undo_stop": Row(open_to="ada", method="post", objects={"pk": "stopping"}, ok=302),
    "screening:check_stop": Row(open_to="ada", method="post", objects={"pk": "stopping"}, ok=302),
    "screening:reasons": Row(open_to=MEMBERS),
    "screening:add_reason": Row(open_to="ada", method="post", args=AT_FULLTEXT, ok=422),
    "screening:usual_reasons": Row(open_to="ada", method="post", args=AT_FULLTEXT, ok=302),
    "screening:change_reason": Row(
        open_to="ada", method="post", objects=REASON, data={"act": "up"}, ok=302
    ),
    "screening:words": [
        Row(open_to=MEMBERS),
        Row(open_to="ada", method="post", data={"whose": "review"}, ok=302),
        Row(open_to=SCREENERS, method="post", data={"whose": "own"}, ok=302),
    ],
    "screening:pilots": Row(open_to=MEMBERS),
    "screening:draw_pilot": Row(open_to="ada", ok=422, method="post", args=AT_ABSTRACT),
    "screening:close_pilot": Row(open_to="ada", ok=302, method="post", objects={"pk": "pilot"}),
    "screening:sharing": Row(open_to="ada"),
    "screening:change_sharing": [
        Row(open_to="ada", args=AT_ABSTRACT),
        Row(open_to="ada", ok=422, method="post", args=AT_ABSTRACT, data={"kind": "pairs"}),
    ],
    "screening:set_order": Row(open_to="ada", ok=302, method="post", args=AT_ABSTRACT),
    "screening:undo_sharing": Row(open_to="ada", ok=302, method="post", args=AT_ABSTRACT),
    # Full texts
    "screening:fulltexts": Row(MEMBERS),
    "screening:export_fulltexts": Row(MEMBERS, args={"kind": "csv"}),
    "screening:seeking": [
        Row(open_to="ada"),
        Row("ada", 422, method="post", data={"resolver": "http://plain.example/{doi}"}),
    ],
    "screening:look_up": [
        Row(RETRIEVERS),
        Row(RETRIEVERS, 422, method="post"),  # it is off
    ],
    # Nothing was looked up: refused in words, back on the report's page.
    "screening:take_value": Row("ada al", 302, method="post", objects={"pk": "on_file"}),
    "screening:give_value_back": Row("ada al", 302, method="post", objects={"pk": "on_file"}),
    "screening:loose_files": [
        Row(RETRIEVERS),
        Row(RETRIEVERS, 422, method="post"),
    ],
    "screening:match_again": Row(RETRIEVERS, 302, method="post"),
    "screening:settle_file": Row(
        RETRIEVERS, 302, method="post", objects={"pk": "loose"}, data={"act": "aside"}
    ),
    "screening:loose_file": Row(RETRIEVERS, objects={"pk": "loose"}),
    "screening:highlights": Row(MEMBERS, objects={"pk": "on_file"}),
    "screening:add_highlight": Row(RETRIEVERS, 422, method="post", objects={"pk": "on_file"}),
    # Nobody's own: there is none to change.
    "screening:highlight": Row(RETRIEVERS, 404, method="post", objects={"pk": "highlight"}),
    "screening:read": Row(MEMBERS, objects={"pk": "on_file"}),
    "screening:document": Row(MEMBERS, objects={"pk": "on_file"}),
    "screening:copy": Row(MEMBERS, objects={"pk": "on_file", "copy": "fulltext"}),
    "screening:take_up_copy": Row(  # it is read already
        RETRIEVERS, 409, method="post", objects={"pk": "on_file", "copy": "fulltext"}
    ),
    "screening:attach": Row(RETRIEVERS, 422, method="post", objects={"pk": "sought"}),
    "screening:ask": Row(
        RETRIEVERS, 302, method="post", objects={"pk": "sought"}, data={"where": "The library"}
    ),
    "screening:give_up": Row(
        RETRIEVERS, 302, method="post", objects={"pk": "sought"}, data={"why": "No answer"}
    ),
    "screening:resume": Row(RETRIEVERS, 409, method="post", objects={"pk": "sought"}),
    "screening:detach": Row(
        RETRIEVERS, 302, method="post", objects={"pk": "on_file"}, data={"why": "Wrong file"}
    ),
    # The same for many reports
    "screening:bulk_choose": [
        Row(open_to="ada"),
        Row(open_to="ada", method="post", data={"kind": "x"}, ok=422),
    ],
    "screening:bulk_acts": Row(open_to="ada"),
    "screening:bulk": Row(open_to="ada", objects={"pk": "bulk"}),
    "screening:bulk_begin": Row(open_to="ada", method="post", objects={"pk": "bulk"}, ok=302),
    "screening:bulk_undo": Row(open_to="ada", method="post", objects={"pk": "bulk"}, ok=302),
    # Numbers
    "screening:agreement": Row(MEMBERS),
    "screening:agreement_download": Row(MEMBERS),
    "screening:prisma": Row(MEMBERS),
    "screening:course": Row(MEMBERS),
    "screening:checklist": Row(MEMBERS),
    "screening:checklist_note": Row("ada", 302, method="post", args={"item": "13c"}),
    "screening:checklist_download": Row(MEMBERS, args={"kind": "csv"}),
    "screening:snapshots": [
        Row(MEMBERS),
        Row("ada", method="post", data={"name": "Now"}, ok=302),
    ],
    "screening:snapshot": Row(MEMBERS, objects={"pk": "snapshot"}),
    "screening:snapshot_download": Row(MEMBERS, objects={"pk": "snapshot"}, args={"kind": "svg"}),
    "screening:prisma_download": Row(MEMBERS, args={"kind": "svg"}),
    "screening:excluded": Row(MEMBERS),
    "screening:excluded_download": Row(MEMBERS, args={"kind": "csv"}),
    # Included studies
    "screening:studies": Row(MEMBERS),
    "screening:export_studies": Row(MEMBERS, args={"kind": "csv"}),
    "screening:study": [
        Row(EXTRACTING, objects={"pk": "study"}),
        Row(EXTRACTING, 422, method="post", objects={"pk": "study"}, data={"label": ""}),
    ],
    "screening:bring_in_studies": [
        Row(open_to="ada"),
        Row(open_to="ada", method="post", ok=422),
    ],
    "screening:programs": Row(MEMBERS),
    "screening:rename_program": Row(
        EXTRACTING, 409, method="post", objects={"pk": "program"}, data={"name": ""}
    ),
    "screening:alike": [Row(EXTRACTING), Row(EXTRACTING, 404, method="post")],
    "screening:split_study": Row(
        EXTRACTING, 404, method="post", objects={"pk": "study"}, data={"report": "x"}
    ),
    "screening:regroup": Row(
        EXTRACTING, 302, method="post", objects={"pk": "report"}, sent={"study": "study"}
    ),
}


def seed(review, lead):
    """A report in each of the places that pages ask for, with what brought it there."""
    others = [
        User.objects.create_user(f"{name}-{review.slug}", f"{name}@{review.slug}.example", "x")
        for name in ("one", "two")
    ]
    search = review.searches.first()

    def report(title, stage="abstract", verdicts=()):
        made = Report.objects.create(review=review, title=title)
        Record.objects.create(review=review, search=search, report=made, title=title)
        for user, verdict in zip(others, verdicts, strict=False):
            Decision.objects.create(report=made, stage=stage, verdict=verdict, by=user)
        return made

    conflict = report("In conflict", verdicts=("include", "exclude"))
    sought = report("Sought", verdicts=("include", "include"))
    on_file = report("On file", verdicts=("include", "include"))
    absorbed, keep = report("Copy"), report("Original")
    merge = joining.merge(keep, absorbed, by=lead)
    with blobs.received([b"%PDF-1.4"]) as draft:
        draft.keep()
    fulltext = FullText.objects.create(
        report=on_file,
        name="a.pdf",
        sha256=draft.sha256,
        size=draft.size,
        content_type="application/pdf",
        by=lead,
    )
    settled = report("Settled", verdicts=("include", "exclude"))
    final = Decision.objects.create(
        report=settled, stage="abstract", verdict="exclude", by=lead, final=True
    )
    flow.settle(review)
    act = BulkAct.objects.create(review=review, kind="remove-automation", by=lead)
    return {
        "starter": Starter.objects.create(
            review=review, report=settled, relevant=True, source="DOI", by=lead
        ),
        "stopping": Stopping.objects.create(
            review=review, act=act, model="x", seed=0, certificate={}, by=lead
        ),
        "conflict": conflict,
        "sought": sought,
        "on_file": on_file,
        "fulltext": fulltext,
        "highlight": Highlight.objects.create(report=on_file, by=others[0]),
        "loose": LooseFile.objects.create(
            review=review,
            delivery=Delivery.objects.create(review=review, by=lead),
            name="a.pdf",
            kind="pdf",
            sha256=draft.sha256,
            read_at=timezone.now(),
        ),
        "merge": merge,
        "decision": conflict.decisions.first(),
        "interest": Interest.objects.create(report=sought, user=others[0], declared_by=lead),
        "settled": settled,
        "final": final,
        "bulk": BulkAct.objects.create(review=review, kind="label", label="x", by=lead),
        "pilot": Pilot.objects.create(
            review=review,
            stage="abstract",
            number=1,
            seed=1,
            size=1,
            threshold=0.8,
            by=lead,
            closed_at=timezone.now(),
        ),
        "reason": Reason.objects.create(review=review, stage="fulltext", label="Population"),
        "snapshot": snapshots.freeze(review, "Then", by=lead),
    }
