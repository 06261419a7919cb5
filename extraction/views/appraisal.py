"""Risk of bias and quality: the tools of a review, which study has which, the plots and their files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from reviews.access import MemberRequest, abilities, member
from reviews.models import Review
from reviews.refusal import Refused
from screening import flow

from .. import appraisal as choosing
from .. import appraising as actions
from .. import copying, files, lights, lights_files, progress
from .. import judgements as judged
from ..forms import DesignsForm, OwnToolForm, WordingForm
from ..models import Codebook
from ..tabling import Table
from ..tools import TOOLS
from .studies import study_of

STUDIES_A_PAGE = 50
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
SVG = "image/svg+xml"
PLOTS = {
    f"{plot}.{ending}": kind
    for plot in ("traffic-light", "summary")
    for ending, kind in {"svg": SVG, "pdf": "application/pdf", "png": "image/png"}.items()
}


def a_tool(review: Review, pk: int) -> Codebook:
    tools = review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
    return get_object_or_404(tools.select_related("for_field", "review"), pk=pk)


@require_safe
@member("read")
def studies(request: MemberRequest, review: Review) -> HttpResponse:
    """Each included study with its tools, and what waits for me."""
    tools = list(review.codebooks.tools().select_related("for_field"))
    staged: dict[int, dict[int, Any]] = {}
    for tool in tools:
        found = progress.of_member(progress.included(review, tool), request.member, tool)
        staged[tool.pk] = {study.pk: study for study in found}
    ordered = flow.studies_in(review).select_related("program")
    without = request.GET.get("show") == "without"
    if without:
        ordered = ordered.exclude(pk__in={pk for each in staged.values() for pk in each})
    ordered = ordered.order_by(F("program__name").asc(nulls_last=True), "label", "pk")
    page = Paginator(ordered, STUDIES_A_PAGE).get_page(request.GET.get("page"))
    rosters = {tool.pk: progress.roster(list(page), tool) for tool in tools}
    rows = []
    for study in page:
        chosen = [tool for tool in tools if study.pk in staged[tool.pk]]
        rows.append(
            {
                "study": study,
                "tools": [
                    (tool, staged[tool.pk][study.pk], rosters[tool.pk][study.pk]) for tool in chosen
                ],
                "others": [tool for tool in tools if tool not in chosen and tool.version],
            }
        )
    context = {
        "step": "appraisal",
        "tools": [(tool, len(staged[tool.pk])) for tool in tools],
        "rows": rows,
        "page": page,
        "without": without,
        "extent": flow.of_studies(ordered),
    }
    return render(request, "extraction/appraisal.html", context)


@require_safe
@member("read")
def tools(request: MemberRequest, review: Review) -> HttpResponse:
    return _tools_page(request, review, OwnToolForm())


def _tools_page(
    request: MemberRequest, review: Review, form: OwnToolForm, status: int = 200
) -> HttpResponse:
    every = review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
    standing = list(every.select_related("for_field").order_by("name", "pk"))
    names = {each.name for each in standing}
    may_copy = "edit_codebook" in abilities(request.member)
    elsewhere = copying.sources(review, by=request.user) if may_copy else []
    context = {
        "step": "appraisal",
        "tools": [each for each in standing if each.withdrawn_at is None],
        "withdrawn": [each for each in standing if each.withdrawn_at],
        "library": [(key, each) for key, each in TOOLS.items() if each.name not in names],
        "sources": [each for each in elsewhere if each.is_tool and each.name not in names],
        "form": form,
    }
    return render(request, "extraction/tools.html", context, status=status)


@require_POST
@member("edit_codebook")
def add_tool(request: MemberRequest, review: Review) -> HttpResponse:
    """One of the library, or one's own."""
    kind = request.POST.get("kind", "")
    form = OwnToolForm(request.POST)
    if not kind and not form.is_valid():
        return _tools_page(request, review, form, status=422)
    name = "" if kind else form.cleaned_data["name"]
    try:
        tool = actions.add_tool(review, by=request.user, kind=kind, name=name)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("extraction:tools", review.slug)
    return redirect("extraction:tool", review.slug, tool.pk)


@require_safe
@member("read")
def tool(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    return _tool_page(request, review, a_tool(review, pk))


def _tool_page(
    request: MemberRequest,
    review: Review,
    tool: Codebook,
    *,
    designs: DesignsForm | None = None,
    wording: WordingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    said = {"field": tool.for_field_id, "values": "\n".join(tool.for_values)}
    context = {
        "step": "appraisal",
        "tool": tool,
        "studies": len(choosing.studies_of(tool)),
        "questions": tool.fields.filter(retired_at=None).count(),
        "designs": designs or DesignsForm(Codebook.objects.of(review), initial=said),
        "wording": wording or WordingForm(),
    }
    return render(request, "extraction/tool.html", context, status=status)


def _done(
    request: MemberRequest, review: Review, tool: Codebook, act: Callable[[], object], said: str
) -> HttpResponseRedirect:
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("extraction:tool", review.slug, tool.pk)


@require_POST
@member("edit_codebook")
def designs(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    tool = a_tool(review, pk)
    form = DesignsForm(Codebook.objects.of(review), request.POST)
    if form.is_valid():
        try:
            actions.set_designs(tool, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved which studies the tool appraises.")
            return redirect("extraction:tool", review.slug, pk)
    return _tool_page(request, review, tool, designs=form, status=422)


@require_POST
@member("edit_codebook")
def wording(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    tool = a_tool(review, pk)
    form = WordingForm(request.POST)
    if form.is_valid():
        try:
            number = actions.paste_wording(tool, form.cleaned_data["text"], by=request.user)
        except Refused as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, f"The wording stands under {number} questions.")
            return redirect("extraction:tool", review.slug, pk)
    return _tool_page(request, review, tool, wording=form, status=422)


@require_POST
@member("edit_codebook")
def score(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    tool = a_tool(review, pk)
    wanted = "wanted" in request.POST
    said = "A score stands beside each study." if wanted else "No score is shown."
    return _done(
        request, review, tool, lambda: actions.set_score(tool, wanted, by=request.user), said
    )


@require_POST
@member("edit_codebook")
def withdraw(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    tool = a_tool(review, pk)
    withdrawn = "again" not in request.POST
    reason = request.POST.get("reason", "")
    said = f"{tool} is {'not used any more; what was judged stays' if withdrawn else 'used again'}."
    return _done(
        request,
        review,
        tool,
        lambda: actions.set_withdrawn(tool, withdrawn, by=request.user, reason=reason),
        said,
    )


@require_POST
@member("edit_codebook")
def choose(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Give a study a tool by hand, or take one off."""
    study = study_of(review, pk)
    asked = request.POST.get("tool", "")
    tool = a_tool(review, int(asked) if asked.isascii() and asked.isdigit() else 0)
    wanted = "remove" not in request.POST
    try:
        actions.choose(
            tool, study, wanted=wanted, by=request.user, reason=request.POST.get("reason", "")
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{study}: {tool} is {'chosen' if wanted else 'taken off'}.")
    return redirect("extraction:appraisal", review.slug)


# --- What comes out ------------------------------------------------------------------------------


@require_safe
@member("read")
def judgements(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The plots of one tool and the table behind them."""
    tool = a_tool(review, pk)
    sheet = judged.sheet(review, tool)
    plain = "plain" in request.GET
    context = {
        "step": "appraisal",
        "tool": tool,
        "sheet": sheet,
        "plain": plain,
        "traffic": _traffic(sheet, plain),
        "summary": _summary(sheet, plain),
        "rows": [(study, sheet.row(study), sheet.score(study)) for study in sheet.studies],
        "signs": lights.SIGNS,
    }
    return render(request, "extraction/judgements.html", context)


def _cells(sheet: judged.Sheet) -> list[tuple[str, list[lights.Cell | None]]]:
    return [
        (
            study.label,
            [lights.Cell(each.word, each.light) if each else None for each in sheet.row(study)],
        )
        for study in sheet.studies
    ]


def _traffic(sheet: judged.Sheet, plain: bool) -> lights.Plot:
    names = [field.label for field in sheet.columns]
    return lights.traffic(f"{sheet.tool}: judgements by study", names, _cells(sheet), plain=plain)


def _summary(sheet: judged.Sheet, plain: bool) -> lights.Plot:
    names = [field.label for field in sheet.columns]
    title = f"{sheet.tool}: share of studies by judgement"
    return lights.summary(title, names, _cells(sheet), plain=plain)


def _table(sheet: judged.Sheet) -> Table:
    """A row a study, a column a judgement; a score only where the lead asked for one."""
    head = ["study", "program", *(field.label for field in sheet.columns)]
    scored = sheet.tool.with_score
    rows = []
    for study in sheet.studies:
        row: list[Any] = [study.label, study.program]
        row += [each.word if each else "" for each in sheet.row(study)]
        if scored:
            good, of = sheet.score(study)
            row += [good, of]
        rows.append(row)
    head += ["favourable", "judged"] if scored else []
    return Table(sheet.tool.name[:31], head, rows)


def _reasons(sheet: judged.Sheet) -> Table:
    head = ["study", "judgement", "value", "how", "reason", "quote", "page", "report"]
    return Table("Reasons", head, judged.reasons(sheet))


@require_safe
@member("export")
def download(request: MemberRequest, review: Review, pk: int, name: str) -> HttpResponse:
    """Judgements as a table (csv, xlsx), what stands behind them (quotes.csv), or a plot (svg, pdf, png)."""
    tool = a_tool(review, pk)
    sheet = judged.sheet(review, tool)
    plain = "plain" in request.GET
    body: str | bytes
    if name == "judgements.csv":
        kind, body = CSV, files.csv_text(_table(sheet))
    elif name == "quotes.csv":
        kind, body = CSV, files.csv_text(_reasons(sheet))
    elif name == "judgements.xlsx":
        kind, body = SHEETS, files.as_xlsx(review.title, [_table(sheet), _reasons(sheet)])
    elif name in PLOTS:
        is_traffic = name.startswith("traffic-light.")
        plot = (_traffic if is_traffic else _summary)(sheet, plain)
        kind = PLOTS[name]
        if kind == SVG:
            page = "extraction/traffic.svg" if is_traffic else "extraction/summary.svg"
            body = render_to_string(page, {"p": plot})
        else:
            body = lights_files.as_file(plot, name.rpartition(".")[2])
    else:
        raise Http404("There is no such file.")
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{review.slug}-{name}"'
    return response
