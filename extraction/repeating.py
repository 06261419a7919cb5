"""Repeating groups: questions that are asked once for each arm, outcome, time point or component.

The answer to the group is the list of its items' names, each extractor's own; an answer inside the
group says which item it is of by that name. So the items are compared, settled and counted like the
answer to any question, and an item that is taken off the list leaves its answers behind: they are
there again with its name, until the form is handed in.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.refusal import Clash, Refused

from .kinds import plain
from .models import Extraction, Field, Value


def mark_of(item: str) -> str:
    """A name that fits into addresses and the names of controls; the same for "Arm 1", "arm 1"."""
    return hashlib.sha256(plain(item).encode()).hexdigest()[:10]


def named(items: Iterable[str] | None, item: str) -> str | None:
    """The name in the list that means `item`, or None."""
    return next((name for name in items or [] if plain(name) == plain(item)), None)


def items_of(values: Iterable[Value]) -> dict[int, list[str]]:
    """{group: names} among the standing answers of one form."""
    return {each.field_id: each.value or [] for each in values if each.field.is_repeating}


Key = tuple[int, str]  # a question, and the item (plain) of its group; "" for none


def key_of(value: Value) -> Key:
    return (value.field_id, plain(value.item))


@dataclass(frozen=True)
class Asking:
    """A question as a form asks it: once, or for one item of its group."""

    field: Field
    item: str = ""

    @property
    def key(self) -> Key:
        return (self.field.pk, plain(self.item))

    def __str__(self) -> str:
        return f"“{self.field.label}” of {self.item}" if self.item else f"“{self.field.label}”"


def asked_of(fields: Sequence[Field], items: dict[int, list[str]]) -> list[Asking]:
    """Every question of a form in its order, those of a group after it, item by item."""
    parts: dict[int, list[Field]] = {}
    for field in fields:
        if field.part_of_id:
            parts.setdefault(field.part_of_id, []).append(field)
    asked = []
    for field in fields:
        if field.part_of_id:
            continue
        asked.append(Asking(field))
        for item in items.get(field.pk, []) if field.is_repeating else []:
            asked += [Asking(part, item) for part in parts.get(field.pk, [])]
    return asked


def holds(asking: Asking, said: dict[Key, Any]) -> bool:
    """Whether the conditions of a question, and of the group that it is in, hold among `said`."""
    field, item = asking.field, plain(asking.item)
    if field.part_of is not None and not holds(Asking(field.part_of), said):
        return False
    decides = field.shown_if
    if decides is None:
        return True
    value = said.get((decides.pk, item if decides.part_of_id else ""))
    return field.is_asked({decides.pk: value})


def check_item(extraction: Extraction, field: Field, item: str) -> str:
    """The name of the item that the answer to `field` is of, as the form has it; "" for none."""
    if field.part_of_id is None:
        if item:
            raise Refused("That question is asked once a study, not for each item.")
        return ""
    if not item.strip():
        raise Refused(f"Say which item of “{field.part_of}” the answer is of.")
    group = Value.objects.current().filter(extraction=extraction, field=field.part_of_id).first()
    name = named(group.value if group else None, item)
    if name is None:
        raise Clash(f"“{item}” is not on the list of “{field.part_of}” (any more); add it again.")
    return name
