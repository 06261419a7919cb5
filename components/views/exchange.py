"""The tree as files, in and out, with what a format can't carry said in words."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import actions, interchange, qdc, tables, versions
from ..forms import ImportForm
from ..interchange import Node
from ..nodes import nodes_of
from ..sheets import csv_file

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
REFI = "application/xml"


def _read(review: Review, name: str, content: bytes) -> tuple[list[Node], list[str]]:
    """(nodes, what was lost) of a file, by the end of its name; Refused when it can't be read."""
    known = actions.parents_by_code(review)
    ending = name.rpartition(".")[2].casefold()
    if ending == "qdc" or content.lstrip()[:5] == b"<?xml":
        guids = {str(guid): code for guid, code in review.components.values_list("guid", "code")}
        nodes, told = qdc.read(content, known=guids)
    elif ending in ("csv", "tsv", "txt"):
        nodes, told = tables.read_csv(content)
    elif ending == "docx":
        nodes, told = tables.read_docx(content)
    else:
        return interchange.read(content, known=known), []
    return interchange.checked(nodes, known=known), told


@member("edit_components")
def bring_in(request: MemberRequest, review: Review) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                # One byte more than is allowed is enough to see that it is too much.
                content = file.read(interchange.LARGEST + 1)
                nodes, told = _read(review, file.name, content)
                is_json = file.name.casefold().endswith(".json")
                version, history = interchange.about(content) if is_json else ("", [])
                done = actions.bring_in(
                    review, nodes, by=request.user, name=file.name, version=version, history=history
                )
            except Refused as refusal:
                form.add_error("file", str(refusal))
            else:
                said = f"{done.added} added, {done.changed} changed, {done.unchanged} as before."
                messages.success(request, said)
                for sentence in told:
                    messages.warning(request, sentence)
                return redirect("components:tree", review.slug)
    context = {"form": form, "step": "components", "lost": qdc.lost_in(nodes_of(review))}
    return render(request, "components/import.html", context, status=status)


@require_safe
@member("export")
def export(request: MemberRequest, review: Review, format: str) -> HttpResponse:
    nodes = nodes_of(review)
    name = f"{review.slug}-components.{format}"
    if format == "csv":
        return csv_file(name, list(tables.COLUMNS), [tables.cells(node) for node in nodes])
    if format == "json":
        response: HttpResponse = JsonResponse(
            interchange.write(review.title, nodes),
            json_dumps_params={"ensure_ascii": False, "indent": 1},
        )
    elif format == "qdc":
        try:
            response = HttpResponse(qdc.write(nodes), content_type=REFI)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("components:tree", review.slug)
    else:
        version = versions.current(review)
        named = version.name if version else ""
        response = HttpResponse(tables.write_docx(review.title, nodes, named), content_type=WORD)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
