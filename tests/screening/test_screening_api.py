"""What the lead sets and reviewers talk about, through the API: the pages' own acts behind other doors."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reviews import jobs
from reviews.actions import set_criteria
from reviews.models import AuditEvent
from screening import actions, interests
from screening.models import BulkAct, Decision, Proposal, Remark, Sharing, Starter
from screening.relevance import rules
from tests.screening.test_consensus import by_consensus

pytestmark = pytest.mark.django_db

API = "/api/v1/reviews/one/"


class Program:
    """Somebody's program: `send("post", "acts/", kind="label")` is (status, what it answers)."""

    def __init__(self, client):
        self.client = client

    def send(self, method, path, **body):
        if method == "get":
            answer = self.client.get(API + path, body)
        else:
            send = getattr(self.client, method)
            answer = send(API + path, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def ada(cast, signed_in):
    return Program(signed_in(cast.ada))


@pytest.fixture
def bo(cast, signed_in):
    return Program(signed_in(cast.bo))


@pytest.fixture
def cy(cast, signed_in):
    return Program(signed_in(cast.cy))


class TestSharing:
    def test_preview_set_and_undo(self, review, make_report, ada):
        for _ in range(40):
            make_report(review)
        asked = {
            "stage": "abstract",
            "kind": "quota",
            "parts": [{"user": "bo", "quota": 30}, {"user": "cy"}],
            "seed": 7,
        }
        status, spread = ada.send("post", "sharing/preview/", **asked)
        assert status == 200
        assert {each["user"] for each in spread["people"]} == {"bo", "cy"}
        assert not Sharing.objects.exists()
        status, made = ada.send("post", "sharing/", **asked)
        assert (status, made["kind"], made["seed"], made["number"]) == (201, "quota", 7, 1)
        assert made["spread"] == spread
        assert ada.send("get", "sharing/")[1]["stages"][0] == made
        status, now = ada.send("post", "sharing/undo/", stage="abstract")
        assert (status, now["kind"], now["spread"]) == (200, "all", None)
        assert ada.send("post", "sharing/undo/", stage="abstract")[0] == 409
        verbs = AuditEvent.objects.values_list("verb", flat=True)
        assert {"shared the reports out", "undid a sharing of reports"} <= set(verbs)

    @pytest.mark.parametrize(
        ("parts", "status"),
        [
            ([{"user": "nobody"}], 400),
            ([{"user": "ed"}], 400),  # who does not screen
            ([{"user": "bo"}, {"user": "bo"}], 400),
            ([{"user": "bo", "quotum": 3}], 400),
            ([{"user": "bo", "source": 999}], 400),
            ([], 422),
        ],
    )
    def test_what_makes_no_shares_is_refused(self, review, ada, parts, status):
        for path in ("sharing/", "sharing/preview/"):
            got = ada.send("post", path, stage="abstract", kind="random", parts=parts)[0]
            assert got == status
        assert not Sharing.objects.exists()

    def test_the_order_is_set_and_told_to_who_screens(self, review, make_report, ada, bo):
        make_report(review)
        status, now = ada.send("put", "sharing/order/", stage="abstract", order="random", seed=5)
        assert (status, now["order"], now["order_seed"]) == (200, "random", 5)
        assert now["order_says"] == "random (seed 5)"
        assert "random (seed 5)" in bo.send("get", "queue/")[1]["order"]
        assert ada.send("put", "sharing/order/", stage="abstract", order="votes")[0] == 400


class TestManyAtOnce:
    def test_a_preview_changes_nothing_and_is_carried_out_and_undone(
        self, review, make_report, ada
    ):
        wanted = [make_report(review, f"Fish {n}") for n in range(2)]
        other = make_report(review, "Birds")
        status, act = ada.send(
            "post", "acts/", kind="remove-other", of={"q": "fish"}, reason="Not about people"
        )
        assert (status, act["reports"]["waiting"], act["begun_at"]) == (201, 2, None)
        assert not Decision.objects.exists()
        assert ada.send("get", "acts/")[1]["results"] == []
        status, done = ada.send("post", f"acts/{act['id']}/begin/")
        assert (status, done["reports"]["done"]) == (200, 2)
        assert ada.send("post", f"acts/{act['id']}/begin/")[0] == 409
        rows = ada.send("get", f"acts/{act['id']}/reports/", outcome="done")[1]["results"]
        assert [row["report"] for row in rows] == [each.pk for each in wanted]
        assert {row["after"] for row in rows} == {"removed-other"}
        undone = ada.send("post", f"acts/{act['id']}/undo/")[1]
        assert (undone["reports"]["restored"], undone["undone_by"]) == (2, "ada")
        places = set(review.reports.values_list("place", flat=True))
        assert places == {"abstract-open"}
        assert other.place == "abstract-open"

    @pytest.mark.parametrize(
        "of", [{"plaec": "sought"}, {"source": "No such"}, {"reason": 3}, {"place": "arriving"}]
    )
    def test_a_filter_that_nothing_reads_is_not_every_report(self, review, make_report, ada, of):
        make_report(review)
        assert ada.send("post", "acts/", kind="label", of=of, label="x")[0] == 400
        assert ada.send("post", "acts/", kind="label", label="x")[0] == 400
        assert not BulkAct.objects.exists()

    def test_the_source_is_called_by_its_name(self, review, make_report, make_search, ada):
        make_report(review, search=make_search(review, "Embase"))
        make_report(review, search=make_search(review, "CINAHL"))
        act = ada.send("post", "acts/", kind="label", of={"source": "Embase"}, label="x")[1]
        assert act["reports"]["waiting"] == 1

    def test_only_who_saw_the_preview_carries_it_out(self, cast, review, make_report, ada, bo):
        make_report(review)
        act = ada.send("post", "acts/", kind="label", of={}, label="x")[1]
        assert bo.send("post", f"acts/{act['id']}/begin/")[0] == 403


class TestLookingAgain:
    def test_the_queue_and_a_kept_answer(self, cast, review, make_report, ada, bo, cy):
        report = make_report(review)
        set_criteria(review, [("inclusion", "Young people")], by=cast.ada)
        actions.decide(report, "abstract", "exclude", by=cast.bo)
        set_criteria(review, [("inclusion", "People")], by=cast.ada)
        assert bo.send("get", "relooks/queue/")[1]["left"] == 0
        assert ada.send("post", "relooks/", stage="abstract", reason=" ")[0] == 400
        status, found = ada.send("post", "relooks/", stage="abstract", reason="Wider")
        assert status == 201
        people = found["stages"]["abstract"]["relook"]["people"]
        assert people == [{"user": "bo", "done": 0, "left": 1}]
        assert ada.send("post", "relooks/", stage="abstract", reason="Wider")[0] == 409
        assert cy.send("get", "relooks/queue/")[1]["results"] == []
        queue = bo.send("get", "relooks/queue/")[1]
        (row,) = queue["results"]
        assert (row["record"]["id"], row["mine"]["verdict"]) == (report.pk, "exclude")
        assert [line["how"] for line in row["changes"][0]["lines"]] == ["changed"]
        status, made = bo.send(
            "post",
            f"reports/{report.pk}/decisions/",
            stage="abstract",
            verdict="exclude",
            again=queue["version"],
        )
        assert (status, made["criteria_version"]) == (201, queue["version"])
        assert bo.send("get", "relooks/queue/")[1]["left"] == 0
        status, ended = ada.send("post", "relooks/end/", stage="abstract")
        assert (status, bool(ended["ended_at"])) == (200, True)
        assert ada.send("post", "relooks/end/", stage="abstract")[0] == 404

    def test_an_answer_under_criteria_that_changed_meanwhile_is_refused(
        self, cast, review, make_report, bo
    ):
        report = make_report(review)
        actions.decide(report, "abstract", "exclude", by=cast.bo)
        said = {"stage": "abstract", "verdict": "exclude", "again": 9}
        assert bo.send("post", f"reports/{report.pk}/decisions/", **said)[0] == 409


class TestConsensus:
    @pytest.fixture
    def report(self, cast, review, in_conflict):
        by_consensus(review, cast)
        return in_conflict("A report in conflict")

    def test_a_talk_a_proposal_and_its_confirmation(self, report, ada, bo, cy):
        one = f"reports/{report.pk}/consensus/"
        assert [each["id"] for each in bo.send("get", "consensus/")[1]["results"]] == [report.pk]
        status, told = bo.send("post", f"{one}remarks/", stage="abstract", text="Adults only.")
        assert (status, [each["text"] for each in told["remarks"]]) == (201, ["Adults only."])
        status, told = bo.send("post", one, stage="abstract", verdict="include")
        assert (status, told["final"], len(told["proposals"])) == (201, None, 1)
        (mine,) = bo.send("get", "consensus/")[1]["results"]
        assert mine["proposed"]["verdict"] == "include"
        assert bo.send("delete", one)[1]["proposals"] == []
        bo.send("post", one, stage="abstract", verdict="include")
        assert len(ada.send("get", one)[1]["said"]) == 2  # the lead reads along
        assert ada.send("post", one, stage="abstract", verdict="include")[0] == 403
        status, told = cy.send("post", one, stage="abstract", verdict="include")
        assert (status, told["final"]["verdict"], told["final"]["final"]) == (201, "include", True)
        assert cy.send("get", one) == (
            409,
            {"detail": "There is no conflict on this report (any more)."},
        )
        assert bo.send("post", f"{one}reopen/", reason=" ")[0] == 400
        status, again = bo.send("post", f"{one}reopen/", reason="We misread it")
        assert (status, again["place"]) == (200, "abstract-conflict")

    def test_whom_it_does_not_concern_is_told_nothing(
        self, cast, report, join, make_report, review, signed_in, ada, bo
    ):
        di = Program(signed_in(join("Di")))
        one = f"reports/{report.pk}/consensus/"
        assert di.send("get", "consensus/")[1]["results"] == []
        assert di.send("get", one)[0] == 404
        assert di.send("post", f"{one}remarks/", stage="abstract", text="Hm")[0] == 404
        assert di.send("post", one, stage="abstract", verdict="include")[0] == 404
        assert di.send("post", f"{one}reopen/", reason="x")[0] == 404
        assert not Proposal.objects.exists()
        assert not Remark.objects.exists()
        # Nor does it tell of a report on which others are still to decide.
        blind = make_report(review)
        actions.decide(blind, "abstract", "include", by=cast.bo)
        assert di.send("get", f"reports/{blind.pk}/consensus/")[0] == 404

    def test_names_are_hidden_where_the_rules_say_so(self, cast, review, report, bo, cy):
        by_consensus(review, cast, hide_names=True)
        bo.send("post", f"reports/{report.pk}/consensus/", stage="abstract", verdict="include")
        bo.send("post", f"reports/{report.pk}/consensus/remarks/", stage="abstract", text="Hm")
        told = cy.send("get", f"reports/{report.pk}/consensus/")[1]
        rows = told["said"] + told["remarks"] + told["proposals"]
        assert {each["by"] for each in rows} == {"You", "Reviewer A"}

    def test_the_other_stage_and_an_unknown_reason_are_refused(self, report, bo):
        one = f"reports/{report.pk}/consensus/"
        assert bo.send("post", one, stage="fulltext", verdict="include")[0] == 409
        assert bo.send("post", one, stage="abstract", verdict="exclude", reason=999)[0] == 400

    def test_an_interest_keeps_one_out(self, cast, report, bo):
        interests.declare(report, by=cast.bo)
        assert bo.send("get", "consensus/")[1]["results"] == []
        sent = {"stage": "abstract", "verdict": "include"}
        # As if there were none: its thread tells what others think of the report.
        assert bo.send("post", f"reports/{report.pk}/consensus/", **sent)[0] == 404


class TestRanking:
    @pytest.fixture
    def half(self, cast, review, make_report):
        """Ten of twenty are settled; two of them went on."""
        made = [make_report(review, f"Title {n}", abstract="words of it") for n in range(20)]
        for n, report in enumerate(made[:10]):
            for user in (cast.bo, cast.cy):
                actions.decide(report, "abstract", "exclude" if n % 5 else "include", by=user)
        return made

    def test_the_switch_and_the_certificate(self, review, half, ada, bo):
        status, before = bo.send("get", "ranking/")
        assert (status, before["by_relevance"], before["order"]) == (200, False, None)
        assert before["certificate"]["screened"] == 10
        assert (before["of"], before["untouched"]) == (20, 10)
        assert ada.send("post", "stops/", reason="Enough")[0] == 422  # without ranking
        status, now = ada.send("patch", "ranking/", by_relevance=True)
        assert (status, now["by_relevance"], now["show_why"]) == (200, True, False)
        while jobs.run_one():
            pass
        now = ada.send("patch", "ranking/", show_why=True)[1]
        assert (now["by_relevance"], now["show_why"]) == (True, True)
        assert (now["order"]["included"], now["order"]["excluded"]) == (2, 8)

    def test_a_stop_is_checked_and_undone(self, cast, review, half, ada):
        rules.set_ranking(review, by=cast.ada, by_relevance=True, show_why=False)
        status, stop = ada.send("post", "stops/", reason="The money is gone")
        assert (status, stop["reason"]) == (201, "The money is gone")
        assert stop["certificate"]["state"] in ("keep going", "likely", "certified")
        status, drawn = ada.send("post", f"stops/{stop['id']}/checks/", size=3, seed=1)
        assert (status, len(drawn["drawn"]), drawn["among"]) == (201, 3, 10)
        assert ada.send("post", f"stops/{stop['id']}/checks/", size=400)[0] == 422
        (told,) = ada.send("get", "stops/")[1]["results"]
        assert (told["left"], told["checks"][0]["settled"]) == (7, 0)
        assert ada.send("post", f"stops/{stop['id']}/undo/")[0] == 200
        assert not review.reports.filter(place="removed-automation").exists()
        assert ada.send("post", f"stops/{stop['id']}/undo/")[0] == 409

    def test_a_replay_is_a_job(self, half, ada):
        assert ada.send("get", "ranking/replay/")[0] == 404
        status, job = ada.send("post", "ranking/replay/")
        assert status == 202
        while jobs.run_one():
            pass
        found = ada.send("get", "ranking/replay/")[1]
        assert (found["id"], found["result"]["of"]) == (job["id"], 10)

    def test_starters_by_doi_by_number_and_from_a_file(self, review, make_report, ada):
        first = make_report(review, "First", doi="10.1000/one")
        second, third = make_report(review, "Second"), make_report(review, "Third")
        told = ada.send("post", "starters/", dois=["10.1000/one", "10.1000/none"])[1]
        assert told == {"added": 1, "standing": 0, "unknown": 1}
        told = ada.send("post", "starters/", reports=[first.pk, second.pk, 10**12])[1]
        assert told == {"added": 1, "standing": 1, "unknown": 1}
        assert ada.send("post", "starters/", dois=["x"], reports=[1])[0] == 400
        table = f"title,included\n{third.title},0\n".encode()
        sent = {"file": SimpleUploadedFile("asreview.csv", table)}
        answer = ada.client.post(f"{API}starters/file/", sent)
        assert (answer.status_code, answer.json()["added"]) == (201, 1)
        rows = ada.send("get", "starters/")[1]["results"]
        assert {row["report"]: row["relevant"] for row in rows} == {
            first.pk: True,
            second.pk: True,
            third.pk: False,
        }
        assert ada.send("delete", f"starters/{rows[0]['id']}/")[0] == 204
        assert Starter.objects.count() == 2
