"""Looking up sought reports by DOI: open copies into the tray, metadata as an offer.

It is off unless the administrator names who asks (settings.LOOKUP_EMAIL) and the lead has switched
it on for the review; then somebody starts it. What is found goes the way of every other file:
matched by its own words, attached only when it is sure. Of the answers nothing is written into a
report unless a person takes it over (citations/values.py).
"""

import time
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from citations import differences, lookups
from citations.documents.links import Reference
from citations.lookups import NotFetched, Said
from citations.models import Delivery, Lookup, Report, RetrievalEvent, RetrievalRules
from citations.values import OF_METADATA
from reviews import audit, jobs
from reviews.jobs import Run, work
from reviews.models import Job, Review, User
from reviews.refusal import Clash, Refused
from reviews.waiting import noun

from .. import retrieval
from ..flow import Place
from . import delivering

KIND = "look-up-full-texts"
PAUSE = 0.3  # seconds between reports; the registers ask for at most 3 to 10 questions a second
COPIES_TRIED = 3
LARGEST_COPY_MB = 100


def why_off(review: Review) -> str:
    """Why nothing is looked up, as a sentence; "" when it may be."""
    if not settings.LOOKUP_EMAIL:
        return "The administrator of this site has not switched it on."
    if not RetrievalRules.objects.filter(review=review, looks_up=True).exists():
        return "The lead has not switched it on for this review."
    return ""


def lookable(review: Review) -> Any:
    """The reports that would be looked up: sought, without a full text, with a DOI."""
    return review.reports.filter(place=Place.SOUGHT).exclude(doi="")


@transaction.atomic
def start(review: Review, *, by: User) -> Job:
    if off := why_off(review):
        raise Refused(off)
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    unfinished = [Job.State.QUEUED, Job.State.RUNNING]
    if Job.objects.filter(review=review, kind=KIND, state__in=unfinished).exists():
        raise Clash("It is running already.")
    if not lookable(review).exists():
        raise Refused("No report that is sought has a DOI.")
    audit.record(review, "looked full texts up", by=by)
    return jobs.enqueue(review, KIND, by=by)


@work(KIND, needs="retrieve")
def look_up(run: Run) -> dict[str, Any]:
    """Ask about one report after the other. A job that is killed goes on with those not asked."""
    review, by = run.job.review, run.job.by
    if off := why_off(review):
        raise Refused(off)
    if by is None:
        raise Refused("Nobody asked for it.")
    asked = Lookup.objects.filter(report__review=review, at__gte=run.job.created_at)
    done_before = set(asked.values_list("report", flat=True))
    reports = list(lookable(review).exclude(pk__in=done_before).order_by("pk"))
    delivery, _ = Delivery.objects.get_or_create(review=review, by=by, at=run.job.created_at)
    run.step(0, total=len(reports), doing="Asking Unpaywall, OpenAlex, Crossref and PubMed")
    for done, report in enumerate(reports, start=1):
        answers = {source: _answer(source, report.doi) for source in lookups.SOURCES}
        copy, tried = _copy_of(answers)
        with transaction.atomic():
            run.step(done)
            _keep(report, answers)
            _log(report, copy, tried, by)
            if copy:
                _into_the_tray(delivery, report, copy)
        time.sleep(PAUSE)
    found = delivery.files.count()
    if found:
        delivering.begin(delivery, by=by)
    unanswered = Lookup.objects.filter(report__in=reports).exclude(problem="")
    missed = unanswered.values("report").distinct().count()
    copies = "open copy" if found == 1 else "open copies"
    text = f"{len(reports)} {noun(len(reports), 'report')} looked up, {found} {copies} found."
    if missed:
        text += f" For {missed} {noun(missed, 'report')} not every register answered."
    return {"looked_up": len(reports), "found": found, "text": text}


def _answer(source: str, doi: str) -> Said | str | None:
    """What a register says, None when it knows nothing, a sentence when it gave no answer."""
    try:
        return lookups.ask(source, doi, contact=settings.LOOKUP_EMAIL)
    except NotFetched as problem:
        return str(problem)


def _copy_of(answers: dict[str, Said | str | None]) -> tuple[dict[str, Any] | None, list[str]]:
    """({"body", "host", "register", …} of the first copy that is a PDF, why others were none)."""
    said = [(key, each) for key, each in answers.items() if isinstance(each, Said)]
    copies = {
        copy.url: (key, copy) for key, each in reversed(said) for copy in reversed(each.copies)
    }
    tried = []
    limit = min(LARGEST_COPY_MB, settings.UPLOAD_LIMIT_MB) << 20
    for url, (key, copy) in list(reversed(copies.items()))[:COPIES_TRIED]:
        try:
            answer = lookups.fetch(
                url, contact=settings.LOOKUP_EMAIL, limit=limit, accept="application/pdf"
            )
        except NotFetched as problem:
            tried.append(str(problem))
            continue
        if answer.status == 200 and b"%PDF-" in answer.body[:1024]:
            return {"body": answer.body, "host": answer.host, "register": key,
                    "version": copy.version, "license": copy.license}, tried  # fmt: skip
        tried.append(f"{answer.host} gave no PDF.")
    return None, tried


def _keep(report: Report, answers: dict[str, Said | str | None]) -> None:
    for source, answer in answers.items():
        said = asdict(answer) if isinstance(answer, Said) else {}
        copies = said.pop("copies", [])
        problem = answer[:300] if isinstance(answer, str) else ""
        Lookup.objects.update_or_create(
            report=report,
            source=source,
            defaults={"at": timezone.now(), "said": said, "copies": copies, "problem": problem},
        )


def _log(report: Report, copy: dict[str, Any] | None, tried: list[str], by: User) -> None:
    """A line of the retrieval log; a report that is no longer sought gets none."""
    note = " ".join(tried) or "No open copy is known."
    if copy:
        note = ", ".join(part for part in (copy["version"], copy["license"]) if part)
    try:
        retrieval.ask(
            report,
            by=by,
            way=RetrievalEvent.Way.REPOSITORY,
            where=(copy["host"] if copy else "Unpaywall, OpenAlex")[:200],
            note=note,
            came_to_nothing=copy is None,
        )
    except Refused:
        return


def _into_the_tray(delivery: Delivery, report: Report, copy: dict[str, Any]) -> None:
    """Its name says where it comes from, so that no word of ours is taken for evidence."""
    delivering.receive(
        delivery,
        f"Open copy {report.pk} from {copy['host']}.pdf",
        [copy["body"]],
        reference=Reference(
            lookups.SOURCES[copy["register"]],
            report.title,
            tuple(map(str, report.authors)),
            report.year,
            report.doi,
            report.pmid,
            looked_up=True,
        ),
    )


def told_of(report: Report) -> list[dict[str, Any]]:
    """What registers say of the report, for a page.

    Each {"register", "source", "at", "problem", "known", "copies", "others": [{"field", "label",
    "ours", "theirs"}]}. 1 query.
    """
    return [
        {
            "register": lookup.source,
            "source": lookup.get_source_display(),
            "at": lookup.at,
            "problem": lookup.problem,
            "known": bool(lookup.said),
            "copies": lookup.copies,
            "others": others(report, lookup.said),
        }
        for lookup in report.lookups.all()
    ]


def taken_of(report: Report) -> list[dict[str, str]]:
    """What was taken over from registers: [{"field", "label", "value", "source", "was"}]."""
    return [
        {
            "field": name,
            "label": OF_METADATA[name],
            "value": _line(each["value"]),
            "source": lookups.SOURCES[each["register"]],
            "was": _line(each["was"]),
        }
        for name, each in report.taken.items()
    ]


def others(report: Report, said: dict[str, Any]) -> list[dict[str, str]]:
    """Where a register says something else, or something we lack."""
    found = []
    for name, label in OF_METADATA.items():
        ours, theirs = _line(getattr(report, name)), _line(said.get(name))
        if not theirs:
            continue
        if name == "authors":  # given names are shortened in every way
            differ = _families(ours) != _families(theirs)
        else:
            differ = differences.differ(ours, theirs)
        if differ:
            found.append({"field": name, "label": label, "ours": ours, "theirs": theirs})
    return found


def _line(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def _families(line: str) -> list[str]:
    return ["".join(filter(str.isalpha, each.split(",")[0])).casefold() for each in line.split(";")]
