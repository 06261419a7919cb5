"""Exports of a large review: seconds to the first byte and to the last, and memory above the start.

    python bench/exports.py [--reports 100000] [--database postgres://…/an_empty_database] [--kinds csv,ris]

The review is that of bench/prisma.py, in a database of its own. Memory is the process's peak.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident() -> float:
    """The memory that this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--kinds", default="csv,ris,bib,json,xml,xlsx")
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

        from bench.prisma import fill

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.WHITENOISE_AUTOREFRESH = True
        if connection.introspection.table_names():
            raise SystemExit("That database is not empty.")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        # In a process of its own: what filling needs is not what exporting needs.
        filler = os.fork()
        if not filler:
            fill(given.reports)
            os._exit(0)
        os.waitpid(filler, 0)
        from reviews.models import User

        client = Client()
        client.force_login(User.objects.get(username="ada"))
        client.get("/r/bench/prisma/")  # what the first page loads is not the export's
        print(f"{given.reports} reports on {connection.vendor}")
        for kind in given.kinds.split(","):
            worker = os.fork()
            if not worker:
                connection.close()
                before = resident()
                start = time.perf_counter()
                answer = client.get(f"/r/bench/reports/export/{kind}/")
                assert answer.status_code == 200, answer.status_code
                pieces = iter(answer.streaming_content if answer.streaming else [answer.content])
                size = len(next(pieces))
                first = time.perf_counter() - start
                size += sum(len(piece) for piece in pieces)
                took = time.perf_counter() - start
                print(f"{kind:<5} first byte {first:6.2f} s, all {took:7.1f} s, "
                      f"{size / 2**20:6.0f} MB, memory +{peak() - before:4.0f} MB", flush=True)  # fmt: skip
                os._exit(0)
            os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
