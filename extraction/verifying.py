"""Every write of a person who verifies: one extracts, a second looks at each answer with its quote.

The verifier's form is a form like any other, of which it is known whose it checks. "It is right" puts
the extractor's answer with its quote into it; what was put right is typed there. So what differs is
settled as after a double extraction, and each row says who looked at what and when.
"""

import json

from django.db import transaction

from components.models import Component
from reviews.models import User
from reviews.refusal import Refused

from .actions import add_entry, asked_field, locked_draft, remove_entry, save_value
from .kinds import plain
from .models import AttachedFile, ComponentEntry, Extraction, Field, Value


def _theirs(extraction: Extraction) -> Extraction:
    if extraction.verifies is None:
        raise Refused("This form checks nobody else's.")
    return extraction.verifies


@transaction.atomic
def confirm(extraction: Extraction, field: Field, *, by: User, item: str = "") -> Value:
    """Say that the extractor's answer is right: it is the verifier's answer too, in place of what
    stood there. `item` names the item of a repeating group."""
    extraction = locked_draft(extraction, by=by)
    field = asked_field(extraction, field)
    said = Value.objects.current().filter(extraction=_theirs(extraction), field=field)
    theirs = next((each for each in said if plain(each.item) == plain(item)), None)
    if theirs is None or theirs.is_empty:
        raise Refused("The extractor gave no answer there (any more).")
    given = theirs.value
    if field.kind == Field.Kind.FILE and given:
        _have_file(extraction, field, theirs)
    elif field.kind == Field.Kind.TABLE and given:
        given = json.dumps(given)
    made = save_value(
        extraction,
        field,
        given,
        by=by,
        item=item,
        not_reported=theirs.not_reported,
        quote=theirs.quote,
        page=theirs.page,
        box=theirs.box,
        report=theirs.report,
    )
    assert made is not None  # noqa: S101 - theirs is not empty
    return made


def _have_file(extraction: Extraction, field: Field, theirs: Value) -> None:
    file = AttachedFile.objects.get(
        extraction=theirs.extraction_id, field=field, sha256=theirs.value[1]
    )
    AttachedFile.objects.get_or_create(
        extraction=extraction,
        field=field,
        sha256=file.sha256,
        defaults={"name": file.name, "size": file.size},
    )


@transaction.atomic
def confirm_component(
    extraction: Extraction, field: Field, component: Component, *, by: User, holds: bool
) -> list[ComponentEntry]:
    """Say that a component which the extractor found is there, with each of their quotes; or that it
    is not. The rows of one that is not there stay as what was looked at, superseded."""
    extraction = locked_draft(extraction, by=by)
    found = ComponentEntry.objects.current().filter(field=field, component=component)
    theirs = list(found.filter(extraction=_theirs(extraction)).select_related("report"))
    if not theirs:
        raise Refused("The extractor has not found that component (any more).")
    for mine in found.filter(extraction=extraction):
        remove_entry(mine, by=by)
    made = [
        add_entry(
            extraction,
            field,
            component,
            by=by,
            stance=each.stance,
            quote=each.quote,
            page=each.page,
            box=each.box,
            report=each.report,
            note=each.note,
        )
        for each in theirs
    ]
    return made if holds else [remove_entry(each, by=by) for each in made]
