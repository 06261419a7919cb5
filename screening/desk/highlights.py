"""Highlights: made on one copy of a full text, found again in the next, looked at where doubtful."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from citations.documents import anchors
from citations.models import FullText, Report
from reviews.models import Membership, User
from reviews.refusal import Clash, Refused

from .. import naming
from ..actions import locked
from ..flow import Place
from ..models import Highlight, HighlightPlace

MOST = 2000  # of one person on one report
LONGEST = 5000  # letters of a quote
State = HighlightPlace.State


def _document(report: Report) -> FullText:
    document = report.files.first()
    if document is None:
        raise Refused("This report has no full text.")
    return document


@transaction.atomic
def add(
    report: Report,
    *,
    by: User,
    sha256: str,
    page: int,
    quote: str = "",
    before: str = "",
    after: str = "",
    area: Sequence[float] = (),
    note: str = "",
) -> Highlight:
    """Mark a quote or an area ([left, top, width, height] in shares) on `page` of a copy.

    `sha256` is the copy that was read: when it has been replaced meanwhile, nothing is marked.
    """
    report = locked(report)
    document = _document(report)
    if document.sha256 != sha256:
        raise Clash("A better copy has come meanwhile; reload the page.")
    if not 1 <= page <= max(1, document.pages):
        raise Refused("There is no such page.")
    quote = quote.replace("\x00", "").strip()
    if bool(quote) == bool(area):
        raise Refused("Select some words, or draw an area.")
    if len(quote) > LONGEST:
        raise Refused(f"A highlight holds at most {LONGEST:,} letters.")
    if area and not _is_on_page(area):
        raise Refused("The area lies outside the page.")
    if Highlight.objects.filter(report=report, by=by, removed_at=None).count() >= MOST:
        raise Refused(f"One person can have {MOST:,} highlights on a report.")
    anchor = None
    if quote:
        anchor = anchors.located(document.text, quote, page, before, after)
        # The browser may read a page in another order than we: what it shows is what was marked.
        anchor = anchor or anchors.Anchor(
            page, quote, before[-anchors.AROUND :], after[: anchors.AROUND]
        )
    stage = Highlight.EXTRACTION if report.place == Place.INCLUDED else Highlight.FULLTEXT
    made = Highlight.objects.create(report=report, stage=stage, note=note.strip()[:500], by=by)
    HighlightPlace.objects.create(
        highlight=made, sha256=sha256, area=list(area), **_fields(anchor, page)
    )
    return made


def _fields(anchor: anchors.Anchor | None, page: int) -> dict[str, Any]:
    if anchor is None:
        return {"page": page}
    return {
        "page": anchor.page, "quote": anchor.quote, "before": anchor.before, "after": anchor.after,
    }  # fmt: skip


def _is_on_page(area: Sequence[float]) -> bool:
    if len(area) != 4 or not all(0 <= part <= 1 for part in area):  # also refuses NaN
        return False
    left, top, width, height = area
    return width > 0 and height > 0 and left + width <= 1.001 and top + height <= 1.001


@transaction.atomic
def remove(highlight: Highlight, *, by: User) -> Highlight:
    highlight = Highlight.objects.select_for_update().get(pk=highlight.pk)
    if highlight.by_id != by.pk:
        raise Refused("Only who made a highlight can take it away.")
    if highlight.removed_at is None:
        highlight.removed_at = timezone.now()
        highlight.save(update_fields=["removed_at"])
    return highlight


@transaction.atomic
def confirm(highlight: Highlight, *, by: User) -> HighlightPlace:
    """Its maker has looked at the doubtful place and says that it is right."""
    highlight = Highlight.objects.select_for_update().get(pk=highlight.pk)
    if highlight.by_id != by.pk:
        raise Refused("Only who made a highlight can say that its place is right.")
    place = highlight.places.filter(sha256=_document(highlight.report).sha256).first()
    if place is None or place.state != State.DOUBTFUL:
        raise Clash("There is nothing to confirm.")
    place.state, place.why, place.checked_by = State.KEPT, "", by
    place.save(update_fields=["state", "why", "checked_by"])
    return place


def carry(report: Report) -> None:
    """Find the report's highlights again in the copy that is read now, where they are not yet.

    Within the transaction by which that copy came to be read. One that is not found keeps its place
    in the earlier copy, from where a still better one may be reached. An area is doubtful always:
    nothing says that the pages are laid out alike. 1 query where nothing is marked.
    """
    marked = Highlight.objects.filter(report=report, removed_at=None)
    every = list(marked.prefetch_related("places"))
    new = report.files.first() if every else None
    if new is None:
        return
    sure = []
    for highlight in every:
        places = list(highlight.places.all())
        if any(place.sha256 == new.sha256 for place in places):
            continue
        # The last copy in which it surely stood.
        stood = [place for place in places if place.state == State.KEPT]
        sure += sorted(stood, key=lambda place: place.pk)[-1:]
    # The copy may hang on another report, where a join that brought it was undone.
    copies = FullText.objects.filter(
        report__review=report.review_id, sha256__in={place.sha256 for place in sure}
    )
    texts = dict(copies.values_list("sha256", "text"))
    HighlightPlace.objects.bulk_create(
        _carried(place, new, texts.get(place.sha256, "")) for place in sure
    )


def _carried(place: HighlightPlace, new: FullText, old: str) -> HighlightPlace:
    fresh = HighlightPlace(highlight_id=place.highlight_id, sha256=new.sha256, area=place.area)
    if place.area:
        fresh.page = min(place.page, max(1, new.pages))
        fresh.state, fresh.why = State.DOUBTFUL, "an area is not found by its words"
        return fresh
    anchor = anchors.Anchor(place.page, place.quote, place.before, place.after)
    found = anchors.find(anchor, new.text, old=old)
    for name, value in _fields(found.anchor or anchor, place.page).items():
        setattr(fresh, name, value)
    fresh.state, fresh.why = found.state, found.why
    return fresh


def of(report: Report, member: Membership) -> list[dict[str, Any]]:
    """The highlights that `member` may see, as they stand in the copy that is there now.

    Each {"id", "mine", "by", "note", "page", "quote", "before", "after", "area", "state", "why"}.
    3 queries; one more where the rules hide names.
    """
    document = report.files.only("sha256").first()
    if document is None:
        return []
    places = HighlightPlace.objects.filter(
        sha256=document.sha256,
        highlight__in=Highlight.objects.filter(report=report).visible_to(member),
    )
    found = list(places.select_related("highlight__by"))
    made = [place.highlight for place in found]
    called = naming.beside(member, made, naming.hidden_stages(member))
    return [
        {
            "id": place.highlight_id,
            "mine": place.highlight.by_id == member.user_id,
            "by": called[place.highlight_id],
            "note": place.highlight.note,
            "page": place.page,
            "quote": place.quote,
            "before": place.before,
            "after": place.after,
            "area": place.area,
            "state": place.state,
            "why": place.why,
        }
        for place in found
    ]
