"""Which of a report's records each of its fields is taken from.

The rule (Hair et al. 2023 keep the most complete row; we choose field by field): what a person took
over from a register (citations/values.py) or chose among the records first; else, for abstract, authors and keywords, the longest value; else the value of the record
that came first and has one, where a title in capitals gives way to one that is not. The records
themselves are never changed.
"""

from collections.abc import Sequence

from django.db.models import Prefetch

from .models import BIBLIOGRAPHIC_FIELDS, Record, Report

# For these a longer value is a fuller one; for the rest the first record that has one wins.
_AT_ONCE = 400
FULLER_IS_LONGER = {"abstract", "authors", "keywords"}


def winners(records: Sequence[Record], chosen: dict[str, int]) -> dict[str, Record]:
    """{field: the record whose value the report shows}; fields that no record has are left out."""
    by_id = {record.pk: record for record in records}
    best: dict[str, Record] = {}
    for field in BIBLIOGRAPHIC_FIELDS:
        picked = by_id.get(chosen.get(field, 0))
        having = [record for record in records if getattr(record, field) not in ("", None, [])]
        if picked is not None:
            best[field] = picked
        elif having and field in FULLER_IS_LONGER:
            # max() keeps the first of equals, so the order of import decides ties.
            best[field] = max(having, key=lambda record: len(getattr(record, field)))
        elif having:
            best[field] = min(having, key=lambda record: _is_shouted(getattr(record, field)))
    return best


def _is_shouted(value: object) -> bool:
    """A title of several words in capitals, as some databases write all of theirs."""
    return isinstance(value, str) and value.isupper() and " " in value


def compose(report: Report) -> Report:
    """Fill the report's bibliographic fields from its records; one without any keeps its own.

    Records whose import was undone do not speak.
    """
    records = list(report.records.speaking().order_by("pk"))
    if records:
        _fill(report, records)
        report.save(update_fields=BIBLIOGRAPHIC_FIELDS)
    return report


def compose_all(reports: Sequence[int]) -> None:
    """`compose` for many reports (ids), a few hundred in one statement."""
    for at in range(0, len(reports), _AT_ONCE):
        some = Report.objects.filter(pk__in=reports[at : at + _AT_ONCE])
        filled = []
        for report in some.prefetch_related(
            Prefetch("records", Record.objects.speaking().order_by("pk"), to_attr="in_order")
        ):
            if report.in_order:
                _fill(report, report.in_order)
                filled.append(report)
        # An upsert of whole rows: a bulk update of fifteen fields costs twenty times as much.
        Report.objects.bulk_create(
            filled,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=BIBLIOGRAPHIC_FIELDS,
        )


def _fill(report: Report, records: Sequence[Record]) -> None:
    best = winners(records, report.chosen)
    for field in BIBLIOGRAPHIC_FIELDS:
        setattr(report, field, getattr(best.get(field) or records[0], field))
    for field, taken in report.taken.items():
        setattr(report, field, taken["value"])
