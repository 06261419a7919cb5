"""References that come without a database's file: one by hand, or a list of identifiers.

Both become a small file that goes the way of every import, so that duplicates are found, the import
can be undone, and nothing is stored twice.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from citations import actions, by_hand, sources
from citations.forms_entering import ByHandForm, FromSource, IdentifiersForm
from citations.models import Search
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .files import STEP, known


def _source(request: MemberRequest, review: Review, form: FromSource) -> Search:
    chosen: Search | None = form.cleaned_data["source"]
    return chosen or sources.add_search(review, by=request.user, **form.new_source())


def _answer(
    request: MemberRequest, review: Review, form: FromSource, template: str
) -> HttpResponse:
    """The page with its form; a chosen source in the address stays chosen."""
    status = 422 if form.errors else 200
    return render(request, template, {**STEP, "form": form}, status=status)


def _initial(request: MemberRequest, review: Review) -> dict[str, object]:
    """The source that was used last, for whoever enters one after the other."""
    asked = request.GET.get("source", "")
    chosen = sources.open_sources(review).filter(pk=asked).first() if asked.isdecimal() else None
    citations = (
        sources.open_sources(review).filter(kind=Search.Kind.CITATION).order_by("-pk").first()
    )
    source = chosen or citations
    return {"source": source.pk if source else None, "new_name": "Citation searching"}


@require_http_methods(["GET", "POST"])
@member("import_records")
def enter(request: MemberRequest, review: Review) -> HttpResponse:
    """One reference, typed."""
    given = request.POST if request.method == "POST" else None
    form = ByHandForm(review, given, initial=_initial(request, review))
    if given is not None and form.is_valid():
        values = form.cleaned_data
        said = values["title"] or values["doi"] or values["pmid"] or values["isbn"]
        try:
            receipt = actions.receive(
                review,
                [by_hand.as_file(values, key=str(values["key"]))],
                name=f"By hand: {Truncator(said).chars(80)}",
                by=request.user,
                source=lambda: _source(request, review, form),
                how=actions.How(format="csl-json"),
                then="import",
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if not receipt.is_new:
                messages.warning(request, "This had been entered already: nothing changed.")
            return redirect("citations:preview", review.slug, receipt.upload.pk)
    return _answer(request, review, form, "citations/by_hand.html")


@require_http_methods(["GET", "POST"])
@member("import_records")
def identifiers(request: MemberRequest, review: Review) -> HttpResponse:
    """A list of DOIs or PMIDs; what can't be read is shown before anything is imported."""
    given = request.POST if request.method == "POST" else None
    form = IdentifiersForm(review, given, request.FILES or None, initial=_initial(request, review))
    if given is not None and form.is_valid():
        file = form.cleaned_data["file"]
        today = timezone.localdate()
        try:
            receipt = actions.receive(
                review,
                file.chunks() if file else [_as_file(form, today.isoformat())],
                name=file.name if file else f"Identifiers typed on {today:%-d %B %Y}",
                by=request.user,
                source=lambda: _source(request, review, form),
                how=actions.How(format="identifiers"),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if not receipt.is_new:
                messages.warning(request, known(receipt.upload))
            return redirect("citations:preview", review.slug, receipt.upload.pk)
    return _answer(request, review, form, "citations/identifiers.html")


def _as_file(form: IdentifiersForm, day: str) -> bytes:
    """What was typed, and a remark that sets it apart from the same list of another source."""
    said = form.cleaned_data
    source = said["source"].name if said["source"] else said["new_name"].strip()
    typed = said["identifiers"].replace("\r\n", "\n").rstrip("\n")
    return f"{typed}\n# {source}, {day}\n".encode()
