"""The checklists of PRISMA 2020, filled from the review; what only its authors can say is a gap."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from reviews import audit
from reviews.models import Criterion, Review, User
from reviews.refusal import Refused

from ..models import ChecklistNote
from . import methods
from .checklist_items import ABSTRACT, SECTIONS, Item
from .methods import Link, Part
from .prisma import searches_of

GAP = "Not reported yet"
# Where in the review the material for an item is, when its sentence is for the authors to write.
MATERIAL = {
    "9": "The two blind forms and their adjudication: Extract.",
    "10a": "The fields of the codebook: Extract, Codebook.",
    "10b": "The fields of the codebook: Extract, Codebook.",
    "13c": "The table of studies and components: Extract, Study × component.",
    "20b": "The convergence matrix: Report, Convergence matrix.",
    "27": "Every list and figure as a file, with its decisions.",
}


@dataclass
class Row:
    item: Item
    said: list[Part] = field(default_factory=list)
    hint: str = ""
    note: str = ""  # what people wrote themselves; it stands beside what the data say

    @property
    def is_gap(self) -> bool:
        return not self.said and not self.note

    @property
    def text(self) -> str:
        return methods.as_text(self.said)


def report(review: Review, numbers: dict[str, Any], link: Link) -> list[tuple[str, list[Row]]]:
    """[(section, rows)]: the 27 items with their parts, then the 12 of the abstract."""
    said = _known(review, numbers, link)
    notes = dict(ChecklistNote.objects.filter(review=review).values_list("item", "text"))
    return [
        (
            name,
            [
                Row(
                    i,
                    said.get(i.number, []),
                    MATERIAL.get(i.number, ""),
                    notes.get(i.number, ""),
                )
                for i in items
            ],
        )
        for name, items in _sections()
    ]


def _sections() -> list[tuple[str, list[Item]]]:
    return [*SECTIONS, ("PRISMA 2020 for Abstracts", ABSTRACT)]


def _known(review: Review, numbers: dict[str, Any], link: Link) -> dict[str, list[Part]]:
    """What the data say about each item; nothing where they say nothing."""
    b = numbers["boxes"]
    sources = methods.sources(review, numbers, link)
    criteria = _criteria(review)
    said = {
        "5": criteria,
        "A3": criteria,
        "6": sources,
        "A4": sources,
        "7": _strategies(review),
        "8": methods.process(review),
        "24c": _amendments(review),
    }
    if "review" in review.title.lower():
        said["1"] = said["A1"] = [Part(review.title)]
    if question := "; ".join(str(part) for part in review.question.values() if part):
        said["4"] = said["A2"] = [Part(question)]
    if b["D1"] + b["O1"]:
        said["16a"] = methods.selection(numbers, link)
    if b["D8"] + b["O8"]:
        said["16b"] = [
            Part(f"{b['D8']:,}", link("D8", None)),
            Part(" reports from databases and registers"),
            *([Part(" and "), Part(f"{b['O8']:,}", link("O8", None)), Part(" from other methods")] if b["O8"] else []),
            Part(", each with its reason; the list exports."),
        ]  # fmt: skip
    if b["I_studies"]:
        included = [Part(f"{b['I_studies']:,}", link("I_studies", None)), Part(" studies")]
        said["17"] = [*included, Part("; the list exports, with the references of their reports.")]
        said["A7"] = [*included, Part("; add the number of participants.")]
    return said


def _criteria(review: Review) -> list[Part]:
    standing = Criterion.objects.filter(review=review, until_version=None)
    told = [f"{each.get_kind_display()}: {each.text.rstrip('.')}." for each in standing]
    return [Part(" ".join(told))] if told else []


def _strategies(review: Review) -> list[Part]:
    """Only when every source has its strategy: PRISMA-S shows which one lacks it."""
    searches = list(searches_of(review))
    if not searches or not all(each.strategy.strip() for each in searches):
        return []
    return [Part("The strategy of each source, word for word: PRISMA-S, item 8.")]


def _amendments(review: Review) -> list[Part]:
    if review.protocol_locked_at is None:
        return []
    day = review.protocol_locked_at
    return [Part(f"Protocol locked on {day.day} {day:%B %Y}; every change since, with its reason: Differences from protocol.")]  # fmt: skip


@transaction.atomic
def note_item(review: Review, item: str, text: str, *, by: User) -> ChecklistNote:
    """Keep what people say themselves about an item; an empty text takes it back."""
    if item not in {each.number for _, items in _sections() for each in items}:
        raise Refused("The checklists of PRISMA 2020 have no such item.")
    # Two people who write the first word at once would both find no row: the review is the lock.
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    note = ChecklistNote.objects.filter(review=review, item=item).first()
    before, text = (note.text if note else ""), text.strip()
    if note is None:
        note = ChecklistNote(review=review, item=item)
    if text == before:
        return note
    note.text, note.by, note.at = text, by, timezone.now()
    note.save()
    audit.record(
        review,
        "changed a note on the checklist",
        by=by,
        target=note,
        before={"item": item, "text": before},
        after={"item": item, "text": text},
    )
    return note
