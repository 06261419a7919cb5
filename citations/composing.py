"""Which of a report's records each of its fields is taken from.

The rule (Hair et al. 2023 keep the most complete row; we choose field by field): a person's choice
first; else the fullest value, where a journal article's beats a preprint's by being asked in the
order of the records. The records themselves are never changed.
"""

from collections.abc import Sequence
from typing import Any

from .models import BIBLIOGRAPHIC_FIELDS, Record, Report

# For these a longer value is a fuller one; for the rest the first record that has one wins.
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
            best[field] = having[0]
    return best


def compose(report: Report) -> Report:
    """Fill the report's bibliographic fields from its records; a report without any keeps its own."""
    records = list(report.records.order_by("pk"))
    if records:
        best = winners(records, report.chosen)
        for field in BIBLIOGRAPHIC_FIELDS:
            source: Any = best.get(field) or records[0]
            setattr(report, field, getattr(source, field))
        report.save(update_fields=BIBLIOGRAPHIC_FIELDS)
    return report
