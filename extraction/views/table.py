"""The table study x component, the quotes behind each of its numbers, and the files."""

from collections import Counter

from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from citations.models import Program
from components.sheets import csv_file
from reviews.access import MemberRequest, member
from reviews.models import Review
from screening import flow

from .. import progress
from .. import table as matrix
from ..evidence import component_evidence, programs_total, settled_entries, studies_total
from ..kinds import shown
from ..models import AdjudicatedValue, Codebook, Field

STUDIES_A_PAGE = 50


@require_safe
@member("read")
def table(request: MemberRequest, review: Review) -> HttpResponse:
    columns = matrix.columns(review)
    by_program = request.GET.get("by") == "program"
    rows, page = (_programs if by_program else _studies)(request, review, columns)
    stages = progress.counts(review)
    finished = stages["settled"] + stages["imported"]
    context = {
        "step": "table",
        "columns": columns,
        "heads": matrix.heads(columns),
        "rows": rows,
        "page": page,
        "by_program": by_program,
        "studies_total": sum(stages.values()),
        "programs_total": programs_total(review),
        "unfinished": sum(stages.values()) - finished,
        "signs": [(sign, stance.label) for stance, sign in matrix.SIGNS.items()],
    }
    return render(request, "extraction/table.html", context)


def _studies(
    request: MemberRequest, review: Review, columns: list[matrix.Column]
) -> tuple[list[dict], object]:
    """One row a study; studies of one program stand together, those without one last."""
    studies = flow.studies_in(review).select_related("program")
    ordered = studies.order_by(F("program__name").asc(nulls_last=True), "label", "pk")
    page = Paginator(ordered, STUDIES_A_PAGE).get_page(request.GET.get("page"))
    cells = matrix.cells_by_study(review, page)
    before: object = "nothing yet"
    rows = []
    for study in page:
        rows.append(
            {
                "study": study,
                "new_program": study.program_id != before,
                "cells": [(each, cells.get((study.pk, each.component.pk))) for each in columns],
                "count": sum((study.pk, each.component.pk) in cells for each in columns),
            }
        )
        before = study.program_id
    return rows, page


def _programs(
    request: MemberRequest, review: Review, columns: list[matrix.Column]
) -> tuple[list[dict], object]:
    """One row a program, its cells counting studies."""
    included = flow.studies_in(review)
    described = dict(included.order_by().values_list("program").annotate(n=Count("pk")))
    programs = Program.objects.filter(review=review, pk__in=[pk for pk in described if pk])
    page = Paginator(programs.order_by("name", "pk"), STUDIES_A_PAGE).get_page(
        request.GET.get("page")
    )
    cells = matrix.cells_by_program(review)
    listed: list[tuple[int, Program | None]] = [(each.pk, each) for each in page]
    if None in described and not page.has_next():
        listed.append((0, None))
    rows = [
        {
            "program": program,
            "studies": described.get(pk or None, 0),
            "cells": [(each, cells.get((pk, each.component.pk))) for each in columns],
            "count": sum((pk, each.component.pk) in cells for each in columns),
        }
        for pk, program in listed
    ]
    return rows, page


@require_safe
@member("read")
def evidence(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Every quote for one component; of one study or one program if asked."""
    component = get_object_or_404(review.components, pk=pk)
    quotes = component_evidence(review, component.pk)
    study, program = request.GET.get("study", ""), request.GET.get("program", "")
    narrowed = ""
    if study.isdigit():
        quotes = [each for each in quotes if each.study == int(study)]
        narrowed = quotes[0].study_label if quotes else "this study"
    elif program.isdigit():
        found = Program.objects.filter(review=review, pk=program).first()
        name = found.name if found else None
        quotes = [each for each in quotes if each.program == name]
        narrowed = name or "studies without a program"
    by_study = Counter(each.study for each in quotes)
    context = {
        "step": "table",
        "component": component,
        "quotes": sorted(
            quotes, key=lambda each: (each.program is None, each.program or "", each.study_label)
        ),
        "studies": len(by_study),
        "programs": len({each.program for each in quotes if each.program}),
        "studies_total": studies_total(review),
        "narrowed": narrowed,
    }
    return render(request, "extraction/evidence.html", context)


@require_safe
@member("export")
def components_csv(request: MemberRequest, review: Review) -> HttpResponse:
    """Wide: a row a study, a column a component, the stances in the cells."""
    columns = matrix.columns(review)
    studies = list(flow.studies_in(review).select_related("program").order_by("label", "pk"))
    cells = matrix.cells_by_study(review, studies)
    head = ["study", "program", *(each.component.code for each in columns)]
    rows = [
        [
            study.label,
            study.program,
            *(
                "; ".join(cell.stances)
                if (cell := cells.get((study.pk, each.component.pk)))
                else ""
                for each in columns
            ),
        ]
        for study in studies
    ]
    return csv_file(f"{review.slug}-study-components.csv", head, rows)


@require_safe
@member("export")
def evidence_csv(request: MemberRequest, review: Review) -> HttpResponse:
    """Long: a row a quote."""
    entries = settled_entries(review).select_related(
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
    return csv_file(f"{review.slug}-component-evidence.csv", head, rows)


@require_safe
@member("export")
def fields_csv(request: MemberRequest, review: Review) -> HttpResponse:
    """A row a study, a column a question: the values that hold."""
    codebook = Codebook.objects.filter(review=review).first()
    asked = list(codebook.fields.on_the_form()) if codebook else []
    fields = [field for field in asked if field.kind != Field.Kind.COMPONENT_GROUP]
    studies = list(flow.studies_in(review).select_related("program").order_by("label", "pk"))
    held = {
        (each.study_id, each.field_id): each
        for each in AdjudicatedValue.objects.current().filter(study__in=studies)
    }

    def words(study_id: int, field: Field) -> str:
        each = held.get((study_id, field.pk))
        return shown(field, each.value, each.not_reported) if each else ""

    head = ["study", "program", *(field.head for field in fields)]
    rows = [
        [study.label, study.program, *(words(study.pk, field) for field in fields)]
        for study in studies
    ]
    return csv_file(f"{review.slug}-extracted-fields.csv", head, rows)
