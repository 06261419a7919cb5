"""The Python client against a live server, and its example notebook cell by cell."""

import importlib.util
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from reviews import jobs, tokens
from tests.conftest import Cast

HERE = Path(__file__).resolve().parent.parent.parent / "clients" / "python"
spec = importlib.util.spec_from_file_location("concord_client", HERE / "concord_client.py")
client = importlib.util.module_from_spec(spec)
sys.modules["concord_client"] = client
spec.loader.exec_module(client)

RIS = "TY  - JOUR\nTI  - {}\nER  - \n"


@pytest.fixture
def cast(transactional_db):
    return Cast()


@pytest.fixture
def speak(live_server):
    """`speak(user)` is a client that speaks for that user."""

    def as_(user, *scopes, **more):
        scopes = scopes or ("decide", "manage")
        secret = tokens.make(user, name="client", scopes=scopes)[1]
        return client.Concord(live_server.url, secret, **more)

    return as_


@pytest.fixture
def worker(transactional_db):
    """Work is done while somebody waits for it."""

    def work(review):
        asked = review.job

        def job(number):
            while jobs.run_one():
                pass
            return asked(number)

        review.job = job
        return review

    return work


def test_from_upload_to_export(cast, speak, worker, tmp_path):
    review = worker(speak(cast.ada).review("one"))
    file = tmp_path / 'found "here".ris'
    file.write_text("".join(RIS.format(f"Title number {n}") for n in range(7)))
    done = review.wait(review.upload(file, source="Ovid"), pause=0)
    assert done["result"]["records"] == 7
    assert [each["title"] for each in review.pages("reports/", page_size=2)] == [
        f"Title number {n}" for n in range(7)
    ]
    kept = review.export(tmp_path / "out.ris", source="Ovid")
    assert kept.read_text().count("TY  - ") == 7
    assert review.figure(tmp_path / "p.svg").read_text().startswith("<svg")


def test_a_refusal_is_raised_with_its_sentence(cast, speak):
    review = speak(cast.obi).review("one")
    with pytest.raises(client.Refused, match="403: You take part in this review as viewer"):
        review.post("update/", {"version": 1})
    with pytest.raises(client.Refused, match=r"400: plaec: There is no such field\."):
        list(review.reports(plaec="x"))
    with pytest.raises(client.Refused) as gone:
        speak(cast.obi).review("two").get()
    assert gone.value.status == 404


def test_a_decision_with_the_same_key_is_one_decision(cast, speak, make_report):
    report = make_report(cast.review)
    review = speak(cast.bo).review("one")
    first = review.decide(report.pk, "include", key="k1")
    again = review.decide(report.pk, "include", key="k1")
    assert first["id"] == again["id"]
    with pytest.raises(client.Refused, match="409"):
        review.decide(report.pk, "exclude", key="k1")


def test_a_job_that_failed_is_said(cast, speak, worker, tmp_path):
    review = worker(speak(cast.ada).review("one"))
    file = tmp_path / "empty.ris"
    file.write_text("no citation at all")
    with pytest.raises((client.Failed, client.Refused)):
        review.wait(review.upload(file, source="Ovid"), pause=0)


class Moody(BaseHTTPRequestHandler):
    """Answers as `mood` says, then well."""

    mood: list = []
    asked: list = []

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        Moody.asked.append((self.command, self.headers.get("Idempotency-Key")))
        status = Moody.mood.pop(0) if Moody.mood else 200
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "0")
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(b'{"detail": "as it is"}')

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


@pytest.fixture
def moody(monkeypatch):
    monkeypatch.setattr(client.time, "sleep", lambda _: None)
    Moody.mood, Moody.asked = [], []
    server = HTTPServer(("127.0.0.1", 0), Moody)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield client.Concord(f"http://127.0.0.1:{server.server_port}", "t", tries=3)
    server.shutdown()
    server.server_close()


def test_a_busy_server_is_asked_again_if_that_does_no_harm(moody):
    Moody.mood = [503, 429]
    assert moody.get("reviews/") == {"detail": "as it is"}
    Moody.mood = [503]
    moody.post("reviews/one/reports/1/decisions/", {})
    keys = {key for method, key in Moody.asked if method == "POST"}
    assert len(keys) == 1  # the same key both times
    Moody.mood = [503]
    with pytest.raises(client.Refused, match="503: as it is"):
        moody.post("reviews/", {})  # could have been carried out
    Moody.mood = [429]
    assert moody.post("reviews/", {}) == {"detail": "as it is"}  # was not


def test_it_gives_up_and_follows_no_redirect(moody):
    Moody.mood = [503] * 9
    with pytest.raises(client.Refused, match="503"):
        moody.get("reviews/")
    assert len(Moody.asked) == 3
    Moody.mood = [302]
    with pytest.raises(client.Refused, match="302"):
        moody.get("reviews/")


def test_the_example_notebook_runs_as_it_stands(cast, live_server, monkeypatch, capsys):
    book = json.loads((HERE / "example.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 6
    secret = tokens.make(cast.eve, name="notebook", scopes=["decide", "manage"])[1]
    monkeypatch.setenv("CONCORD_URL", live_server.url)
    monkeypatch.setenv("CONCORD_TOKEN", secret)
    real = client.Review.job

    def job(self, number):
        while jobs.run_one():
            pass
        return real(self, number)

    monkeypatch.setattr(client.Review, "job", job)
    names: dict = {}
    for cell in cells:
        exec(compile(cell, "example.ipynb", "exec"), names)
    assert {box: names["boxes"][box] for box in ("D1_db", "D3", "D4")} == {
        "D1_db": 3,
        "D3": 3,
        "D4": 1,
    }
    assert len(names["said"]) == 2
    assert names["references"].read_text().count("TY  - ") == 2


def test_it_needs_the_standard_library_alone():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import concord_client"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(HERE)], check=False)
    assert done.returncode == 0
