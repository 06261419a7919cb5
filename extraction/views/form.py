"""An extractor's form for one study."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from citations.models import FullText, Report, Study
from components.tree import Branch, outline
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused
from screening.duplicates import marks

from .. import actions, attaching, checking, items, kinds, quotes, repeating, verifying
from ..attaching import handed_out
from ..forms import Answer, Item, Repeated, laid_out
from ..models import AttachedFile, Codebook, ComponentEntry, Extraction, Field, Stance, Value
from ..querysets import open_to
from .books import step_of, to, tool_of
from .studies import study_of


def my_form(request: MemberRequest, study: Study, tool: Codebook | None) -> Extraction | None:
    forms = Extraction.objects.standing().filter(study=study, by=request.user)
    if tool is None:
        forms = forms.filter(codebook__purpose=Codebook.Purpose.EXTRACTION)
    else:
        forms = forms.filter(codebook=tool)
    return forms.select_related("codebook", "by", "verifies__by").first()


def reports_of(study: Study) -> list[Report]:
    """The study's reports, each with its standing full texts as `files`."""
    files = FullText.objects.filter(removed_at=None).defer("text")
    reports = study.reports.filter(merged_into=None).order_by("year", "pk")
    return list(reports.prefetch_related(Prefetch("fulltexts", files, to_attr="files")))


@member("extract")
def form(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    study = study_of(review, pk)
    book = tool_of(request, review)
    extraction = my_form(request, study, book)
    if extraction is None or extraction.submitted_at:
        if request.method == "POST":
            messages.error(request, "This form is not open (any more); nothing was saved.")
        return to("study", review, pk, book=book)
    reports = reports_of(study)
    fields = list(extraction.codebook.fields.on_the_form())
    if request.method != "POST":
        return _page(request, review, study, extraction, _saved(extraction, fields), reports)
    by_id = {report.pk: report for report in reports}
    answers = _typed(request, extraction, fields, by_id)
    for each in answers:
        _with_file(request, extraction, each)
    try:
        actions.save_form(extraction, answers, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, review, study, extraction, answers, reports, status=409)
    wrong = sum(bool(answer.error) for answer in answers)
    if wrong:
        those = "One answer is" if wrong == 1 else f"{wrong} answers are"
        messages.error(request, f"{those} not saved yet; the reason stands by the question.")
        return _page(request, review, study, extraction, answers, reports, status=422)
    if "submit" not in request.POST:
        messages.success(request, "Saved.")
        return to("form", review, pk, book=book)
    try:
        actions.submit(extraction, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        empty = {each.key for each in actions.missing(extraction)}
        answers = _saved(extraction, fields)
        for answer in answers:
            if (answer.field.pk, answer.key) in empty:
                answer.error = (
                    "Confirm it, or put it right."
                    if extraction.verifies_id
                    else "This needs an answer, or “not reported”."
                )
        return _page(request, review, study, extraction, answers, reports, status=422)
    messages.success(request, f"Your form for {study} is handed in.")
    return to("study", review, pk, book=book)


def _saved(extraction: Extraction, fields: list[Field]) -> list[Answer]:
    values = Value.objects.current().filter(extraction=extraction)
    said = {repeating.key_of(each): each for each in values.select_related("report", "field")}
    asked = repeating.asked_of(fields, repeating.items_of(said.values()))
    return [Answer.saved(each.field, said.get(each.key), each.item) for each in asked]


def _beside(extraction: Extraction, answers: list[Answer]) -> list[Answer]:
    """`answers` with what the extractor answered, where the form checks it."""
    theirs = checking.answers_of(extraction)
    for answer in answers:
        answer.theirs = theirs.get((answer.field.pk, answer.key))
    return answers


def _typed(
    request: MemberRequest, extraction: Extraction, fields: list[Field], reports: dict[int, Report]
) -> list[Answer]:
    """What the screen shows, with the items that another window has added since; one that was
    removed there keeps what is typed here, and is told of when it is saved."""
    values = Value.objects.current().filter(extraction=extraction, field__kind="repeating")
    listed = repeating.items_of(values.select_related("field"))
    for field in fields:
        if field.is_repeating:
            there = listed.setdefault(field.pk, [])
            shown = request.POST.getlist(f"f{field.pk}-value")[: kinds.MOST_ITEMS]
            there += [name for name in shown if name and not repeating.named(there, name)]
    asked = repeating.asked_of(fields, listed)
    return [Answer.typed(each.field, request.POST, reports, each.item) for each in asked]


def _with_file(request: MemberRequest, extraction: Extraction, answer: Answer) -> None:
    """Keep the file that came with an answer, so that it can be saved; or take it off."""
    if answer.field.kind != Field.Kind.FILE:
        return
    if f"{answer.name}-remove" in request.POST:
        answer.text = ""
        return
    try:
        if given := request.FILES.get(f"{answer.name}-file"):
            made = attaching.attach(
                extraction, answer.field, given.chunks(), given.name or "", by=request.user
            )
            answer.text, answer.file = made.sha256, made.name
    except Refused as refusal:
        answer.error = str(refusal)
    if answer.text and not answer.file:
        there = extraction.files.filter(field=answer.field, sha256=answer.text).first()
        answer.file = there.name if there else ""


@require_safe
@member("read")
def file(request: MemberRequest, review: Review, pk: int, sha256: str) -> HttpResponseBase:
    """A file that somebody gave as an answer, as far as its form may be seen."""
    given = AttachedFile.objects.filter(open_to(request.member, "extraction__"))
    found = given.filter(extraction__study=study_of(review, pk), sha256=sha256).first()
    if found is None:
        raise Http404("There is no such file.")
    return handed_out(found)


def _page(
    request: MemberRequest,
    review: Review,
    study: Study,
    extraction: Extraction,
    answers: list[Answer],
    reports: list[Report],
    status: int = 200,
) -> HttpResponse:
    context = {
        "step": step_of(extraction.codebook, "studies"),
        "study": study,
        "codebook": extraction.codebook,
        "extraction": extraction,
        "sections": laid_out(_beside(extraction, answers)),
        "found": checking.components_of(extraction),
        "entries": _entries(extraction),
        "reports": marks.mark_all(reports),
        "overtaken": quotes.overtaken(extraction, [report.pk for report in reports]),
        **_tree(review, request.GET.get("q", "")),
    }
    return render(request, "extraction/form.html", context, status=status)


def _entries(extraction: Extraction) -> list[ComponentEntry]:
    entries = ComponentEntry.objects.current().filter(extraction=extraction)
    return list(entries.select_related("component", "report").order_by("component__code", "pk"))


def _tree(review: Review, q: str) -> dict[str, Any]:
    """The components that every word of `q` is found in, in the order of the tree; with the
    headings above them."""
    branches = outline(review)
    words = q.casefold().split()

    def fits(branch: Branch) -> bool:
        component = branch.component
        text = f"{component.code} {component.name} {component.definition} {component.include_when}"
        return all(word in text.casefold() for word in words)

    def keeps(branch: Branch) -> bool:
        fitting = branch.component.is_codable and fits(branch)
        return fitting or any(keeps(below) for below in branch.branches)

    kept = [branch for branch in branches if keeps(branch)] if words else branches
    return {"branches": kept, "q": q, "stances": Stance.choices}


def _draft_and_field(
    request: MemberRequest, review: Review, pk: int, field: int
) -> tuple[Study, Extraction, Field]:
    study = study_of(review, pk)
    forms = Extraction.objects.standing().select_related("codebook", "study", "verifies__by")
    asked = get_object_or_404(Field, codebook__review=review, pk=field)
    mine = forms.filter(study=study, by=request.user, codebook=asked.codebook_id)
    return study, get_object_or_404(mine), asked


@require_POST
@member("extract")
def answer(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    """Save one answer as it stands on the screen. The answer to htmx is the line below it."""
    study, extraction, asked = _draft_and_field(request, review, pk, field)
    by_id = {report.pk: report for report in reports_of(study)}
    typed = Answer.typed(asked, request.POST, by_id, request.POST.get("item", ""))
    _with_file(request, extraction, typed)
    if not typed.error:
        actions.save_answer(extraction, typed, by=request.user)
    if not request.htmx:
        if typed.error:
            messages.error(request, typed.error)
        return to("form", review, pk, book=extraction.codebook, at=f"q-{typed.id}")
    status = 422 if typed.error else 200
    context = {"answer": typed, "study": study}
    return render(request, "extraction/_state.html", context, status=status)


@require_POST
@member("extract")
def item(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    """Add, rename or remove an item of a repeating group. The answer to htmx is that item as it is
    now, so that what is being typed into the others stays untouched."""
    study, extraction, group = _draft_and_field(request, review, pk, field)
    post, error, name = request.POST, "", ""
    try:
        if "remove" in post:
            items.remove(extraction, group, post.get("item", ""), by=request.user)
        elif "item" in post:
            name = items.rename(
                extraction, group, post["item"], post.get("name", ""), by=request.user
            )
        else:
            name = items.add(extraction, group, post.get("name", ""), by=request.user)
    except Refused as refusal:
        error, name = str(refusal), post.get("item", "")
    if not request.htmx:
        if error:
            messages.error(request, error)
        return to("form", review, pk, book=extraction.codebook, at=f"repeat-{field}")
    fields = list(extraction.codebook.fields.on_the_form())
    asked = [each for each in fields if field in (each.pk, each.part_of_id)]
    answers = _beside(extraction, _saved(extraction, asked))
    shown = [each for _, found in laid_out(answers) for each in found]
    repeated = next(each for each in shown if isinstance(each, Repeated))
    context = {
        "study": study,
        "repeated": repeated,
        "answer": repeated.answer,
        "extraction": extraction,
        "item": _named(repeated, name),
        "error": error,
        "reports": reports_of(study),
    }
    return render(request, "extraction/_item_answer.html", context, status=422 if error else 200)


def _named(repeated: Repeated, name: str) -> Item | None:
    mark = repeating.mark_of(name) if name else ""
    return next((each for each in repeated.items if each.mark == mark), None)


@require_safe
@member("extract")
def find(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    """The part of the tree in which the words are found."""
    study_of(review, pk)
    context = {"answer": {"field": {"pk": field}}, **_tree(review, request.GET.get("q", ""))}
    return render(request, "extraction/_components.html", context)


@require_POST
@member("extract")
def add_entry(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    study, extraction, asked = _draft_and_field(request, review, pk, field)
    error = ""
    chosen = request.POST.get("component", "")
    component = review.components.filter(pk=chosen).first() if chosen.isdigit() else None
    if component is None:
        error = "Choose a component first."
    else:
        try:
            actions.add_entry(extraction, asked, component, **_entry(request, study))
        except Refused as refusal:
            error = str(refusal)
    return _group(request, review, study, extraction, asked, error)


@require_POST
@member("extract")
def entry(request: MemberRequest, review: Review, pk: int, entry: int) -> HttpResponse:
    """Change or remove one of my entries."""
    study = study_of(review, pk)
    entries = ComponentEntry.objects.select_related(
        "extraction__codebook", "extraction__verifies__by", "field"
    )
    mine = entries.filter(extraction__study=study, extraction__by=request.user)
    found = get_object_or_404(mine, pk=entry)
    error = ""
    try:
        if "remove" in request.POST:
            actions.remove_entry(found, by=request.user)
        else:
            actions.change_entry(found, **_entry(request, study))
    except Refused as refusal:
        error = str(refusal)
    return _group(request, review, study, found.extraction, found.field, error)


def _entry(request: MemberRequest, study: Study) -> dict[str, Any]:
    post = request.POST
    by_id = {str(report.pk): report for report in reports_of(study)}
    return {
        "by": request.user,
        "stance": post.get("stance", ""),
        "quote": post.get("quote", ""),
        "page": post.get("page", ""),
        "box": post.get("box", ""),
        "report": by_id.get(post.get("report", "")),
        "note": post.get("note", ""),
    }


def _group(
    request: MemberRequest,
    review: Review,
    study: Study,
    extraction: Extraction,
    field: Field,
    error: str,
) -> HttpResponse:
    """The components of one question, with the form that adds one."""
    if not request.htmx:
        if error:
            messages.error(request, error)
        return to("form", review, study.pk, book=extraction.codebook, at=f"q-{field.pk}")
    context = {
        "study": study,
        "answer": _saved(extraction, [field])[0],
        "extraction": extraction,
        "entries": _entries(extraction),
        "found": checking.components_of(extraction),
        "reports": reports_of(study),
        "error": error,
        "typed": request.POST if error else None,
        **_tree(review, ""),
    }
    status = 422 if error else 200
    return render(request, "extraction/_group.html", context, status=status)


@require_POST
@member("extract")
def confirm(request: MemberRequest, review: Review, pk: int, field: int) -> HttpResponse:
    """Of a form that I verify: the extractor's answer is right. The answer to htmx is the question
    as it stands now."""
    study, extraction, asked = _draft_and_field(request, review, pk, field)
    item, error = request.POST.get("item", ""), ""
    try:
        verifying.confirm(extraction, asked, by=request.user, item=item)
    except Refused as refusal:
        error = str(refusal)
    if not request.htmx or asked.is_repeating:  # its items bring questions of their own
        if error:
            messages.error(request, error)
        at = f"repeat-{field}" if asked.is_repeating else f"q-{Answer(asked, item).id}"
        response = to("form", review, pk, book=extraction.codebook, at=at)
        return HttpResponse(headers={"HX-Refresh": "true"}) if request.htmx else response
    key = (asked.pk, kinds.plain(item))
    value = Value.objects.current().filter(extraction=extraction, field=asked)
    mine = {repeating.key_of(each): each for each in value.select_related("field", "report")}
    answer = _beside(extraction, [Answer.saved(asked, mine.get(key), item)])[0]
    answer.error, answer.is_saved = error, not error
    context = {
        "study": study,
        "extraction": extraction,
        "answer": answer,
        "reports": reports_of(study),
    }
    status = 422 if error else 200
    return render(request, "extraction/_question.html", context, status=status)


@require_POST
@member("extract")
def confirm_component(
    request: MemberRequest, review: Review, pk: int, field: int, component: int
) -> HttpResponse:
    """Of a form that I verify: a component is there as the extractor has it, or it is not."""
    study, extraction, asked = _draft_and_field(request, review, pk, field)
    found = get_object_or_404(review.components, pk=component)
    error = ""
    try:
        verifying.confirm_component(
            extraction, asked, found, by=request.user, holds="not_there" not in request.POST
        )
    except Refused as refusal:
        error = str(refusal)
    return _group(request, review, study, extraction, asked, error)
