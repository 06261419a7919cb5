"""Every write about the items of a repeating group on somebody's form."""

from django.db import transaction
from django.utils import timezone

from reviews.models import User
from reviews.refusal import Clash, Refused

from .actions import locked_draft, save_value
from .kinds import plain
from .models import Extraction, Field, Value
from .repeating import named


def _list(extraction: Extraction, group: Field) -> Value | None:
    if not group.is_repeating:
        raise Refused("That question is no repeating group.")
    return Value.objects.current().filter(extraction=extraction, field=group).first()


def _save(
    extraction: Extraction, group: Field, names: list[str], before: Value | None, *, by: User
) -> Value | None:
    return save_value(
        extraction,
        group,
        names,
        by=by,
        quote=before.quote if before else "",
        page=before.page if before else "",
        box=before.box if before else None,
        report=before.report if before else None,
    )


@transaction.atomic
def add(extraction: Extraction, group: Field, name: str, *, by: User) -> str:
    """Put an item on the list; its name as it stands there. Takes "not reported" back."""
    extraction = locked_draft(extraction, by=by)
    before = _list(extraction, group)
    name = " ".join(name.split())
    if not name:
        raise Refused("Write a name.")
    _save(extraction, group, [*((before.value if before else None) or []), name], before, by=by)
    return name


@transaction.atomic
def remove(extraction: Extraction, group: Field, item: str, *, by: User) -> Value | None:
    """Take an item off the list. Its answers are there again when it is added again."""
    extraction = locked_draft(extraction, by=by)
    before = _list(extraction, group)
    names = [name for name in (before and before.value) or [] if plain(name) != plain(item)]
    return _save(extraction, group, names, before, by=by)


@transaction.atomic
def rename(extraction: Extraction, group: Field, item: str, name: str, *, by: User) -> str:
    """Call an item otherwise; its answers go along."""
    extraction = locked_draft(extraction, by=by)
    before = _list(extraction, group)
    old = named(before.value if before else None, item)
    if before is None or old is None:
        raise Clash(f"“{item}” is not on the list of “{group}” (any more).")
    name = " ".join(name.split())
    if not name:
        raise Refused("Write a name.")
    _save(
        extraction, group, [name if each == old else each for each in before.value], before, by=by
    )
    if name == old:
        return name
    now = timezone.now()
    answers = list(Value.objects.current().filter(extraction=extraction, field__part_of=group))
    for answer in answers:
        if plain(answer.item) == plain(name) != plain(old):
            answer.superseded_at = now  # what a former item of that name had left behind
            answer.save(update_fields=["superseded_at"])
    for answer in answers:
        if plain(answer.item) == plain(old):
            answer.superseded_at = now
            answer.save(update_fields=["superseded_at"])
            answer.pk, answer._state.adding = None, True
            answer.item, answer.at, answer.superseded_at = name, now, None
            answer.save()
    return name
