"""Transcripts, coding and themes: for analysts only."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from components.models import Component
from reviews.access import member
from reviews.models import Review
from reviews.refusal import Refused

from . import actions
from .forms import CodingForm, ThemeForm, TranscriptForm
from .marking import pieces
from .models import Coding, Theme, Transcript

STANDING = Q(removed_at=None)


@require_GET
@member("read_transcripts")
def transcripts(request: HttpRequest, review: Review) -> HttpResponse:
    found = review.transcripts.select_related("participant__group").annotate(
        passages=Count(
            "excerpts",
            filter=Q(excerpts__codings__removed_at=None, excerpts__codings__isnull=False),
            distinct=True,
        )
    )
    context = {
        "step": "transcripts",
        "transcripts": found.order_by("participant__group__order", "participant__pk", "pk"),
        "form": TranscriptForm(review),
    }
    return render(request, "interviews/transcripts.html", context)


@require_POST
@member("code")
def add(request: HttpRequest, review: Review) -> HttpResponse:
    form = TranscriptForm(review, request.POST, request.FILES)
    if form.is_valid():
        try:
            given = dict(form.cleaned_data)
            file = given.pop("file")
            by = request.member.user  # type: ignore[attr-defined]
            transcript, made = actions.receive(review, file.read(), file.name, by=by, **given)
        except Refused as refusal:
            form.add_error("file" if form.cleaned_data.get("participant") else None, str(refusal))
        else:
            if made:
                messages.success(request, f"Read as {transcript.encoding}.")
            else:
                messages.info(request, "The same interview is here already; nothing was added.")
            return redirect("interviews:transcript", review.slug, transcript.pk)
    context = {
        "step": "transcripts",
        "form": form,
        "transcripts": review.transcripts.select_related("participant__group"),
    }
    return render(request, "interviews/transcripts.html", context, status=422)


@require_GET
@member("read_transcripts")
def transcript(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(review.transcripts.select_related("participant__group"), pk=pk)
    return _coding_page(request, review, found, CodingForm(review))


def _coding_page(
    request: HttpRequest,
    review: Review,
    transcript: Transcript,
    form: CodingForm,
    status: int = 200,
) -> HttpResponse:
    codings = (
        Coding.objects.filter(STANDING, excerpt__transcript=transcript)
        .select_related("excerpt", "component", "by")
        .order_by("excerpt__start", "excerpt__end", "pk")
    )
    spans = {(each.excerpt_id, each.excerpt.start, each.excerpt.end) for each in codings}
    context = {
        "step": "transcripts",
        "transcript": transcript,
        "lines": pieces(transcript.text, spans),
        "codings": codings,
        "form": form,
    }
    return render(request, "interviews/transcript.html", context, status=status)


@require_POST
@member("code")
def code(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    found = get_object_or_404(review.transcripts, pk=pk)
    form = CodingForm(review, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            if data["end"] is not None and data["start"] is not None:
                start, end = data["start"], data["end"]
            else:
                start, end = actions.find_passage(found, data["words"])
            made = actions.code(
                found,
                start,
                end,
                data["component"],
                by=request.member.user,  # type: ignore[attr-defined]
                stance=data["stance"],
                memo=data["memo"],
            )
        except Refused as refusal:
            form.add_error("words", str(refusal))
        else:
            messages.success(request, f"Coded with {made.component}.")
            return redirect(f"{request.path.removesuffix('code/')}#excerpt-{made.excerpt_id}")
    return _coding_page(request, review, found, form, status=422)


@require_POST
@member("code")
def remove_coding(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    coding = get_object_or_404(Coding, pk=pk, component__review=review)
    actions.remove_coding(coding, by=request.member.user)  # type: ignore[attr-defined]
    messages.success(request, "The coding is removed.")
    return redirect("interviews:transcript", review.slug, coding.excerpt.transcript_id)


@require_GET
@member("read_transcripts")
def themes(request: HttpRequest, review: Review) -> HttpResponse:
    found = review.themes.prefetch_related("components")
    return render(request, "interviews/themes.html", {"step": "themes", "themes": found})


@require_http_methods(["GET", "POST"])
@member("code")
def theme(request: HttpRequest, review: Review, pk: int | None = None) -> HttpResponse:
    """One theme: make it, change it, and see the passages that its components gather."""
    found = get_object_or_404(review.themes, pk=pk) if pk else None
    if request.method == "POST":
        form = ThemeForm(review, request.POST)
        if form.is_valid():
            try:
                made = actions.save_theme(
                    review,
                    found,
                    by=request.member.user,  # type: ignore[attr-defined]
                    **form.cleaned_data,
                )
            except Refused as refusal:
                form.add_error("name", str(refusal))
            else:
                messages.success(request, "The theme is saved.")
                return redirect("interviews:theme", review.slug, made.pk)
        return _theme_page(request, found, form, status=422)
    initial = _as_initial(found) if found else {}
    return _theme_page(request, found, ThemeForm(review, initial=initial))


def _as_initial(theme: Theme) -> dict[str, Any]:
    return {
        "name": theme.name,
        "central_idea": theme.central_idea,
        "status": theme.status,
        "components": list(theme.components.all()),
    }


def _theme_page(
    request: HttpRequest, theme: Theme | None, form: ThemeForm, status: int = 200
) -> HttpResponse:
    codings = Coding.objects.none()
    if theme:
        within = Component.objects.filter(themes=theme)
        codings = (
            Coding.objects.filter(STANDING, component__in=within)
            .select_related("excerpt__transcript__participant__group", "component")
            .order_by("component__code", "excerpt__transcript", "excerpt__start")
        )
    context = {"step": "themes", "theme": theme, "form": form, "codings": codings}
    return render(request, "interviews/theme.html", context, status=status)
