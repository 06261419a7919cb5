"""Many reviewers on a large review: the next reports and decisions, through real web workers.

    python bench/screening.py [--database-url URL --redis-url URL] [--people 50] [--records 100000]
                              [--seconds 30] [--sizes 1000,10000,100000] [--million] [--out FILE]
                              [--asreview VENV]

Works in the database of `--database-url`, which must be empty, else in one of SQLite's in a folder
of its own. Starts gunicorn as an installation does (`--workers` processes of `--threads` threads)
and speaks to it over HTTP, each reviewer on a connection of their own:

1. *think*: `--people` reviewers ask for the next reports and decide, 1 to 3 seconds apart;
2. *closed*: the same without thinking, for decisions a second;
3. *shared*: as 1, with the reports shared out in balanced pairs and served in random order;
4. *sizes*: one reviewer alone in reviews of each of `--sizes` reports (`--million`: of 1,000,000 as
   well), the next reports and a decision in turn.

Prints p50, p95 and p99 of each in milliseconds, how often anything but 200, 201 or 409 was answered,
and the ratios to ASReview LAB: with `--asreview` to the same crowd on as many records, measured
right afterwards by bench/screening_asreview.py from the environment VENV; else to what was measured
of 3.0.8 with 20 reviewers on 10,000 records (next 1,620 ms, decide 767 ms at p95). At the end every report is counted: none has
more answers than the rules ask for, and each answer that was acknowledged is there once.
"""

import argparse
import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ASREVIEW = {"next": 1620, "decide": 767}  # p95 in milliseconds, with think time
TEMPLATES = 500  # reports that are written out; the others are copies with a number in the title


def set_up(people, sizes):
    """The reviews, filled, their reviewers and a session for each: {slug: [(user, session key)]}."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from reviews.actions import create_review
    from reviews.models import Membership, User

    if User.objects.exists():
        sys.exit("The database is not empty.")
    lead = User.objects.create_user("lead", "lead@example.org", "a long bench password")
    users = [
        User.objects.create_user(f"p{n}", f"p{n}@example.org", "a long bench password")
        for n in range(people)
    ]
    sessions = []
    for user in users:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        sessions.append((user, session.session_key))
    for slug, size in sizes.items():
        review = create_review(slug, by=lead, slug=slug)
        Membership.objects.bulk_create(
            Membership(review=review, user=user, roles=["screener"]) for user in users
        )
        fill(review, size)
    return sessions


def fill(review, size):
    """`size` reports of one source, each with its record."""
    from django.db import connection

    from citations.models import Record, Report, Search

    rng = random.Random(size)
    words = [
        f"{a}{b}" for a in ("care", "youth", "trial", "health") for b in ("", "s", "ing", "ful")
    ]
    search = Search.objects.create(review=review, name="Source", created_by=review.created_by)
    made = Report.objects.bulk_create(
        Report(
            review=review,
            title=f"{' '.join(rng.choices(words, k=12))} {n}",
            abstract=" ".join(rng.choices(words, k=180)),
            authors=["Doe, Jo", "Roe, Al"],
            year=rng.randint(1980, 2025),
            journal="Journal of Benches",
        )
        for n in range(min(size, TEMPLATES))
    )
    copies = (size - 1) // TEMPLATES
    first, last = made[0].pk, made[-1].pk
    columns = [f.column for f in Report._meta.concrete_fields if f.column not in ("id", "title")]
    names = ", ".join(f'"{name}"' for name in columns)
    series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
    with connection.cursor() as cursor:
        if copies:
            cursor.execute(
                f"INSERT INTO citations_report (title, {names}) {series} "
                f"SELECT title || ' ' || CAST(i AS text), {names} FROM citations_report, n "
                "WHERE id BETWEEN %s AND %s",
                [copies, first, last],
            ) if connection.vendor == "sqlite" else cursor.execute(
                f"{series} INSERT INTO citations_report (title, {names}) "
                f"SELECT title || ' ' || CAST(i AS text), {names} FROM citations_report, n "
                "WHERE id BETWEEN %s AND %s",
                [copies, first, last],
            )
        given = {
            "review_id": "review_id", "search_id": str(search.pk), "report_id": "id",
            "upload_id": "NULL", "number": "0", "line": "0", "end_line": "0", "raw": "'{}'",
            "at": "created_at",
        }  # fmt: skip
        columns = [f.column for f in Record._meta.concrete_fields if f.column != "id"]
        chosen = ", ".join(given.get(name, f'"{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO citations_record ({names}) SELECT {chosen} FROM citations_report "
            "WHERE review_id = %s",
            [review.pk],
        )
        cursor.execute("ANALYZE")


class Reviewer:
    """One person on a connection of their own."""

    def __init__(self, port, slug, user, session):
        self.port, self.slug, self.name = port, slug, user.username
        self.took = {"next": [], "decide": []}
        self.statuses = Counter()
        self.acknowledged = []
        self.rng = random.Random(user.pk)
        token = uuid.uuid4().hex
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        self.connection = None

    def ask(self, kind, method, path, body=None, **headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = json.dumps(body) if body is not None else None
        started = time.perf_counter()
        self.connection.request(method, path, sent, self.headers | headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.took[kind].append((time.perf_counter() - started) * 1000)
        self.statuses[answer.status] += 1
        return answer.status, json.loads(text) if answer.status < 500 else {}

    def turn(self, think=(0, 0)):
        """The next reports, a thought, a decision; whether there was one to take."""
        _, told = self.ask("next", "GET", f"/r/{self.slug}/screen/abstract/next/?limit=10")
        if not told.get("records"):
            return False
        time.sleep(self.rng.uniform(*think))
        report = told["records"][0]["id"]
        verdict = self.rng.choice(["include", "exclude", "exclude", "exclude"])
        status, _ = self.ask(
            "decide",
            "POST",
            f"/r/{self.slug}/screen/abstract/decide/",
            {"report": report, "verdict": verdict},
            **{"Idempotency-Key": uuid.uuid4().hex},
        )
        if status == 201:
            self.acknowledged.append((report, self.name))
        time.sleep(self.rng.uniform(*think))
        return True


def together(reviewers, seconds, think):
    """All of them at it for `seconds`; the seconds that it took."""
    start = time.perf_counter()
    until = start + seconds

    def work(each):
        time.sleep(each.rng.uniform(0, think[1]))
        while time.perf_counter() < until and each.turn(think):
            pass

    threads = [threading.Thread(target=work, args=(each,)) for each in reviewers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return time.perf_counter() - start


def spread(took):
    """{"n", "p50", "p95", "p99"} of durations in milliseconds."""
    if len(took) < 2:
        return {"n": len(took)}
    cut = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "n": len(took),
        "p50": round(cut[49], 1),
        "p95": round(cut[94], 1),
        "p99": round(cut[98], 1),
    }


def summed(name, reviewers, seconds):
    took = {
        kind: [each for one in reviewers for each in one.took[kind]] for kind in ("next", "decide")
    }
    found = {kind: spread(durations) for kind, durations in took.items()}
    found["per_second"] = round(len(took["decide"]) / seconds, 1)
    statuses = sum((one.statuses for one in reviewers), Counter())
    found["other_answers"] = {
        str(status): n for status, n in statuses.items() if status not in (200, 201, 409)
    }
    print(f"{name:>8}", json.dumps(found), flush=True)
    return found


def serve(port, workers, threads, log):
    return subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "reviewapp.wsgi", "--bind", f"127.0.0.1:{port}",
            "--workers", str(workers), "--threads", str(threads), "--keep-alive", "75",
            "--no-control-socket",
        ],
        cwd=ROOT, stdout=log, stderr=log,
    )  # fmt: skip


def audited(slug, acknowledged):
    """What is wrong with the decisions in the end: all 0."""
    from django.db.models import Count

    from reviews.models import Review
    from screening import flow
    from screening.models import Decision

    review = Review.objects.get(slug=slug)
    own = Decision.objects.current().independent().filter(report__review=review)
    too_many = own.values("report").annotate(n=Count("pk")).filter(n__gt=2).count()
    there = Counter(own.values_list("report", "by__username"))
    return {
        "too_many": too_many,
        "lost": sum(there[each] == 0 for each in set(acknowledged)),
        "doubled": sum(n > 1 for n in there.values()),
        "misplaced": len(flow.misplaced(review)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database-url", default="")
    parser.add_argument("--redis-url", default="")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--turns", type=int, default=150, help="of the one reviewer in each size")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--port", type=int, default=8101)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--asreview", type=Path, metavar="VENV")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="reviewapp.settings",
            REVIEWAPP_DATA_DIR=folder,
            REVIEWAPP_SECRET_KEY=uuid.uuid4().hex * 2,
            REVIEWAPP_ALLOWED_HOSTS="127.0.0.1",
            DATABASE_URL=args.database_url,
            REDIS_URL=args.redis_url,
        )
        run(args, Path(folder))


def run(args, folder):
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from reviews.models import Review
    from screening.lead import ordering
    from screening.sharing import setting

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    sizes = [int(each) for each in args.sizes.split(",") if each]
    sizes += [1_000_000] if args.million else []
    started = time.perf_counter()
    reviews = {"crowd": args.records} | {f"size-{size}": size for size in sizes}
    sessions = set_up(args.people, reviews)
    print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
    connections.close_all()
    found = {}
    with (folder / "web.log").open("w") as log:
        web = serve(args.port, args.workers, args.threads, log)
        try:
            wait_for(args.port)

            def crowd():
                return [Reviewer(args.port, "crowd", *each) for each in sessions]

            acknowledged = []
            for name, think in (("think", (0.5, 1.5)), ("closed", (0, 0)), ("shared", (0.5, 1.5))):
                if name == "shared":
                    review = Review.objects.get(slug="crowd")
                    asked = [setting.Asked(user) for user, _ in sessions]
                    lead = review.created_by
                    setting.share_out(
                        review, "abstract", by=lead, kind="pairs", asked=asked, seed=1
                    )
                    ordering.set_order(review, "abstract", by=lead, order="random", seed=1)
                people = crowd()
                together(people[:4], 2, (0, 0))  # warm
                for each in people:
                    acknowledged += each.acknowledged
                people = crowd()
                took = together(people, args.seconds, think)
                found[name] = summed(name, people, took)
                acknowledged += [one for each in people for one in each.acknowledged]
            for size in sizes:
                one = Reviewer(args.port, f"size-{size}", *sessions[0])
                for _ in range(10):
                    one.turn()
                one.took = {"next": [], "decide": []}
                began = time.perf_counter()
                for _ in range(args.turns):
                    one.turn()
                found[f"{size}"] = summed(f"{size}", [one], time.perf_counter() - began)
        finally:
            web.terminate()
            web.wait()
    found["audit"] = audited("crowd", acknowledged)
    print("   audit", json.dumps(found["audit"]))
    peers, where = ASREVIEW, "quoted"
    if args.asreview:
        found["asreview"] = beside(args)
        print("asreview", json.dumps(found["asreview"]), flush=True)
        peers = {kind: found["asreview"][kind]["p95"] for kind in ASREVIEW}
        where = "in this run"
    for kind, theirs in peers.items():
        ratio = found["think"][kind]["p95"] / theirs
        print(f"p95 of {kind}: {ratio:.4f} of ASReview's {theirs} ms {where} (goal 0.05)")
    if len(sizes) > 1:
        ends = [found[f"{size}"]["next"]["p95"] for size in (min(sizes), max(sizes))]
        print(f"p95 of next, largest against smallest: {ends[1] / ends[0]:.2f} (goal 1.5)")
    connections.close_all()
    if args.out:
        args.out.write_text(json.dumps(found, indent=1))


def beside(args):
    """ASReview's figures under the same crowd, by a process of its own."""
    command = [sys.executable, str(ROOT / "bench" / "screening_asreview.py"), str(args.asreview)]
    for name in ("people", "records", "seconds"):
        command += [f"--{name}", str(getattr(args, name))]
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    said = subprocess.run(command, env=clean, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(said.stdout)


def wait_for(port):
    for _ in range(240):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/accounts/login/")
            if re.match("2|3", str(connection.getresponse().status)):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("The server did not start.")


if __name__ == "__main__":
    main()
