"""Real processes on loopback, killed with -9 or paused in the middle of their work: an import goes
on where it stood, and a decision that was answered is there, once."""

import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psycopg
import pytest

from tools.serving import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
RECORDS = 3_000
LEASE_SECONDS = 2
PATIENCE = 240  # seconds until something that should happen has to have happened
ANSWERED = 60  # seconds until a request that was not answered is sent again

# A machine that others use as well starts a process in a minute.
pytestmark = [pytest.mark.timeout(900), pytest.mark.database]

SEED = """
import json
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
from citations.models import Record, Report, Search
from reviews import actions, tokens
from reviews.models import Membership, User
from screening import flow

people = {name: User.objects.create_user(name, f"{name}@example.org") for name in ("ada", "bo", "cy")}
for slug in ("killed", "votes", "paused"):
    # Three reviewers a report and two who vote: every report stays open, minds may be changed.
    review = actions.create_review(slug, by=people["ada"], slug=slug, screeners=3)
    for name in ("bo", "cy"):
        Membership.objects.create(review=review, user=people[name], roles=["screener"])
    search = Search.objects.create(
        review=review, name="Seeded", kind="database", created_by=people["ada"]
    )
    for number in range(40):
        about = {"review": review, "title": f"Seeded {slug} {number}"}
        report = Report.objects.create(**about)
        Record.objects.create(search=search, report=report, **about)
    flow.settle(review)
print(json.dumps({name: tokens.everything(user) for name, user in people.items()}))
"""


def eventually(happens, what):
    """What `happens()` gives once it is true; fails with `what` when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happens()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain: {what}"
        time.sleep(0.002)
    return found


class House:
    """An installation of its own: data folder, database, and one web process for all tests."""

    def __init__(self, folder, database_url):
        self.folder, self.database_url = folder, database_url
        apart = ("REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in apart},
            "DATABASE_URL": database_url,
            "REVIEWAPP_DATA_DIR": str(folder),
            "REVIEWAPP_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        self.started = []
        # Ours through all the kills: a request waits in its queue until the next web process.
        self.door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}/api/v1"
        self.tokens = json.loads(self.manage("shell", "-v", "0", "-c", SEED).splitlines()[-1])

    def manage(self, *words):
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # Processes

    def start(self, *command, keep_open=()):
        log = self.folder / f"process-{len(self.started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=keep_open,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        process.log = log
        self.started.append(process)
        return process

    def web(self):
        door = self.door.fileno()
        serving = ("--bind", f"fd://{door}", "--workers", "2", "--threads", "4")
        quiet = ("--no-control-socket", "--log-level", "warning")
        return self.start("-m", "gunicorn", "reviewapp.wsgi", *serving, *quiet, keep_open=[door])

    @contextmanager
    def worker(self):
        process = self.start("manage.py", "worker")
        try:
            yield process
        finally:
            kill(process)

    # Over HTTP

    def ask(self, name, path, body=None, headers=None):
        """(status, JSON) of a GET, or of a POST when there is a body."""
        headers = {"Authorization": f"Token {self.tokens[name]}", **(headers or {})}
        request = Request(f"{self.address}{path}", data=body, headers=headers)
        try:
            with urlopen(request, timeout=ANSWERED) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def upload(self, slug, content):
        """Send the file; the id of the job that imports it."""
        line = "a-boundary"
        body = (
            f'--{line}\r\nContent-Disposition: form-data; name="source"\r\n\r\nEmbase\r\n'
            f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="export.ris"\r\n'
            f"Content-Type: application/x-research-info-systems\r\n\r\n{content}\r\n--{line}--\r\n"
        ).encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        status, answer = self.ask("ada", f"/reviews/{slug}/uploads/", body, kind)
        assert status == 202, answer
        return answer["job"]

    def job(self, slug, pk):
        status, job = self.ask("ada", f"/reviews/{slug}/jobs/{pk}/")
        assert status == 200, job
        return job

    def ended(self, slug, pk):
        job = self.job(slug, pk)
        return job if job["finished_at"] else None

    def reports(self, slug):
        """How many reports the review shows."""
        status, page = self.ask("ada", f"/reviews/{slug}/reports/?page_size=1")
        assert status == 200, page
        return page["count"]

    # Beside it

    def rows(self, sql, *values):
        """Straight from the tables: what no page or filter can hide."""
        with closing(self._connection()) as connection:
            mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
            return connection.execute(sql.replace("?", mark), values).fetchall()

    def is_locked(self, job):
        """Whether somebody is in the middle of a transaction that stores a piece of the job."""
        with closing(self._connection()) as connection:
            if isinstance(connection, sqlite3.Connection):
                sql, values = "BEGIN IMMEDIATE", ()
            else:
                sql, values = "SELECT 1 FROM reviews_job WHERE id = %s FOR UPDATE NOWAIT", (job,)
            try:
                connection.execute(sql, values)
            except (sqlite3.OperationalError, psycopg.errors.LockNotAvailable):
                return True
            connection.rollback()
            return False

    def _connection(self):
        if self.database_url.startswith("sqlite"):
            path = self.folder / "kills.sqlite3"
            return sqlite3.connect(path, timeout=0.3, isolation_level=None)
        return psycopg.connect(self.database_url)


def kill(process):
    """-9 to all of its group, as a machine that falls over; it may be over already."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def database(folder):
    """The URL of an empty database: a SQLite file, or one on the server that the suite runs on."""
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not server.scheme.startswith("postgres"):
        yield f"sqlite:///{folder / 'kills.sqlite3'}"
        return
    name = f"concord_kills_{secrets.token_hex(4)}"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    with database(folder) as url:
        house = House(folder, url)
        try:
            yield house
        finally:
            for process in house.started:
                kill(process)
            house.door.close()


@pytest.fixture
def web(house):
    process = house.web()
    yield process
    kill(process)


def export(seed):
    """A RIS file of RECORDS records that nobody would take for one another, and their DOIs."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=7)) for _ in range(900)]
    entries, dois = [], []
    for number in range(1, RECORDS + 1):
        dois.append(f"10.5555/{seed}.{number}")
        lines = [
            ("TY", "JOUR"),
            ("TI", " ".join(chance.choices(words, k=8)).capitalize()),
            ("AU", f"{chance.choice(words).capitalize()}, {chance.choice('ABCDEFGH')}."),
            ("PY", chance.randint(1990, 2024)),
            ("DO", dois[-1]),
            ("ER", ""),
        ]
        entries.append("\n".join(f"{tag}  - {value}" for tag, value in lines))
    return "\n\n".join(entries) + "\n", dois


def is_at(house, job, doing):
    """Whether the job, begun and not over, is at `doing`; from the table, for that is quick."""
    [(now, state)] = house.rows("SELECT doing, state FROM reviews_job WHERE id = ?", job)
    assert state in ("queued", "running"), f"{state} before it could be caught {doing}"
    return now == doing


def assert_arrived_once(house, slug, job, dois):
    """The review shows the 40 seeded reports and RECORDS more; every table says the same."""
    assert house.job(slug, job)["state"] == "done"
    stored = house.rows(
        "SELECT r.number, r.doi FROM citations_record r JOIN reviews_review v ON v.id = r.review_id"
        " WHERE v.slug = ? AND r.upload_id IS NOT NULL ORDER BY r.number",
        slug,
    )
    assert stored == list(enumerate(dois, start=1))
    assert house.reports(slug) == 40 + RECORDS
    told = house.rows(
        "SELECT count(*) FROM reviews_auditevent e JOIN reviews_review v ON v.id = e.review_id"
        " WHERE v.slug = ? AND e.verb = 'imported a file'",
        slug,
    )
    assert told == [(1,)]
    house.manage("verify", slug)  # exit code 0: nothing differs


def test_an_import_whose_worker_is_killed_twice_ends_with_every_record_once(house, web):
    content, dois = export("killed")
    with house.worker() as first:
        job = house.upload("killed", content)
        eventually(lambda: is_at(house, job, "Storing records"), "storing records")
        kill(first)
    half = house.rows("SELECT count(*) FROM citations_record WHERE doi LIKE ?", "10.5555/killed.%")
    assert 0 < half[0][0] < RECORDS
    assert house.job("killed", job)["state"] == "running"  # nobody knows yet
    assert house.reports("killed") == 40

    with house.worker() as second:
        eventually(lambda: is_at(house, job, "Looking for duplicates"), "looking for duplicates")
        kill(second)
    assert house.reports("killed") == 40

    with house.worker():
        ended = eventually(lambda: house.ended("killed", job), "the import's end")
        assert ended["state"] == "done", ended
        assert (ended["result"]["records"], ended["result"]["new"]) == (RECORDS, RECORDS)
        assert_arrived_once(house, "killed", job, dois)

        again = house.upload("killed", content)
        ended = eventually(lambda: house.ended("killed", again), "the second import's end")
        assert ended["result"]["already"]
        assert_arrived_once(house, "killed", again, dois)


class Voter(threading.Thread):
    """A reviewer's outbox: goes round the reports, sends each vote until it is answered."""

    def __init__(self, house, name, reports):
        super().__init__(daemon=True)
        self.house, self.who, self.reports = house, name, reports
        self.ledger = []  # (report, key, body, status, answer) in the order of the answers
        self.broken = 0  # requests whose answer was lost
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            number = len(self.ledger)
            turn, place = divmod(number, len(self.reports))
            body = {
                "stage": "abstract",
                "verdict": ("include", "exclude", "maybe")[(turn + place) % 3],
                "note": f"{self.who} {number}",
            }
            vote = (self.reports[place], f"{self.who}-{number}", body)
            self.ledger.append((*vote, *self.send(*vote)))

    def send(self, report, key, body):
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        path = f"/reviews/votes/reports/{report}/decisions/"
        while True:
            try:
                return self.house.ask(self.who, path, json.dumps(body).encode(), headers)
            except (URLError, HTTPException, ConnectionError, TimeoutError):
                self.broken += 1


def test_votes_while_the_web_process_is_killed_twice_are_each_stored_once(house):
    reports = [
        pk
        for (pk,) in house.rows(
            "SELECT r.id FROM citations_report r JOIN reviews_review v ON v.id = r.review_id"
            " WHERE v.slug = 'votes' ORDER BY r.id"
        )
    ]
    voters = [Voter(house, name, reports) for name in ("bo", "cy")]
    web = house.web()
    try:
        for voter in voters:
            voter.start()
        for answered in (12, 30):
            eventually(lambda: all(len(v.ledger) >= answered for v in voters), "votes")  # noqa: B023
            kill(web)
            web = house.web()
        eventually(lambda: all(len(v.ledger) >= 45 for v in voters), "changes of mind")
        for voter in voters:
            voter.over.set()
            voter.join()
        assert sum(voter.broken for voter in voters) > 0, "no request was cut off by the kills"
        ledger = [entry for voter in voters for entry in voter.ledger]
        assert {status for *_, status, _ in ledger} == {201}

        def stored():
            """Every decision that was ever written in this review, superseded ones too."""
            return house.rows(
                "SELECT d.id, d.report_id, d.verdict, d.note FROM screening_decision d"
                " JOIN citations_report r ON r.id = d.report_id"
                " JOIN reviews_review v ON v.id = r.review_id WHERE v.slug = 'votes' ORDER BY d.id"
            )

        answered = sorted(
            (answer["id"], report, body["verdict"], body["note"])
            for report, _, body, _, answer in ledger
        )
        assert stored() == answered

        # What stands is the last answer of each to each, and the lead sees it.
        last = {(body["note"].split()[0], report): body for report, _, body, _, _ in ledger}
        status, page = house.ask("ada", "/reviews/votes/decisions/?page_size=1000")
        assert status == 200
        standing = {(row["by"], row["report"]): row for row in page["results"]}
        assert len(page["results"]) == len(standing) == len(last) == 80
        for place, body in last.items():
            assert {name: standing[place][name] for name in body} == body

        for voter in voters:
            for report, key, body, status, answer in voter.ledger:
                told = voter.send(report, key, body)
                kept = {name: told[1][name] for name in answer if name not in ("next", "left")}
                first = {name: answer[name] for name in kept}
                assert (told[0], kept) == (status, first)
        assert stored() == answered
    finally:
        for voter in voters:
            voter.over.set()
        kill(web)
    house.manage("verify", "votes")
