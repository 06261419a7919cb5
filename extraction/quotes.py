"""Quotes of a study whose report has got a better copy since: found again in it, or to be looked at.

A quote is kept as it was taken. Where it stands in the copy that is there now is worked out from
the two texts (citations/documents/anchors.py) and stored nowhere: saving the answer again, or a
still better copy, settles it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef

from citations.documents import anchors
from citations.models import FullText, Study
from components.models import Component
from reviews.models import User

from .models import (
    AdjudicatedEntry,
    AdjudicatedValue,
    ComponentEntry,
    Extraction,
    Field,
    Value,
)

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Said:
    """A quote, whoever wrote it down: an extractor, or the person who settled the study."""

    quote: str
    page: str  # as typed
    report_id: int | None
    at: datetime
    field: Field
    item: str = ""
    component: Component | None = None
    by: User | None = None
    holds: bool = False  # it stands behind what was settled


@dataclass(frozen=True)
class Moved:
    """A quote that a better copy overtook. `page` in the new copy is None where it is lost."""

    said: Said
    report_id: int
    state: str  # anchors.KEPT (on another page), DOUBTFUL or LOST
    page: int | None
    why: str


def overtaken(extraction: Extraction, reports: Sequence[int]) -> list[Moved]:
    """The quotes of a form to be looked at, the doubtful first; then those on another page now.

    `reports` are the ids of the study's. Quotes that the earlier copy did not hold either are
    passed over: they were typed, not taken. 1 query; 4 when a report has got a better copy.
    """
    copies = _copies(reports)
    return _sorted(_quoted([extraction]), copies) if copies else []


def overtaken_of_study(
    study: Study, forms: Sequence[Extraction], fields: Sequence[Field], reports: Sequence[int]
) -> list[Moved]:
    """The same of what was settled for a study and of `forms`, those that the reader may see.

    A quote that was settled as an extractor has it is listed once. `fields` are those of the
    codebook. 1 query; 6 when a report has got a better copy.
    """
    copies = _copies(reports)
    return _sorted([*_quoted(forms), *_settled(study, forms, fields)], copies) if copies else []


def _copies(reports: Sequence[int]) -> dict[int, list[FullText]]:
    """The copies of each report, the oldest first; none unless one of them has several."""
    several = FullText.objects.filter(report__in=reports).order_by().values("report")
    if not several.annotate(copies=Count("pk")).filter(copies__gt=1).exists():
        return {}
    copies: dict[int, list[FullText]] = {report: [] for report in reports}
    for copy in FullText.objects.filter(report__in=reports).order_by("pk"):
        copies[copy.report_id].append(copy)
    return copies


def _sorted(quoted: Iterable[Said], copies: dict[int, list[FullText]]) -> list[Moved]:
    only = next(iter(copies)) if len(copies) == 1 else None
    found = []
    for said in quoted:
        report = said.report_id or only or 0
        of_report = copies.get(report, [])
        # Of two that stand, on a joined report, the newest is read.
        new = next((copy for copy in reversed(of_report) if copy.removed_at is None), None)
        if new is None or new.at <= said.at:
            continue
        earlier = [copy for copy in of_report if copy.at <= said.at]
        moved = _moved(said, report, earlier[-1], new) if earlier else None
        if moved:
            found.append(moved)
    return sorted(found, key=lambda each: each.state == anchors.KEPT)


def _quoted(forms: Sequence[Extraction]) -> Iterable[Said]:
    """What stands in `forms`, with whether it holds for the study."""
    values: Any = Value.objects.current().filter(extraction__in=forms).exclude(quote="")
    values = values.select_related("field", "extraction__by").order_by("field__order", "pk")
    behind = {
        each.pk
        for settled in AdjudicatedValue.objects.current()
        .filter(study__in={form.study_id for form in forms})
        .select_related("first_value", "second_value")
        for each in settled.behind
        if each
    }
    for value in values:
        yield Said(
            value.quote, value.page, value.report_id, value.at, value.field, value.item,
            by=value.extraction.by, holds=value.pk in behind,
        )  # fmt: skip
    entries: Any = ComponentEntry.objects.current().filter(extraction__in=forms).exclude(quote="")
    taken = AdjudicatedEntry.objects.filter(
        settled__basis=OuterRef("pk"), settled__superseded_at=None, quote=OuterRef("quote")
    )
    entries = entries.annotate(holds=Exists(taken))
    for entry in entries.select_related("field", "component", "extraction__by").order_by("pk"):
        yield Said(
            entry.quote, entry.page, entry.report_id, entry.at, entry.field,
            component=entry.component, by=entry.extraction.by, holds=entry.holds,
        )  # fmt: skip


def _settled(study: Study, forms: Sequence[Extraction], fields: Sequence[Field]) -> Iterable[Said]:
    """Quotes of components that hold and that none of `forms` has: typed in when it was settled,
    or imported."""
    settled = AdjudicatedEntry.objects.filter(
        settled__study=study, settled__field__in=fields, settled__superseded_at=None
    )
    theirs = ComponentEntry.objects.current().filter(
        extraction__in=forms, component=OuterRef("settled__component"), quote=OuterRef("quote")
    )
    mine = settled.exclude(quote="").exclude(Exists(theirs))
    for each in mine.select_related("settled__field", "settled__component", "settled__by"):
        how = each.settled
        yield Said(
            each.quote, each.page, each.report_id, how.at, how.field,
            component=how.component, by=how.by, holds=True,
        )  # fmt: skip


def _moved(said: Said, report: int, old: FullText, new: FullText) -> Moved | None:
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
    return Moved(said, report, found.state, page, found.why)


def _in(text: str, quote: str, page: str) -> anchors.Anchor | None:
    """The quote in the copy that it was taken from: on the page that is named, else on the first
    that holds it."""
    many = text.count("\f") + 1
    named = [int(number) for number in _NUMBER.findall(page)[:1]]
    for number in [*named, *range(1, many + 1)]:
        if anchor := anchors.located(text, quote, number):
            return anchor
    return None
