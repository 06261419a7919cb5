"""The codebook: its questions, their order, its versions."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from components.tree import outline
from reviews.access import MemberRequest, abilities, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import codebook as actions
from .. import copying, progress, publishing, repeating
from ..forms import Answer, ExtractorsForm, FieldForm, laid_out
from ..models import Codebook, Field, Stance
from ..templates import TEMPLATES
from .books import asked_book, book_of, step_of, to

PLACES = {"up": -1, "down": 1}


def field_of(review: Review, pk: int) -> Field:
    fields = Field.objects.select_related("codebook__review")
    return get_object_or_404(fields, codebook__review=review, pk=pk)


WAYS = {
    "2": "Two people extract each study",
    "verified": "One person extracts each study, a second verifies each answer",
    "1": "One person extracts each study",
}


@require_safe
@member("read")
def codebook(request: MemberRequest, review: Review) -> HttpResponse:
    book = asked_book(request, review)
    step = step_of(book, "codebook")
    context: dict[str, Any] = {"step": step, "codebook": book, "templates": TEMPLATES}
    if book is None and "edit_codebook" in abilities(request.member):
        every = copying.sources(review, by=request.user)
        context["sources"] = [each for each in every if not each.is_tool]
    if book:
        fields = list(book.fields.select_related("shown_if", "part_of"))
        standing = [each for each in fields if each.retired_at is None]
        context |= {
            "sections": actions.sections(standing),
            "total": len(standing),
            "drafted": [each for each in standing if each.since_version is None],
            "retired": [each for each in fields if each.retired_at],
            "finished": bool(book.version) and bool(publishing.finished(book)),
            "outdated": list(progress.outdated(review, book)[:20]),
            "extractors_form": ExtractorsForm(
                initial={
                    "extractors": "verified" if book.verified else str(book.extractors),
                    "third_person": book.third_person,
                }
            ),
        }
    return render(request, "extraction/codebook.html", context)


@require_POST
@member("edit_codebook")
def copy(request: MemberRequest, review: Review) -> HttpResponse:
    """A codebook or a tool of another review that I lead, as a draft here."""
    asked = request.POST.get("book", "")
    found = {str(each.pk): each for each in copying.sources(review, by=request.user)}
    if asked not in found:
        raise Http404("There is no such codebook.")
    try:
        made = copying.copy(found[asked], review, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        page = "tools" if found[asked].is_tool else "codebook"
        return to(page, review, book=None)
    messages.success(request, f"{made} is copied as a draft; look it through and publish it.")
    return to("codebook", review, book=made)


@require_safe
@member("read")
def preview(request: MemberRequest, review: Review) -> HttpResponse:
    """The form as extractors will see it, drafted questions too."""
    book = book_of(request, review)
    fields = list(book.fields.filter(retired_at=None).select_related("shown_if", "part_of"))
    context = {
        "step": step_of(book, "codebook"),
        "codebook": book,
        "preview": True,
        "sections": laid_out(_preview(fields)),
        "branches": [each for each in outline(review)],
        "stances": Stance.choices,
    }
    return render(request, "extraction/preview.html", context)


def _preview(fields: list[Field]) -> list[Answer]:
    """An empty form, a repeating group with the first of its usual items."""
    names = {each.pk: (each.choices or [f"First {each.each_label}"])[:1] for each in fields}
    shown = [Answer(each.field, each.item) for each in repeating.asked_of(fields, names)]
    for answer in shown:
        if answer.field.is_repeating:
            answer.chosen = names[answer.field.pk]
    return shown


def _act(
    request: MemberRequest,
    review: Review,
    act: Callable[[], object],
    done: str = "",
    *,
    book: Codebook | None = None,
) -> HttpResponse:
    """Do it, say how it went, go back to the codebook."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return _back(review, book)


def _back(review: Review, book: Codebook | None) -> HttpResponseRedirect:
    return to("codebook", review, book=book)


@require_POST
@member("edit_codebook")
def start(request: MemberRequest, review: Review) -> HttpResponse:
    template = request.POST.get("template", "")
    return _act(
        request,
        review,
        lambda: actions.start(review, by=request.user, template=template),
    )


@require_POST
@member("edit_codebook")
def add_template(request: MemberRequest, review: Review) -> HttpResponse:
    book, template = book_of(request, review), request.POST.get("template", "")
    return _act(
        request,
        review,
        lambda: actions.add_template(book, template, by=request.user),
        "The questions are added; they are on the form once you publish them.",
        book=book,
    )


@member("edit_codebook")
def publish(request: MemberRequest, review: Review) -> HttpResponse:
    """Ask which finished forms need a second look; publish with the answer."""
    book = book_of(request, review)
    finished = publishing.finished(book)
    if request.method != "POST":
        context = {
            "step": step_of(book, "codebook"),
            "codebook": book,
            "drafted": book.fields.filter(since_version=None, retired_at=None),
            "finished": finished,
            "next_version": book.version + 1,
        }
        return render(request, "extraction/publish.html", context)
    chosen = {int(pk) for pk in request.POST.getlist("reopen") if pk.isascii() and pk.isdigit()}
    reopen = {form.pk for form in finished} if "all" in request.POST else chosen
    return _act(
        request,
        review,
        lambda: publishing.publish(book, by=request.user, reopen=reopen),
        "Published. Extractors see the new questions from now on.",
        book=book,
    )


@require_POST
@member("edit_codebook")
def extractors(request: MemberRequest, review: Review) -> HttpResponse:
    book = book_of(request, review)
    form = ExtractorsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "One or two people extract each study.")
        return _back(review, book)
    chosen = form.cleaned_data["extractors"]
    number, verified = (1, True) if chosen == "verified" else (int(chosen), False)
    wanted = form.cleaned_data["third_person"]
    return _act(
        request,
        review,
        lambda: (
            actions.set_extractors(book, number, by=request.user, verified=verified),
            actions.set_third_person(book, wanted, by=request.user),
        ),
        f"{WAYS[chosen]}.",
        book=book,
    )


@member("edit_codebook")
def add(request: MemberRequest, review: Review) -> HttpResponse:
    book = book_of(request, review)
    form = FieldForm(
        book,
        request.POST or None,
        initial={
            "section": request.GET.get("section", ""),
            "part_of": request.GET.get("part_of", ""),
        },
    )
    return _field_page(request, review, book, form, None)


@member("edit_codebook")
def edit(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    field = field_of(review, pk)
    initial = {word: getattr(field, word) for word in actions.WORDS}
    initial["choices"] = field.scale_lines
    initial["shown_values"] = "\n".join(field.shown_values)
    initial["shown_if"], initial["part_of"] = field.shown_if_id, field.part_of_id
    form = FieldForm(field.codebook, request.POST or None, initial=initial, of=field)
    return _field_page(request, review, field.codebook, form, field)


def _field_page(
    request: MemberRequest, review: Review, book: Codebook, form: FieldForm, field: Field | None
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if field:
                    actions.change_field(field, by=request.user, **form.words)
                else:
                    actions.add_field(book, by=request.user, **form.words)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return _back(review, book)
    sections = book.fields.filter(retired_at=None).order_by().values_list("section", flat=True)
    context = {
        "step": step_of(book, "codebook"),
        "codebook": book,
        "form": form,
        "field": field,
        "sections": sorted(set(sections)),
    }
    return render(request, "extraction/field.html", context, status=status)


def _places(request: MemberRequest) -> int:
    places = PLACES.get(request.POST.get("to", ""))
    if places is None:
        raise Http404("Up or down.")
    return places


@require_POST
@member("edit_codebook")
def shift(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    field, places = field_of(review, pk), _places(request)
    response = _act(
        request,
        review,
        lambda: actions.shift_field(field, places, by=request.user),
        book=field.codebook,
    )
    response["Location"] += f"#field-{field.pk}"
    return response


@require_POST
@member("edit_codebook")
def shift_section(request: MemberRequest, review: Review) -> HttpResponse:
    book, places = book_of(request, review), _places(request)
    section = request.POST.get("section", "")
    return _act(
        request,
        review,
        lambda: actions.shift_section(book, section, places, by=request.user),
        book=book,
    )


@require_POST
@member("edit_codebook")
def retire(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    field = field_of(review, pk)
    reason = request.POST.get("reason", "")
    return _act(
        request,
        review,
        lambda: actions.retire_field(field, by=request.user, reason=reason),
        f"“{field}” is no longer asked. Its answers stay.",
        book=field.codebook,
    )


@require_POST
@member("edit_codebook")
def restore(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    field = field_of(review, pk)
    return _act(
        request,
        review,
        lambda: actions.restore_field(field, by=request.user),
        f"“{field}” is asked again.",
        book=field.codebook,
    )
