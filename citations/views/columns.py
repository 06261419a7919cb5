"""A table whose header nobody knows: the person says what each column is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from citations import actions, blobs
from citations.formats import Unreadable
from citations.formats.columns import Sheet, sheet_of
from citations.formats.source import ENCODINGS
from citations.formats.table import HEADER_LINE
from citations.models import Upload
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .files import STEP, find

LABELS = {
    "title": "Title",
    "authors": "Authors",
    "year": "Year or date",
    "journal": "Journal or source",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "first_page": "First page",
    "last_page": "Last page",
    "doi": "DOI",
    "pmid": "PMID",
    "isbn": "ISBN",
    "abstract": "Abstract",
    "keywords": "Keywords",
    "entry_type": "Type of document",
    "url": "Link",
    "language": "Language",
}
# One of these is needed to know a document again.
TELLING = {"title", "doi", "pmid", "isbn"}
EXAMPLES = 3  # values shown of each column


@dataclass
class Column:
    at: int  # from 0
    name: str
    examples: list[str]
    field: str  # what it is taken for, "" when it is left out


@require_http_methods(["GET", "POST"])
@member("import_records")
def columns(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The names and first values of the columns, with a choice for each."""
    upload = find(review, pk)
    if upload.imported_at:
        return redirect("citations:preview", review.slug, pk)
    asked = request.POST if request.method == "POST" else request.GET
    chosen_encoding = asked.get("encoding", upload.encoding)
    encoding = chosen_encoding if chosen_encoding in ENCODINGS else ""
    line = _line(asked.get("header", upload.columns.get(HEADER_LINE, "")))
    try:
        sheet = sheet_of(
            blobs.path_of(upload.sha256),
            name=upload.name,
            encoding=encoding or None,
            header_line=line,
        )
    except Unreadable as error:
        context = {**STEP, "upload": upload, "refused": str(error)}
        return render(request, "citations/columns.html", context, status=422)
    refused, chosen = "", _known(upload, sheet)
    if request.method == "POST":
        chosen = _chosen(request.POST, sheet)
        how = actions.How(
            sheet.format,
            encoding if sheet.format == "csv" else "",
            sheet.columns(chosen, header_line=sheet.header_line),
        )
        if TELLING.isdisjoint(chosen.values()):
            refused = "Say which column is the title, or at least a DOI, PMID or ISBN."
        else:
            try:
                actions.read_again(upload, how, by=request.user)
            except Refused as refusal:
                refused = str(refusal)
            else:
                return redirect("citations:preview", review.slug, pk)
    context = {
        **STEP,
        "upload": upload,
        "sheet": sheet,
        "columns": _columns(sheet, chosen),
        "fields": LABELS.items(),
        "encoding": encoding or sheet.encoding,
        "encodings": ENCODINGS.items(),
        "refused": refused,
    }
    return render(request, "citations/columns.html", context, status=422 if refused else 200)


def _line(text: str) -> int | None:
    """The line of the header from 1; 0 for none, None where it is to be found."""
    return int(text) if text.isdecimal() and len(text) < 6 else None


def _known(upload: Upload, sheet: Sheet) -> dict[int, str]:
    """What the columns were said to be, else what they seem to be."""
    names = {name: at for at, name in reversed(list(enumerate(sheet.header)))}
    said = {}
    for column, field in upload.columns.items():
        if column in names and HEADER_LINE not in upload.columns:
            said[names[column]] = field
        elif column.isdecimal() and 0 < int(column) <= len(sheet.header):
            said[int(column) - 1] = field
    return said or dict(sheet.guess)


def _chosen(given: Mapping[str, Any], sheet: Sheet) -> dict[int, str]:
    said = {at: given.get(f"column-{at}", "") for at in range(len(sheet.header))}
    return {at: field for at, field in said.items() if field in LABELS}


def _columns(sheet: Sheet, chosen: Mapping[int, str]) -> list[Column]:
    found = []
    for at, name in enumerate(sheet.header):
        values = [row[at] for row in sheet.rows if row[at].strip()]
        found.append(Column(at, name or f"Column {at + 1}", values[:EXAMPLES], chosen.get(at, "")))
    return found
