"""A report field by field: the value shown, whose it is, and what its other records say."""

from typing import Any

from citations.composing import winners
from citations.lookups import SOURCES
from citations.models import BIBLIOGRAPHIC_FIELDS, Record, Report


def as_text(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def label_of(field: str) -> str:
    """The field's name for people: "Title", "DOI"."""
    name = str(getattr(Report._meta.get_field(field), "verbose_name", field))
    return name[:1].upper() + name[1:]


def fields_of(report: Report, records: list[Record]) -> list[dict[str, Any]]:
    """Each field that `report` or one of its `records` has; veil them before. No query.

    `choices` is empty where there is nothing to choose: one record speaks, or all say the same.
    """
    best = winners(records, report.chosen)
    fields = []
    for name in BIBLIOGRAPHIC_FIELDS:
        said: dict[str, Record] = {}
        for record in records:
            if text := as_text(getattr(record, name)):
                said.setdefault(text, record)
        value = as_text(getattr(report, name))
        if said or value:
            fields.append(
                {
                    "name": name,
                    "label": label_of(name),
                    "value": value,
                    "winner": best.get(name),
                    "chosen": name in report.chosen,
                    "register": SOURCES.get(report.taken.get(name, {}).get("register", "")),
                    "choices": [
                        {"text": text, "record": record, "is_shown": text == value}
                        for text, record in said.items()
                    ]
                    if len(said) > 1 or name in report.taken
                    else [],
                }
            )
    return fields
