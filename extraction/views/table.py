"""The table study x component, the quotes behind each of its numbers, and the files."""

import json
from collections.abc import Callable
from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from citations.models import Program
from components.models import Component
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused
from screening import flow

from .. import codebook_files, files, finished, progress, revman
from .. import table as matrix
from ..evidence import Evidence, component_evidence, only_reports, studies_total
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
    quotes, narrowed = _narrowed(request, review, component_evidence(review, component.pk))
    return _quotes(request, review, quotes, narrowed, component=component)


@require_safe
@member("read")
def row(request: MemberRequest, review: Review) -> HttpResponse:
    """The quotes of one study, or of one program, for every component: a row of the table."""
    quotes, narrowed = _narrowed(request, review, component_evidence(review))
    if not narrowed:
        return redirect("extraction:table", review.slug)
    return _quotes(request, review, quotes, narrowed)


def _narrowed(
    request: MemberRequest, review: Review, quotes: list[Evidence]
) -> tuple[list[Evidence], str]:
    """(the quotes of the study or program that is asked for, what it is called; "" for all)."""
    study, program = request.GET.get("study", ""), request.GET.get("program", "")
    if study.isdigit():
        quotes = [each for each in quotes if each.study == int(study)]
        return quotes, quotes[0].study_label if quotes else "this study"
    if program.isdigit():
        found = Program.objects.filter(review=review, pk=program).first()
        name = found.name if found else None
        return [
            each for each in quotes if each.program == name
        ], name or "studies without a program"
    return quotes, ""


def _quotes(
    request: MemberRequest,
    review: Review,
    quotes: list[Evidence],
    narrowed: str,
    *,
    component: Component | None = None,
) -> HttpResponse:
    by_study = {each.study for each in quotes}
    only = only_reports(by_study)
    quotes = [
        each if each.report else replace(each, report=only.get(each.study)) for each in quotes
    ]
    coded = review.components.in_bulk({each.component for each in quotes}) if not component else {}
    order = {pk: place for place, pk in enumerate(sorted(coded, key=lambda pk: coded[pk].code))}
    quotes.sort(
        key=lambda each: (
            order.get(each.component, 0), each.program is None, each.program or "", each.study_label
        )
    )  # fmt: skip
    context = {
        "step": "table",
        "component": component,
        "quotes": [(each, coded.get(each.component)) for each in quotes],
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
    "codebook.docx": (WORD, codebook_files.as_docx),
    "codebook.pdf": ("application/pdf", codebook_files.as_pdf),
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


@require_POST
@member("edit_codebook")
def bring_in(request: MemberRequest, review: Review) -> HttpResponse:
    """A finished coding as CSV: its quotes hold as settled."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Refused("Choose a file first.")
        added = finished.bring_in(review, file.read(finished.ENOUGH), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{added} quote{'' if added == 1 else 's'} added.")
    return redirect("extraction:table", review.slug)


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
