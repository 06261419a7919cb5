"""Seconds of the source yield and its lists in a generated review.

    python bench/yields.py [--reports 100000] [--searches 8]

Works in a database of its own, in a folder that is removed at the end; each figure is the best of three.
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


def fill(reports: int, searches: int):
    """A review whose reports were found by one to four of its searches, in uneven shares."""
    from django.utils import timezone

    from citations.models import Record, Report, Search, Upload
    from reviews.actions import create_review
    from reviews.models import User
    from screening.flow import Place

    rng = random.Random(1)
    ada = User.objects.create_user("ada", "ada@example.org", "x")
    review = create_review("Bench", by=ada, slug="bench")
    sources = [
        Search.objects.create(review=review, name=f"Source {n}", created_by=ada)
        for n in range(searches)
    ]
    uploads = [
        Upload.objects.create(
            review=review, search=each, name="a", sha256=f"{each.pk:064}", size=1, by=ada,
            imported_at=timezone.now(),
        )
        for each in sources
    ]  # fmt: skip
    weights = [1 / (n + 1) for n in range(searches)]
    places = [Place.ABSTRACT_OUT] * 940 + [Place.FULLTEXT_OUT] * 40 + [Place.INCLUDED] * 20
    made = Report.objects.bulk_create(
        (
            Report(review=review, title=f"Report {n}", place=rng.choice(places))
            for n in range(reports)
        ),
        batch_size=5000,
    )
    numbers = [0] * searches
    records = []
    for report in made:
        for at in set(rng.choices(range(searches), weights, k=rng.choice([1, 1, 2, 3, 4]))):
            numbers[at] += 1
            records.append(
                Record(
                    review=review, search=sources[at], upload=uploads[at], report=report,
                    title=report.title, number=numbers[at],
                )
            )  # fmt: skip
    Record.objects.bulk_create(records, batch_size=5000)
    return review, ada, len(records)


def best(of) -> float:
    took = []
    for _ in range(3):
        start = time.perf_counter()
        of()
        took.append(time.perf_counter() - start)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "REVIEWAPP_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "reviewapp.settings",
        }
        os.environ.pop("DATABASE_URL", None)  # never somebody's own database
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from screening.reporting import yields

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.WHITENOISE_AUTOREFRESH = True
        call_command("migrate", verbosity=0)
        review, ada, records = fill(given.reports, given.searches)
        client = Client()
        client.force_login(ada)
        found = yields.found(review)
        print(f"{given.reports} reports, {records} records, {given.searches} searches, "
              f"{len(found.tally.combinations)} combinations")  # fmt: skip
        print(f"counting            {best(lambda: yields.found(review)):6.2f} s")
        for name, address in {
            "yield page": "searches/yield/",
            "PRISMA-S page": "searches/prisma-s/",
            "list: only in one": "reports/?found=1",
            "list: shared": "reports/?shared=1",
            "list: of three": "reports/?found=1-2-3",
        }.items():
            answer = client.get(f"/r/bench/{address}")
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
            print(f"{name:<20}{best(lambda: client.get(f'/r/bench/{address}')):6.2f} s")  # noqa: B023


if __name__ == "__main__":
    main()
