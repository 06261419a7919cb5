"""Random ledgers: the PRISMA numbers of the application against an arithmetic that knows nothing of it.

    python bench/ledgers.py --reference ../shared/oracle/prisma_ref.py [--ledgers 2000] [--seed 1]

A ledger is 0 to 120 records, each in one of the reference's states, from sources of every kind, with
removals before import and a previous version. Its rows are stored as people's acts leave them,
`flow.settle` works the places out, and every box and every identity is compared. Exit 1 on any
difference. Works in a database of its own that is removed at the end; PRISMA.md 4.5.
"""

import argparse
import importlib.util
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STATES = [
    *("dup", "auto", "other_removed", "ta_pending", "ta_excl_human", "ta_excl_auto", "ft_awaiting"),
    *("ft_not_retrieved", "ft_pending", "ft_excluded", "ft_included", "ft_ongoing"),
    "ft_awaiting_class",
]
KINDS = {"db": ["database", "register"], "other": ["website", "organisation", "citation"]}
COMPARED = [
    *(
        "D1_db",
        "D1_reg",
        "D2_dup",
        "D2_auto",
        "D2_other",
        "D3",
        "D4",
        "D4_human",
        "D4_auto",
        "D5",
        "D6",
        "D7",
        "D8",
    ),
    *("O1", "O5", "O6", "O7", "O8"),
    *("I_studies", "I_reports", "P_studies", "P_reports", "T_studies", "T_reports"),
]


def ledger(rng):
    """[{arm, kind, state, reason, study, of}]; `of` is whose duplicate it is."""
    made = []
    for number in range(rng.randint(0, 120)):
        arm = "db" if rng.random() < 0.85 else "other"
        state = rng.choice(STATES)
        # A duplicate from a database is one of another database's; else its column would move.
        originals = [
            at
            for at, r in enumerate(made)
            if r["state"] != "dup" and (arm == "other" or r["arm"] == arm)
        ]
        if state == "dup" and not originals:
            state = "ta_pending"
        made.append(
            {
                "arm": arm,
                "kind": rng.choice(KINDS[arm]),
                "state": state,
                "reason": rng.randrange(3),
                "study": rng.randint(1, 30),
                "of": rng.choice(originals) if state == "dup" else number,
            }
        )
    return made


def store(review, rows, people, reasons, searches):
    """The rows that people's acts would have left, and the places that follow."""
    from citations.models import FullText, Record, Report, Study, StudyReport
    from screening import flow
    from screening.models import Decision

    originals = [at for at, row in enumerate(rows) if row["of"] == at]
    made = Report.objects.bulk_create(Report(review=review, title=f"R{at}") for at in originals)
    reports = dict(zip(originals, made, strict=True))
    Record.objects.bulk_create(
        Record(review=review, search=searches[row["kind"]], report=reports[row["of"]])
        for row in rows
    )
    decisions, files, links = [], [], []
    studies = Study.objects.bulk_create(Study(review=review, label=f"S{n}") for n in range(31))

    def word(report, stage, **more):
        said = {"verdict": "exclude", "by": people[0], "final": True, **more}
        decisions.append(Decision(report=report, stage=stage, **said))

    def both(report, stage, verdict, **more):
        for by in people:
            decisions.append(Decision(report=report, stage=stage, verdict=verdict, by=by, **more))

    full = {
        "ft_excluded": "exclude",
        "ft_included": "include",
        "ft_ongoing": "ongoing",
        "ft_awaiting_class": "awaiting",
    }
    for at, report in reports.items():
        row, state = rows[at], rows[at]["state"]
        if state in ("auto", "other_removed"):
            word(report, "before", automation=state == "auto")
        elif state == "ta_excl_human":
            both(report, "abstract", "exclude")
        elif state == "ta_excl_auto":
            word(report, "abstract", automation=True)
        elif state.startswith("ft_"):
            both(report, "abstract", "include")
        if state == "ft_not_retrieved":
            word(report, "retrieval")
        if state in full or state == "ft_pending":
            about = {"name": "a.pdf", "sha256": "0" * 64, "size": 1}
            files.append(FullText(report=report, content_type="application/pdf", **about))
        if state in full:
            why = reasons[row["reason"]] if state == "ft_excluded" else None
            both(report, "fulltext", full[state], reason=why)
        if state == "ft_included":
            links.append(StudyReport(study=studies[row["study"]], report=report))
    Decision.objects.bulk_create(decisions)
    FullText.objects.bulk_create(files)
    StudyReport.objects.bulk_create(links)
    flow.settle(review)


def differences(reference, rng, people):
    """Sentences for every number of one random ledger that differs, every identity that fails."""
    from citations.models import Search
    from reviews.actions import create_review
    from screening import flow
    from screening.reasons import set_reasons

    rows = ledger(rng)
    outside = {"dup": rng.randint(0, 9), "other": rng.randint(0, 3)}
    earlier = rng.choice([(0, 0), (rng.randint(1, 6), rng.randint(1, 9))])
    review = create_review("Ledger", by=people[0], slug=f"ledger-{rng.random()}".replace(".", ""))
    review.previous_studies, review.previous_reports = earlier
    review.save()
    reasons = set_reasons(review, "fulltext", ["A", "B", "C"], by=people[0])
    searches = {}
    for kind in [*KINDS["db"], *KINDS["other"]]:
        gone = outside if kind == "database" else {"dup": 0, "other": 0}
        searches[kind] = Search.objects.create(
            review=review, name=kind, kind=kind, created_by=people[0],
            removed_duplicates=gone["dup"], removed_other=gone["other"],
        )  # fmt: skip
    store(review, rows, people, reasons, searches)
    theirs = reference.boxes(
        rows,
        prev_studies=frozenset(f"earlier {n}" for n in range(earlier[0])),
        prev_reports=earlier[1],
        outside={"elsewhere": {"kind": "database", **outside}},
    )
    ours = flow.boxes(review)
    wrong = [
        f"{box}: {ours[box]} against {theirs[box]}" for box in COMPARED if ours[box] != theirs[box]
    ]
    for column, key in ((flow.DATABASES, "D8_by"), (flow.OTHER_METHODS, "O8_by")):
        counted = {
            reasons.index(r): n for r in reasons if (n := flow.reasons(review, column).get(r.pk))
        }
        if counted != theirs[key]:
            wrong.append(f"{key}: {counted} against {theirs[key]}")
    wrong += [
        f"identity {each.number}: {each.says}"
        for each in flow.identities(review, ours)
        if not each.holds
    ]
    wrong += [
        f"reference: {name}" for name, holds in reference.identities(theirs).items() if not holds
    ]
    return len(rows), wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True, help="prisma_ref.py")
    parser.add_argument("--ledgers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    spec = importlib.util.spec_from_file_location("prisma_ref", given.reference)
    if spec is None or spec.loader is None or not given.reference.is_file():
        raise SystemExit(f"There is no {given.reference}.")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REVIEWAPP_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reviewapp.settings"}
        os.environ.pop("REDIS_URL", None)
        os.environ.pop("DATABASE_URL", None)  # never somebody's own database
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import transaction

        from reviews.models import User

        call_command("migrate", verbosity=0)
        people = [User.objects.create_user(n, f"{n}@example.org") for n in ("bo", "cy")]
        start, records, broken = time.perf_counter(), 0, 0
        for number in range(given.ledgers):
            rng = random.Random(given.seed * 1_000_003 + number)
            with transaction.atomic():
                size, wrong = differences(reference, rng, people)
                transaction.set_rollback(True)
            records += size
            broken += bool(wrong)
            for sentence in wrong:
                print(f"ledger {number}: {sentence}")
        took = time.perf_counter() - start
    print(f"{given.ledgers} ledgers with {records:,} records: {broken} differ, in {took:.0f} s")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
