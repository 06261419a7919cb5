"""The convergence matrix, its evidence and its judgements."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from extraction import evidence as literature
from interviews import evidence as voices
from reviews.access import abilities, member, require
from reviews.models import Review
from reviews.refusal import Refused

from .. import actions, exports
from ..forms import JudgementForm
from ..matrix import Matrix, Pair, Row, matrix


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    found = matrix(review)
    context = {
        "step": "matrix",
        "matrix": found,
        "lines": [_line(found, row) for row in found.rows],
    }
    return render(request, "synthesis/matrix.html", context)


def _line(found: Matrix, row: Row) -> dict[str, Any]:
    """One row as the template shows it: counts with denominators, judgements, what is stale."""
    return {
        "row": row,
        "voices": [(group, len(row.speakers[group.pk]), n) for group, n in found.groups],
        "pairs": [(pair, row.judgements.get(pair.key), row.is_stale(pair)) for pair in found.pairs],
    }


@require_http_methods(["GET", "POST"])
@member("read")
def topic(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """One component: the quotes of the studies, the words of the participants, the judgements."""
    component = get_object_or_404(review.components, pk=pk)
    found = matrix(review)
    row = found.row(component.pk)
    if row is None:
        raise Http404("This component is not a row of the matrix.")
    forms = {pair.key: _form(row, pair) for pair in found.pairs}
    status = 200
    if request.method == "POST":
        answered = _judge(request, found, row, forms)
        if answered:
            messages.success(request, f"{answered}: the judgement is saved.")
            return redirect(request.path)
        status = 422
    may_read = "read_transcripts" in abilities(request.member)  # type: ignore[attr-defined]
    said = voices.component_evidence(review, component.pk) if may_read else []
    context = {
        "step": "matrix",
        "component": component,
        "line": _line(found, row),
        "matrix": found,
        "studies": literature.component_evidence(review, component.pk),
        "said": [(group, [s for s in said if s.group == group.pk], n) for group, n in found.groups],
        "pairs": [
            {
                "pair": pair,
                "judged": row.judgements.get(pair.key),
                "stale": row.is_stale(pair),
                "form": forms[pair.key],
                "silent": _is_silent(row, pair),
            }
            for pair in found.pairs
        ],
    }
    return render(request, "synthesis/topic.html", context, status=status)


def _form(row: Row, pair: Pair, data: Any = None) -> JudgementForm:
    judged = row.judgements.get(pair.key)
    words = {True: "yes", False: "no", None: ""}
    initial = (
        {
            "same_meaning": words[judged.same_meaning],
            "same_coverage": words[judged.same_coverage],
            "reason": judged.reason,
        }
        if judged
        else {}
    )
    return JudgementForm(
        data, initial=initial, prefix=f"pair-{pair.key}", is_silent=_is_silent(row, pair)
    )


def _is_silent(row: Row, pair: Pair) -> bool:
    """Whether one of the two sides says nothing of this component."""
    return not row.sources(pair.left) or not row.sources(pair.right)


def _judge(
    request: HttpRequest, found: Matrix, row: Row, forms: dict[str, JudgementForm]
) -> str | None:
    """Store the judgement of the pair that was posted; None puts the errors into its form."""

    require(request.member, "judge")  # type: ignore[attr-defined]
    pair = next((each for each in found.pairs if each.key == request.POST.get("pair")), None)
    if pair is None:
        raise Http404("These two columns are not compared.")
    form = forms[pair.key] = _form(row, pair, request.POST)
    if not form.is_valid():
        return None
    try:
        made = actions.judge(
            row.component,
            pair.left,
            pair.right,
            by=request.member.user,  # type: ignore[attr-defined]
            **form.answers(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    return f"{pair.label}, {made.get_category_display().lower()}"


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    found = matrix(review)
    if kind == "csv":
        response: Any = StreamingHttpResponse(
            exports.as_csv(found), content_type="text/csv; charset=utf-8"
        )
    elif kind == "docx":
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        response = HttpResponse(exports.as_docx(review, found), content_type=word)
    else:
        raise Http404("The matrix can be had as csv or docx.")
    response["Content-Disposition"] = f'attachment; filename="matrix-{review.slug}.{kind}"'
    return response
