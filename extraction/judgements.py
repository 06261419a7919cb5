"""What was judged with an appraisal tool: settled studies only, so nothing tells what a single rater
said, and no plot shows half a study."""

from collections.abc import Sequence
from dataclasses import dataclass

from citations.models import Study
from reviews.models import Review

from . import progress
from .models import AdjudicatedValue, Codebook, Field, Light


@dataclass(frozen=True)
class Judged:
    """What holds for one study and one judgement: the word of the scale and its light."""

    word: str
    light: str
    is_reported: bool = True


@dataclass(frozen=True)
class Sheet:
    """The settled judgements of one tool: a row a study, a column a judgement, the overall last.

    `waiting` are the studies of the tool that are not settled; they are not among `studies`.
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
    every = list(progress.included(review, tool).order_by("label", "pk"))
    studies = [study for study in every if study.stage == progress.Stage.SETTLED]
    by_id = {field.pk: field for field in columns}
    held = AdjudicatedValue.objects.current().filter(study__in=studies, field__in=columns)
    cells: dict[tuple[int, int], Judged] = {}
    for each in held:
        if judged := _judged(by_id[each.field_id], each):
            cells[each.study_id, each.field_id] = judged
    waiting = [study for study in every if study.stage != progress.Stage.SETTLED]
    return Sheet(tool, columns, studies, cells, waiting)


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
