"""Two forms of one study beside each other: what is the same, what differs, what is settled."""

import dataclasses
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from citations.models import Study
from components.models import Component

from .kinds import normal
from .models import (
    AdjudicatedComponent,
    AdjudicatedValue,
    Codebook,
    ComponentEntry,
    Extraction,
    Field,
    Value,
)


@dataclass
class FieldLine:
    """One question, A's answer, B's answer, and what was settled."""

    field: Field
    first: Value | None = None
    second: Value | None = None
    settled: AdjudicatedValue | None = None
    is_single: bool = False  # the study has one extractor: nothing to compare with

    @property
    def basis(self) -> tuple[int | None, int | None]:
        return (
            self.first.pk if self.first else None,
            self.second.pk if self.second else None,
        )

    @property
    def same(self) -> bool:
        return self.is_single or self._said(self.first) == self._said(self.second)

    def _said(self, value: Value | None) -> Hashable:
        if value is None:
            return (False, None)
        return (value.not_reported, normal(self.field.kind, value.value))

    @property
    def is_stale(self) -> bool:
        """An extractor changed the answer after it was settled."""
        settled = self.settled
        return settled is not None and self.basis != (
            settled.first_value_id,
            settled.second_value_id,
        )

    @property
    def is_open(self) -> bool:
        if self.settled is None:
            return self.basis != (None, None)
        return self.is_stale


@dataclass
class ComponentLine:
    """One component, A's entries, B's entries, and what was settled."""

    field: Field
    component: Component
    first: list[ComponentEntry] = dataclasses.field(default_factory=list)
    second: list[ComponentEntry] = dataclasses.field(default_factory=list)
    settled: AdjudicatedComponent | None = None
    is_single: bool = False

    @property
    def basis(self) -> set[int]:
        return {entry.pk for entry in [*self.first, *self.second]}

    @property
    def same(self) -> bool:
        """Both found it with the same stances. Different quotes are no difference: both are kept."""
        stances = [{entry.stance for entry in entries} for entries in (self.first, self.second)]
        return self.is_single or stances[0] == stances[1]

    @property
    def is_stale(self) -> bool:
        settled = self.settled
        return settled is not None and self.basis != {entry.pk for entry in settled.basis.all()}

    @property
    def is_open(self) -> bool:
        return bool(self.basis) if self.settled is None else self.is_stale


@dataclass
class Comparison:
    """Everything that the forms of one study say, A the one begun first."""

    study: Study
    codebook: Codebook
    extractions: list[Extraction]
    lines: list[FieldLine]
    component_lines: list[ComponentLine]

    @property
    def every_line(self) -> list[FieldLine | ComponentLine]:
        return [*self.lines, *self.component_lines]

    @property
    def open_lines(self) -> list[FieldLine | ComponentLine]:
        return [line for line in self.every_line if line.is_open]

    @property
    def is_opened(self) -> bool:
        """Every form that was needed has been handed in (once)."""
        return bool(self.extractions) and all(each.opened_at for each in self.extractions)

    @property
    def reopened(self) -> list[Extraction]:
        return [each for each in self.extractions if each.opened_at and not each.submitted_at]

    @property
    def is_done(self) -> bool:
        return self.is_opened and not self.reopened and not self.open_lines


def compare(study: Study, codebook: Codebook | None = None) -> Comparison:
    """The forms of `study` in `codebook`; None: in that of the extraction."""
    codebook = codebook or Codebook.objects.get(review=study.review_id, purpose="extraction")
    return compare_all([study], codebook)[0]


def compare_all(studies: Iterable[Study], codebook: Codebook) -> list[Comparison]:
    """A comparison for each of `studies`. A fixed number of queries (8) however many there are.

    It looks behind the blind: call it for studies that are opened, or in an action.
    """
    studies = list(studies)
    fields = list(codebook.fields.on_the_form())
    forms: dict[int, list[Extraction]] = {study.pk: [] for study in studies}
    standing = Extraction.objects.standing().filter(study__in=studies, codebook=codebook)
    for extraction in standing.select_related("by").order_by("pk"):
        forms[extraction.study_id].append(extraction)
    side = {
        each.pk: (each.study_id, place)
        for pair in forms.values()
        for place, each in enumerate(pair)
    }

    values: dict[tuple[int, int, int], Value] = {}
    for value in Value.objects.current().filter(extraction__in=side).select_related("report"):
        study_id, place = side[value.extraction_id]
        values[study_id, value.field_id, place] = value
    settled_values = {
        (each.study_id, each.field_id): each
        for each in AdjudicatedValue.objects.current()
        .filter(study__in=studies, field__codebook=codebook)
        .select_related("by")
    }
    groups = _component_lines(studies, side, {field.pk: field for field in fields})
    return [
        Comparison(
            study=study,
            codebook=codebook,
            extractions=forms[study.pk],
            lines=[
                FieldLine(
                    field=each,
                    first=values.get((study.pk, each.pk, 0)),
                    second=values.get((study.pk, each.pk, 1)),
                    settled=settled_values.get((study.pk, each.pk)),
                    is_single=len(forms[study.pk]) < 2,
                )
                for each in fields
                if not each.is_group
            ],
            component_lines=groups[study.pk],
        )
        for study in studies
    ]


def _component_lines(
    studies: list[Study], side: dict[int, tuple[int, int]], fields: dict[int, Field]
) -> dict[int, list[ComponentLine]]:
    lines: dict[tuple[int, int, int], ComponentLine] = {}
    count = {study.pk: 0 for study in studies}
    for study_id, place in side.values():
        count[study_id] = max(count[study_id], place + 1)

    def line(study_id: int, row: ComponentEntry | AdjudicatedComponent) -> ComponentLine | None:
        if row.field_id not in fields:
            return None
        key = (study_id, row.field_id, row.component_id)
        if key not in lines:
            lines[key] = ComponentLine(
                fields[row.field_id], row.component, is_single=count[study_id] < 2
            )
        return lines[key]

    entries = ComponentEntry.objects.current().filter(extraction__in=side)
    for entry in entries.select_related("component", "report").order_by("pk"):
        study_id, place = side[entry.extraction_id]
        if found := line(study_id, entry):
            (found.second if place else found.first).append(entry)
    settled = AdjudicatedComponent.objects.current().filter(study__in=studies)
    for each in settled.select_related("component", "by").prefetch_related(
        "basis", "entries__report"
    ):
        if found := line(each.study_id, each):
            found.settled = each

    sorted_lines: dict[int, list[ComponentLine]] = {study.pk: [] for study in studies}
    for (study_id, _, _), found in sorted(
        lines.items(), key=lambda item: (item[1].field.order, item[1].component.code)
    ):
        sorted_lines[study_id].append(found)
    return sorted_lines
