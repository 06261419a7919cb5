"""The table study x component, the quotes behind each of its numbers, and the files."""

import json
from collections.abc import Callable

from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from citations.models import Program
from reviews.access import MemberRequest, member
from reviews.models import Review
from screening import flow

from .. import files, progress, revman
from .. import table as matrix
from ..evidence import component_evidence, studies_total
from ..tabling import Held

STUDIES_A_PAGE = 50


@require_safe
@member("read")
def table(request: MemberRequest, review: Review) -> HttpResponse:
    columns = matrix.columns(review)
    by_program = request.GET.get("by") == "program"
    rows, page = (_programs if by_program else _studies)(request, review, columns)
    stages = progress.counts(review)
    extent = flow.of_studies(flow.studies_in(review))
    finished = stages["settled"] + stages["imported"]
    context = {
        "step": "table",
        "columns": columns,
        "heads": matrix.heads(columns),
        "rows": rows,
        "page": page,
        "by_program": by_program,
        "extent": extent,
        "unfinished": sum(stages.values()) - finished,
        "heat": matrix.HEAT,
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
    listed: list[tuple[int, Program | None]] = [(each.pk, each) for each in page]
    if None in described and not page.has_next():
        listed.append((0, None))
    cells = matrix.cells_by_program(review, [pk for pk, _ in listed])
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
    by_study = {each.study for each in quotes}
    context = {
        "step": "table",
        "component": component,
        "quotes": sorted(
            quotes, key=lambda each: (each.program is None, each.program or "", each.study_label)
        ),
        "extent": flow.of_studies(flow.studies_in(review).filter(pk__in=by_study)),
        "studies_total": studies_total(review),
        "narrowed": narrowed,
    }
    return render(request, "extraction/evidence.html", context)


Maker = Callable[[Held], str | bytes]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
SETTLED = "Settled answers of included studies. An empty cell was left empty; “not reported” was read for and not found."


def _about(held: Held) -> str:
    """How much the table is about, in the words of the pages."""
    words = {"extent": flow.of_studies(flow.studies_in(held.review))}
    return f"{render_to_string('screening/_extent_of_studies.html', words).strip()}."


def _evidence_docx(held: Held) -> bytes:
    tables = [*held.sections(), held.study_components()]
    note = f"{SETTLED} {_about(held)}"
    return files.as_docx(held.review.title, "Characteristics of included studies", tables, note)


def _tidier_docx(held: Held) -> bytes:
    note = f"Items after Hoffmann TC et al., BMJ 2014;348:g1687 (TIDieR). {_about(held)}"
    return files.as_docx(held.review.title, "Description of programs", [held.tidier()], note)


FILES: dict[str, tuple[str, Maker]] = {
    "evidence.xlsx": (SHEETS, lambda held: files.as_xlsx(held.review.title, held.everything())),
    "evidence.docx": (WORD, _evidence_docx),
    "evidence.json": (
        "application/json",
        lambda held: json.dumps(
            files.as_json(held.review.title, held.everything()), ensure_ascii=False, indent=1
        ),
    ),
    "study-components.csv": (CSV, lambda held: files.csv_text(held.components())),
    "program-components.csv": (CSV, lambda held: files.csv_text(held.programs())),
    "component-evidence.csv": (CSV, lambda held: files.csv_text(held.quotes())),
    "extracted-fields.csv": (CSV, lambda held: files.csv_text(held.wide())),
    "extracted-answers.csv": (CSV, lambda held: files.csv_text(held.long())),
    "codebook.csv": (CSV, lambda held: files.csv_text(held.questions())),
    "tidier.docx": (WORD, _tidier_docx),
    "tidier.csv": (CSV, lambda held: files.csv_text(held.tidier())),
    "revman-study-information.csv": (
        CSV,
        lambda held: files.csv_text(revman.study_information(held)),
    ),
    "revman-study-arms.csv": (CSV, lambda held: files.csv_text(revman.study_arms(held))),
    "revman-study-results.csv": (CSV, lambda held: files.csv_text(revman.study_results(held))),
}


@require_safe
@member("export")
def download(request: MemberRequest, review: Review, name: str) -> HttpResponse:
    """One of FILES, of what is settled."""
    if name not in FILES:
        raise Http404("There is no such file.")
    content_type, make = FILES[name]
    response = HttpResponse(make(Held(review)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{review.slug}-{name}"'
    return response
