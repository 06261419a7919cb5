"""What was settled, as tables: the same rows for XLSX, CSV, Word and JSON. Only settled answers of
included studies are in them, so nothing tells what a single extractor said."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from citations.models import Study
from components.models import Component
from components.nodes import nodes_of
from components.tables import COLUMNS as COMPONENT_COLUMNS
from components.tables import cells as component_cells
from reviews.models import Review
from screening import flow

from . import table as matrix
from .evidence import settled_entries
from .kinds import plain, shown
from .models import AdjudicatedValue, Codebook, Field, Side

ABOUT = re.compile(r"TIDieR (\d+)(?: and (\d+))?")
NUMBERED = re.compile(r"(\d{1,2}) ")
TIDIER = [
    "1 Brief name",
    "2 Why",
    "3 What: materials",
    "4 What: procedures",
    "5 Who provided",
    "6 How",
    "7 Where",
    "8 When and how much",
    "9 Tailoring",
    "10 Modifications",
    "11 How well: planned",
    "12 How well: actual",
]


@dataclass(frozen=True)
class Table:
    """A sheet: its name (31 letters at most, as XLSX has it), head and rows."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Held:
    """The settled answers of a review, read once. 6 queries, and 1 for the tree."""

    def __init__(self, review: Review) -> None:
        self.review = review
        self.codebook = Codebook.objects.of(review)
        asked = list(self.codebook.fields.on_the_form()) if self.codebook else []
        self.fields: list[Field] = [field for field in asked if not field.is_group]
        self.asked = asked
        included = flow.studies_in(review).select_related("program")
        self.studies: list[Study] = list(included.order_by("label", "pk"))
        held = AdjudicatedValue.objects.current().filter(study__in=flow.studies_in(review))
        held = held.exclude(side=Side.LEFT_OUT).select_related(
            "by", "first_value__report", "second_value__report"
        )
        self.values = {(each.study_id, each.field_id, plain(each.item)): each for each in held}

    def items(self, study: Study, field: Field) -> list[str]:
        """The items that hold of a repeating group, or of the group that `field` is in."""
        group = self.values.get((study.pk, field.part_of_id or field.pk, ""))
        return (group.value if group else None) or []

    def word(self, study: Study, field: Field, item: str = "") -> str:
        each = self.values.get((study.pk, field.pk, plain(item)))
        return shown(field, each.value, each.not_reported) if each else ""

    def words(self, study: Study, field: Field) -> str:
        """The answer; of a question in a repeating group "item: answer; item: answer"."""
        if field.part_of_id is None:
            return self.word(study, field)
        said = [(item, self.word(study, field, item)) for item in self.items(study, field)]
        return "; ".join(f"{item}: {words}" for item, words in said if words)

    def wide(self) -> Table:
        """A row a study, a column a question; of a repeating group a set of columns for each of
        as many items as any study has."""
        head, columns = ["study", "program"], []
        for field, number in self._columns():
            name = f"{field.each_label} [{number}]" if field.is_repeating and number else field.head
            name = f"{field.head} [{number}]" if field.part_of_id else name
            head.append(name)
            columns.append((field, number))
        rows = []
        for study in self.studies:
            row: list[Any] = [study.label, study.program]
            for field, number in columns:
                if not number:
                    row.append(self.words(study, field))
                    continue
                items = self.items(study, field)
                item = items[number - 1] if number <= len(items) else ""
                there = item if field.is_repeating else self.word(study, field, item)
                row.append(there if item else "")
            rows.append(row)
        return Table("Studies", head, rows)

    def _columns(self) -> Iterable[tuple[Field, int]]:
        """(question, which item of its group; 0: none)."""
        for field in self.fields:
            if field.part_of_id:
                continue
            yield field, 0
            if field.is_repeating:
                parts = [each for each in self.fields if each.part_of_id == field.pk]
                most = max((len(self.items(study, field)) for study in self.studies), default=0)
                for number in range(1, most + 1):
                    yield field, number
                    yield from ((part, number) for part in parts)

    def repeated(self) -> list[Table]:
        """For each repeating group a table with a row an item."""
        tables = []
        for group in self.fields:
            if not group.is_repeating:
                continue
            parts = [each for each in self.fields if each.part_of_id == group.pk]
            rows = [
                [
                    study.label,
                    study.program,
                    item,
                    *(self.word(study, each, item) for each in parts),
                ]
                for study in self.studies
                for item in self.items(study, group)
            ]
            head = ["study", "program", group.each_label, *(each.head for each in parts)]
            tables.append(Table(f"Each {group.each_label} {group.pk}", head, rows))
        return tables

    def long(self) -> Table:
        """A row an answer, with the quotes that stand behind it. A table has a row for each of
        its rows and columns."""
        head = [
            "study", "program", "section", "question", "repeating group", "item", "row", "column",
            "value", "unit", "not reported", "how", "reason", "quote", "page", "report",
        ]  # fmt: skip
        rows = [
            row
            for study in self.studies
            for field in self.fields
            for item in (self.items(study, field) if field.part_of_id else [""])
            if (each := self.values.get((study.pk, field.pk, plain(item))))
            for row in _long_rows(study, field, item, each)
        ]
        return Table("Answers", head, rows)

    def components(self) -> Table:
        """A row a study, a column a component, the stances in the cells."""
        columns = matrix.columns(self.review)
        cells = matrix.cells_by_study(self.review, self.studies)
        rows = []
        for study in self.studies:
            found = [cells.get((study.pk, each.component.pk)) for each in columns]
            stances = ["; ".join(cell.stances) if cell else "" for cell in found]
            rows.append([study.label, study.program, *stances])
        head = ["study", "program", *(each.component.code for each in columns)]
        return Table("Study x component", head, rows)

    def programs(self) -> Table:
        """A row a program, a column a component, in the cells how many of its studies have it."""
        columns = matrix.columns(self.review)
        cells = matrix.cells_by_program(self.review)
        programs = {
            each.program_id or 0: str(each.program or "no program named") for each in self.studies
        }
        rows = []
        for pk, name in sorted(programs.items(), key=lambda each: (each[0] == 0, each[1])):
            number = sum((study.program_id or 0) == pk for study in self.studies)
            found = [cells.get((pk, each.component.pk)) for each in columns]
            rows.append([name, number, *(cell.studies if cell else 0 for cell in found)])
        head = ["program", "studies", *(each.component.code for each in columns)]
        return Table("Program x component", head, rows)

    def quotes(self) -> Table:
        """A row a quote for a component."""
        entries = settled_entries(self.review).select_related(
            "settled__study__program", "settled__component", "report"
        )
        head = ["study", "program", "code", "component", "stance", "page", "quote", "report", "how"]
        rows = [
            [
                each.settled.study.label,
                each.settled.study.program,
                each.settled.component.code,
                each.settled.component.name,
                each.stance,
                each.page,
                each.quote,
                each.report,
                each.settled.get_side_display(),
            ]
            for each in entries.order_by("settled__study__label", "settled__component__code", "pk")
        ]
        return Table("Quotes", head, rows)

    def questions(self) -> Table:
        """The codebook: what was asked, and how."""
        head = [
            "section", "question", "kind", "unit", "choices or columns", "repeated for each",
            "asked only if", "help", "example", "needed", "since version",
        ]  # fmt: skip
        rows = [
            [
                field.section,
                field.label,
                field.get_kind_display(),
                field.unit,
                "; ".join(field.choices),
                field.each_label if field.is_repeating else field.part_of or "",
                condition(field),
                field.help,
                field.example,
                "yes" if field.required else "no",
                field.since_version,
            ]
            for field in self.asked
        ]
        return Table("Codebook", head, rows)

    def tree(self) -> Table:
        nodes = nodes_of(self.review)
        return Table(
            "Components", list(COMPONENT_COLUMNS), [component_cells(each) for each in nodes]
        )

    def tidier(self) -> Table:
        """A row a study, a column for each of the twelve items (Hoffmann et al. 2014), filled from
        the questions that say which item they ask about."""
        by_item: dict[int, list[Field]] = {}
        for field in self.fields:
            for item in _items(field):
                by_item.setdefault(item, []).append(field)
        rows = []
        for study in self.studies:
            row: list[Any] = [study.label, study.program]
            for item in range(1, 13):
                said = [(each, self.words(study, each)) for each in by_item.get(item, [])]
                told = [(field, words) for field, words in said if words]
                row.append(
                    told[0][1]
                    if len(told) == 1
                    else "; ".join(f"{field.label}: {words}" for field, words in told)
                )
            rows.append(row)
        return Table("TIDieR", ["study", "program", *TIDIER], rows)

    def sections(self) -> list[Table]:
        """The wide table in pieces that fit a page: one for each section."""
        names = list(dict.fromkeys(field.section for field in self.fields))
        tables = []
        for name in names:
            fields = [field for field in self.fields if field.section == name]
            rows = [
                [study.label, *(self.words(study, each) for each in fields)]
                for study in self.studies
            ]
            tables.append(Table(name, ["study", *(field.head for field in fields)], rows))
        return tables

    def study_components(self) -> Table:
        """For a paper: which components each study has, by code."""
        columns: list[Component] = [each.component for each in matrix.columns(self.review)]
        cells = matrix.cells_by_study(self.review, self.studies)
        rows = []
        for study in self.studies:
            found = [(each, cells.get((study.pk, each.pk))) for each in columns]
            words = [f"{each.code} ({cell.words})" for each, cell in found if cell]
            rows.append([study.label, study.program, "; ".join(words)])
        return Table("Components", ["study", "program", "components"], rows)

    def everything(self) -> list[Table]:
        return [
            self.wide(),
            self.long(),
            *self.repeated(),
            self.components(),
            self.programs(),
            self.quotes(),
            self.tidier(),
            self.questions(),
            self.tree(),
        ]


def _items(field: Field) -> list[int]:
    if field.section == "TIDieR" and (found := NUMBERED.match(field.label)):
        return [int(found[1])] if 1 <= int(found[1]) <= 12 else []
    return [
        int(each)
        for found in ABOUT.finditer(field.help)
        for each in found.groups()
        if each and 1 <= int(each) <= 12
    ]


def condition(field: Field) -> str:
    return f"{field.shown_if.label}: {' or '.join(field.shown_values)}" if field.shown_if else ""


def _long_rows(
    study: Study, field: Field, item: str, each: AdjudicatedValue
) -> Iterable[list[Any]]:
    taken = [value for value in each.behind if value is not None]
    behind = [
        each.get_side_display(),
        each.reason,
        " | ".join(dict.fromkeys(value.quote for value in taken if value.quote)),
        " | ".join(dict.fromkeys(value.page for value in taken if value.page)),
        " | ".join(dict.fromkeys(str(value.report) for value in taken if value.report)),
    ]
    group = field.part_of.label if field.part_of else ""
    start = [study.label, study.program, field.section, field.label, group, item]
    reported = "yes" if each.not_reported else ""
    if field.kind == Field.Kind.TABLE and each.value:
        for number, row in enumerate(each.value, start=1):
            for column, cell in zip(field.choices, row, strict=False):
                yield [*start, number, column, cell, "", "", *behind]
        return
    words = shown(field, each.value) if not each.not_reported else ""
    yield [*start, "", "", words, field.unit, reported, *behind]
