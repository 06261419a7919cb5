"""What a person does with a file that waits: attach it, lay it aside, take it back."""

from django.db import transaction
from django.utils import timezone

from citations.models import FullText, LooseFile, Report
from reviews import audit
from reviews.models import User
from reviews.refusal import Clash, Refused

from .. import retrieval
from . import delivering


def _held(loose: LooseFile) -> LooseFile:
    held = LooseFile.objects.select_for_update(of=("self",)).select_related("review")
    return held.get(pk=loose.pk)


@transaction.atomic
def attach(loose: LooseFile, report: Report, *, by: User) -> FullText:
    """File it under `report`; a full text that the report has is set aside for it."""
    loose = _held(loose)
    if loose.fulltext_id:
        raise Clash("This file has been attached already.")
    if loose.refused or not loose.read_at:
        raise Refused("This file was not taken, or is still being read.")
    if report.review_id != loose.review_id:
        raise Refused("That report belongs to another review.")
    kept = delivering.file(loose, report, by=by)
    loose.settled_by = by
    loose.save(update_fields=["settled_by"])
    return kept


@transaction.atomic
def lay_aside(loose: LooseFile, *, by: User) -> LooseFile:
    """It belongs to no report that is sought. The file is kept and can be taken back."""
    loose = _held(loose)
    if loose.fulltext_id or loose.aside_at:
        raise Clash("This file does not wait any more.")
    loose.aside_at, loose.settled_by = timezone.now(), by
    loose.save(update_fields=["aside_at", "settled_by"])
    audit.record(loose.review, "laid a file aside", by=by, target=loose)
    return loose


@transaction.atomic
def take_back(loose: LooseFile, *, by: User) -> LooseFile:
    """Put it into the tray again, away from the report that it was attached to."""
    loose = _held(loose)
    if loose.fulltext_id is None and loose.aside_at is None:
        raise Clash("This file waits in the tray already.")
    if loose.fulltext is not None:
        loose.text = loose.fulltext.text
        if loose.fulltext.removed_at is None:
            retrieval.detach(loose.fulltext, by=by)
    loose.fulltext, loose.aside_at, loose.settled_by = None, None, None
    loose.save(update_fields=["fulltext", "text", "aside_at", "settled_by"])
    return loose
