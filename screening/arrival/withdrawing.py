"""Undoing an import, and redoing it.

Records are never deleted: an undone upload's records stop counting (`RecordQuerySet.arrived`), and
a report that no other record holds stands nowhere (Place.WITHDRAWN). Decisions, full texts, merges
and studies stay where they are, so that a redo brings everything back by changing one date. A new
import is compared with withdrawn reports too: the right file after the wrong one finds what people
had decided.
"""

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from citations import composing
from citations.importing import upload_of
from citations.models import Record, Report, Upload
from reviews import audit, past
from reviews.jobs import Run, work
from reviews.models import Review

from .. import flow
from ..duplicates.joining import one_at_a_time
from ..flow import Place
from ..models import Decision
from ..relevance import orders


@work("undo", needs="import_records")
def undo(run: Run) -> dict[str, Any]:
    return _turn(run, undone=True)


@work("redo", needs="import_records")
def redo(run: Run) -> dict[str, Any]:
    return _turn(run, undone=False)


def _turn(run: Run, *, undone: bool) -> dict[str, Any]:
    """Withdraw an upload's records or bring them back, in one transaction. Twice changes nothing."""
    upload = upload_of(run)
    review, total = upload.review, upload.records.count()
    with transaction.atomic():
        one_at_a_time(review)
        run.step(0, total, "Taking the records out" if undone else "Bringing the records back")
        upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        touched = _reports_of(upload)
        # Whoever decides on one of these at this moment is waited for.
        list(touched.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        if (upload.undone_at is not None) != undone:
            before = _present(review)
            past.keep(review, Upload.objects.filter(pk=upload.pk), "undone_at")
            upload.undone_at = timezone.now() if undone else None
            upload.undone_by = run.job.by if undone else None
            upload.save(update_fields=["undone_at", "undone_by"])
            shared = touched.filter(Exists(_of_others(upload)))
            composing.compose_all(list(shared.order_by("pk").values_list("pk", flat=True)))
            flow.settle(review, touched)
            audit.record(
                review,
                "undid an import" if undone else "redid an import",
                by=run.job.by,
                target=upload,
                before={"reports": before},
                after={"reports": _present(review), "records": total},
                reason=run.payload.get("reason", ""),
            )
        run.step(total, total, "Done")
    orders.due(review, by=run.job.by, read=not undone)
    noun = "record" if total == 1 else "records"
    if undone:
        text = f"The import was undone: its {total} {noun} no longer count. It can be redone."
    else:
        text = f"The import is back: its {total} {noun} count again, with what was decided on them."
    return {"upload": upload.pk, "records": total, "text": text}


def _reports_of(upload: Upload) -> QuerySet[Report]:
    # Not EXISTS: SQLite would walk all of the file's records for each report.
    return Report.objects.filter(pk__in=upload.records.values("report"), review=upload.review_id)


def _of_others(upload: Upload) -> QuerySet[Record]:
    """A report's records of other imports that count: where there are any, the report stays."""
    return Record.objects.filter(report=OuterRef("pk")).exclude(upload=upload).arrived()


def _present(review: Review) -> int:
    return review.reports.exclude(place__in=flow.NOWHERE).count()


def foretold(upload: Upload) -> dict[str, Any]:
    """What undoing would do: {"records", "reports", "shared", "places": [(Place, n)], "decided"}.

    `reports` disappear, `shared` stay with the records of other files, `decided` of those that
    disappear have decisions on them.
    """
    here, others = _reports_of(upload), Exists(_of_others(upload))
    alone = here.filter(~others)
    placed: Counter[str] = Counter(
        dict(alone.order_by().values_list("place").annotate(n=Count("pk")))
    )
    decided = alone.filter(Exists(Decision.objects.current().filter(report=OuterRef("pk"))))
    return {
        "records": upload.records.count(),
        "reports": sum(placed.values()),
        "shared": here.filter(others).count(),
        "places": [(place, placed[place]) for place in Place if placed[place]],
        "decided": decided.count(),
    }
