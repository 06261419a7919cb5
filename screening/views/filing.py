"""Many full texts at once: the drop, the tray of what is not sure, what was attached, what was not."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations.documents import kinds
from citations.forms import FilesField
from citations.models import LooseFile
from citations.serving import served
from reviews.access import MemberRequest, member
from reviews.models import Job, Review
from reviews.refusal import Refused
from reviews.waiting import noun

from .. import flow
from ..filing import delivering, tray

PAGE = 20
FOUND = 8  # reports offered for the words somebody looks for


class DropForm(forms.Form):
    file = FilesField(
        label="Files",
        allow_empty_file=True,
        help_text="PDF, Word (DOCX) and saved web pages (HTML), or a zip of them. A folder or zip with the "
        "RIS, XML or BibTeX of EndNote, Zotero or Mendeley goes by its links.",
        error_messages={"required": "Choose the files."},
    )


def _tabs(review: Review) -> list[tuple[str, str, QuerySet[LooseFile]]]:
    """(key, label, files) of each tab. A zip that was opened is not listed: its files are."""
    files = review.loose_files.select_related("delivery__by", "settled_by", "fulltext__report")
    attached = files.exclude(fulltext=None).order_by("-pk")
    return [
        ("tray", "In the tray", delivering.waiting(review).order_by("pk")),
        ("attached", "Attached", attached),
        ("refused", "Not taken", files.exclude(refused="").order_by("-pk")),
        ("aside", "Laid aside", files.exclude(aside_at=None).order_by("-pk")),
    ]


def _context(request: HttpRequest, review: Review, form: DropForm) -> dict[str, Any]:
    tabs = _tabs(review)
    tab = next((each for each in tabs if each[0] == request.GET.get("tab")), tabs[0])
    page = Paginator(tab[2].defer("text"), PAGE).get_page(request.GET.get("page"))
    _name_guesses(review, list(page))
    job = Job.objects.filter(review=review, kind=delivering.KIND).order_by("-pk").first()
    look_for = request.GET.get("q", "").strip()
    return {
        "step": "fulltexts",
        "form": form,
        "tabs": [(key, label, found.count()) for key, label, found in tabs],
        "tab": tab[0],
        "page": page,
        "job": job,
        "q": look_for,
        "found": _sought(review).matching(look_for).order_by("pk")[:FOUND] if look_for else [],
        "limit": settings.UPLOAD_LIMIT_MB,
    }


def _sought(review: Review) -> Any:
    return review.reports.filter(place__in=flow.ADVANCED)


def _name_guesses(review: Review, files: list[LooseFile]) -> None:
    """Give each file `offers`: (number of its key, report, why). 1 query."""
    ids = {guess["report"] for each in files for guess in each.guesses}
    reports = _sought(review).in_bulk(ids)
    for each in files:
        known = [guess for guess in each.guesses if guess["report"] in reports]
        each.offers = [  # type: ignore[attr-defined]
            (number, reports[guess["report"]], guess["why"])
            for number, guess in enumerate(known, start=1)
        ]


@require_http_methods(["GET", "POST"])
@member("retrieve")
def page(request: MemberRequest, review: Review) -> HttpResponseBase:
    """Drop files, watch them being read, and settle those that wait; htmx asks for the list."""
    form = DropForm()
    if request.method == "POST":
        form = DropForm(request.POST, request.FILES)
        if form.is_valid():
            return _deliver(request, review, form)
        if _wants_json(request):
            return JsonResponse({"detail": "Choose a file."}, status=422)
    context = _context(request, review, form)
    template = "screening/_loose_files.html" if request.htmx else "screening/loose_files.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _wants_json(request: MemberRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _deliver(request: MemberRequest, review: Review, form: DropForm) -> HttpResponseBase:
    chosen = request.POST.get("delivery", "")
    delivery = None
    if chosen:  # the page's script sends one file after the other
        mine = review.deliveries.filter(by=request.user)
        delivery = get_object_or_404(mine, pk=chosen if chosen.isdecimal() else 0)
    # The page's script says where in a folder a file lies, which a browser leaves out of its name.
    path = request.POST.get("path", "")
    files = form.cleaned_data["file"]
    sent = [((len(files) == 1 and path) or file.name or "file", file.chunks()) for file in files]
    delivery = delivering.deliver(review, sent, by=request.user, delivery=delivery)
    if not _wants_json(request):
        messages.success(
            request, f"{len(sent)} {noun(len(sent), 'file')} received; reading begins."
        )
        return redirect("screening:loose_files", review.slug)
    last = delivery.files.order_by("-pk")[0]
    return JsonResponse({"delivery": delivery.pk, "refused": last.refused})


@require_POST
@member("retrieve")
def match_again(request: MemberRequest, review: Review) -> HttpResponse:
    delivering.match_again(review, by=request.user)
    messages.success(request, "The files of the tray are compared again.")
    return redirect("screening:loose_files", review.slug)


@require_POST
@member("retrieve")
def settle(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Attach a file to the report `report`, lay it aside, or take it back (`act`)."""
    loose = get_object_or_404(review.loose_files, pk=pk)
    act, chosen = request.POST.get("act"), request.POST.get("report", "")
    try:
        if act == "attach":
            reports = review.reports.standing()
            report = get_object_or_404(reports, pk=chosen if chosen.isdecimal() else 0)
            tray.attach(loose, report, by=request.user)
            messages.success(request, f"“{loose.short_name}” is attached to “{report}”.")
        elif act == "aside":
            tray.lay_aside(loose, by=request.user)
            messages.success(request, f"“{loose.short_name}” is laid aside.")
        elif act == "back":
            tray.take_back(loose, by=request.user)
            messages.success(request, f"“{loose.short_name}” waits in the tray again.")
        else:
            raise Http404("No such act.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    tab = request.POST.get("tab", "")
    query = f"?tab={tab}" if tab in ("attached", "aside") else ""
    return redirect(reverse("screening:loose_files", args=[review.slug]) + query)


@require_GET
@member("retrieve")
def file(request: HttpRequest, review: Review, pk: int) -> HttpResponseBase:
    """The file itself, so that somebody can see whose it is."""
    loose = get_object_or_404(review.loose_files.exclude(sha256=""), pk=pk)
    told = kinds.CONTENT_TYPES.get(loose.kind, "")
    return served(loose.sha256, told, f"file-{loose.pk}", headers=request.headers)
