"""The included studies: who has which, what waits for me, and the page of one study."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from citations.models import Study
from reviews.access import MemberRequest, abilities, member
from reviews.models import Membership, Review
from reviews.refusal import Refused
from screening import flow, interests
from screening.duplicates import marks

from .. import actions, progress, quotes, repeating
from ..kinds import plain, shown
from ..models import (
    AdjudicatedComponent,
    AdjudicatedValue,
    Codebook,
    ComponentEntry,
    Extraction,
    Field,
    Value,
)
from .books import asked_book, step_of, to, tool_of

STUDIES_A_PAGE = 50


def study_of(review: Review, pk: int) -> Study:
    """An included study of `review`, or 404."""
    return get_object_or_404(flow.studies_in(review).select_related("program", "review"), pk=pk)


@require_safe
@member("read")
def studies(request: MemberRequest, review: Review) -> HttpResponse:
    membership = request.member
    found = progress.of_member(progress.included(review), membership)
    show, q = request.GET.get("show", ""), request.GET.get("q", "").strip()
    if show == "mine":
        found = progress.waiting_for(found, membership)
    elif show in progress.Stage.values:
        found = found.filter(stage=show)
    if q:
        found = found.filter(Q(label__icontains=q) | Q(program__name__icontains=q))
    ordered = found.prefetch_related("reports").order_by("label", "pk")
    page = Paginator(ordered, STUDIES_A_PAGE).get_page(request.GET.get("page"))
    marks.mark_all([report for study in page for report in study.reports.all()])
    roster = progress.roster(list(page))
    codebook = Codebook.objects.of(review)
    context = {
        "step": "studies",
        "page": page,
        "rows": [(study, roster[study.pk]) for study in page],
        "show": show,
        "q": q,
        "stages": progress.Stage.choices,
        "codebook": codebook,
        "extent": flow.of_studies(found),
    }
    return render(request, "extraction/studies.html", context)


@require_safe
@member("read")
def study(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """One study: its reports, who has it, and the answers that I may see."""
    found = study_of(review, pk)
    membership = request.member
    book = asked_book(request, review)
    staged = progress.of_member(progress.included(review, book), membership, book)
    roster = progress.roster([found], book)[pk]
    reports = list(found.reports.filter(place=flow.Place.INCLUDED))
    answers = _answers(found, membership, book)
    context = {
        "step": step_of(book, "studies"),
        "study": found,
        "standing": get_object_or_404(staged, pk=pk),
        "roster": roster,
        "mine": next((each for each in roster if each.by_id == request.user.pk), None),
        "reports": marks.mark_all(reports),
        "only_report": reports[0].pk if len(reports) == 1 else None,
        "interested": [
            each.user for each in interests.seen_by(membership).filter(report__in=reports)
        ],
        "codebook": book,
        "overtaken": quotes.overtaken_of_study(
            found, answers["forms"], answers["fields"], [each.pk for each in reports]
        ),
        **answers,
    }
    return render(request, "extraction/study.html", context)


def _answers(study: Study, membership: Membership, codebook: Codebook | None) -> dict[str, Any]:
    """The forms that `membership` may see, question by question, beside what was settled."""
    forms = list(
        Extraction.objects.visible_to(membership)
        .standing()
        .filter(study=study, codebook=codebook)
        .select_related("by", "codebook")
        .order_by("pk")
    )
    cells: dict[tuple[int, repeating.Key], Value] = {}
    for value in Value.objects.visible_to(membership).current().filter(extraction__in=forms):
        cells[value.extraction_id, repeating.key_of(value)] = value
    settled = {
        (each.field_id, plain(each.item)): each
        for each in AdjudicatedValue.objects.current()
        .filter(study=study, field__codebook=codebook)
        .select_related("by")
    }
    entries = list(
        ComponentEntry.objects.visible_to(membership)
        .current()
        .filter(extraction__in=forms)
        .select_related("component")
    )
    fields = list(codebook.fields.on_the_form()) if codebook else []
    listed: dict[int, list[str]] = {}
    for field in fields:
        said = [cells.get((form.pk, (field.pk, ""))) for form in forms]
        for each in [settled.get((field.pk, "")), *said] if field.is_repeating else []:
            there = listed.setdefault(field.pk, [])
            there += [x for x in (each and each.value) or [] if not repeating.named(there, x)]
    return {
        "forms": forms,
        "fields": fields,
        "lines": [
            {
                "asked": asked,
                "cells": [_cell(asked.field, cells.get((form.pk, asked.key))) for form in forms],
                "settled": _cell(asked.field, settled.get(asked.key)),
            }
            for asked in repeating.asked_of(fields, listed)
            if not asked.field.is_group
        ],
        "has_settled": bool(settled),
        "form_entries": [
            (form, [each for each in entries if each.extraction_id == form.pk]) for form in forms
        ],
        "settled_components": [
            each
            for each in AdjudicatedComponent.objects.current()
            .filter(study=study, field__in=fields)
            .select_related("component", "by")
            .prefetch_related("entries")
            .order_by("component__code")
            if each.entries.all()
        ],
    }


def _cell(field: Field, answer: Value | AdjudicatedValue | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    is_file = field.kind == Field.Kind.FILE and answer.value
    return {
        "words": shown(field, answer.value, answer.not_reported),
        "sha256": answer.value[1] if is_file else "",
        "answer": answer,
    }


@require_POST
@member("extract")
def begin(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found, tool = study_of(review, pk), tool_of(request, review)
    try:
        despite = request.POST.get("reason", "")[:2000]
        actions.begin(found, by=request.user, tool=tool, despite_interest=despite)
    except Refused as refusal:
        messages.error(request, str(refusal))
        if interests.in_study(found).filter(user=request.user).exists():
            return to("study", review, pk, book=tool)  # which asks for the reason
        return to(
            "study" if tool is None else "appraisal",
            review,
            *([pk] if tool is None else []),
            book=None,
        )
    return to("form", review, pk, book=tool)


@require_POST
@member("extract")
def reopen(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    found, book = study_of(review, pk), asked_book(request, review)
    forms = Extraction.objects.standing().filter(codebook=book)
    mine = get_object_or_404(forms, study=found, by=request.user)
    try:
        actions.reopen(mine, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return to("study", review, pk, book=book)
    return to("form", review, pk, book=book)


@require_POST
@member("extract", "manage")
def set_aside(request: MemberRequest, review: Review, pk: int, form: int) -> HttpResponse:
    """My own form; or, for a lead, that of somebody who is gone."""
    found = study_of(review, pk)
    forms = Extraction.objects.standing().select_related("codebook").filter(study=found)
    if "manage" not in abilities(request.member):
        forms = forms.filter(by=request.user)
    extraction = get_object_or_404(forms, pk=form)
    try:
        actions.set_aside(extraction, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The form is set aside. The study is free for somebody else.")
    if extraction.codebook.is_tool:
        return to("appraisal", review, book=None)
    return to("study", review, pk, book=None)
