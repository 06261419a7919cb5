"""Two forms of one study beside each other: what is the same, what differs, what is settled."""

import dataclasses
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from citations.models import Study
from components.models import Component

from .kinds import normal, plain
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
    item: str = ""  # of the repeating group that the question is in
    group: "FieldLine | None" = None  # the line of that group

    @property
    def title(self) -> str:
        return f"{self.field.label}, {self.item}" if self.item else self.field.label

    @property
    def settled_items(self) -> set[str] | None:
        """Of a repeating group: the items that hold, plain; None while that is not settled."""
        if self.settled is None or self.is_open:
            return None
        same_as = self.settled.same_as
        return {_key(name, same_as) for name in self.settled.value or []}

    @property
    def is_left_out(self) -> bool:
        """Its item was settled not to hold."""
        held = self.group.settled_items if self.group else None
        return held is not None and plain(self.item) not in held

    @property
    def is_over(self) -> bool:
        """Of an item that nobody has any more, and that was settled to be gone."""
        settled = self.settled
        gone = settled is not None and settled.value is None and not settled.not_reported
        listed = [self.group.first, self.group.second] if self.group else []
        there = any(plain(self.item) in plain_items(each) for each in listed if each)
        return self.basis == (None, None) and gone and not there and not self.is_stale

    @property
    def waits(self) -> bool:
        """Whether its item holds at all is still to be settled, and only one has it."""
        if self.group is None or not self.group.is_open:
            return False
        said = [plain_items(each) for each in (self.group.first, self.group.second) if each]
        return not self.is_single and not all(plain(self.item) in items for items in said)

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


def plain_items(value: Value) -> set[str]:
    return {plain(name) for name in value.value or []}


def _key(name: str, same_as: dict[str, str]) -> str:
    """Under which name, plain, an item is compared."""
    return plain(same_as.get(plain(name), name))


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

    def line(self, field: Field, item: str = "") -> FieldLine | None:
        """The line of a question, and of an item of its group under either name."""
        for each in self.lines:
            same_as = each.group.settled.same_as if each.group and each.group.settled else {}
            if each.field.pk == field.pk and plain(each.item) == _key(item, same_as):
                return each
        return None

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

    by_study = {study.pk: _Said() for study in studies}
    for value in Value.objects.current().filter(extraction__in=side).select_related("report"):
        study_id, place = side[value.extraction_id]
        by_study[study_id].values.append((place, value))
    settled = AdjudicatedValue.objects.current().filter(study__in=studies, field__codebook=codebook)
    for each in settled.select_related("by"):
        by_study[each.study_id].settled.append(each)
    groups = _component_lines(studies, side, {field.pk: field for field in fields})
    return [
        Comparison(
            study=study,
            codebook=codebook,
            extractions=forms[study.pk],
            lines=by_study[study.pk].lines(fields, is_single=len(forms[study.pk]) < 2),
            component_lines=groups[study.pk],
        )
        for study in studies
    ]


@dataclass
class _Said:
    """What the forms of one study say, and what was settled of it."""

    values: list[tuple[int, Value]] = dataclasses.field(default_factory=list)
    settled: list[AdjudicatedValue] = dataclasses.field(default_factory=list)

    def lines(self, fields: list[Field], *, is_single: bool) -> list[FieldLine]:
        """A line a question; those of a repeating group after it, item by item: A's items in their
        order, then those that B alone has."""
        same_as = {each.field_id: each.same_as for each in self.settled if each.same_as}
        group_of = {field.pk: field.part_of_id or 0 for field in fields}

        def key(row: Value | AdjudicatedValue) -> tuple[int, str]:
            names = same_as.get(group_of.get(row.field_id, 0), {})
            return (row.field_id, _key(row.item, names) if row.item else "")

        said = {(*key(value), place): value for place, value in self.values}
        held = {key(each): each for each in self.settled}

        def line(field: Field, item: str = "", group: FieldLine | None = None) -> FieldLine:
            place = (field.pk, plain(item))
            return FieldLine(
                field,
                said.get((*place, 0)),
                said.get((*place, 1)),
                held.get(place),
                is_single,
                item,
                group,
            )

        parts: dict[int, list[Field]] = {}
        for field in fields:
            if field.part_of_id:
                parts.setdefault(field.part_of_id, []).append(field)
        lines = []
        for field in fields:
            if field.is_group or field.part_of_id:
                continue
            group = line(field)
            lines.append(group)
            if not field.is_repeating:  # a table's rows are no items
                continue
            inside = parts.get(field.pk, [])
            for item in self._items(group, inside, same_as.get(field.pk, {})):
                found = [line(part, item, group) for part in inside]
                lines += [each for each in found if not each.is_over]
        return lines

    def _items(
        self, group: FieldLine, parts: list[Field], same_as: dict[str, str]
    ) -> Iterable[str]:
        found: dict[str, str] = {}
        inside = {part.pk for part in parts}
        for listed in (group.first, group.second):
            for name in (listed.value if listed else None) or []:
                found.setdefault(_key(name, same_as), same_as.get(plain(name), name))
        for each in self.settled:  # of an item that is on no list any more
            if each.field_id in inside:
                found.setdefault(_key(each.item, same_as), each.item)
        return found.values()


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
