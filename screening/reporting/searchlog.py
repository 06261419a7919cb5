"""The searches as PRISMA-S asks for them: 16 items, what is said about each, and what is missing.

On this floor because item 16 tells what became of the records, and the numbers lead to lists here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from citations import prisma_s
from citations.matching.rules import ASK_FROM, JOIN_FROM
from citations.models import DATABASE_KINDS, Merge, Search, SearchNote
from citations.prisma_s import Item
from citations.querysets import arrived_by
from reviews.models import Review


@dataclass(frozen=True)
class Said:
    """What is reported, of one source or ("") of the whole review."""

    source: str
    text: str
    verbatim: bool = False  # a search string: its lines stay as they are
    search: int | None = None  # whose records the number is about …
    number: str = ""  # … and the words at the beginning of `text` that say it
    note: str = ""  # what a reader should know about it

    @property
    def rest(self) -> str:
        return self.text.removeprefix(self.number)


@dataclass
class Row:
    """One item with everything that is said about it."""

    item: Item
    said: list[Said] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # sources that say nothing about it
    note: str = ""  # what a person wrote for the whole review
    draft: str = ""  # what the data say for the whole review, where nobody wrote anything

    @property
    def is_reported(self) -> bool:
        return bool(self.said) and not self.missing

    @property
    def gap(self) -> str:
        """ "" or "Not reported yet", with the sources that it is about."""
        if self.is_reported:
            return ""
        if not self.said:
            return prisma_s.NOT_YET
        return f"{prisma_s.NOT_YET}: {', '.join(self.missing)}"


@dataclass
class Section:
    name: str
    rows: list[Row]


def report(review: Review) -> list[Section]:
    """The 16 items in their sections. A fixed number of queries."""
    notes = dict(SearchNote.objects.filter(review=review).values_list("item", "text"))
    searches = _searches(review)
    rows = {item.number: Row(item, note=notes.get(item.number, "")) for item in prisma_s.ITEMS}
    for row in rows.values():
        if row.note:
            row.said.append(Said("", row.note))
    _sources(rows, searches)
    _in_words(rows, searches)
    for search in searches:
        _total(rows[15], search)
    rows[16].draft = "" if rows[16].note or not searches else deduplication(review, searches)
    if rows[16].draft:
        rows[16].said.append(Said("", rows[16].draft))
    for row in rows.values():
        if row.note:  # a sentence for the whole review speaks for every source
            row.missing = []
    return [
        Section(name, [rows[item.number] for item in items]) for name, items in prisma_s.SECTIONS
    ]


def reported(sections: list[Section]) -> int:
    return sum(row.is_reported for section in sections for row in section.rows)


def _sources(rows: dict[int, Row], searches: list[Search]) -> None:
    """Items 1 to 5: which sources there are. A kind without any source says nothing."""
    item_of = {
        Search.Kind.DATABASE: 1,
        Search.Kind.REGISTER: 3,
        Search.Kind.WEBSITE: 4,
        Search.Kind.ORGANISATION: 4,
        Search.Kind.CITATION: 5,
    }
    for search in searches:
        row = rows[item_of[Search.Kind(search.kind)]]
        row.said.append(Said(search.name, _where(search)))
        if search.kind == Search.Kind.DATABASE and not search.platform:
            row.missing.append(f"the platform of {search.name}")
        if search.databases:
            rows[2].said.append(Said(search.name, search.databases))


def _where(search: Search) -> str:
    """ "MEDLINE; platform: Ovid; covers 1946 to 2025; https://…"; the name only where it is another."""
    parts = [
        search.database if search.database != search.name else "",
        f"platform: {search.platform}" if search.platform else "",
        f"covers {search.coverage}" if search.coverage else "",
        search.address,
    ]
    text = "; ".join(part for part in parts if part)
    return text[:1].upper() + text[1:] if text.startswith(("platform", "covers")) else text


def _in_words(rows: dict[int, Row], searches: list[Search]) -> None:
    """Items that each source answers with words of its own, and the date."""

    def limits(search: Search) -> str:
        why = f" Why: {search.limits_why}" if search.limits_why else ""
        return f"{search.limits}{why}".strip()

    says: dict[int, Callable[[Search], str]] = {
        8: lambda search: search.strategy,
        9: limits,
        10: lambda search: search.filters,
        11: lambda search: search.prior_work,
        12: _updates,
        13: lambda search: _day(search.searched_on),
        14: lambda search: search.peer_review,
    }
    for number, of in says.items():
        for search in searches:
            if text := of(search).strip("\r\n").rstrip():
                rows[number].said.append(Said(search.name, text, verbatim=number == 8))
            # What is browsed has no filters and no string that could be peer reviewed.
            elif number in (8, 13) or search.kind in DATABASE_KINDS:
                rows[number].missing.append(search.name)


def _updates(search: Search) -> str:
    made = f"Made for version {search.version} of the review." if search.version > 1 else ""
    return f"{made} {search.updates}".strip()


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def _searches(review: Review) -> list[Any]:
    """Every search, of whatever version of the review, with `here`: its records. 1 query."""
    here = Count("records", filter=Q(records__isnull=False) & arrived_by("records__"))
    return list(review.searches.annotate(here=here).order_by("pk"))


def _total(row: Row, search: Any) -> None:
    here, n = search.here, search.here + search.removed
    if not n:
        row.missing.append(search.name)
        return
    number = text = f"{_many(here, 'record')} imported"
    if search.removed:
        why = f" ({search.removed_why.rstrip('.')})" if search.removed_why else ""
        text += f" and {search.removed:,} removed before{why}: {n:,} identified"
    row.said.append(
        Said(
            search.name,
            text,
            search=search.pk,
            number=number,
            note=prisma_s.reckon(search.hits_reported, here, search.removed),
        )
    )


def deduplication(review: Review, searches: list[Search]) -> str:
    """Item 16 as the data have it: the software, its thresholds, the numbers. "" before an import."""
    records = review.records.arrived().count()
    if not records:
        return ""
    reports = review.reports.standing().count()
    joined = Merge.objects.filter(review=review, undone_at=None)
    joins, by_people = joined.count(), joined.filter(by__isnull=False).count()
    outside = sum(search.removed_duplicates for search in searches)
    before = f"Duplicates removed before import: {outside:,}. " if outside else ""
    return (
        f"{before}Records were compared in Concord with its own trained model on titles, authors, "
        f"years, journals, pages, abstracts and identifiers. Pairs with a probability of "
        f"{JOIN_FROM} or more were joined automatically unless a rule asked for a person; pairs "
        f"between {ASK_FROM} and {JOIN_FROM} were shown to a person. "
        f"{_many(records, 'record')} made {_many(reports, 'report')}: "
        f"{_many(records - reports, 'duplicate')}. Joins made automatically: "
        f"{joins - by_people:,}; made by people: {by_people:,}."
    )


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"
