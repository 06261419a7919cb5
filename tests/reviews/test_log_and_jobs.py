"""The audit log, jobs, the home, and one's account."""

import signal

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse

from reviews import actions, audit, jobs
from reviews.models import AuditEvent, Job

pytestmark = pytest.mark.django_db


# --- The audit log ----------------------------------------------------------------------------


def log(client, **query):
    return client.get("/r/one/audit/", query)


def test_the_log_says_whether_its_chain_is_whole(cast, review, signed_in):
    actions.set_blind(review, False, by=cast.ada, reason="Training")
    client = signed_in(cast.ada)
    page = log(client).content.decode()
    assert "The chain is unbroken, 2 events." in page
    assert "Training" in page
    AuditEvent.objects.filter(review=review, number=2).update(reason="Something else")
    page = log(client).content.decode()
    assert "The chain is broken." in page
    assert "event 2 (opened the blind) was changed" in page


def test_a_long_chain_is_checked_when_asked_for(cast, review, signed_in, monkeypatch):
    monkeypatch.setattr("reviews.views.log.CHECKED_UNASKED", 0)
    AuditEvent.objects.filter(review=review, number=1).update(reason="Something else")
    client = signed_in(cast.ada)
    page = log(client).content.decode()
    assert "Check the chain" in page
    assert "broken" not in page
    assert "The chain is broken." in log(client, check="yes").content.decode()


def test_the_log_is_narrowed_by_person_and_act(cast, review, signed_in):
    actions.invite(review, by=cast.ada, roles=["viewer"])
    actions.remove(cast.member("bo"), by=cast.bo)
    client = signed_in(cast.ada)
    assert [e.verb for e in log(client, person=cast.bo.pk).context["page"]] == ["left the review"]
    found = log(client, verb="invited a person").context["page"]
    assert [e.actor for e in found] == [cast.ada]
    assert list(log(client, person=cast.bo.pk, verb="invited a person").context["page"]) == []
    assert list(log(client, person="x").context["page"]) == []
    with audit.transaction.atomic():
        audit.record(review, "finished a job", by=None)
    assert [e.verb for e in log(client, person=0).context["page"]] == ["finished a job"]


def test_the_log_shows_what_changed_and_nothing_else(cast, review, signed_in):
    same = {"framework": "pico", "question": {}}
    actions.describe(review, by=cast.ada, title="A better title", **same)
    client = signed_in(cast.ada)
    event = log(client).context["page"][0]
    assert event.differences == [("title", "Programs for youth", "A better title")]
    actions.set_criteria(review, [("inclusion", "Youth"), ("exclusion", "Mice")], by=cast.ada)
    actions.set_roles(cast.member("bo"), ["viewer"], by=cast.ada)
    roles, criteria = log(client).context["page"][:2]
    assert roles.differences == [("", "screener; extractor", "viewer")]
    said = sorted(criteria.differences)
    assert said == [("exclusion", "", "Mice"), ("inclusion", "", "Youth")]


def test_the_log_is_paged_and_takes_a_fixed_number_of_queries(
    cast, review, signed_in, django_assert_num_queries
):
    client = signed_in(cast.ada)

    def write(n):
        for _ in range(n):
            with audit.transaction.atomic():
                audit.record(review, "did a thing", by=cast.ada)

    write(5)
    log(client)
    with django_assert_num_queries(10):
        log(client)
    write(60)
    with django_assert_num_queries(10):
        page = log(client)
    assert page.context["page"].paginator.num_pages == 2
    assert len(log(client, page=2).context["page"]) == 16


def test_the_log_of_another_review_stays_there(cast, review, signed_in):
    page = log(signed_in(cast.ada)).content.decode()
    assert "Zed" not in page


# --- Jobs -------------------------------------------------------------------------------------


@pytest.fixture
def job(cast, review):
    jobs.work("read-a-file", needs="import_records")(lambda run: {})
    yield jobs.enqueue(review, "read-a-file", by=cast.bo)
    del jobs.KINDS["read-a-file"], jobs.NEEDS["read-a-file"]


def at(job, name="job"):
    return reverse(f"reviews:{name}", args=["one", job.pk])


def test_a_job_is_watched_by_its_maker_the_lead_and_who_may_do_such_work(cast, job, signed_in):
    assert signed_in(cast.bo).get(at(job)).status_code == 200
    assert signed_in(cast.ada).get(at(job)).status_code == 200
    assert signed_in(cast.cy).get(at(job)).status_code == 403
    assert signed_in(cast.eve).get(at(job)).status_code == 404
    jobs.NEEDS["read-a-file"] = "screen"
    assert signed_in(cast.cy).get(at(job)).status_code == 200
    assert "Stop it" not in signed_in(cast.cy).get(at(job)).content.decode()
    assert signed_in(cast.cy).post(at(job, "cancel_job")).status_code == 403
    job.refresh_from_db()
    assert job.state == "queued"


def test_the_piece_asks_again_until_the_job_is_over(cast, job, signed_in):
    client = signed_in(cast.bo)
    poll = {"HX-Request": "true"}
    assert f'hx-get="{at(job)}"' in client.get(at(job)).content.decode()
    run = jobs.claim(job.pk)
    run.step(3, 10, "Reading records")
    piece = client.get(at(job), headers=poll).content.decode()
    assert "<html" not in piece
    assert "3 of 10" in piece
    assert f'hx-get="{at(job)}"' in piece
    assert "Stop it" in piece
    jobs.perform(run)
    piece = client.get(at(job), headers=poll).content.decode()
    assert "Done" in piece
    assert "hx-get" not in piece
    assert "Stop it" not in piece
    # The button of the page before is replaced by nothing.
    assert f'id="job-{job.pk}-stop" hx-swap-oob="true"' in piece


def test_a_job_is_stopped(cast, job, signed_in):
    client = signed_in(cast.bo)
    assert client.post(at(job, "cancel_job")).headers["Location"] == at(job)
    job.refresh_from_db()
    assert job.state == "cancelled"
    again = client.post(at(job, "cancel_job"), follow=True).content.decode()
    assert "nothing left to stop" in again


def test_a_running_job_is_asked_to_stop(cast, job, signed_in):
    run = jobs.claim(job.pk)
    page = signed_in(cast.ada).post(at(job, "cancel_job"), follow=True).content.decode()
    assert "Stopping" in page
    with pytest.raises(jobs.Cancelled):
        run.step(1)


def test_a_failed_job_says_why(cast, job, signed_in):
    Job.objects.filter(pk=job.pk).update(state="failed", error="That file holds no records.")
    assert "That file holds no records." in signed_in(cast.bo).get(at(job)).content.decode()


# --- One's account ----------------------------------------------------------------------------


def test_the_name_is_changed(cast, signed_in):
    client = signed_in(cast.bo)
    assert client.post("/accounts/me/", {"name": " Bo Lind "}).status_code == 302
    cast.bo.refresh_from_db()
    assert str(cast.bo) == "Bo Lind"
    assert client.post("/accounts/me/", {"name": " "}).status_code == 422
    cast.bo.refresh_from_db()
    assert str(cast.bo) == "Bo Lind"


def test_the_menu_offers_my_other_reviews(cast, signed_in):
    more = actions.create_review("Second of Bo", by=cast.bo)
    piece = signed_in(cast.bo).get("/reviews/others/", {"not": "one"}).content.decode()
    assert more.title in piece
    assert "Programs for youth" not in piece
    assert "Another review" not in piece


def test_a_database_that_is_busy_for_a_moment_ends_no_worker(monkeypatch):
    """The first look fails as SQLite does under load; the worker looks again, and stops when told."""
    looks, told = [], {}

    def run_one():
        looks.append(1)
        if len(looks) == 1:
            raise OperationalError("database is locked")
        told[signal.SIGTERM]()
        return False

    def beat():
        raise OperationalError("database is locked")

    monkeypatch.setattr(jobs, "run_one", run_one)
    monkeypatch.setattr(jobs, "beat", beat)
    monkeypatch.setattr(signal, "signal", told.__setitem__)
    call_command("worker")
    assert len(looks) == 2
