"""The import of a file: store its records, find what is there already, let all of it arrive at once.

Until the last transaction nobody sees anything of the file (Place.ARRIVING). That one joins the
duplicates, asks the questions, stores the places and sets `Upload.imported_at`: a job that is
killed before it leaves nothing visible and is simply run again, one killed after it is done.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from citations import actions as citations
from citations import composing, indexing, one_file
from citations.formats import Unreadable
from citations.importing import store, survey, upload_of
from citations.matching import Ground, Id, Matches, Pair, Zone, settle
from citations.models import DuplicatePair, Merge, Record, Report, Upload
from citations.stocktaking import take_stock
from reviews import audit, past, webhooks
from reviews.jobs import Run, make_way, work
from reviews.models import Review
from reviews.refusal import Refused
from reviews.waiting import noun

from .. import flow
from ..duplicates import automatic, joining, questions
from ..flow import Place
from ..models import Decision
from ..relevance import orders
from . import regrouping, study_list

CHUNK = 500  # rows in one statement


@work("import")
def import_file(run: Run) -> dict[str, Any]:
    upload = upload_of(run)
    if upload.imported_at is None:
        _survey_if_new(run, upload)
        store(run, upload)
        take_stock(upload.summary["records"])  # for the comparison and the joining
        while not (told := _match_and_publish(run, upload)):
            pass  # another file arrived while we compared: compare with that one too
        take_stock(told["records"])  # for the pages: reports have moved and been joined
        _take_better_fields(run, upload)
        orders.due(upload.review, by=upload.by, read=True)
        return _carry_on(run, upload, told)
    _take_better_fields(run, upload)  # an earlier run may have been killed at this
    text = f"“{upload.name}” had been imported already."
    return _carry_on(run, upload, {**_counts(upload), "text": text})


def _carry_on(run: Run, upload: Upload, told: dict[str, Any]) -> dict[str, Any]:
    """What is left to do for a list of studies, beside what is `told` of every import."""
    name = run.payload.get("elsewhere")
    if not name:
        return told
    more = study_list.carry_on(upload, name)
    return {**told, "act": more["act"], "text": f"{told['text']} {more['says']}"}


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
    """The uploads that were imported. Those of an undone one are compared with too: what is known
    about its reports comes back with a new record of the same document."""
    done = Upload.objects.filter(review=review, imported_at__isnull=False)
    return list(done.order_by("pk").values_list("pk", flat=True))


def _match_and_publish(run: Run, upload: Upload) -> dict[str, Any] | None:
    """Compare with all that stands and publish; None when the ground moved under the comparison."""
    review, total = upload.review, upload.summary["records"]
    seen = _arrived(review)
    matches = _match(run, upload, seen)
    with transaction.atomic():
        joining.one_at_a_time(review)
        run.step(total, total, "Joining duplicates")
        if _arrived(review) != seen or not regrouping.part(matches):
            return None
        rules = automatic.rules_of(review)
        found = _in_reports(matches)
        narrowed = one_file.narrow(
            found,
            words=_words(upload, found),
            join_from=automatic.line_of(rules.join_from),
            join_one_file=rules.join_one_file,
        )
        told = _publish(upload, narrowed)
        run.step(total, total, "Done")
    return told


def _words(upload: Upload, found: Matches) -> dict[Id, Hashable]:
    """What `one_file.narrow` asks for: read from the database only where it matters."""
    words: dict[Id, Hashable] = dict.fromkeys(upload.records.values_list("report", flat=True))
    alike = sorted(int(pk) for pk in one_file.together(found, words))
    for ids in _chunks(alike):
        for record in upload.records.filter(report__in=ids).defer("raw"):
            words[record.report_id] = one_file.words_of(record)
    return words


def _match(run: Run, upload: Upload, arrived: list[int]) -> Matches:
    """Compare the upload's records with each other and with those that they could meet.

    Records and not reports are compared: a record never changes, so what two of them are to each
    other doesn't depend on when they came (docs/decisions/108-records-are-matched.md).
    """
    review, total = upload.review, upload.summary["records"]

    def say(share: float) -> None:
        run.step(int(share * total), total, "Looking for duplicates")

    say(0)
    mine = indexing.complete(upload.pk, told=lambda: say(0))
    for each in arrived:
        indexing.complete(each, told=lambda: say(0))
    apart = questions.told_apart(review) | _parted(review)

    def told_apart(report_of: dict[int, int]) -> list[frozenset[Id]]:
        first: dict[int, int] = {}  # a record to speak for each report
        for record, report in report_of.items():
            first.setdefault(report, record)
        return [frozenset(map(first.__getitem__, pair)) for pair in apart if pair <= first.keys()]

    parted = {report for pair in apart for report in pair}
    ground = Ground(
        indexes=lambda: indexing.standing(review, arrived),
        whole=indexing.with_their_reports,
        reports=indexing.reports_of,
        settled=lambda reports: regrouping.settled(reports) | parted.intersection(reports),
        apart=told_apart,
    )
    return settle(
        indexing.citations(Record.objects.filter(upload=upload)),
        list(indexing.of(upload.pk, mine)),
        ground,
        progress=say,
    )


def _parted(review: Review) -> set[frozenset[int]]:
    """The standing reports whose join somebody has taken back: a machine does not join them again."""
    undone = Merge.objects.filter(review=review, undone_at__isnull=False, undone_by__isnull=False)
    heads = undone.values_list(
        Coalesce("keep__merged_into", "keep"), Coalesce("absorb__merged_into", "absorb")
    )
    return {frozenset(pair) for pair in heads if len(set(pair)) == 2}


def _take_better_fields(run: Run, upload: Upload) -> None:
    """Give the reports that this file's records joined the best of all their records' fields.

    It comes after the file has arrived, some hundred at a time, because it takes as long as all the
    rest of the joining and hinders nobody: until then they show what they showed before.
    """
    total = upload.summary["records"]
    # Not EXISTS: SQLite would walk all of the file's records for each report.
    here = Report.objects.filter(pk__in=upload.records.values("report"))
    shared = here.annotate(n=Count("records")).filter(n__gt=1)
    ids = list(shared.order_by("pk").values_list("pk", flat=True))
    for some in _chunks(ids):
        with transaction.atomic():
            run.step(total, total, "Taking over the better fields")
            locked = Report.objects.select_for_update().filter(pk__in=some).order_by("pk")
            composing.compose_all(list(locked.values_list("pk", flat=True)))
        make_way()


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
    # Reports that take new records in stay where they are and are not held: people decide on them
    # meanwhile. Nobody else joins or parts them (joining.one_at_a_time).
    back = Report.objects.select_for_update(no_key=True).filter(place=Place.WITHDRAWN)
    for ids in _chunks(sorted(set(plan.into.values()))):
        list(back.filter(pk__in=ids).order_by("pk").values_list("pk"))
    _absorb(upload, plan)
    _ask(review, plan)
    upload.imported_at = timezone.now()
    upload.save(update_fields=["imported_at"])
    # A withdrawn report that a new record belongs to stands again.
    flow.settle(review, Report.objects.filter(place__in=[Place.ARRIVING, Place.WITHDRAWN]))
    for first, second, pair in plan.standing:
        _link_standing(review, first, second, pair)
    automatic.join_what_the_rules_allow(review)
    audit.record(
        review, "imported a file", by=upload.by, target=upload, after=_counts(upload, plan)
    )
    told = _counts(upload, plan)
    webhooks.tell(review, webhooks.IMPORTED, name=upload.name, **told)
    return {**told, "text": _sentence(upload, plan)}


def _in_reports(matches: Matches) -> Matches:
    """The same matches between reports as they stand now, also if a person joined some meanwhile."""
    records = {int(pk) for pair in matches.pairs for pk in (pair.a, pair.b)}
    records.update(int(pk) for edge in matches.clusters.items() for pk in edge)
    report_of: dict[Id, int] = {}
    for ids in _chunks(sorted(records)):
        report_of.update(Record.objects.filter(pk__in=ids).values_list("pk", "report"))
    return Matches(
        pairs=[replace(p, a=report_of[p.a], b=report_of[p.b]) for p in matches.pairs],
        clusters={report_of[pk]: report_of[name] for pk, name in matches.clusters.items()},
    )


def _plan(upload: Upload, matches: Matches) -> Plan:
    """Turn clusters and pairs into joins and questions between reports that stand now."""
    new = set(upload.records.values_list("report", flat=True))
    home = {int(pk): int(name) for pk, name in matches.clusters.items()}
    plan = Plan(into={pk: home[pk] for pk in sorted(new) if home.get(pk, pk) != pk})
    old_links: dict[tuple[int, int], Pair] = {}
    for pair in matches.pairs:  # most probable first
        a, b = int(pair.a), int(pair.b)
        if pair.zone == Zone.AUTO:
            for one, other in ((a, b), (b, a)):
                if one in plan.into and _is_better(pair, plan.because.get(one), plan.into[one]):
                    plan.because[one] = pair
                if one not in new and other in new and one != home[other]:
                    x, y = sorted((one, home[other]))
                    old_links.setdefault((x, y), pair)
            if a not in new and b not in new and a != b:  # matched afresh
                x, y = sorted((a, b))
                old_links.setdefault((x, y), pair)
        else:
            x, y = sorted(home[pk] if pk in new else pk for pk in (a, b))
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
    with connection.cursor() as cursor:
        # One statement for many rows: a bulk update writes a CASE of them all, at fifty times the cost.
        table = connection.ops.quote_name(Report._meta.db_table)
        cursor.executemany(
            f"UPDATE {table} SET merged_into_id = %s WHERE id = %s",  # noqa: S608  (the table is ours)
            [(into, pk) for pk, into in sorted(plan.into.items())],
        )
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

    They become one where nobody has worked on one of them, as if all three had come at once; where
    somebody has worked on both, a person is asked.
    """
    reports = Report.objects.select_related("review", "merged_into").in_bulk([first, second])
    one, other = (joining.standing(reports[pk]) for pk in (first, second))
    apart = questions.told_apart(review) | _parted(review)
    if one.pk == other.pk or frozenset((one.pk, other.pk)) in apart:
        return
    row = _question(review, one.pk, other.pk, pair)
    row.zone = "ask"
    if {one.pk, other.pk} != {pair.a, pair.b}:
        row.why = f"A new record is surely the same as both. {pair.why}"
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
    # Two that one file has told apart do not become one through a third.
    doubles = automatic.would_double(review, one, other)
    keep, absorb = sorted((one, other), key=lambda report: (not _worked_on(report), report.pk))
    if not known.answer and not doubles and not _worked_on(absorb):
        known.merge = joining.merge(keep, absorb, by=None)
        past.keep(review, DuplicatePair.objects.filter(pk=known.pk), "zone")
        known.answer, known.answered_at = DuplicatePair.Answer.SAME, timezone.now()
        known.zone = Zone.AUTO.value
        known.save(update_fields=["merge", "answer", "answered_at", "zone"])


def _worked_on(report: Report) -> bool:
    return Decision.objects.filter(report=report).exists() or report.fulltexts.exists()


# --- What is said about it ------------------------------------------------------------------


def _counts(upload: Upload, plan: Plan | None = None) -> dict[str, Any]:
    """{"upload", "records", "problems", "new", "joined", "questions", "one_file", "related"}.

    "one_file" is how many of the questions are about two records of this one file.
    """
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
    of_one_file = [pair for pair in plan.open.values() if pair.why.startswith(one_file.WHY)]
    return {
        **told,
        "new": records - len(plan.into),
        "joined": len(plan.into),
        "questions": asked.count(Zone.ASK),
        "one_file": len(of_one_file),
        "related": asked.count(Zone.RELATED),
    }


def _sentence(upload: Upload, plan: Plan) -> str:
    told = _counts(upload, plan)

    def said(name: str, words: str) -> str:
        return f"{told[name]} {noun(told[name], words)}"

    were = "was" if told["records"] == 1 else "were"
    return (
        f"{said('records', 'record')} {were} imported: {said('new', 'new report')}, "
        f"{told['joined']} joined automatically as {noun(told['joined'], 'duplicate')}, "
        f"{said('questions', 'question')} about duplicates."
    )


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]
