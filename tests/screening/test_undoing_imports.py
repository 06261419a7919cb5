"""An import is taken back after screening began, and brought back with what people had decided."""

import pytest

from citations import actions as citations
from citations.models import Report, Upload
from reviews import jobs
from reviews.models import AuditEvent, Job
from screening import actions, flow
from screening.duplicates import questions
from screening.flow import Place
from screening.models import Decision
from screening.reporting import agreeing
from tests.citations.test_import import THREE, check, entry, imported, ris

pytestmark = pytest.mark.django_db
OTHER = entry("Group homes and schooling of youth in care", doi="10.1/z", page=301)


def go(cast, signed_in, upload, what, by="ada", **sent):
    """What the button of the page does, and the worker after it."""
    client = signed_in(getattr(cast, by))
    answer = client.post(f"/r/one/imports/{upload.pk}/{what}/", sent)
    assert answer.status_code == 302
    for job in Job.objects.filter(state="queued"):
        assert jobs.run_one(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
    upload.refresh_from_db()
    return client.get(f"/r/one/imports/{upload.pk}/").content.decode()


@pytest.fixture
def two(cast, review):
    """Two files that share one document; the reviewers have decided on some of both."""
    imported(cast, ris(*THREE), "MEDLINE", "a.ris")
    imported(cast, ris(THREE[0], OTHER), "Embase", "b.ris")
    shared, _, _, alone = Report.objects.filter(merged_into=None).order_by("pk")
    for user in (cast.bo, cast.cy):
        actions.decide(shared, "abstract", "include", by=user)
        actions.decide(alone, "abstract", "include", by=user)
    return shared, alone, *Upload.objects.order_by("pk")


def test_the_page_says_what_would_happen(cast, two, signed_in):
    *_, second = two
    page = signed_in(cast.ada).get(f"/r/one/imports/{second.pk}/undo/").content.decode()
    assert "<b>2</b><span>records of Embase no longer count" in page
    assert "<b>1</b><span>report leaves the review" in page
    assert "<b>1</b><span>stays, held by records of other files" in page
    assert "Full text sought" in page


def test_undone_and_redone_everything_is_as_it_was(cast, review, two, signed_in):
    _, alone, _, second = two
    before, places = check(review), dict(review.reports.values_list("pk", "place"))
    page = go(cast, signed_in, second, "undo", reason="The wrong export")
    assert "This import was undone" in page
    numbers = check(review)
    assert (before["D1"], numbers["D1"]) == (5, 3)
    assert (before["D2_dup"], numbers["D2_dup"]) == (1, 0)
    assert (before["D5"], numbers["D5"]) == (2, 1)
    alone.refresh_from_db()
    assert alone.place == Place.WITHDRAWN
    assert Decision.objects.current().filter(report=alone).count() == 2
    client = signed_in(cast.ada)
    assert alone.title not in client.get("/r/one/reports/").content.decode()
    assert "OTHER" not in client.get("/r/one/records/").content.decode()
    assert AuditEvent.objects.get(verb="undid an import").reason == "The wrong export"

    go(cast, signed_in, second, "redo")
    assert dict(review.reports.values_list("pk", "place")) == places
    assert check(review) == before


def test_undoing_the_elder_file_leaves_the_shared_report_to_the_other(cast, review, two, signed_in):
    shared, _, first, _ = two
    shared.refresh_from_db()
    go(cast, signed_in, first, "undo")
    shared.refresh_from_db()
    assert shared.place == Place.SOUGHT
    assert check(review)["D1"] == 2
    assert review.reports.standing().count() == 2


def test_the_value_of_an_undone_record_gives_way(cast, review, signed_in):
    """The record with the longer abstract leaves; the report shows the other's, and back."""
    short = entry("Care and shelter for exploited youth in the north", doi="10.1/q", page=5)
    long = short.replace("ER  - ", "AB  - A long abstract that says what was done.\nER  - ")
    imported(cast, ris(short), "MEDLINE", "a.ris")
    imported(cast, ris(long), "Embase", "b.ris")
    report, second = review.reports.get(merged_into=None), Upload.objects.last()
    assert report.abstract
    go(cast, signed_in, second, "undo")
    report.refresh_from_db()
    assert report.abstract == ""
    go(cast, signed_in, second, "redo")
    report.refresh_from_db()
    assert report.abstract.startswith("A long abstract")


def test_nobody_decides_on_a_withdrawn_report(cast, review, two, signed_in):
    _, alone, _, second = two
    go(cast, signed_in, second, "undo")
    answer = signed_in(cast.bo).post(
        f"/api/v1/reviews/one/reports/{alone.pk}/decisions/",
        {"stage": "abstract", "verdict": "exclude"},
        content_type="application/json",
    )
    assert answer.status_code == 404
    queue = signed_in(cast.bo).get("/api/v1/reviews/one/queue/?stage=abstract").json()
    assert alone.title not in str(queue)
    assert THREE[1].splitlines()[1][6:] in str(queue)


def test_agreement_and_questions_are_about_what_stands(cast, review, two, signed_in):
    *_, second = two
    rules = review.rules("abstract")
    before = len(agreeing.first_answers(review, rules))
    go(cast, signed_in, second, "undo")
    assert len(agreeing.first_answers(review, rules)) == before - 1
    assert questions.waiting(review) == []


def test_the_right_file_after_the_wrong_one_finds_the_decisions(cast, review, two, signed_in):
    """A record of an undone file, sent again in another file, is that report with its votes."""
    _, alone, _, second = two
    go(cast, signed_in, second, "undo")
    imported(cast, ris(OTHER), "Embase 2", "c.ris")
    alone.refresh_from_db()
    assert alone.place == Place.SOUGHT
    numbers = check(review)
    assert (numbers["D1"], numbers["D2_dup"], numbers["D5"]) == (4, 0, 2)
    go(cast, signed_in, second, "redo")
    assert check(review)["D2_dup"] == 2


def test_it_is_done_once_and_only_by_those_who_import(cast, review, two, signed_in):
    *_, second = two
    assert signed_in(cast.bo).post(f"/r/one/imports/{second.pk}/undo/").status_code == 403
    one = citations.undo_import(second, by=cast.ada)
    assert citations.undo_import(second, by=cast.ada).pk == one.pk
    assert jobs.run_one(one.pk)
    page = go(cast, signed_in, second, "undo")  # late: nothing happens, and it is said
    assert "undone already" in page
    # The job that is run again, as after a kill, ends the same.
    Job.objects.filter(pk=one.pk).update(state="queued", worker="")
    assert jobs.run_one(one.pk)
    assert AuditEvent.objects.filter(verb="undid an import").count() == 1


def test_the_same_bytes_are_not_brought_back_unasked(cast, review, two, signed_in, client):
    *_, second = two
    go(cast, signed_in, second, "undo")
    with pytest.raises(Exception, match="was undone; redo it instead"):
        citations.submit(review, [ris(THREE[0], OTHER)], name="b.ris", by=cast.ada)
    second.refresh_from_db()
    assert second.undone_at is not None


def test_an_included_report_brings_its_study_and_forms_back(cast, review, two, signed_in):
    _, alone, _, second = two
    from citations.models import FullText

    FullText.objects.create(
        report=alone, name="a.pdf", sha256="0" * 64, size=1, content_type="application/pdf"
    )
    flow.settle(review, [alone.pk])
    for user in (cast.bo, cast.cy):
        actions.decide(alone, "fulltext", "include", by=user)
    study = alone.studies.get()
    assert flow.studies_in(review).count() == 1
    go(cast, signed_in, second, "undo")
    assert flow.studies_in(review).count() == 0
    go(cast, signed_in, second, "redo")
    assert list(flow.studies_in(review)) == [study]


# --- The API -----------------------------------------------------------------------------------


def test_the_api_lists_the_files_and_takes_one_out_and_back(cast, review, two, signed_in):
    *_, second = two
    ada, uploads = signed_in(cast.ada), "/api/v1/reviews/one/uploads/"
    listed = signed_in(cast.obi).get(uploads).json()
    assert listed["count"] == 2
    told = [(each["name"], each["source"], each["records"]) for each in listed["results"]]
    assert told == [("a.ris", "MEDLINE", 3), ("b.ris", "Embase", 2)]
    one = f"{uploads}{second.pk}/"
    assert ada.get(one).json() == listed["results"][1]
    assert listed["results"][1]["undone_at"] is None

    assert signed_in(cast.bo).post(f"{one}undo/").status_code == 403
    assert "not undone" in ada.post(f"{one}redo/").json()["detail"]
    answer = ada.post(f"{one}undo/", {"reason": "Wrong file"}, content_type="application/json")
    assert answer.status_code == 202
    assert ada.post(f"{one}undo/").json() == answer.json()  # the same job, while it waits
    assert jobs.run_one(answer.json()["job"])
    assert ada.get(one).json()["undone_at"]
    assert AuditEvent.objects.get(verb="undid an import").reason == "Wrong file"
    again = ada.post(f"{one}undo/")
    assert (again.status_code, again.json()["detail"]) == (409, "This import was undone already.")

    answer = ada.post(f"{one}redo/")
    assert answer.status_code == 202
    assert jobs.run_one(answer.json()["job"])
    assert ada.get(one).json()["undone_at"] is None
    assert check(review)["D1"] == 5
