"""Which studies an appraisal tool is for, and what was judged. Only reading; writes are in
appraising.py.

A tool is a Codebook whose questions are judgements, so raters fill it in, are blind, hand in and
are compared as extractors are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from citations.models import Study
from reviews.models import Review
from screening import flow

from .models import AdjudicatedValue, Codebook, Extraction, Field, Light, ToolChoice


def studies_of(tool: Codebook) -> set[int]:
    """The ids of the studies that `tool` appraises. At most 3 queries.

    Somebody's word decides; where nobody said anything, a form that was begun; and else whether
    the settled answer to the tool's question is one of its designs.
    """
    said = dict(ToolChoice.objects.current().filter(tool=tool).values_list("study", "wanted"))
    begun = Extraction.objects.standing().filter(codebook=tool).values_list("study", flat=True)
    found = set(begun) | set(_by_design(tool)) | {pk for pk, wanted in said.items() if wanted}
    return {pk for pk in found if said.get(pk, True)}


def _by_design(tool: Codebook) -> Iterable[int]:
    if tool.for_field_id is None:
        return
    held = AdjudicatedValue.objects.current().filter(field=tool.for_field_id)
    for study, value in held.values_list("study", "value"):
        given = value if isinstance(value, list) else [value]
        if any(each in tool.for_values for each in given):
            yield study


@dataclass(frozen=True)
class Judged:
    """What holds for one study and one judgement: the word of the scale and its light."""

    word: str
    light: str
    is_reported: bool = True


@dataclass(frozen=True)
class Sheet:
    """The settled judgements of one tool: a row a study, a column a judgement, the overall last.

    `cells` holds only what is settled; `waiting` are the studies of the tool that are not done.
    """

    tool: Codebook
    columns: Sequence[Field]
    studies: Sequence[Study]
    cells: dict[tuple[int, int], Judged]
    waiting: Sequence[Study]

    def row(self, study: Study) -> list[Judged | None]:
        return [self.cells.get((study.pk, field.pk)) for field in self.columns]

    def score(self, study: Study) -> tuple[int, int]:
        """(favourable, judged) of the domains. Only for reviews whose lead asked for a score."""
        lights = [
            cell.light
            for field, cell in zip(self.columns, self.row(study), strict=True)
            if cell and field.kind == Field.Kind.JUDGEMENT and cell.light != Light.NONE
        ]
        return lights.count(Light.GOOD), len(lights)


def sheet(review: Review, tool: Codebook) -> Sheet:
    """What was settled with `tool`. 6 queries."""
    fields = [field for field in tool.fields.on_the_form() if field.is_judgement]
    columns = sorted(fields, key=lambda field: field.kind == Field.Kind.OVERALL)
    chosen = flow.studies_in(review).filter(pk__in=studies_of(tool)).select_related("program")
    studies = list(chosen.order_by("label", "pk"))
    by_id = {field.pk: field for field in columns}
    held = AdjudicatedValue.objects.current().filter(study__in=studies, field__in=columns)
    cells: dict[tuple[int, int], Judged] = {}
    for each in held:
        if judged := _judged(by_id[each.field_id], each):
            cells[each.study_id, each.field_id] = judged
    rated = {study for study, _ in cells}
    return Sheet(
        tool,
        columns,
        [study for study in studies if study.pk in rated],
        cells,
        [study for study in studies if study.pk not in rated],
    )


def _judged(field: Field, each: AdjudicatedValue) -> Judged | None:
    if each.not_reported:
        return Judged("Not reported", Light.UNCLEAR, is_reported=False)
    if each.value not in field.choices:
        return None
    return Judged(each.value, field.lights[field.choices.index(each.value)])


def reasons(sheet: Sheet) -> list[list[str]]:
    """A row for each settled judgement with the quotes that stand behind it: study, judgement,
    word, how it was settled, why, quotes, pages, reports. 1 query."""
    held = AdjudicatedValue.objects.current().filter(
        study__in=list(sheet.studies), field__in=list(sheet.columns)
    )
    held = held.select_related("first_value__report", "second_value__report")
    by_place = {(each.study_id, each.field_id): each for each in held}
    rows = []
    for study in sheet.studies:
        for field, cell in zip(sheet.columns, sheet.row(study), strict=True):
            if cell is None:
                continue
            each = by_place[study.pk, field.pk]
            behind = [value for value in each.behind if value is not None]
            quotes, pages, reports = (
                " | ".join(dict.fromkeys(str(part) for part in parts if part))
                for parts in (
                    [value.quote for value in behind],
                    [value.page for value in behind],
                    [value.report for value in behind],
                )
            )
            how = each.get_side_display()
            rows.append(
                [study.label, field.label, cell.word, how, each.reason, quotes, pages, reports]
            )
    return rows
