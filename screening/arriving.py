"""The import of a file: store its records, find what is there already, let all of it arrive at once.

Until the last transaction nobody sees anything of the file (Place.ARRIVING). That one joins the
duplicates, asks the questions, stores the places and sets `Upload.imported_at`: a job that is
killed before it leaves nothing visible and is simply run again, one killed after it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from citations import actions as citations
from citations import composing
from citations.formats import Unreadable
from citations.importing import store, survey, upload_of
from citations.matching import Citation, Matches, Pair, Zone, match
from citations.models import DuplicatePair, Merge, Record, Report, Upload
from reviews import audit
from reviews.jobs import Run, work
from reviews.models import Review
from reviews.refusal import Refused

from . import flow, joining, questions
from .flow import Place
from .models import Decision

CHUNK = 500  # rows in one statement


@work("import")
def import_file(run: Run) -> dict[str, Any]:
    upload = upload_of(run)
    if upload.imported_at is None:
        _survey_if_new(run, upload)
        store(run, upload)
        while not (told := _match_and_publish(run, upload)):
            pass  # another file arrived while we compared: compare with that one too
        return told
    return {**_counts(upload), "text": f"“{upload.name}” had been imported already."}


def _survey_if_new(run: Run, upload: Upload) -> None:
    """A one-step import reads the file first, as a preview does; a useless file is not kept."""
    try:
        if not upload.summary:
            survey(run, upload)
        if not upload.summary["records"]:
            raise Unreadable("No record was found in this file, so nothing was imported.")
    except Unreadable as error:
        citations.discard(upload, by=None)
        raise Refused(str(error)) from error


# --- Matching -------------------------------------------------------------------------------


def _arrived(review: Review) -> list[int]:
    """The uploads whose records are visible."""
    done = Upload.objects.filter(review=review, imported_at__isnull=False)
    return list(done.order_by("pk").values_list("pk", flat=True))


def _citations(reports: QuerySet[Report]) -> list[Citation]:
    """What the matching sees of `reports`. The source counts where all records share one."""
    here = Record.objects.filter(report=OuterRef("pk")).order_by().values("report")
    rows = reports.annotate(
        one=Subquery(here.annotate(n=Min("search")).values("n")),
        other=Subquery(here.annotate(n=Max("search")).values("n")),
    )
    return [
        Citation(
            id=report.pk,
            title=report.title,
            authors=tuple(report.authors),
            year=report.year,
            journal=report.journal,
            volume=report.volume,
            issue=report.issue,
            pages=report.pages,
            doi=report.doi,
            pmid=report.pmid,
            isbn=report.isbn,
            abstract=report.abstract,
            entry_type=report.entry_type,
            source=str(report.one) if report.one == report.other else "",
        )
        for report in rows.order_by("pk").iterator()
    ]


def _match_and_publish(run: Run, upload: Upload) -> dict[str, Any] | None:
    """Compare with all that stands and publish; None when the ground moved under the comparison."""
    review, total = upload.review, upload.summary["records"]
    run.step(total, total, "Looking for duplicates")
    seen = _arrived(review)
    matches = match(
        _citations(Report.objects.filter(records__upload=upload)),
        standing=_citations(Report.objects.filter(review=review).standing()),
        different=questions.told_apart(review),
    )
    with transaction.atomic():
        joining.one_at_a_time(review)
        run.step(total, total, "Joining duplicates")
        if _arrived(review) != seen:
            return None
        told = _publish(upload, matches)
        run.step(total, total, "Done")
    return told


# --- Publishing -----------------------------------------------------------------------------


@dataclass
class Plan:
    """What the matches come to, in ids of reports as they stand at this moment."""

    into: dict[int, int] = field(default_factory=dict)  # a new report -> the one that absorbs it
    because: dict[int, Pair] = field(default_factory=dict)  # a new report -> its best reason
    standing: list[tuple[int, int, Pair]] = field(default_factory=list)  # two old ones, now linked
    open: dict[tuple[int, int], Pair] = field(default_factory=dict)  # questions and suggestions


def _publish(upload: Upload, matches: Matches) -> dict[str, Any]:
    review = upload.review
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise Refused("This file was discarded.")
    plan = _plan(upload, matches)
    keepers = sorted(set(plan.into.values()))
    for ids in _chunks(keepers):
        list(Report.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    _absorb(upload, plan)
    composing.compose_all(keepers)
    _ask(review, plan)
    upload.imported_at = timezone.now()
    upload.save(update_fields=["imported_at"])
    flow.settle(review, Report.objects.filter(place=Place.ARRIVING))
    for first, second, pair in plan.standing:
        _link_standing(review, first, second, pair)
    audit.record(
        review, "imported a file", by=upload.by, target=upload, after=_counts(upload, plan)
    )
    return {**_counts(upload, plan), "text": _sentence(upload, plan)}


def _plan(upload: Upload, matches: Matches) -> Plan:
    """Turn clusters and pairs into joins and questions between reports that stand now."""
    new = set(upload.records.values_list("report", flat=True))
    # A person may have merged two old reports while we compared: the one that absorbed counts.
    heads: dict[int, int] = dict(
        Report.objects.filter(review=upload.review, merged_into__isnull=False).values_list(
            "pk", "merged_into_id"
        )
    )
    clusters = {int(pk): int(name) for pk, name in matches.clusters.items()}
    home = {pk: heads.get(name, name) for pk, name in clusters.items()}

    def stands_for(pk: int) -> int:
        return home[pk] if pk in new else heads.get(pk, pk)

    plan = Plan(into={pk: home[pk] for pk in new if home.get(pk, pk) != pk})
    old_links: dict[tuple[int, int], Pair] = {}
    for pair in matches.pairs:  # most probable first
        a, b = int(pair.a), int(pair.b)
        if pair.zone == Zone.AUTO:
            for one, other in ((a, b), (b, a)):
                if one in plan.into and _is_better(pair, plan.because.get(one), plan.into[one]):
                    plan.because[one] = pair
                if one not in new and other in new and heads.get(one, one) != home[other]:
                    x, y = sorted((heads.get(one, one), home[other]))
                    old_links.setdefault((x, y), pair)
        else:
            x, y = sorted((stands_for(a), stands_for(b)))
            if x != y:
                plan.open.setdefault((x, y), pair)
    plan.standing = [(x, y, pair) for (x, y), pair in old_links.items()]
    return plan


def _is_better(pair: Pair, known: Pair | None, keep: int) -> bool:
    """A reason that names the report itself beats one that leads through another record."""
    if known is None:
        return True
    return keep in (pair.a, pair.b) and keep not in (known.a, known.b)


def _absorb(upload: Upload, plan: Plan) -> None:
    """Join the new reports that are duplicates, many at a time.

    Equal to joining.merge for reports that nobody has seen: nothing hangs on them but a record.
    """
    review, now = upload.review, timezone.now()
    record_of = dict(upload.records.values_list("report", "pk"))
    absorbed = [Report(pk=pk, merged_into_id=into) for pk, into in sorted(plan.into.items())]
    Report.objects.bulk_update(absorbed, ["merged_into"], batch_size=CHUNK)
    Record.objects.filter(upload=upload, report__merged_into__isnull=False).update(
        report=Subquery(Report.objects.filter(pk=OuterRef("report")).values("merged_into")[:1])
    )
    made = Merge.objects.bulk_create(
        (
            Merge(
                review=review,
                keep_id=into,
                absorb_id=pk,
                by=None,
                at=now,
                moved={
                    "rows": {"citations.record.report": [record_of[pk]]},
                    "stood": [],
                    "followers": [],
                },
            )
            for pk, into in sorted(plan.into.items())
        ),
        batch_size=CHUNK,
    )
    DuplicatePair.objects.bulk_create(
        (
            _question(
                review,
                merge.keep_id,
                merge.absorb_id,
                plan.because[merge.absorb_id],
                answer=DuplicatePair.Answer.SAME,
                answered_at=now,
                merge=merge,
            )
            for merge in made
        ),
        batch_size=CHUNK,
    )


def _question(review: Review, one: int, other: int, pair: Pair, **answered: Any) -> DuplicatePair:
    first, second = sorted((one, other))
    direct = {one, other} == {pair.a, pair.b}
    return DuplicatePair(
        review=review,
        first_id=first,
        second_id=second,
        probability=pair.probability,
        rule=pair.rule,
        why=pair.why if direct else f"Through another record of the same document. {pair.why}",
        zone=pair.zone.value,
        **answered,
    )


def _ask(review: Review, plan: Plan) -> None:
    """Store questions and suggestions; what was asked about two reports before stays as it is."""
    DuplicatePair.objects.bulk_create(
        (_question(review, *reports, pair) for reports, pair in plan.open.items()),
        batch_size=CHUNK,
        ignore_conflicts=True,
    )


def _link_standing(review: Review, first: int, second: int, pair: Pair) -> None:
    """A new record is surely the same as two reports that stand.

    They become one where nobody has worked on either; where somebody has, a person is asked.
    """
    reports = Report.objects.select_related("review", "merged_into").in_bulk([first, second])
    one, other = (joining.standing(reports[pk]) for pk in (first, second))
    if one.pk == other.pk or frozenset((one.pk, other.pk)) in questions.told_apart(review):
        return
    row = _question(review, one.pk, other.pk, pair)
    row.zone, row.why = "ask", f"A new record is surely the same as both. {pair.why}"
    known, _ = DuplicatePair.objects.get_or_create(
        first_id=row.first_id,
        second_id=row.second_id,
        defaults={
            "review": review,
            "probability": row.probability,
            "rule": row.rule,
            "why": row.why,
            "zone": row.zone,
        },
    )
    touched = (
        Decision.objects.filter(report__in=[one, other]).exists()
        or one.fulltexts.exists()
        or other.fulltexts.exists()
    )
    if not touched and not known.answer:
        keep, absorb = sorted((one, other), key=lambda report: report.pk)
        known.merge = joining.merge(keep, absorb, by=None)
        known.answer, known.answered_at = DuplicatePair.Answer.SAME, timezone.now()
        known.zone = Zone.AUTO.value
        known.save(update_fields=["merge", "answer", "answered_at", "zone"])


# --- What is said about it ------------------------------------------------------------------


def _counts(upload: Upload, plan: Plan | None = None) -> dict[str, Any]:
    """{"upload", "records", "problems", "new", "joined", "questions", "related"} of an import."""
    records = upload.records.count()
    told = {
        "upload": upload.pk,
        "source": upload.search.name,
        "records": records,
        "problems": upload.summary.get("problems", 0),
    }
    if plan is None:
        return {**told, "already": True, "new": 0}
    asked = [pair.zone for pair in plan.open.values()]
    return {
        **told,
        "new": records - len(plan.into),
        "joined": len(plan.into),
        "questions": asked.count(Zone.ASK),
        "related": asked.count(Zone.RELATED),
    }


def _sentence(upload: Upload, plan: Plan) -> str:
    told = _counts(upload, plan)
    return (
        f"{told['records']} records were imported: {told['new']} new reports, "
        f"{told['joined']} joined automatically as duplicates, "
        f"{told['questions']} questions about duplicates."
    )


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]
