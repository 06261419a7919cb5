"""Quotes of a form whose report has got a better copy since: found again in it, or to be looked at.

A quote is kept as it was taken. Where it stands in the copy that is there now is worked out from
the two texts (citations/documents/anchors.py) and stored nowhere: saving the answer again, or a
still better copy, settles it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from citations.documents import anchors
from citations.models import FullText

from .models import ComponentEntry, Extraction, Value

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Moved:
    """A quote that a better copy overtook. `page` in the new copy is None where it is lost."""

    said: Value | ComponentEntry
    state: str  # anchors.KEPT (on another page), DOUBTFUL or LOST
    page: int | None
    why: str


def overtaken(extraction: Extraction, reports: Sequence[int]) -> list[Moved]:
    """The quotes of a form to be looked at, the doubtful first; then those on another page now.

    `reports` are the ids of the study's. Quotes that the earlier copy did not hold either are
    passed over: they were typed, not taken. 1 query; 4 when a report has got a better copy.
    """
    replaced = FullText.objects.filter(report__in=reports).exclude(removed_at=None)
    if not replaced.exists():
        return []
    copies: dict[int, list[FullText]] = {}
    for copy in FullText.objects.filter(report__in=reports).order_by("pk"):
        copies.setdefault(copy.report_id, []).append(copy)
    only = reports[0] if len(reports) == 1 else None
    found = []
    for said in _quoted(extraction):
        of_report = copies.get(said.report_id or only or 0, [])
        new = next((copy for copy in of_report if copy.removed_at is None), None)
        if new is None or new.at <= said.at:
            continue
        earlier = [copy for copy in of_report if copy.removed_at and copy.at <= said.at]
        moved = _moved(said, earlier[-1], new) if earlier else None
        if moved:
            found.append(moved)
    return sorted(found, key=lambda each: each.state == anchors.KEPT)


def _quoted(extraction: Extraction) -> Iterable[Value | ComponentEntry]:
    values: Any = Value.objects.current().filter(extraction=extraction)
    yield from values.exclude(quote="").select_related("field").order_by("field__order", "pk")
    entries = ComponentEntry.objects.filter(extraction=extraction, superseded_at=None)
    yield from entries.exclude(quote="").select_related("field", "component").order_by("pk")


def _moved(said: Value | ComponentEntry, old: FullText, new: FullText) -> Moved | None:
    """What became of one quote; None when it stands on the same page, or never stood there."""
    if old.sha256 == new.sha256 or not new.text:
        return None
    anchor = _in(old.text, said.quote, said.page)
    if anchor is None:
        return None
    found = anchors.find(anchor, new.text, old=old.text)
    page = found.anchor.page if found.anchor else None
    if found.state == anchors.KEPT and page == anchor.page:
        return None
    return Moved(said, found.state, page, found.why)


def _in(text: str, quote: str, page: str) -> anchors.Anchor | None:
    """The quote in the copy that it was taken from: on the page that is named, else on the first
    that holds it."""
    many = text.count("\f") + 1
    named = [int(number) for number in _NUMBER.findall(page)[:1]]
    for number in [*named, *range(1, many + 1)]:
        if anchor := anchors.located(text, quote, number):
            return anchor
    return None
