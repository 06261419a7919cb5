"""Question, criteria and the blind."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviews import actions
from reviews import question as questions
from reviews.access import MemberRequest, member
from reviews.forms import BlindForm, CriteriaForm, EditQuestionForm, rearranged
from reviews.models import Review
from reviews.refusal import Clash, Refused


def _page(request: MemberRequest, review: Review, status: int = 200, **forms: Any) -> HttpResponse:
    """The set-up page, with the form that was just sent in place of a fresh one."""
    version = actions.criteria_version(review)
    fresh = EditQuestionForm(
        initial={
            "title": review.title,
            "framework": review.framework,
            "seen": actions.said_now(review),
            **review.question,
        }
    )
    context = {
        "step": "setup",
        "question_form": fresh,
        "criteria_form": CriteriaForm.of(review, actions.criteria_in_force(review), version),
        "blind_form": BlindForm(),
        "version": version,
        "versions": _versions(review),
        "stage_rules": review.stage_rules.order_by("stage"),
    }
    return render(request, "reviews/setup.html", context | forms, status=status)


def _versions(review: Review) -> list[dict[str, Any]]:
    """The versions of the criteria, newest first: who made each, when and why, and its text."""
    made = review.events.filter(verb="changed the criteria").select_related("actor")
    rows = list(review.criteria.all())
    versions = []
    for event in made:
        number = int(event.target.removeprefix("criteria "))
        held = [
            row
            for row in rows
            if row.since_version <= number
            and (row.until_version is None or row.until_version > number)
        ]
        versions.append({"number": number, "event": event, "criteria": held})
    return versions


def _having_seen(request: MemberRequest, seen: str | int) -> QueryDict:
    """What was sent, with the mark of what stands now: the next "save" is a choice."""
    data = request.POST.copy()
    data["seen"] = str(seen)
    return data


def _say(refusal: Refused, form: Any) -> int:
    """Show `refusal` over `form`; returns the answer's status."""
    form.full_clean()
    form.add_error(None, str(refusal))
    return 409 if isinstance(refusal, Clash) else 422


@require_GET
@member("manage")
def setup(request: MemberRequest, review: Review) -> HttpResponse:
    return _page(request, review)


@require_POST
@member("manage")
def question(request: MemberRequest, review: Review) -> HttpResponse:
    form = EditQuestionForm(request.POST)
    if not form.is_valid():
        return _page(request, review, 422, question_form=form)
    try:
        actions.describe(
            review,
            **form.asked(),
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
    except Refused as refusal:
        review.refresh_from_db()
        form = EditQuestionForm(_having_seen(request, actions.said_now(review)))
        status = _say(refusal, form)
        return _page(
            request,
            review,
            status,
            question_form=form,
            theirs=review,
            theirs_parts=questions.parts(review),
        )
    messages.success(request, "The question is saved.")
    return redirect("reviews:setup", review.slug)


@require_POST
@member("manage")
def criteria(request: MemberRequest, review: Review) -> HttpResponse:
    form = CriteriaForm.sent(request.POST)
    if "move" in request.POST:
        form.rows = rearranged(form.rows, request.POST["move"])
        return _page(request, review, criteria_form=form, unsaved=True)
    if not form.is_valid():
        return _page(request, review, 422, criteria_form=form)
    try:
        actions.set_criteria(
            review,
            form.wanted(),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            by=request.user,
        )
    except Refused as refusal:
        form = CriteriaForm.sent(_having_seen(request, actions.criteria_version(review)))
        status = _say(refusal, form)
        return _page(request, review, status, criteria_form=form)
    messages.success(request, "The criteria are saved.")
    return redirect("reviews:setup", review.slug)


def _change_blind(request: MemberRequest, review: Review, blind: bool) -> HttpResponse:
    form = BlindForm(request.POST)
    if not form.is_valid():
        return _page(request, review, 422, blind_form=form)
    actions.set_blind(review, blind, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, "The review is blind." if blind else "The blind is open.")
    return redirect("reviews:setup", review.slug)


@require_POST
@member("manage")
def open_blind(request: MemberRequest, review: Review) -> HttpResponse:
    return _change_blind(request, review, blind=False)


@require_POST
@member("manage")
def close_blind(request: MemberRequest, review: Review) -> HttpResponse:
    return _change_blind(request, review, blind=True)
