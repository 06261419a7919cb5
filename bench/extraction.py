"""Milliseconds of an extractor's form and of the table study x component in a generated review.

    python bench/extraction.py [--studies 2000] [--fields 60] [--components 60]
                               [--database postgres://…/an_empty_database]

Goals: the form of 60 fields within 100 ms, the table of 2,000 studies x 60 components within 300 ms.
Works in a database of its own: SQLite in a folder that is removed at the end, or the one that is
named, which must be empty. Each figure is of the whole request on the server, five times; the time of
the processor tells of a busy machine what an idle one would take. A fifth of all study-component cells has evidence.
"""

import argparse
import cProfile
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

KINDS = [
    "text",
    "integer",
    "number",
    "date",
    "yes_no_unclear",
    "single",
    "multiple",
    "scale",
    "table",
]
PROGRAMS = 5  # studies that describe one program


def fill(studies: int, fields: int, components: int):
    """A published codebook, included studies, settled components, and one form that is filled in."""
    from citations.models import Program, Report, Study, StudyReport
    from components.models import Component
    from extraction import actions, codebook
    from extraction.models import AdjudicatedComponent, AdjudicatedEntry, Codebook, Field
    from reviews.actions import create_review
    from reviews.models import Membership, User

    rng = random.Random(7)
    ada, bo = (User.objects.create_user(n, f"{n}@example.org", "x") for n in ("ada", "bo"))
    review = create_review("Bench", by=ada, slug="bench")
    Membership.objects.create(review=review, user=bo, roles=["extractor"])
    made = []
    for number in range(components):
        heading = made[number - number % 10] if number % 10 else None
        made.append(
            Component.objects.create(
                review=review,
                code=f"C{number:02}",
                name=f"Component {number}",
                parent=heading,
                definition="What it is. " * 8,
                order=number,
            )
        )
    book = codebook.start(review, by=ada)
    Field.objects.bulk_create(
        Field(
            codebook=book,
            section=f"Section {number // 10}",
            label=f"Question {number}",
            kind=KINDS[number % len(KINDS)],
            help="What counts as an answer.",
            choices=["One", "Two", "Three", "Four"] if number % len(KINDS) > 4 else [],
            order=number,
        )
        for number in range(fields - 1)
    )
    group = Field.objects.create(
        codebook=book,
        section="Components",
        label="Components",
        kind="component_group",
        order=fields,
    )
    codebook.publish(book, by=ada)
    programs = Program.objects.bulk_create(
        Program(review=review, name=f"Program {n}") for n in range(max(1, studies // PROGRAMS))
    )
    rows = Study.objects.bulk_create(
        Study(review=review, label=f"Study {n:04}", program=programs[n % len(programs)])
        for n in range(studies)
    )
    reports = Report.objects.bulk_create(
        Report(review=review, title=f"Report of study {n}", place="included")
        for n in range(studies)
    )
    StudyReport.objects.bulk_create(
        StudyReport(study=study, report=report) for study, report in zip(rows, reports, strict=True)
    )
    settled = AdjudicatedComponent.objects.bulk_create(
        AdjudicatedComponent(study=study, field=group, component=each, side="agreed")
        for study in rows
        for each in made
        if rng.random() < 0.2
    )
    AdjudicatedEntry.objects.bulk_create(
        AdjudicatedEntry(
            settled=each, stance=rng.choice(["supports", "qualified", "opposes"]), quote="Words."
        )
        for each in settled
        for _ in range(rng.choice([1, 1, 2]))
    )
    form = actions.begin(rows[0], by=bo)
    for field in book.fields.filter(kind="text"):
        actions.save_value(form, field, "An answer", by=bo, quote="Words.", page="3")
    for each in made[:8]:
        actions.add_entry(form, group, each, by=bo, quote="Words.")
    assert Codebook.objects.of(review).fields.count() == fields
    return review, rows[0], ada, bo, len(settled)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--fields", type=int, default=60)
    parser.add_argument("--components", type=int, default=60)
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--profile", default="", help="name of the figure to profile")
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

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.WHITENOISE_AUTOREFRESH = True
        if connection.introspection.table_names():
            raise SystemExit("That database is not empty.")
        call_command("migrate", verbosity=0)
        review, study, ada, bo, settled = fill(given.studies, given.fields, given.components)
        if connection.vendor == "postgresql":  # as its own cleaner does within a minute
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        print(f"{given.studies} studies, {given.components} components, {settled} settled cells")

        def measure(name: str, user, path: str) -> None:
            client = Client()
            client.force_login(user)
            asked: list[str] = []

            def count(execute, sql, params, many, context):
                asked.append(sql)
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            if given.profile == name:
                cProfile.runctx("client.get(path)", {}, {"client": client, "path": path}, sort=2)
            times, worked = [], []
            for _ in range(5):
                start, busy = time.perf_counter(), time.process_time()
                client.get(path)
                times.append(1000 * (time.perf_counter() - start))
                worked.append(1000 * (time.process_time() - busy))
            print(
                f"{name:38} {min(times):6.0f} ms best, {statistics.median(times):6.0f} ms median, "
                f"{min(worked):6.0f} ms of processor, {len(asked):3} queries"
            )

        slug = review.slug
        measure(f"form of {given.fields} fields", bo, f"/r/{slug}/extraction/{study.pk}/form/")
        measure("table by study, first page", ada, f"/r/{slug}/table/")
        measure("table by study, last page", ada, f"/r/{slug}/table/?page=999")
        measure("table by program", ada, f"/r/{slug}/table/?by=program")
        measure("list of studies", bo, f"/r/{slug}/extraction/")
        measure("convergence matrix", ada, f"/r/{slug}/matrix/")
        connection.close()


if __name__ == "__main__":
    main()
