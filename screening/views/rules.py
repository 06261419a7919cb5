"""The rules of both stages, and the list of reasons. Everybody reads them, the lead changes them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import member, require
from reviews.models import SCREENING_STAGES, Membership, Review, Stage
from reviews.refusal import Refused

from .. import actions
from .. import reasons as listed
from ..forms import ReasonForm, RulesForm
from ..listing import number_in
from ..models import Reason


@require_http_methods(["GET", "POST"])
@member("read")
def rules(request: HttpRequest, review: Review) -> HttpResponse:
    """How many people decide on each report, and what "maybe" means."""
    forms = {
        stage: RulesForm(instance=review.rules(stage), prefix=stage) for stage in SCREENING_STAGES
    }
    status = 200
    if request.method == "POST":
        require(request.member, "manage")  # type: ignore[attr-defined]
        stage = _stage(request.POST.get("stage", ""))
        before = review.rules(stage)
        form = RulesForm(request.POST, instance=review.rules(stage), prefix=stage)
        forms[stage], status = form, 422
        if form.is_valid():
            try:
                actions.set_rules(
                    review,
                    stage,
                    by=request.user,  # type: ignore[arg-type]
                    screeners=form.cleaned_data["screeners"],
                    maybe=form.cleaned_data.get("maybe", before.maybe),
                    one_include=form.cleaned_data.get("one_include", before.one_include),
                    hide_source=form.cleaned_data["hide_source"],
                    bar_own=form.cleaned_data["bar_own"],
                    hide_names=form.cleaned_data["hide_names"],
                    ask_criteria=form.cleaned_data["ask_criteria"],
                    settled_by=form.cleaned_data.get("settled_by") or before.settled_by,
                    reason=form.cleaned_data.get("reason", ""),
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"The rules for {stage.label.lower()} are in force.")
                return redirect("screening:rules", review.slug)
    context = {"step": "reasons", "forms": [(stage, forms[stage]) for stage in forms]}
    return render(request, "screening/rules.html", context, status=status)


def _stage(name: str) -> Stage:
    if name not in SCREENING_STAGES:
        raise Http404("No such stage.")
    return Stage(name)


def _with_uses(review: Review, stage: Stage) -> list[Reason]:
    given = listed.given_on(review, stage)
    found = listed.reasons_in_use(review, stage)
    for reason in found:
        reason.given_on = given.get(reason.pk, 0)  # type: ignore[attr-defined]
    return found


def _reasons_page(
    request: HttpRequest,
    review: Review,
    *,
    stage: Stage | None = None,
    form: ReasonForm | None = None,
    reason: Reason | None = None,
    status: int = 200,
) -> HttpResponse:
    """`form` is the one that was not in order: of `reason`, or for a new one of `stage`."""
    rows = [
        (
            each,
            _with_uses(review, each),
            review.reasons.filter(stage=each)
            .exclude(retired_at=None)
            .select_related("merged_into"),
            form if form and each == stage and reason is None else ReasonForm(auto_id=f"{each}_%s"),
        )
        for each in (Stage.FULLTEXT, Stage.ABSTRACT)
    ]
    context = {
        "step": "reasons",
        "stages": rows,
        "usual": listed.USUAL_REASONS,
        "history": listed.history(review),
        "renaming": reason,
        "renaming_form": form if reason is not None else None,
    }
    return render(request, "screening/rules_reasons.html", context, status=status)


def _other(review: Review, number: str) -> Reason:
    if (pk := number_in(number)) is None:
        raise Refused("Choose the other reason.")
    return get_object_or_404(review.reasons, pk=pk)


@require_GET
@member("read")
def reasons(request: HttpRequest, review: Review) -> HttpResponse:
    return _reasons_page(request, review)


@require_POST
@member("manage")
def add_reason(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    at, form = _stage(stage), ReasonForm(request.POST, auto_id=f"{stage}_%s")
    if form.is_valid():
        try:
            listed.add_reason(review, at, form.cleaned_data["label"], by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error("label", str(refusal))
        else:
            return redirect("screening:reasons", review.slug)
    return _reasons_page(request, review, stage=at, form=form, status=422)


@require_POST
@member("manage")
def usual_reasons(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    """Begin an empty list with the usual reasons."""
    at = _stage(stage)
    if listed.reasons_in_use(review, at):
        messages.error(request, "There are reasons already; nothing was changed.")
    else:
        listed.set_reasons(review, at, listed.USUAL_REASONS, by=request.user)  # type: ignore[arg-type]
    return redirect("screening:reasons", review.slug)


@require_POST
@member("manage")
def change_reason(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """Rename, move, merge or retire one reason, or undo that: the button pressed says which."""
    reason = get_object_or_404(review.reasons, pk=pk)
    who: Membership = request.member  # type: ignore[attr-defined]
    act = request.POST.get("act", "")
    form = ReasonForm(request.POST, auto_id=f"reason{pk}_%s")
    try:
        if act == "rename":
            if not form.is_valid():
                return _reasons_page(
                    request, review, stage=Stage(reason.stage), form=form, reason=reason, status=422
                )
            listed.rename_reason(reason, form.cleaned_data["label"], by=who.user)
        elif act in ("up", "down"):
            listed.move_reason(reason, -1 if act == "up" else 1, by=who.user)
        elif act == "retire":
            listed.retire_reason(reason, by=who.user)
        elif act == "restore":
            listed.restore_reason(reason, by=who.user)
        elif act == "merge":
            listed.merge_reason(reason, _other(review, request.POST.get("into", "")), by=who.user)
            messages.success(request, f"“{reason.label}” is counted as the other from now on.")
        elif act == "unmerge":
            listed.unmerge_reason(reason, by=who.user)
        elif act == "under":
            parent = request.POST.get("parent", "")
            listed.put_under(reason, _other(review, parent) if parent else None, by=who.user)
        else:
            raise Http404("No such act.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("screening:reasons", review.slug)
