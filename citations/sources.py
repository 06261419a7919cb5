"""Every write about searches: a source, what is known of it, and notes on all of them."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from reviews import audit, past
from reviews.models import Review, User
from reviews.refusal import Refused

from . import prisma_s
from .models import Search, SearchNote

SEARCH_FIELDS = [
    "name",
    "kind",
    "platform",
    "searched_on",
    "hits_reported",
    "strategy",
    "database",
    "databases",
    "coverage",
    "address",
    "limits",
    "limits_why",
    "filters",
    "prior_work",
    "updates",
    "peer_review",
    "removed_duplicates",
    "removed_automation",
    "removed_other",
    "removed_why",
]


def _plain(search: Search) -> dict[str, Any]:
    """The search's fields as the log keeps them."""
    values = {name: getattr(search, name) for name in SEARCH_FIELDS}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _check_removed(search: Search) -> None:
    if search.removed and not search.removed_why.strip():
        raise Refused("Say why records were removed before import.")


@transaction.atomic
def add_search(
    review: Review, *, by: User, rerun_of: Search | None = None, **fields: Any
) -> Search:
    """A new source of the review's present version; `fields` are those of SEARCH_FIELDS.

    `rerun_of` is the earlier search that it repeats.
    """
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    search = Search(
        review=review, version=review.version, created_by=by, rerun_of=rerun_of, **fields
    )
    _check_removed(search)
    if namesakes(search).exists():
        raise Refused(f"There is a source named “{search.name}” already.")
    search.save()
    audit.record(review, "added a search", by=by, target=search, after=_plain(search))
    return search


def repeat(search: Search) -> dict[str, Any]:
    """What a search that repeats `search` begins with: its words, not its date and numbers."""
    anew = {"searched_on", "hits_reported", "updates"}
    told = [name for name in SEARCH_FIELDS if name not in anew and not name.startswith("removed_")]
    words = {name: getattr(search, name) for name in told}
    if search.version == search.review.version:
        words["name"] = f"{search.name}, {timezone.localdate():%B %Y}"
    return words


def open_sources(review: Review) -> QuerySet[Search]:
    """The sources that files can still be added to: those of the review's present version."""
    return Search.objects.filter(review=review, version=review.version)


def namesakes(search: Search) -> QuerySet[Search]:
    """Other searches of its name for the same version of the review."""
    same = Search.objects.filter(review=search.review_id, version=search.version, name=search.name)
    return same.exclude(pk=search.pk)


# What of a search is in the PRISMA figure.
COUNTED = ("name", "kind", "removed_duplicates", "removed_automation", "removed_other")


@transaction.atomic
def edit_search(search: Search, *, by: User, **fields: Any) -> Search:
    """Change what is known about a search. Its numbers enter PRISMA, so the log keeps both."""
    search = (
        Search.objects.select_for_update(of=("self",)).select_related("review").get(pk=search.pk)
    )
    before = _plain(search)
    counted = {name: getattr(search, name) for name in COUNTED}
    for name, value in fields.items():
        setattr(search, name, value)
    _check_removed(search)
    if namesakes(search).exists():
        raise Refused(f"There is a source named “{search.name}” already.")
    after = _plain(search)
    if before != after:
        past.keep_said(search.review, Search, {search.pk: counted})
        search.save(update_fields=list(fields))
        audit.record(
            search.review, "changed a search", by=by, target=search, before=before, after=after
        )
    return search


@transaction.atomic
def note_item(review: Review, item: int, text: str, *, by: User) -> SearchNote:
    """Say something about a PRISMA-S item for the whole review; an empty text takes it back."""
    if not prisma_s.takes_note(item):
        raise Refused("What is reported for this item comes from the sources alone.")
    # Two people who write the first word at once would both find no row: the review is the lock.
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    note = SearchNote.objects.filter(review=review, item=item).first()
    before, text = (note.text if note else ""), text.strip()
    if note is None:
        note = SearchNote(review=review, item=item, by=by)
    if text == before:
        return note
    note.text, note.by, note.at = text, by, timezone.now()
    note.save()
    audit.record(
        review,
        "changed a note on the searches",
        by=by,
        target=note,
        before={"item": item, "text": before},
        after={"item": item, "text": text},
    )
    return note


def search_named(review: Review, name: str, kind: str, *, by: User) -> Search:
    """The source of that name in the review's present version; a new one of `kind` without one."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    search, is_new = Search.objects.get_or_create(
        review=review,
        name=name,
        version=review.version,
        defaults={"kind": kind, "created_by": by},
    )
    if is_new:
        audit.record(review, "added a search", by=by, target=search, after=_plain(search))
    return search
