"""Random histories against an oracle in plain Python, and the worked example of PRISMA 2020.

The oracle keeps its own rows (`World`) and its own rule for places; it shares no code with screening/flow/.
"""

import importlib.util
import itertools
import random
from collections import Counter
from dataclasses import dataclass

import pytest
from django.utils import timezone

from citations import actions as citations
from citations.models import FullText, Record, Report, Study, StudyReport, Upload
from reviews import jobs
from reviews.actions import create_review
from reviews.refusal import Refused
from screening import actions, elsewhere, flow, retrieval
from screening.arrival import updating
from screening.duplicates import joining
from screening.flow import Place
from screening.lead import pilots
from screening.models import Decision, Pilot, PilotSeat, Reason
from screening.reasons import merge_reason, set_reasons, unmerge_reason
from tests.conftest import person

pytestmark = pytest.mark.django_db

_files = itertools.count(1)
ASIDE = ("awaiting", "ongoing")
DATABASE_KINDS = {"database", "register"}
KINDS = ["database", "register", "website", "organisation", "citation"]


@dataclass(eq=False)
class Said:
    """One row of what somebody said."""

    report: int
    stage: str
    verdict: str
    by: int
    final: bool = False
    reason: int | None = None
    automation: bool = False
    stands: bool = True


def turns_of(pilot):
    """{(report, user): turn} as the round has drawn them."""
    seats = PilotSeat.objects.filter(drawn__pilot=pilot)
    return {
        (report, user): n for report, user, n in seats.values_list("drawn__report", "user", "turn")
    }


class World:
    """What happened, as plain rows; every act changes them the way the manual says it does."""

    def __init__(self):
        self.said: list[Said] = []
        self.files: list[dict] = []  # {"report", "stands"}
        # {"report", "kind", "upload", "version"} in the order of import
        self.records: list[dict] = []
        self.undone: set[int] = set()  # uploads whose import was taken back
        self.version = 1
        self.pilots: list[dict] = []  # {"pk", "stage", "open", "reports"}
        self.merged: dict[int, int | None] = {}
        self.merged_reasons: dict[int, int] = {}
        self.arriving: dict[int, Upload] = {}  # reports whose import has not finished
        self.rules = {"abstract": (2, "advances", False), "fulltext": (2, "advances", False)}

    def standing(self, report, stage=None, final=None):
        return [
            row
            for row in self.said
            if row.stands
            and row.report == report
            and stage in (None, row.stage)
            and final in (None, row.final)
        ]

    def end(self, report, stage, final, by=None):
        for row in self.standing(report, stage, final):
            if by in (None, row.by):
                row.stands = False

    def look_again(self):
        """After a merge or its undoing: what hangs where, and what stands, as the rows say.

        Which rows move and give way is for test_joining.py to say; here it is where that leads.
        """
        fields = "report_id", "stage", "verdict", "by_id", "final", "reason_id", "automation"
        rows = Decision.objects.filter(report__in=list(self.merged)).order_by("pk")
        self.said = [
            Said(*row[:-1], stands=row[-1] is None)
            for row in rows.values_list(*fields, "superseded_at")
        ]
        for each in self.records:
            each["report"] = Record.objects.values_list("report", flat=True).get(pk=each["pk"])
        for each in self.files:
            row = FullText.objects.get(pk=each["pk"])
            each["report"], each["stands"] = row.report_id, row.removed_at is None
        for each in self.pilots:
            drawn = Pilot.objects.get(pk=each["pk"]).drawn
            each["reports"] = set(drawn.values_list("report", flat=True))
            each["turns"] = turns_of(each["pk"])
        into = Report.objects.filter(pk__in=list(self.merged)).values_list("pk", "merged_into")
        self.merged.update(into)

    def place(self, report):
        if self.merged[report] is not None:
            return "merged"
        if report in self.arriving:
            return "arriving"
        if all(record["upload"] in self.undone for record in self.held(report)):
            return "withdrawn"
        rows = self.standing(report)
        removed = [row for row in rows if row.stage == "before"]
        if removed and not any(row.stage in ("abstract", "fulltext") for row in rows):
            return "removed-automation" if removed[0].automation else "removed-other"
        for stage in ("abstract", "fulltext"):
            stop = self.stop(report, stage)
            if stop:
                return stop if stop in ASIDE else f"{stage}-{stop}"
            has_file = any(f["stands"] and f["report"] == report for f in self.files)
            if not has_file:
                words = {row.verdict for row in self.standing(report, "retrieval")}
                if "include" not in words:  # else it was included elsewhere, and read there
                    return "not-retrieved" if words else "sought"
        return "included"

    def held(self, report):
        return [record for record in self.records if record["report"] == report]

    def counting(self, report):
        """The records of a report that count, those of databases first, each in order of import."""
        held = [record for record in self.held(report) if record["upload"] not in self.undone]
        return sorted(held, key=lambda each: (each["kind"] not in DATABASE_KINDS, each["pk"]))

    def is_previous(self, report):
        """Whether an earlier version of the review had it."""
        return any(record["version"] < self.version for record in self.counting(report))

    def stop(self, report, stage):
        """Why a report does not go on from `stage`: open, half, conflict, out; None: it goes on."""
        needed, maybe, alone = self.rules[stage]
        word = self.standing(report, stage, final=True)
        if word:
            aside = word[0].verdict if word[0].verdict in ASIDE else None
            return "out" if word[0].verdict == "exclude" else aside
        votes = self.standing(report, stage, final=False)
        if not votes:
            return "open"
        rounds = [p for p in self.pilots if p["stage"] == stage and report in p["reports"]]
        if any(each["open"] for each in rounds):
            return "half"
        if rounds:
            votes = self.in_turn(votes, report, stage)[:needed]
        enough = {"include", "maybe"} if maybe == "advances" else {"include"}
        if alone and any(row.verdict in enough for row in votes):
            return None
        if len(votes) < needed:
            return "half"
        verdicts = {row.verdict for row in votes}
        if maybe == "discussed" and "maybe" in verdicts:
            return "conflict"
        if stage == "fulltext" and len(verdicts) > 1:
            return "conflict"
        if verdicts <= set(ASIDE):
            return min(verdicts)
        if "exclude" not in verdicts:
            return None
        if verdicts != {"exclude"}:
            return "conflict"
        if stage == "fulltext" and len({self.counts_as(row.reason) for row in votes}) > 1:
            return "conflict"
        return "out"

    def reason(self, report):
        """The one reason of a report that is excluded at full text."""
        word = self.standing(report, "fulltext", final=True)
        own = self.standing(report, "fulltext", final=False)
        return self.counts_as((word or self.in_turn(own, report, "fulltext"))[0].reason)

    def in_turn(self, votes, report, stage):
        """As the last pilot round that knows person and report has drawn them; others by person."""

        def turn(row):
            known = (each["turns"] for each in reversed(self.pilots) if each["stage"] == stage)
            turns = (each[report, row.by] for each in known if (report, row.by) in each)
            return next(turns, len(self.pilots) + 1000), row.by

        return sorted(votes, key=turn)

    def counts_as(self, reason):
        while reason in self.merged_reasons:
            reason = self.merged_reasons[reason]
        return reason


class History:
    """Acts at random on the real thing, and on the world when the real thing took them."""

    def __init__(self, review, users, reasons, make_report, make_search, searches, seed):
        self.review, self.users, self.reasons = review, users, reasons
        self.random = random.Random(seed)
        self.world = World()
        self.merges = []  # those that stand
        self.searches, self.uploads = searches, []
        self.make_search = make_search
        for _ in range(9):
            self.add_report(make_report)

    def add_report(self, make_report):
        search = self.random.choice(self.searches)
        n = self.random.choice([1, 1, 2, 3])
        report = make_report(self.review, search=search, records=n)
        self.world.merged[report.pk] = None
        for pk in report.records.order_by("pk").values_list("pk", flat=True):
            self.add_record(pk, report, search, None)

    def add_record(self, pk, report, search, upload):
        row = {"pk": pk, "report": report.pk, "kind": search.kind}
        self.world.records.append({**row, "upload": upload, "version": search.version})

    def any_report(self):
        return Report.objects.get(pk=self.random.choice(list(self.world.merged)))

    def report_at(self, *places):
        """One that stands at one of `places`, mostly, so that histories get far; else any."""
        fitting = [pk for pk in self.world.merged if self.world.place(pk) in places]
        if fitting and self.random.random() < 0.9:
            return Report.objects.get(pk=self.random.choice(fitting))
        return self.any_report()

    def a_reason(self):
        in_use = Reason.objects.filter(pk__in=[each.pk for each in self.reasons], retired_at=None)
        return self.random.choice(in_use)

    def person(self):
        return self.random.choice(self.users)

    # Each act returns nothing; a refusal leaves the world as it is.

    def decide(self):
        stage = self.random.choice(["abstract", "abstract", "fulltext"])
        report = self.report_at(f"{stage}-open", f"{stage}-half", f"{stage}-half")
        verdict = self.random.choices(["include", "maybe", "exclude"], [6, 1, 3])[0]
        if stage == "fulltext" and self.random.random() < 0.4:
            verdict = self.random.choice(ASIDE)
        reason = None
        if stage == "fulltext" and verdict == "exclude":
            reason = self.a_reason()
        by = self.person()
        actions.decide(report, stage, verdict, by=by, reason=reason)
        new = Said(report.pk, stage, verdict, by.pk, reason=reason.pk if reason else None)
        for row in self.world.standing(report.pk, stage, final=False):
            if row.by == by.pk:
                if (row.verdict, row.reason) == (new.verdict, new.reason):
                    return
                row.stands = False
        self.world.said.append(new)

    def withdraw(self):
        rows = list(Decision.objects.filter(superseded_at=None, final=False))
        if rows:
            row = self.random.choice(rows)
            actions.withdraw(row, by=row.by)
            self.world.end(row.report_id, row.stage, False, by=row.by_id)

    def final_word(self):
        stage = self.random.choice(["abstract", "fulltext"])
        report = self.report_at(f"{stage}-conflict")
        verdict = self.random.choice(["include", "exclude"])
        if stage == "fulltext" and self.random.random() < 0.6:
            verdict = self.random.choice(ASIDE)
        reason = self.a_reason() if verdict == "exclude" else None
        reason = reason if stage == "fulltext" else None
        by = self.random.choice(self.users[:2])
        actions.final_word(report, stage, verdict, by=by, reason=reason)
        self.world.end(report.pk, stage, True)
        self.world.said.append(
            Said(report.pk, stage, verdict, by.pk, final=True, reason=reason.pk if reason else None)
        )

    def reopen(self):
        words = [r for r in self.world.said if r.stands and r.final]
        if words:
            word = self.random.choice(words)
            actions.reopen(
                Report.objects.get(pk=word.report), word.stage, by=self.person(), reason="A slip."
            )
            word.stands = False

    def remove(self):
        report, automation = self.report_at("abstract-open"), self.random.random() < 0.5
        by = self.person()
        actions.remove_before_screening(report, by=by, why="Out of range.", automation=automation)
        self.world.said.append(
            Said(report.pk, "before", "exclude", by.pk, final=True, automation=automation)
        )

    def exclude_by_tool(self):
        report, by = self.report_at("abstract-open"), self.person()
        actions.exclude_by_tool(report, by=by, why="A classifier, below 0.05.")
        said = Said(report.pk, "abstract", "exclude", by.pk, final=True, automation=True)
        self.world.said.append(said)

    def include_elsewhere(self):
        report, by = self.report_at("abstract-open"), self.person()
        elsewhere.include(report, by=by, where="An earlier review.")
        for stage in ("abstract", "retrieval", "fulltext"):
            self.world.said.append(Said(report.pk, stage, "include", by.pk, final=True))

    def take_back_elsewhere(self):
        report = self.report_at("included")
        if any(row.verdict == "include" for row in self.world.standing(report.pk, "retrieval")):
            elsewhere.take_back(report, by=self.person())
            self.world.look_again()  # a join may have brought other final words

    def restore(self):
        report = self.report_at("removed-automation", "removed-other")
        actions.restore_to_screening(report, by=self.person())
        self.world.end(report.pk, "before", True)

    def attach(self):
        report = self.report_at("sought", "sought", "not-retrieved", "fulltext-open")
        number = len(self.world.files)
        made = retrieval.attach(
            report,
            by=self.person(),
            name=f"{number}.pdf",
            sha256=f"{number:064}",
            size=1,
            content_type="application/pdf",
        )
        for file in self.world.files:
            if file["report"] == report.pk:
                file["stands"] = False
        self.world.files.append({"pk": made.pk, "report": report.pk, "stands": True})
        for row in self.world.standing(report.pk, "retrieval"):
            row.stands = row.verdict == "include"

    def detach(self):
        standing = [file for file in self.world.files if file["stands"]]
        if standing:
            file = self.random.choice(standing)
            retrieval.detach(FullText.objects.get(pk=file["pk"]), by=self.person())
            file["stands"] = False

    def give_up(self):
        report, by = self.report_at("sought"), self.person()
        retrieval.give_up(report, by=by, why="Nobody answered.")
        self.world.said.append(Said(report.pk, "retrieval", "exclude", by.pk, final=True))

    def resume(self):
        report = self.report_at("not-retrieved")
        retrieval.resume(report, by=self.person())
        self.world.end(report.pk, "retrieval", True)

    def merge(self):
        keep, absorb = self.any_report(), self.any_report()
        self.merges.append(joining.merge(keep, absorb, by=self.person()))
        self.world.look_again()

    def unmerge(self):
        if self.merges:
            made = self.random.choice(self.merges)
            joining.unmerge(made, by=self.person())
            self.merges.remove(made)
            self.world.look_again()

    def merge_reasons(self):
        reason, into = self.random.sample(self.reasons, 2)
        merge_reason(reason, Reason.objects.get(pk=into.pk), by=self.users[0])
        self.world.merged_reasons[reason.pk] = into.pk

    def unmerge_reasons(self):
        reason = self.random.choice(self.reasons)
        unmerge_reason(reason, by=self.users[0])
        del self.world.merged_reasons[reason.pk]

    def set_rules(self):
        stage = self.random.choice(["abstract", "fulltext"])
        screeners = self.random.choice([1, 2, 2, 2, 3])
        maybe = self.random.choice(["advances", "discussed"])
        alone = self.random.random() < 0.3
        actions.set_rules(
            self.review,
            stage,
            by=self.users[0],
            screeners=screeners,
            maybe=maybe,
            one_include=alone,
        )
        self.world.rules[stage] = (screeners, maybe, alone)

    def draw_pilot(self):
        stage, size = self.random.choice(["abstract", "fulltext"]), self.random.choice([1, 1, 2])
        number = self.random.randrange(1000)
        by = self.users[0]
        made = pilots.draw(self.review, stage, by=by, size=size, threshold=0.8, seed=number)
        self.close_in_world(stage)
        drawn = set(made.drawn.values_list("report", flat=True))
        self.world.pilots.append({"pk": made.pk, "stage": stage, "open": True, "reports": drawn})
        self.world.pilots[-1]["turns"] = turns_of(made.pk)

    def close_pilot(self):
        for stage in ("abstract", "fulltext"):
            pilot = pilots.open_round(self.review, stage)
            if pilot:
                pilots.close(pilot, by=self.users[0], reason="Time")
                self.close_in_world(stage)

    def close_in_world(self, stage):
        for each in self.world.pilots:
            if each["stage"] == stage:
                each["open"] = False

    def begin_import(self):
        """A report of a file that is being read: it is nowhere in the diagram yet."""
        search, number = self.random.choice(self.searches), next(_files)
        by = self.users[0]
        upload = Upload.objects.create(
            review=self.review, search=search, name="a.ris", sha256=f"{number:064}", size=1, by=by
        )
        report = Report.objects.create(review=self.review, title="Arriving", place=Place.ARRIVING)
        record = Record.objects.create(
            review=self.review, search=search, report=report, upload=upload, title="Arriving"
        )
        self.world.merged[report.pk] = None
        self.world.arriving[report.pk] = upload
        self.add_record(record.pk, report, search, upload.pk)

    def finish_import(self):
        if self.world.arriving:
            report, upload = self.random.choice(list(self.world.arriving.items()))
            Upload.objects.filter(pk=upload.pk).update(imported_at=timezone.now())
            flow.settle(self.review, [report])
            self.uploads.append(upload)
            del self.world.arriving[report]

    def _turn(self, ask, uploads):
        if uploads:
            upload = Upload.objects.get(pk=self.random.choice(uploads))
            job = ask(upload, by=self.users[0])
            jobs.perform(jobs.claim(job.pk))
            job.refresh_from_db()
            assert job.state == "done", job.error

    def undo_import(self):
        standing = [each.pk for each in self.uploads if each.pk not in self.world.undone]
        self._turn(citations.undo_import, standing)
        self.world.undone = self._undone()

    def redo_import(self):
        self._turn(citations.redo_import, sorted(self.world.undone))
        self.world.undone = self._undone()

    def _undone(self):
        undone = Upload.objects.filter(undone_at__isnull=False)
        return set(undone.values_list("pk", flat=True))

    def begin_update(self):
        self.review = updating.begin(self.review, by=self.users[0], version=self.review.version)
        self.world.version = self.review.version
        self.searches = [
            self.make_search(
                self.review,
                each.name,
                each.kind,
                version=self.review.version,
                removed_duplicates=3 if each.kind == "database" else 0,
                removed_why="Elsewhere",
            )
            for each in self.searches
        ]

    ACTS = {
        begin_import: 1,
        finish_import: 2,
        undo_import: 1,
        redo_import: 1,
        decide: 30,
        withdraw: 2,
        final_word: 7,
        reopen: 1,
        remove: 2,
        exclude_by_tool: 2,
        include_elsewhere: 2,
        take_back_elsewhere: 1,
        restore: 1,
        attach: 6,
        detach: 1,
        give_up: 2,
        resume: 5,
        merge: 2,
        unmerge: 2,
        set_rules: 1,
        draw_pilot: 5,
        close_pilot: 2,
        merge_reasons: 1,
        unmerge_reasons: 1,
    }

    def act(self):
        """One act; its name, or None when it was refused."""
        act = self.random.choices(list(self.ACTS), list(self.ACTS.values()))[0]
        try:
            act(self)
        except Refused:
            return None
        return act.__name__


def check_places(review, world):
    stored = dict(Report.objects.filter(review=review).values_list("pk", "place"))
    assert stored == {pk: world.place(pk) for pk in world.merged}
    assert flow.misplaced(review) == []


def check_numbers(review):
    """Every identity holds and every number is as long as the list behind it."""
    numbers = flow.boxes(review)
    for identity in flow.identities(review, numbers):
        assert identity.holds, identity
    outside = Counter()
    for search in review.searches.filter(version=review.version):
        for cause in ("duplicates", "automation", "other"):
            outside[search.kind, cause] += getattr(search, f"removed_{cause}")
    before_import = {
        "D1_db": sum(n for (kind, _), n in outside.items() if kind == "database"),
        "D1_reg": sum(n for (kind, _), n in outside.items() if kind == "register"),
        "D2_dup": sum(n for (kind, c), n in outside.items() if c == "duplicates"),
        "D2_auto": sum(n for (kind, c), n in outside.items() if c == "automation"),
        "D2_other": sum(n for (kind, c), n in outside.items() if c == "other"),
    }
    before_import["P_reports"] = review.previous_reports
    for box in flow.REPORT_BOXES:
        listed = flow.reports_in(review, box).count()
        assert numbers[box] == listed + before_import.get(box, 0), box
    for box in flow.RECORD_BOXES:
        listed = flow.records_in(review, box).count()
        assert numbers[box] == listed + before_import.get(box, 0), box
    assert numbers["I_studies"] == flow.studies_of(review, "I_studies").count()
    here = flow.studies_of(review, "P_studies").count()
    assert numbers["P_studies"] == here + review.previous_studies
    for column in "DO":
        for reason, n in flow.reasons(review, column).items():
            assert flow.reports_in(review, f"{column}8", reason=reason).count() == n
    return numbers


def ledger(review, world):
    """The world as the reference arithmetic wants it: one dict a record, each in one state."""
    states = {
        "removed-automation": "auto",
        "removed-other": "other_removed",
        "abstract-open": "ta_pending",
        "abstract-half": "ta_pending",
        "abstract-conflict": "ta_pending",
        "abstract-out": "ta_excl_human",
        "sought": "ft_awaiting",
        "not-retrieved": "ft_not_retrieved",
        "fulltext-open": "ft_pending",
        "fulltext-half": "ft_pending",
        "fulltext-conflict": "ft_pending",
        "fulltext-out": "ft_excluded",
        "awaiting": "ft_awaiting_class",
        "ongoing": "ft_ongoing",
        "included": "ft_included",
    }
    study_of = dict(StudyReport.objects.order_by("-pk").values_list("report_id", "study_id"))
    rows = []
    for report, into in world.merged.items():
        place = world.place(report)
        words = world.standing(report, "abstract", final=True)
        by_tool = place == "abstract-out" and words and words[0].automation
        if into is not None or place in ("arriving", "withdrawn"):
            continue
        known = world.is_previous(report)
        for number, record in enumerate(world.counting(report)):
            if record["version"] < world.version:
                continue  # the diagram of an update is about its own searches
            rows.append(
                {
                    "arm": "db" if record["kind"] in DATABASE_KINDS else "other",
                    "kind": record["kind"],
                    "state": "dup"
                    if number or known
                    else "ta_excl_auto"
                    if by_tool
                    else states[place],
                    "reason": world.reason(report) if place == "fulltext-out" else None,
                    "study": study_of.get(report),
                }
            )
    return rows


@pytest.fixture
def prisma_ref(shared):
    path = shared / "oracle" / "prisma_ref.py"
    if not path.is_file():
        pytest.skip("NOT RUN: ../shared/oracle/prisma_ref.py is not here")
    spec = importlib.util.spec_from_file_location("prisma_ref", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_reference(ref, review, world, numbers):
    outside = {
        search.name: {
            "kind": search.kind,
            "dup": search.removed_duplicates,
            "other": search.removed_other,
        }
        for search in review.searches.filter(version=review.version, kind__in=DATABASE_KINDS)
    }
    before = [
        report
        for report, into in world.merged.items()
        if into is None and world.is_previous(report) and world.place(report) == "included"
    ]
    links = StudyReport.objects.filter(report__in=before)
    theirs = ref.boxes(
        ledger(review, world),
        prev_studies=frozenset(links.values_list("study", flat=True)),
        prev_reports=len(before),
        outside=outside,
    )
    assert all(ref.identities(theirs).values())
    same = [
        "D1_db",
        "D1_reg",
        "D2_dup",
        "D2_auto",
        "D2_other",
        "D3",
        "D4",
        "D4_human",
        "D4_auto",
        "D5",
        "D6",
        "D7",
        "D8",
        "O1",
        "O5",
        "O6",
        "O7",
        "O8",
        "P_studies",
        "P_reports",
    ]
    renamed = {
        "D_Q": "D_ta_pending",
        "D_W": "D_awaiting",
        "D_F": "D_ft_pending",
        "D_C": "D_awclass",
        "D_G": "D_ongoing",
        "O_C": "O_awclass",
        "O_G": "O_ongoing",
        "O_W": "O_awaiting",
        "O_F": "O_ft_pending",
        "D_included": "D_inc",
        "O_included": "O_inc",
        "O_U": "O_unboxed",
    }
    for ours, name in {**dict(zip(same, same, strict=True)), **renamed}.items():
        assert numbers[ours] == theirs[name], (ours, name)
    assert flow.reasons(review) == theirs["D8_by"]
    assert flow.reasons(review, "O") == theirs["O8_by"]
    links = StudyReport.objects.filter(report__place=Place.INCLUDED)
    # The reference knows one study a report; a merge may leave a report with two.
    if links.count() == numbers["T_reports"]:
        for box in ("I_studies", "I_reports", "T_studies", "T_reports"):
            assert numbers[box] == theirs[box], box


@pytest.fixture
def history(cast, make_report, make_search):
    users = [cast.bo, cast.cy, person("Di"), person("Fay")]

    def begin(seed):
        review = create_review(f"History {seed}", by=cast.ada)
        reasons = set_reasons(review, "fulltext", ["Population", "Design", "Type"], by=cast.ada)
        removed = itertools.chain([(25, 3), (0, 2)], itertools.repeat((0, 0)))
        searches = []
        for kind, (duplicates, other) in zip(KINDS, removed, strict=False):
            searches.append(
                make_search(
                    review,
                    kind,
                    kind,
                    removed_duplicates=duplicates,
                    removed_other=other,
                    removed_why="Elsewhere",
                )
            )
        return History(review, users, reasons, make_report, make_search, searches, seed)

    return begin


SEEDS = range(5)
SEEDS_AT_MOST = range(11)  # as many more as every place and act need
ACTS_A_HISTORY = 150


def test_random_histories_end_where_the_oracle_says(history, make_report):
    every_act = {act.__name__ for act in History.ACTS}
    reached, done = set(), set()
    for seed in SEEDS_AT_MOST:
        if seed not in SEEDS and reached == set(Place.values) and done == every_act:
            break
        story = history(seed)
        for turn in range(ACTS_A_HISTORY):
            if seed and turn == ACTS_A_HISTORY // 2:
                story.begin_update()
                check_numbers(story.review)
            act = story.act()
            if act:
                done.add(act)
                check_places(story.review, story.world)
                reached.update(map(story.world.place, story.world.merged))
            if turn % 30 == 29:
                check_numbers(story.review)
                story.add_report(make_report)
        check_numbers(story.review)
    assert reached == set(Place.values)
    assert done == every_act


def test_the_reference_arithmetic_gives_the_same_numbers(history, make_report, prisma_ref):
    story = history(100)
    for turn in range(3 * ACTS_A_HISTORY):
        if turn % ACTS_A_HISTORY == ACTS_A_HISTORY - 1:
            story.begin_update()  # twice: the version before the last counts as previous too
        if turn % 9 == 0:
            story.add_report(make_report)
        story.act()
        if turn % 15 == 14:
            check_reference(prisma_ref, story.review, story.world, check_numbers(story.review))


def _decided(reports, stage, verdict, users, reason=None):
    """Rows as two people's decisions leave them; the places are settled at the end."""
    Decision.objects.bulk_create(
        Decision(report=report, stage=stage, verdict=verdict, by=by, reason=reason)
        for report in reports
        for by in users
    )


def _given_up(reports, by):
    Decision.objects.bulk_create(
        Decision(report=report, stage="retrieval", verdict="exclude", by=by, final=True)
        for report in reports
    )


def _with_file(reports):
    FullText.objects.bulk_create(
        FullText(
            report=report, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
        )
        for report in reports
    )


def test_the_worked_example_number_for_number(cast, review, make_search):
    """PRISMA.md 4.6: 1,160 identified, 813 screened, 73 sought, 12 reports of 11 studies."""
    database = make_search(review, "MEDLINE", "database", removed_duplicates=25)
    register = make_search(review, "Register", "register")
    site = make_search(review, "Websites", "website")
    organisation = make_search(review, "Organisations", "organisation")
    citing = make_search(review, "Citation searching", "citation")
    users = [cast.bo, cast.cy]
    reasons = set_reasons(
        review,
        "fulltext",
        ["Wrong population", "Not a program", "No component described"],
        by=cast.ada,
    )

    def reports(n, search):
        made = Report.objects.bulk_create(Report(review=review, title=f"R{i}") for i in range(n))
        Record.objects.bulk_create(
            Record(review=review, search=search, report=report) for report in made
        )
        return made

    of_databases = reports(745, database) + reports(40, register)  # 1,095 - 310 duplicates - 40
    Record.objects.bulk_create(
        Record(review=review, search=database, report=report) for report in of_databases[:310]
    )
    rest = reports(1095 - 745 - 310, database)
    of_databases += rest
    removed, screened = of_databases[:12], of_databases[12:]
    Decision.objects.bulk_create(
        Decision(report=report, stage="before", verdict="exclude", by=cast.ada, final=True)
        for report in removed
    )
    _decided(screened[:740], "abstract", "exclude", users)
    sought = screened[740:]
    _decided(sought, "abstract", "include", users)
    _given_up(sought[:6], cast.ada)
    assessed = sought[6:]
    _with_file(assessed)
    for part, reason in zip((slice(0, 30), slice(30, 48), slice(48, 57)), reasons, strict=True):
        _decided(assessed[part], "fulltext", "exclude", users, reason)
    _decided(assessed[57:], "fulltext", "include", users)

    others = reports(20, site) + reports(3, organisation) + reports(2, citing)
    _decided(others, "abstract", "include", users)
    _given_up(others[20:23], cast.ada)
    _with_file(others[:20] + others[23:])
    _decided(others[:20], "fulltext", "exclude", users, reasons[0])
    _decided(others[23:], "fulltext", "include", users)

    included = [*assessed[57:], *others[23:]]
    one_study = Study.objects.create(review=review, label="One study, two reports")
    for report in included[:2]:
        StudyReport.objects.create(study=one_study, report=report)
    actions.moved(review)

    numbers = check_numbers(review)
    expected = {
        "D1_db": 1120,
        "D1_reg": 40,
        "D1": 1160,
        "D2_dup": 335,
        "D2_auto": 0,
        "D2_other": 12,
        "D3": 813,
        "D4": 740,
        "D5": 73,
        "D6": 6,
        "D7": 67,
        "D8": 57,
        "D_included": 10,
        "O1": 25,
        "O1_website": 20,
        "O1_organisation": 3,
        "O1_citation": 2,
        "O5": 25,
        "O6": 3,
        "O7": 22,
        "O8": 20,
        "O_included": 2,
        "O_U": 0,
        "I_reports": 12,
        "I_studies": 11,
    }
    assert {box: numbers[box] for box in expected} == expected
    assert list(flow.reasons(review).values()) == [30, 18, 9]
    assert not any(flow.pending(review, numbers).values())
