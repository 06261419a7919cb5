"""What a person who verifies has looked at, and what is left. The writes are in verifying.py."""

from dataclasses import dataclass

from components.models import Component

from . import repeating
from .models import ComponentEntry, Extraction, Value


def answers_of(extraction: Extraction) -> dict[repeating.Key, Value]:
    """The answers that the extractor gave. 1 query; 0 where the form checks nobody's."""
    if extraction.verifies_id is None:
        return {}
    said = Value.objects.current().filter(extraction=extraction.verifies_id)
    found = said.select_related("field", "report")
    return {repeating.key_of(each): each for each in found if not each.is_empty}


@dataclass(frozen=True)
class Found:
    """A component of the extractor's, and what the verifier says of it."""

    component: Component
    field_id: int
    entries: list[ComponentEntry]
    state: str  # "right" | "changed" | "not there" | "" while nobody has looked


def components_of(extraction: Extraction) -> list[Found]:
    """The extractor's components in the order of their codes. 2 queries; 0 if it checks nobody."""
    if extraction.verifies_id is None:
        return []
    theirs: dict[tuple[int, int], list[ComponentEntry]] = {}
    entries = ComponentEntry.objects.current().filter(extraction=extraction.verifies_id)
    for each in entries.select_related("component", "report").order_by("component__code", "pk"):
        theirs.setdefault((each.field_id, each.component_id), []).append(each)
    mine: dict[tuple[int, int], list[ComponentEntry]] = {}
    for each in ComponentEntry.objects.filter(extraction=extraction).order_by("pk"):
        mine.setdefault((each.field_id, each.component_id), []).append(each)
    return [
        Found(found[0].component, field, found, _state(found, mine.get((field, component), [])))
        for (field, component), found in theirs.items()
    ]


def _state(theirs: list[ComponentEntry], mine: list[ComponentEntry]) -> str:
    standing = [each for each in mine if each.superseded_at is None]
    if not standing:
        return "not there" if mine else ""
    stances = [{each.stance for each in entries} for entries in (theirs, standing)]
    return "right" if stances[0] == stances[1] else "changed"
