"""The demo's way from files to included studies, through the same actions as the pages."""

import random
from collections import defaultdict
from datetime import date
from itertools import cycle

from citations import actions as importing
from citations import blobs, sources, studies
from citations.models import DuplicatePair, Record, Report, Search
from reviews import jobs
from reviews.models import Review, User
from screening import actions, reasons, retrieval
from screening.duplicates import answering, questions
from screening.models import Reason

from .exports import SOURCES, exports
from .library import REASONS, SEED, Work, library
from .pdf import pdf
from .search_log import ASTRAY, LOG, NOTES

# What is left for people to do when they open the demo.
OPEN_QUESTIONS, UNTOUCHED, HALF, OPEN_CONFLICTS = 4, 24, 12, 5
# Which of the full texts that meet the first reason have another outcome.
ASIDE = {5: "awaiting", 6: "ongoing"}


def run_now(job: jobs.Job) -> None:
    """Do a job here instead of leaving it to a worker."""
    run = jobs.claim(job.pk)
    if run is not None:
        jobs.perform(run)
    job.refresh_from_db()
    if job.state != job.State.DONE:
        raise RuntimeError(f"The demo's {job.kind} job ended as {job.state}: {job.error}")


def bring_records(review: Review, by: User) -> None:
    files = exports(library())
    for source in SOURCES:
        why = "The platform removed them across its own indexes." if source.hits_extra else ""
        search = sources.add_search(
            review,
            by=by,
            name=source.name,
            kind=source.kind,
            platform=source.platform,
            searched_on=date(2025, 3, 3),
            removed_duplicates=source.hits_extra,
            removed_why=why,
            **{"strategy": source.strategy, **LOG[source.name]},
        )
        _import(review, search, files[source.file], source.file, by)
        if source.kind != Search.Kind.WEBSITE:  # what is browsed shows no hits
            hits = search.records.count() + source.hits_extra + ASTRAY.get(source.name, 0)
            sources.edit_search(search, by=by, hits_reported=hits)
    for item, text in NOTES.items():
        sources.note_item(review, item, text, by=by)


def _import(review: Review, search: Search, data: bytes, name: str, by: User) -> None:
    receipt = importing.receive(
        review, [data], name=name, by=by, source=lambda: search, then="import"
    )
    if receipt.job is None:
        raise RuntimeError("The demo's file was known already.")
    run_now(receipt.job)


# --- Which work a report is -----------------------------------------------------------------


def _plain(title: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in title.casefold())
    return " ".join(words.split()).replace("young people", "youth")


def works_of(review: Review) -> dict[int, Work]:
    """{report id: the work of the library that its first record is about}."""
    by_key = {
        (_plain(work.title), work.authors[0].split(",")[0].casefold(), work.year): work
        for work in library()
    }
    found: dict[int, Work] = {}
    for record in Record.objects.filter(review=review).order_by("-pk"):
        family = record.authors[0].split(",")[0].casefold() if record.authors else ""
        if " " in family:  # "Amberby C" of the sources that give no comma
            family = family.split(" ")[0]
        work = by_key.get((_plain(record.title), family, record.year or 0))
        if work:
            found[record.report_id] = work
    return found


def answer_questions(review: Review, by: User) -> None:
    """Answer rightly, but for a few, which are left for whoever opens the demo."""
    works = works_of(review)
    asked = list(DuplicatePair.objects.filter(pk__in=questions.waiting(review)).order_by("pk"))

    def of_included(pair: DuplicatePair) -> bool:
        pks = (pair.first_id, pair.second_id)
        return any(works[pk].fate == "included" for pk in pks if pk in works)

    # An open question about an included study would keep the number of studies open too.
    left = {pair.pk for pair in [each for each in asked if not of_included(each)][-OPEN_QUESTIONS:]}
    for pair in asked:
        if pair.pk in left:
            continue
        first, second = works.get(pair.first_id), works.get(pair.second_id)
        same = first is not None and second is not None and first.key == second.key
        answering.answer(pair, "same" if same else "different", by=by)


# --- Screening ------------------------------------------------------------------------------


def screen(review: Review, people: dict[str, User]) -> None:
    """Title and abstract by Bo and Cy, conflicts by Al; some of each are left open."""
    rng = random.Random(SEED + 2)  # noqa: S311 - a fixed choice, not a secret
    works = works_of(review)
    reports = list(review.reports.standing().order_by("pk"))
    far = [report for report in reports if works[report.pk].fate == "abstract-out"]
    rng.shuffle(far)
    untouched = {report.pk for report in far[:UNTOUCHED]}
    half = {report.pk for report in far[UNTOUCHED : UNTOUCHED + HALF]}
    disputed = [report.pk for report in far[UNTOUCHED + HALF : UNTOUCHED + HALF + 14]]
    near = [report for report in reports if works[report.pk].fate != "abstract-out"]
    rng.shuffle(near)
    disputed += [report.pk for report in near[:9]]
    bo, cy, al = people["bo"], people["cy"], people["al"]
    left_open = set(disputed[:OPEN_CONFLICTS])
    rng.shuffle(reports)  # people do not meet a topic's reports in one row
    for report in reports:
        if report.pk in untouched:
            continue
        passes = works[report.pk].fate != "abstract-out"
        verdict = ("maybe" if rng.random() < 0.08 else "include") if passes else "exclude"
        actions.decide(
            report, "abstract", verdict, by=rng.choice([bo, cy]) if report.pk in half else bo
        )
        if report.pk in half:
            continue
        other = verdict
        if report.pk in disputed:
            other = "exclude" if passes else "include"
        actions.decide(
            report, "abstract", other, by=cy, note="" if other == verdict else "Borderline."
        )
        if report.pk in disputed and report.pk not in left_open:
            word = "include" if passes else "exclude"
            actions.final_word(
                report, "abstract", word, by=al, note="After reading the criteria again."
            )


def fetch(review: Review, by: User) -> None:
    """Full texts for what passed: most retrieved, some given up, a few still sought."""
    works = works_of(review)
    sought = list(review.reports.filter(place="sought").order_by("pk"))
    waiting = 0
    for number, report in enumerate(sought):
        work = works[report.pk]
        if work.fate == "not-retrieved":
            retrieval.ask(report, by=by, way="loan", where="University library")
            if number % 3:
                retrieval.give_up(
                    report, by=by, why="No library holds it and the author did not answer."
                )
            continue
        if work.fate in REASONS and waiting < 4 and number % 5 == 0:
            waiting += 1
            retrieval.ask(report, by=by, way="author", note="Wrote to the first author.")
            continue
        _attach(report, work, by)


def _attach(report: Report, work: Work, by: User) -> None:
    paragraphs = [
        ", ".join(work.authors),
        f"{work.journal} {work.volume}({work.issue}), {work.year}",
    ]
    paragraphs += [part.strip() for part in work.abstract.split(". ") if part.strip()]
    paragraphs += [
        "Setting and people. The work took place where the authors say it did; every name is invented.",
        "What was offered. " + work.abstract,
        "What came of it. Readers will find the main finding in the abstract above.",
    ] * 3
    data = pdf(work.title, paragraphs)
    with blobs.received([data]) as draft:
        draft.keep()
        retrieval.attach(
            report,
            by=by,
            name=f"{work.key}.pdf",
            sha256=draft.sha256,
            size=draft.size,
            content_type="application/pdf",
            text="\n".join([work.title, *paragraphs]),
            pages=data.count(b"/Type /Page "),
        )


def read_full_texts(review: Review, people: dict[str, User]) -> None:
    """Both reviewers on most; different reasons here and there; a few left open."""
    works = works_of(review)
    by_label: dict[str, Reason] = {
        reason.label: reason for reason in review.reasons.filter(stage="fulltext")
    }
    bo, cy, al = people["bo"], people["cy"], people["al"]
    turns = cycle([bo, cy])
    met: dict[str, int] = defaultdict(int)
    for report in review.reports.filter(place="fulltext-open").order_by("pk"):
        work = works[report.pk]
        if work.fate == "included":
            for user in (bo, cy):
                actions.decide(report, "fulltext", "include", by=user)
            continue
        met[work.fate] += 1
        reason = by_label.get(work.fate) or by_label[REASONS[0]]
        if met[work.fate] <= 2:  # one decided by one of them, one by nobody
            if met[work.fate] == 1:
                actions.decide(report, "fulltext", "exclude", by=next(turns), reason=reason)
            continue
        aside = ASIDE.get(met[work.fate]) if work.fate == REASONS[0] else None
        if aside:  # both say that it can't be judged yet
            for user in (bo, cy):
                actions.decide(report, "fulltext", aside, by=user)
            continue
        actions.decide(report, "fulltext", "exclude", by=bo, reason=reason)
        if met[work.fate] in (3, 4):  # the same verdict for another reason
            other = by_label[REASONS[(REASONS.index(reason.label) + 1) % len(REASONS)]]
            actions.decide(report, "fulltext", "exclude", by=cy, reason=other)
            if met[work.fate] == 4:
                actions.final_word(report, "fulltext", "exclude", by=al, reason=reason)
        else:
            actions.decide(report, "fulltext", "exclude", by=cy, reason=reason)


def group_studies(review: Review, by: User) -> None:
    """Programs, and the second reports of two studies with their first ones."""
    works = works_of(review)
    firsts = {}
    included = list(review.reports.filter(place="included").order_by("pk"))
    for report in included:
        work = works[report.pk]
        study = report.studies.get()
        if work.key == work.study:
            firsts[work.study] = study
            studies.describe(
                study, by=by, label=f"{report.byline} {report.year}", program=work.program
            )
    for report in included:
        work = works[report.pk]
        if work.key != work.study and work.study in firsts:
            studies.tell_of(report, firsts[work.study], by=by)


def set_reasons(review: Review, by: User) -> None:
    for label in REASONS:
        reasons.add_reason(review, "fulltext", label, by=by)
