"""Which value a field of a report shows, where a person has said so."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from reviews import audit
from reviews.models import User
from reviews.refusal import Clash, Refused

from . import composing
from .lookups import SOURCES
from .models import BIBLIOGRAPHIC_FIELDS, Record, Report

# The fields of which registers tell (citations/lookups/sources.py:Said), and what pages call them.
OF_METADATA = {
    "title": "Title",
    "authors": "Authors",
    "year": "Year",
    "journal": "Journal",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "pmid": "PMID",
}


@transaction.atomic
def choose_value(report: Report, field: str, record: Record | None, *, by: User) -> Report:
    """Let `report` show `record`'s value of `field`; None goes back to the best value's rule."""
    report = _held(report)
    if field not in BIBLIOGRAPHIC_FIELDS:
        raise Refused("A report has no such field.")
    if record is not None and record.report_id != report.pk:
        raise Clash("That record no longer belongs to this report.")
    before = {field: getattr(report, field)}
    chosen = {name: pk for name, pk in report.chosen.items() if name != field}
    report.chosen = chosen if record is None else {**chosen, field: record.pk}
    # The later word counts: what was taken over from a register gives way.
    report.taken = {name: each for name, each in report.taken.items() if name != field}
    report.save(update_fields=["chosen", "taken"])
    composing.compose(report)
    audit.record(
        report.review,
        "chose a value",
        by=by,
        target=report,
        before=before,
        after={field: getattr(report, field), "record": record.pk if record else None},
    )
    return report


@transaction.atomic
def take_over(report: Report, field: str, register: str, *, by: User) -> Report:
    """Let `report` show what `register` (a key of SOURCES) said of `field` when it was asked.

    The records stay as they are; `give_back` shows again what they say. Where the value comes from
    is kept with the report and in the log.
    """
    report = _held(report)
    if field not in OF_METADATA or register not in SOURCES:
        raise Refused("There is no such value.")
    lookup = report.lookups.filter(source=register).first()
    value: Any = lookup.said.get(field) if lookup else None
    if lookup is None or value in ("", None, []):
        raise Clash(f"{SOURCES[register]} says nothing of that.")
    before = getattr(report, field)
    if before == value:
        raise Clash("The report says the same already.")
    earlier = report.taken.get(field)
    # `was` is what a report without records goes back to: nothing else remembers it.
    report.taken = {**report.taken, field: {
        "value": value, "register": register, "asked": lookup.at.isoformat(),
        "at": timezone.now().isoformat(), "was": earlier["was"] if earlier else before,
    }}  # fmt: skip
    setattr(report, field, value)
    report.save(update_fields=["taken", field])
    source = f"{SOURCES[register]}, asked about doi:{report.doi} on {lookup.at:%Y-%m-%d}"
    audit.record(
        report.review,
        "took a value over",
        by=by,
        target=report,
        before={field: before},
        after={field: value, "source": source},
    )
    return report


@transaction.atomic
def give_back(report: Report, field: str, *, by: User) -> Report:
    """Undo `take_over`: `field` shows again what the report's records say."""
    report = _held(report)
    if field not in report.taken:
        raise Clash("That value is not taken over from a register.")
    before = getattr(report, field)
    taken = dict(report.taken)
    setattr(report, field, taken.pop(field)["was"])
    report.taken = taken
    report.save(update_fields=["taken", field])
    composing.compose(report)
    audit.record(
        report.review,
        "gave a value back",
        by=by,
        target=report,
        before={field: before},
        after={field: getattr(report, field)},
    )
    return report


def _held(report: Report) -> Report:
    held = Report.objects.select_for_update(of=("self",)).select_related("review")
    return held.get(pk=report.pk)
