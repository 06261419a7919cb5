"""A large import, from upload to screenable, in a worker while a reviewer goes on screening.

    python bench/arrivals.py [--records 100000] [--standing 10000] [--database-url URL --redis-url URL]

Starts web and worker as an installation does (gunicorn with 2 processes; the embedded worker, or
Celery where a Redis is named) on a data folder of their own, and speaks to them over HTTP alone.
`--standing` records are imported first, so that there is something to screen. A reviewer asks for
the next reports and decides, twice a second: first with the machine at rest (the baseline), then
while `--records` records in one RIS file are sent, read, stored, compared and joined. Each tenth of
them is a record of the first file in another dress, as long as there are any.

Prints seconds and records a second, the worker's peak memory, and for each request p50, p95 and the
slowest, at rest and during the import, with their ratio. Ends with `manage.py verify`.
"""

import argparse
import http.cookiejar
import itertools
import json
import os
import random
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLUG, PASSWORD = "bench", "a long bench password"
PAUSE = 0.5  # seconds between two requests of the reviewer

WORDS = [
    "care",
    "youth",
    "foster",
    "shelter",
    "trafficking",
    "exploitation",
    "program",
    "mentoring",
    "survivor",
    "housing",
    "trauma",
    "therapy",
    "school",
    "peer",
    "court",
    "justice",
    "health",
    "nurse",
    "residential",
    "outreach",
    "training",
    "worker",
    "family",
    "welfare",
    "placement",
    "runaway",
    "risk",
    "screening",
    "assessment",
    "outcome",
    "trial",
    "cohort",
    "interview",
    "qualitative",
    "evaluation",
    "stability",
    "violence",
    "prevention",
    "recovery",
    "advocacy",
    "group",
    "rural",
    "urban",
    "national",
    "pilot",
    "longitudinal",
    "mixed",
    "evidence",
    "practice",
    "policy",
    "service",
    "model",
    "component",
    "need",
    "voice",
    "experience",
]
NAMES = [
    "Abara",
    "Lind",
    "Okafor",
    "Moreno",
    "Achterberg",
    "Whitlock",
    "Tanaka",
    "Silva",
    "Novak",
    "Haddad",
    "Kim",
    "Rossi",
    "Dubois",
    "Petrov",
    "Mbeki",
    "Olsen",
    "Garcia",
    "Wong",
    "Singh",
    "Costa",
]


def works(count, seed):
    """(title, authors, year, journal, volume, page, doi, abstract) of invented articles."""
    chance = random.Random(seed)
    for number in range(count):
        title = " ".join(chance.choices(WORDS, k=chance.randint(7, 13))).capitalize()
        authors = [f"{chance.choice(NAMES)}, {chr(65 + chance.randrange(26))}." for _ in range(3)]
        abstract = " ".join(chance.choices(WORDS, k=150)).capitalize() + "."
        page = chance.randint(1, 900)
        yield (
            f"{title} {number:x}",
            authors,
            chance.randint(1995, 2026),
            f"Journal of {chance.choice(WORDS)} and {chance.choice(WORDS)}",
            chance.randint(1, 80),
            (page, page + 9),
            f"10.5555/{seed}.{number}",
            abstract,
        )


def entry(work, *, again=False):
    """A RIS record; `again` as another database writes it: title in capitals, no abstract."""
    title, authors, year, journal, volume, pages, doi, abstract = work
    lines = ["TY  - JOUR", f"TI  - {title.upper() if again else title}"]
    lines += [f"AU  - {name}" for name in authors]
    lines += [f"PY  - {year}", f"JO  - {journal}", f"VL  - {volume}", f"SP  - {pages[0]}"]
    lines += [f"EP  - {pages[1]}", f"DO  - {doi}"]
    lines += [] if again else [f"AB  - {abstract}"]
    return "\n".join([*lines, "ER  - ", "", ""])


def first_file(count):
    return (entry(work) for work in works(count, seed=1))


def large_file(count, standing):
    known = works(standing, seed=1)
    for number, work in enumerate(works(count, seed=2), start=1):
        repeated = next(known, None) if number % 10 == 0 else None
        yield entry(repeated or work, again=bool(repeated))


class Person:
    """Somebody with a browser's cookies."""

    def __init__(self, base, name):
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.ask("/accounts/login/")
        self.ask("/accounts/login/", form={"login": name, "password": PASSWORD})

    def ask(self, path, *, form=None, body=None, headers=None):
        data = body
        if form is not None:
            data = "&".join(f"{k}={v.replace(' ', '+')}" for k, v in form.items()).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers or {})
        token = {each.name: each.value for each in self.cookies}.get("csrftoken", "")
        request.add_header("X-CSRFToken", token)
        request.add_header("Referer", self.base + path)
        with self.opener.open(request, timeout=600) as answer:
            return answer.read()

    def told(self, path, **more):
        return json.loads(self.ask(path, **more))


class Reviewer(threading.Thread):
    """Asks for the next reports and decides on one, until told to stop; keeps every duration."""

    def __init__(self, person):
        super().__init__(daemon=True)
        self.person, self.over = person, threading.Event()
        self.seconds = {"next": [], "decide": []}

    def run(self):
        while not self.over.is_set():
            found = self._timed("next", f"/api/v1/reviews/{SLUG}/queue/?stage=abstract&limit=5")
            if not found["records"]:
                return
            report = found["records"][0]["id"]
            said = json.dumps({"stage": "abstract", "verdict": "exclude"}).encode()
            self._timed(
                "decide",
                f"/api/v1/reviews/{SLUG}/reports/{report}/decisions/",
                body=said,
                headers={"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex},
            )
            self.over.wait(PAUSE)

    def _timed(self, name, path, **more):
        began = time.perf_counter()
        told = self.person.told(path, **more)
        self.seconds[name].append(time.perf_counter() - began)
        return told


def reviewing(person, seconds):
    reviewer = Reviewer(person)
    reviewer.start()
    time.sleep(seconds)
    return stopped(reviewer)


def stopped(reviewer):
    reviewer.over.set()
    reviewer.join()
    return reviewer.seconds


def send(lead, path, source):
    """Upload a file; the id of its job."""
    edge = uuid.uuid4().hex
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="source"\r\n\r\n{source}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    )
    body = head.encode() + path.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    return lead.told(f"/api/v1/reviews/{SLUG}/uploads/", body=body, headers=kind)["job"]


def done(lead, job, on_change=lambda told: None):
    doing = ""
    while True:
        told = lead.told(f"/api/v1/reviews/{SLUG}/jobs/{job}/")
        if told.get("doing") != doing:
            doing = told.get("doing")
            on_change(told)
        if told["state"] in ("done", "failed", "cancelled"):
            if told["state"] != "done":
                sys.exit(f"The import ended as {told['state']}: {told.get('error')}")
            return told
        time.sleep(0.5)


def peak_memory(pid):
    """MB that the process has held at the most (Linux)."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024


def spread(durations):
    ordered = sorted(durations)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [1000 * each for each in (statistics.median(ordered), p95, ordered[-1])]


def prepare(env):
    """The database, a lead and a reviewer."""
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], env=env, cwd=ROOT, check=True)
    subprocess.run([*manage, "collectstatic", "-v0", "--noinput"], env=env, cwd=ROOT, check=True)
    people = f"""
from reviews.actions import create_review
from reviews.models import Membership, StageRules, User
lead, rev = (User.objects.create_user(n, n + "@example.org", {PASSWORD!r}) for n in ("lead", "rev"))
review = create_review("Bench", by=lead, slug={SLUG!r})
Membership.objects.create(review=review, user=rev, roles=["screener"])
"""
    subprocess.run([*manage, "shell", "-v0", "-c", people], env=env, cwd=ROOT, check=True)


def serve(env, port):
    web = [sys.executable, "-m", "gunicorn", "reviewapp.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += ["--workers", "2", "--threads", "4", "--keep-alive", "75", "--no-control-socket"]
    if env.get("REDIS_URL"):
        work = [sys.executable, "-m", "celery", "-A", "reviewapp", "worker", "-B"]
        work += ["--concurrency", "1", "--pool", "solo", "--loglevel", "ERROR"]
        work += ["--schedule", str(Path(env["REVIEWAPP_DATA_DIR"]) / "beat")]
    else:
        work = [sys.executable, "manage.py", "worker"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return [subprocess.Popen(each, env=env, cwd=ROOT, **quiet) for each in (web, work)]


def wait_for(base):
    for _ in itertools.repeat(None, 120):
        try:
            urllib.request.urlopen(base + "/accounts/login/", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    sys.exit("The server did not start.")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--standing", type=int, default=10_000)
    parser.add_argument("--baseline", type=float, default=20, help="seconds at rest")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--redis-url", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "REVIEWAPP_DATA_DIR": folder, "REVIEWAPP_UPLOAD_LIMIT_MB": "1024"}
        for name, value in (("DATABASE_URL", args.database_url), ("REDIS_URL", args.redis_url)):
            env.pop(name, None)
            if value:
                env[name] = value
        prepare(env)
        port = free_port()
        children = serve(env, port)
        try:
            measure(args, Path(folder), f"http://127.0.0.1:{port}", worker=children[1].pid)
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait()
        verify = [sys.executable, "manage.py", "verify", SLUG]
        subprocess.run(verify, env=env, cwd=ROOT, check=True)


def measure(args, folder, base, *, worker):
    wait_for(base)
    lead, rev = Person(base, "lead"), Person(base, "rev")
    first, large = folder / "first.ris", folder / "large.ris"
    with first.open("w") as out:
        out.writelines(first_file(args.standing))
    with large.open("w") as out:
        out.writelines(large_file(args.records, args.standing))
    done(lead, send(lead, first, "Standing"))
    rest = reviewing(rev, args.baseline)
    reviewer = Reviewer(rev)
    reviewer.start()
    began = time.perf_counter()
    job = send(lead, large, "Large")
    sent = time.perf_counter() - began
    print(f"{args.records} records, {large.stat().st_size >> 20} MB: sent in {sent:.1f} s")

    def changed(told):
        print(f"  {time.perf_counter() - began:6.1f} s  {told.get('doing')}", flush=True)

    told = done(lead, job, changed)
    spent = time.perf_counter() - began
    busy = stopped(reviewer)
    print(f"screenable after {spent:.1f} s, {args.records / spent:.0f} records a second")
    print(f"{told['result']['text']}")
    print(f"worker: {peak_memory(worker):.0f} MB at the most; this bench: {_own_mb():.0f} MB")
    print(f"{'milliseconds':<14}{'p50':>8}{'p95':>8}{'slowest':>9}{'requests':>10}")
    for name in ("next", "decide"):
        for when, seconds in (("at rest", rest[name]), ("importing", busy[name])):
            values = "".join(f"{each:8.0f}" for each in spread(seconds))
            print(f"{name:<7}{when:<10}{values}{len(seconds):>8}")
        ratio = spread(busy[name])[1] / spread(rest[name])[1]
        print(f"{name:<7}p95 during the import is {ratio:.1f} times that at rest")


def _own_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
