"""Webhooks: who is told what, signed, tried again, and nothing of the inner network is reached."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from citations import actions as citations
from reviews import jobs, posting, webhooks
from reviews.models import Attempt, AuditEvent, Job, Message, Webhook
from reviews.refusal import Refused
from screening import actions, consensus
from screening.lead import bulk
from screening.reporting import snapshots

pytestmark = pytest.mark.django_db
LOOPBACK = [ip_network("127.0.0.1")]


class Receiver:
    """A server on this machine that remembers what it was sent and answers as it is told."""

    def __init__(self):
        self.got, self.answers = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def work_off():
    while jobs.run_one():
        pass


def add(cast, url, *events):
    return webhooks.add(cast.review, url, events or list(webhooks.EVENTS), by=cast.ada)


def said(receiver):
    return [json.loads(body) for _, _, body in receiver.got]


# --- The page ---------------------------------------------------------------------------------


def test_an_address_is_added_tested_and_ended_and_its_secret_is_shown_once(
    cast, signed_in, receiver
):
    client = signed_in(cast.ada)
    sent = {"url": f"{receiver.url}/hook?key=1", "events": ["snapshot.frozen"]}
    shown = client.post("/r/one/webhooks/", sent, follow=True)
    secret = shown.context["fresh"]
    hook = Webhook.objects.get()
    page = f"/r/one/webhooks/{hook.pk}/"
    assert secret in shown.content.decode()
    assert secret not in client.get(page).content.decode()
    client.post(f"{page}test/")
    work_off()
    path, headers, body = receiver.got[0]
    assert path == "/hook?key=1"
    at, signed = (part.split("=")[1] for part in headers["X-Concord-Signature"].split(","))
    wanted = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, wanted)
    assert abs(int(at) - time.time()) < 60
    assert json.loads(body)["event"] == headers["X-Concord-Event"] == "test"
    assert "Delivered" in client.get(page).content.decode()
    client.post(f"{page}end/")
    client.post(f"{page}test/")
    snapshots.freeze(cast.review, "After", by=cast.ada)
    work_off()
    assert len(receiver.got) == 1
    log = AuditEvent.objects.filter(verb__contains="webhook").order_by("number")
    assert [each.verb for each in log] == ["added a webhook", "ended a webhook"]
    assert "key" not in json.dumps(log[0].after)


def test_a_wrong_address_is_said_in_the_form(cast, signed_in):
    for url in ("ftp://example.org", "https://", "https://a:b@example.org/", "http://x y/"):
        answer = signed_in(cast.ada).post("/r/one/webhooks/", {"url": url, "events": ["test"]})
        assert answer.status_code == 422
    answer = signed_in(cast.ada).post(
        "/r/one/webhooks/", {"url": "ftp://example.org", "events": ["snapshot.frozen"]}
    )
    assert "begins with https://" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_message_is_sent_again_by_the_page(cast, signed_in, receiver):
    hook, _ = add(cast, receiver.url)
    webhooks.test(hook)
    work_off()
    message = Message.objects.get()
    client = signed_in(cast.ada)
    client.post(f"/r/one/webhooks/messages/{message.pk}/send/")
    work_off()
    assert [each["id"] for each in said(receiver)] == [message.pk, message.pk]
    assert Attempt.objects.count() == 2


# --- What is told -----------------------------------------------------------------------------


def test_conflicts_and_what_is_settled_are_told_when_all_have_decided_and_without_votes(
    cast, make_report, receiver
):
    add(cast, receiver.url)
    same, other = make_report(cast.review), make_report(cast.review)
    for report in (same, other):
        actions.decide(report, "abstract", "exclude", by=cast.bo, note="words of bo")
    work_off()
    assert receiver.got == []  # one vote is nobody's business
    actions.decide(same, "abstract", "exclude", by=cast.cy)
    actions.decide(other, "abstract", "include", by=cast.cy)
    actions.final_word(other, "abstract", "include", by=cast.al)
    work_off()
    told = [(each["event"], each["facts"]["report"]) for each in said(receiver)]
    assert told == [
        ("decision.settled", same.pk),
        ("conflict.opened", other.pk),
        ("decision.settled", other.pk),
    ]
    whole = b"".join(body for _, _, body in receiver.got).decode()
    assert "words of bo" not in whole
    assert not any(name in whole for name in ('"bo"', '"cy"', "verdict"))


def test_a_consensus_is_told_as_settled(cast, make_report, receiver):
    add(cast, receiver.url)
    kept = {"screeners": 2, "maybe": "advances", "settled_by": "consensus"}
    actions.set_rules(cast.review, "abstract", by=cast.ada, **kept)
    report = make_report(cast.review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    for person in (cast.bo, cast.cy):
        consensus.propose(report, "abstract", "exclude", by=person)
    work_off()
    told = [(each["event"], each["facts"]["report"]) for each in said(receiver)]
    assert told == [("conflict.opened", report.pk), ("decision.settled", report.pk)]


def test_an_import_is_told_with_its_counts(cast, receiver):
    add(cast, receiver.url, "import.finished")
    data = b"TY  - JOUR\nTI  - One title\nER  - \n"
    citations.submit(cast.review, [data], name="a.ris", by=cast.ada, source="Ovid")
    work_off()
    (message,) = said(receiver)
    facts = message["facts"]
    assert (facts["name"], facts["source"], facts["records"]) == ("a.ris", "Ovid", 1)
    assert facts["upload"] == cast.review.uploads.get().pk


def test_only_what_was_chosen_is_told_and_only_of_this_review(cast, receiver):
    add(cast, receiver.url, "snapshot.frozen")
    snapshots.freeze(cast.other, "Theirs", by=cast.zed)
    taken = snapshots.freeze(cast.review, "Ours", by=cast.ada)
    work_off()
    (message,) = said(receiver)
    assert (message["event"], message["review"]) == ("snapshot.frozen", "one")
    assert message["facts"] == {"snapshot": taken.pk, "name": "Ours", "sha256": taken.sha256}


# --- Trying again -----------------------------------------------------------------------------


def test_what_fails_is_tried_again_after_growing_pauses_and_then_left(cast, receiver):
    hook, _ = add(cast, receiver.url)
    receiver.answers = [500, 404, 302]
    webhooks.test(hook)
    work_off()
    message = Message.objects.get()
    waited = []
    for _ in range(3):
        waited.append(round((message.next_at - timezone.now()).total_seconds(), -1))
        Job.objects.update(not_before=timezone.now())  # its time has come
        work_off()
        message.refresh_from_db()
    assert waited == sorted(waited)
    assert waited[0] < waited[1] < waited[2]
    assert message.delivered_at
    assert [each.status for each in message.attempts.all()] == [500, 404, 302, 204]
    assert {path for path, _, _ in receiver.got} == {"/"}  # the redirect was not followed
    # And when nothing ever comes:
    receiver.answers = [500] * 20
    webhooks.send_again(message)
    for _ in range(12):
        Job.objects.update(not_before=timezone.now())
        work_off()
    message.refresh_from_db()
    assert message.state == "not delivered"
    assert len(receiver.got) == 4 + 1 + len(webhooks.PAUSES)


def test_a_job_that_waits_for_its_time_is_left_alone(cast):
    later = timezone.now() + timezone.timedelta(hours=1)
    job = jobs.enqueue(cast.review, "webhook", by=None, not_before=later, message=1)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timezone.timedelta(hours=1))
    assert jobs.claim() is None
    assert jobs.claim(job.pk) is None
    assert jobs.lapsed() == []
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
    assert jobs.lapsed() == [job.pk]
    assert jobs.claim() is not None


# --- The inner network ------------------------------------------------------------------------


def test_inner_addresses_are_refused_unless_they_are_allowed(cast, receiver, settings):
    hook, _ = add(cast, receiver.url)
    settings.WEBHOOK_NETWORKS = []
    webhooks.test(hook)
    work_off()
    assert receiver.got == []
    assert "inner network" in Attempt.objects.get().error


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "ff02::1",
        "255.255.255.255",
        "fe80::1%eth0",
    ],
)
def test_this_address_is_inner(address):
    assert not posting.is_open(address, [])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_this_address_is_public(address):
    assert posting.is_open(address, [])


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_an_allowed_network_opens_itself_and_no_other(address):
    assert posting.is_open(str(address), [ip_network("10.0.0.0/8")])
    assert posting.is_open(f"::ffff:{address}", [ip_network("10.0.0.0/8")])
    assert not posting.is_open(str(address), [ip_network("192.168.0.0/16")])


def test_a_name_with_one_inner_address_among_its_own_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(posting.Unsendable, match="inner network"):
        posting.resolve("two.example", 80, [])


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(receiver, monkeypatch):
    asked = []

    def once(host, *_, **__):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", 80))]

    port = receiver.server.server_port
    monkeypatch.setattr(posting.socket, "getaddrinfo", once)
    connected = []
    real = posting.socket.socket

    def connect(address, timeout):
        connected.append(address)
        line = real()
        line.settimeout(timeout)
        line.connect(address)
        return line

    monkeypatch.setattr(posting.socket, "create_connection", connect)
    assert posting.post(f"http://hook.example:{port}/", b"{}", {}, LOOPBACK) == 204
    assert asked == ["hook.example"]
    assert connected == [("127.0.0.1", port)]
    assert receiver.got[0][1]["Host"] == f"hook.example:{port}"


def test_a_receiver_that_dawdles_is_left(settings, monkeypatch):
    monkeypatch.setattr(posting, "TOTAL", 0.3)
    silent = posting.socket.create_server(("127.0.0.1", 0))
    begun = time.monotonic()
    with pytest.raises(posting.Unsendable, match="did not answer"):
        posting.post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {}, LOOPBACK)
    assert time.monotonic() - begun < 5
    silent.close()


def test_the_limits_of_a_review_are_said(cast):
    for number in range(webhooks.MOST):
        add(cast, f"https://example.org/{number}")
    with pytest.raises(Refused, match="at most 20"):
        add(cast, "https://example.org/more")
    with pytest.raises(Refused, match="at least one"):
        webhooks.add(cast.other, "https://example.org/", [], by=cast.zed)


# --- What else is told ------------------------------------------------------------------------


def told(event):
    return [message.facts for message in Message.objects.filter(event=event).order_by("pk")]


def test_acts_on_many_reports_are_told_once_and_not_report_by_report(
    cast, review, make_report, monkeypatch
):
    add(cast, "https://example.org/hook")
    for n in range(3):
        make_report(review, f"R{n}")

    def act():
        asked, why = QueryDict("place=abstract-open"), "A tool"
        return bulk.preview(cast.member("ada"), asked, "exclude-automation", reason=why)

    small = bulk.begin(act(), by=cast.ada)
    bulk.undo(small, by=cast.ada)
    facts = {"act": small.pk, "kind": "exclude-automation"}
    assert told("bulk.done") == [{**facts, "done": 3}]
    assert told("bulk.undone") == [{**facts, "restored": 3}]
    assert told("conflict.reopened") == told("decision.settled") == []
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    large = bulk.begin(act(), by=cast.ada)
    assert len(told("bulk.done")) == 1
    jobs.run_one(large.job_id)
    assert told("bulk.done")[1] == {**facts, "act": large.pk, "done": 3}
    assert told("job.done") == [{"job": large.job_id, "kind": "bulk-act"}]


def test_jobs_that_end_are_told_but_not_the_messages_themselves(cast, review, monkeypatch):
    def refuse(run):
        raise Refused("Not today.")

    monkeypatch.setitem(jobs.KINDS, "trial", lambda run: {})
    monkeypatch.setitem(jobs.KINDS, "failing", refuse)
    monkeypatch.setattr(posting, "post", lambda *_: 204)
    add(cast, "https://example.org/hook")
    done, failed, stopped = (
        jobs.enqueue(review, kind, by=cast.ada) for kind in ("trial", "failing", "trial")
    )
    jobs.cancel(stopped, by=cast.ada)
    work_off()
    assert told("job.done") == [{"job": done.pk, "kind": "trial"}]
    assert told("job.failed") == [{"job": failed.pk, "kind": "failing"}]


def test_a_final_word_that_is_taken_back_is_told(cast, review, make_report):
    add(cast, "https://example.org/hook")
    report = make_report(review)
    actions.decide(report, "abstract", "include", by=cast.bo)
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    actions.final_word(report, "abstract", "exclude", by=cast.al)
    actions.reopen(report, "abstract", by=cast.al, reason="A slip.")
    facts = {"report": report.pk, "stage": "abstract", "place": "abstract-conflict"}
    assert told("conflict.reopened") == [facts]
