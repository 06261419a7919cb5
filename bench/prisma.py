"""Milliseconds of the PRISMA page and its parts in a generated review.

    python bench/prisma.py [--reports 100000] [--database postgres://…/an_empty_database] [--profile]

Works in a database of its own: SQLite in a folder that is removed at the end, or the one that is named,
which must be empty. Each figure is the best of five; 40 % more records than reports.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Shares of a thousand; what is left stands at title and abstract.
PLACES = {
    "abstract-open": 150, "abstract-half": 40, "abstract-conflict": 10, "abstract-out": 720,
    "removed-other": 10, "sought": 10, "not-retrieved": 5, "fulltext-open": 10,
    "fulltext-out": 35, "included": 10,
}  # fmt: skip
KINDS = [("MEDLINE", "database", 50), ("Embase", "database", 30), ("CENTRAL", "database", 12),
         ("ClinicalTrials.gov", "register", 6), ("Websites", "website", 2)]  # fmt: skip
WORDS = [
    "program",
    "youth",
    "violence",
    "prevention",
    "school",
    "trial",
    "review",
    "outcome",
    "community",
    "control",
]


def fill(reports: int):
    """A review with its reports in every place, votes and reasons behind those at full text."""
    from django.utils import timezone

    from citations.models import Record, Report, Search, Study, StudyReport, Upload
    from reviews.actions import create_review
    from reviews.models import User
    from screening.models import Decision
    from screening.reasons import set_reasons

    rng = random.Random(1)
    ada, bo, cy = (
        User.objects.create_user(n, f"{n}@example.org", "x") for n in ("ada", "bo", "cy")
    )
    review = create_review("Bench", by=ada, slug="bench")
    reasons = set_reasons(review, "fulltext", [f"Reason {n}" for n in range(9)], by=ada)
    searches = [
        Search.objects.create(review=review, name=name, kind=kind, created_by=ada)
        for name, kind, _ in KINDS
    ]
    uploads = [
        Upload.objects.create(
            review=review, search=each, name="a", sha256=f"{each.pk:064}", size=1, by=ada,
            imported_at=timezone.now(),
        )
        for each in searches
    ]  # fmt: skip
    places = rng.choices(list(PLACES), list(PLACES.values()), k=reports)
    abstract = [" ".join(rng.choices(WORDS, k=170)) for _ in range(50)]
    numbers = [0] * len(searches)
    for start in range(0, reports, 10_000):
        made = Report.objects.bulk_create(
            Report(review=review, title=f"Report {n}", place=places[n], abstract=abstract[n % 50])
            for n in range(start, min(start + 10_000, reports))
        )
        records, decisions, included = [], [], []
        for report in made:
            finders = rng.choices(
                range(len(KINDS)), [k[2] for k in KINDS], k=rng.choice([1, 1, 1, 1, 2, 3])
            )
            for at in finders:
                numbers[at] += 1
                records.append(
                    Record(
                        review=review, search=searches[at], upload=uploads[at], report=report,
                        title=report.title, number=numbers[at], abstract=report.abstract,
                        raw={"TI": [report.title], "AB": [report.abstract]},
                    )
                )  # fmt: skip
            if report.place in ("fulltext-out", "included"):
                out = report.place == "fulltext-out"
                reason = rng.choice(reasons) if out else None
                verdict = "exclude" if out else "include"
                decisions += [
                    Decision(report=report, stage="fulltext", verdict=verdict, by=by, reason=reason)
                    for by in (bo, cy)
                ]
            if report.place == "included":
                included.append(report)
        Record.objects.bulk_create(records, batch_size=2000)
        Decision.objects.bulk_create(decisions)
        studies = Study.objects.bulk_create(Study(review=review, label=r.title) for r in included)
        StudyReport.objects.bulk_create(
            StudyReport(study=study, report=report)
            for study, report in zip(studies, included, strict=True)
        )
    return review, ada, sum(numbers)


def best(of) -> float:
    took = []
    for _ in range(5):
        start = time.perf_counter()
        of()
        took.append(time.perf_counter() - start)
    return 1000 * min(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--profile", action="store_true", help="print each query of the page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "REVIEWAPP_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "reviewapp.settings",
        }
        os.environ.pop("REDIS_URL", None)
        os.environ.pop("DATABASE_URL", None)  # never somebody's own database
        if given.database:
            os.environ["DATABASE_URL"] = given.database
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client

        from screening import flow

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.WHITENOISE_AUTOREFRESH = True
        if connection.introspection.table_names():
            raise SystemExit("That database is not empty.")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        start = time.perf_counter()
        review, ada, records = fill(given.reports)
        print(f"{given.reports} reports, {records} records on {connection.vendor}, "
              f"filled in {time.perf_counter() - start:.0f} s")  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        client = Client()
        client.force_login(ada)
        numbers = flow.boxes(review)
        parts = {
            "flow.boxes": lambda: flow.boxes(review),
            "flow.identities": lambda: flow.identities(review, numbers),
            "flow.pending": lambda: flow.pending(review, numbers),
            "page": lambda: client.get("/r/bench/prisma/"),
            "api": lambda: client.get("/api/v1/reviews/bench/prisma/"),
        }
        assert client.get("/r/bench/prisma/").status_code == 200
        if not all(each.holds for each in flow.identities(review, numbers)):
            raise SystemExit("An identity does not hold.")
        for name, of in parts.items():
            asked = []

            def timed(execute, sql, *rest, asked=asked):
                start = time.perf_counter()
                answer = execute(sql, *rest)
                asked.append((1000 * (time.perf_counter() - start), sql))
                return answer

            with connection.execute_wrapper(timed):
                of()
            print(f"{name:<18}{best(of):8.0f} ms {len(asked):4} queries")
            if given.profile and name == "page":
                for took, sql in sorted(asked, reverse=True)[:12]:
                    print(f"  {took:6.0f} ms  {sql[:1500]}")


if __name__ == "__main__":
    main()
