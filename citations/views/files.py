"""Files on their way in: sent, looked at, read another way, confirmed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations import actions, guessing, sources
from citations.formats import FORMATS, Unreadable, read
from citations.formats.detect import OLE, ZIP
from citations.formats.source import ENCODINGS, HEAD
from citations.forms import ReadingForm, SearchForm, SourceForm, UploadForm
from citations.models import Search, Upload
from reviews import jobs
from reviews.access import MemberRequest, member
from reviews.models import Job, Review
from reviews.refusal import Refused
from reviews.waiting import noun

from .problems import numbers, shown

STEP = {"step": "searches"}
# Jobs that can go on later where they were stopped; an undoing can't.
TO_STOP = ("preview", "import")


# --- Sending --------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@member("import_records")
def upload(request: MemberRequest, review: Review) -> HttpResponse:
    """One file with its source, or several at once.

    The page's script sends them one by one and asks for JSON: {"url", "source"} or {"detail",
    "fields": {name: sentence}}.
    """
    given = request.POST if request.method == "POST" else None
    form = UploadForm(
        review, given, request.FILES or None, initial={"source": request.GET.get("source")}
    )
    several = given is not None and len(request.FILES.getlist("file")) > 1
    # The words about a new source count only when no source is chosen.
    is_new = given is not None and not given.get("source") and not several
    fresh = SearchForm(
        review, given if is_new else None, prefix="new", use_required_attribute=False
    )
    if given is not None and form.is_valid() and (not is_new or fresh.is_valid()):
        if several:
            return _take_several(request, review, form)
        try:
            receipt = _take(request, review, form.cleaned_data["file"][0], form, fresh)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return _led_on(request, review, receipt)
    if given is not None and _wants_json(request):
        return _refused(form, fresh)
    status = 422 if form.errors or fresh.errors else 200
    context = {**STEP, "form": form, "fresh": fresh, "kinds": Search.Kind.choices}
    return render(request, "citations/upload.html", context, status=status)


def _wants_json(request: MemberRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _take(
    request: MemberRequest, review: Review, file: UploadedFile, form: UploadForm, fresh: SearchForm
) -> actions.Receipt:
    chosen = form.cleaned_data["source"]

    def source() -> Search:
        return chosen or sources.add_search(review, by=request.user, **fresh.values())

    return actions.receive(
        review, file.chunks(), name=file.name or "upload", by=request.user, source=source
    )


def _led_on(request: MemberRequest, review: Review, receipt: actions.Receipt) -> HttpResponse:
    """To the file's own page; to its columns first when nobody knows them."""
    found = receipt.upload
    if not receipt.is_new:
        messages.warning(request, known(found))
    page = "citations:columns" if receipt.is_new and receipt.job is None else "citations:preview"
    answer = redirect(page, review.slug, found.pk)
    if _wants_json(request):
        source = {"id": found.search_id, "name": found.search.name}
        return JsonResponse({"url": answer.url, "known": not receipt.is_new, "source": source})
    return answer


def _refused(*forms: Any) -> JsonResponse:
    said = {
        form.add_prefix(name): " ".join(str(each) for each in errors)
        for form in forms
        for name, errors in form.errors.items()
    }
    return JsonResponse({"detail": " ".join(said.values()), "fields": said}, status=422)


def _take_several(request: MemberRequest, review: Review, form: UploadForm) -> HttpResponse:
    """Without the page's script: each file goes to the source that was chosen, else to the one
    that its name or content speaks of. Both can be changed until it is imported."""
    chosen = form.cleaned_data["source"]
    for file in form.cleaned_data["file"]:
        name = file.name or "upload"

        def source(name: str = name, file: UploadedFile = file) -> Search:
            return chosen or _source_for(request, review, name, _head(file))

        try:
            receipt = actions.receive(
                review, file.chunks(), name=name, by=request.user, source=source
            )
        except Refused as refusal:
            messages.error(request, f"“{name}”: {refusal}")
        else:
            if not receipt.is_new:
                messages.warning(request, known(receipt.upload))
    return redirect("citations:imports", review.slug)


def _head(file: UploadedFile) -> bytes:
    file.seek(0)
    return file.read(HEAD)


def _source_for(request: MemberRequest, review: Review, name: str, head: bytes) -> Search:
    guess = _look(name, head)[1] or guessing.Guess(actions.UNNAMED, Search.Kind.DATABASE)
    known_one = sources.open_sources(review).filter(name__iexact=guess.name).order_by("-pk").first()
    return known_one or sources.add_search(
        review, by=request.user, name=guess.name, kind=guess.kind
    )


def known(upload: Upload) -> str:
    where = f"“{upload.name}” for {upload.search}"
    if upload.imported_at:
        return f"This file has been imported before, as {where}: nothing changed."
    return f"This file is here already, as {where}: nothing changed."


@require_POST
@member("import_records")
def guess(request: MemberRequest, review: Review) -> JsonResponse:
    """What a file seems to be, by its name and its beginning (`head`), before all of it is sent."""
    file, name = request.FILES.get("head"), request.POST.get("name", "")[-255:]
    if not isinstance(file, UploadedFile):
        return JsonResponse({"detail": "Send the beginning of the file as “head”."}, status=422)
    return JsonResponse(guessed(review, name, file.read(HEAD)))


def guessed(review: Review, name: str, head: bytes) -> dict[str, Any]:
    """{"format", "refused", "source", "name", "kind"} of a file by its name and beginning."""
    format, found, refused = _look(name, head)
    source = (
        sources.open_sources(review).filter(name__iexact=found.name).order_by("-pk")
        if found
        else None
    )
    standing = source.first() if source is not None else None
    return {
        "format": FORMATS.get(format, ""),
        "refused": refused,
        "source": standing.pk if standing else None,
        "name": found.name if found else "",
        "kind": found.kind if found else "",
    }


def _look(name: str, head: bytes) -> tuple[str, guessing.Guess | None, str]:
    """(format, the source it speaks of, why it can't be an export) of a file's beginning."""
    if head.startswith((ZIP, OLE)):  # a part of a workbook tells nothing
        return "", guessing.source_of(name), ""
    try:
        reading = read(head, name=name)
    except Unreadable as error:
        # A table without a header we know is welcome: somebody will say what its columns are.
        refused = "" if actions.is_table(head, name, error) else str(error)
        return "", guessing.source_of(name), refused
    return reading.format, guessing.source_of(name, reading.format, reading.dialect), ""


# --- Files that wait --------------------------------------------------------------------------


@dataclass
class Waiting:
    """A file that is not imported, and where it stands."""

    upload: Upload
    job: Job | None

    @property
    def works(self) -> bool:
        return self.job is not None and not self.job.is_over

    @property
    def numbers(self) -> dict[str, int]:
        return numbers(self.upload)

    @property
    def may_import(self) -> bool:
        return bool(self.upload.summary.get("records")) and not self.works


def _waiting(review: Review) -> list[Waiting]:
    """The files that are not imported, in the order they came. 2 queries."""
    found = list(review.uploads.filter(imported_at=None).select_related("search", "by"))
    about = Job.objects.filter(review=review, kind__in=["preview", "import"])
    about = about.filter(payload__upload__in=[each.pk for each in found])
    last = {job.payload["upload"]: job for job in about.order_by("pk")}
    return [Waiting(each, last.get(each.pk)) for each in found]


@require_GET
@member("import_records")
def imports(request: MemberRequest, review: Review) -> HttpResponse:
    """All files that wait to be looked at; htmx asks for the list alone."""
    rows = _waiting(review)
    context = {
        **STEP,
        "rows": rows,
        "works": any(row.works for row in rows),
        "ready": sum(row.may_import for row in rows),
    }
    template = "citations/_imports.html" if request.htmx else "citations/imports.html"
    return render(request, template, context)


@require_POST
@member("import_records")
def confirm_all(request: MemberRequest, review: Review) -> HttpResponse:
    """Import every file that has been read."""
    started = 0
    for row in _waiting(review):
        if row.may_import:
            try:
                actions.confirm(row.upload, by=request.user)
            except Refused as refusal:
                messages.error(request, f"“{row.upload}”: {refusal}")
            else:
                started += 1
    if started:
        messages.success(request, f"The import of {started} {noun(started, 'file')} has begun.")
    return redirect("citations:imports", review.slug)


# --- One file -------------------------------------------------------------------------------


def find(review: Review, pk: int) -> Upload:
    return get_object_or_404(review.uploads.select_related("search", "by"), pk=pk)


def _may_stop(request: MemberRequest, job: Job) -> bool:
    return job.kind in TO_STOP and not job.is_over and jobs.may_stop(request.member, job)


def _context(request: MemberRequest, review: Review, upload: Upload) -> dict[str, Any]:
    job = actions.latest_job(upload)
    works = job is not None and not job.is_over
    is_import = job is not None and job.kind == "import"
    over = job is not None and job.state in (Job.State.FAILED, Job.State.CANCELLED)
    is_table = upload.format in ("csv", "xlsx", "xls")
    return {
        **STEP,
        "upload": upload,
        "job": job,
        "works": works,
        "may_stop": job is not None and _may_stop(request, job),
        "importing": is_import and works,
        "stopped": is_import and over,
        "unread": over and job is not None and job.kind == "preview" and not upload.unreadable,
        "format": FORMATS.get(upload.format, upload.format),
        "encoding": ENCODINGS.get(upload.encoding, upload.encoding),
        "is_table": is_table,
        "is_text": upload.format not in ("xlsx", "xls"),
        "numbers": numbers(upload),
        "problems": shown(upload),
        "records": upload.records.count() if upload.imported_at else 0,
        "reading": None if upload.imported_at else ReadingForm.of(upload),
        "source_form": None
        if upload.imported_at
        else SourceForm(review, initial={"source": upload.search_id}),
    }


@require_GET
@member("import_records")
def preview(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The page; htmx asks for its moving piece alone."""
    template = "citations/_upload.html" if request.htmx else "citations/preview.html"
    return render(request, template, _context(request, review, find(review, pk)))


@require_POST
@member("import_records")
def confirm(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.confirm(find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("citations:preview", review.slug, pk)


@require_POST
@member("import_records")
def read_again(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Read the file as another format or in another encoding."""
    found = find(review, pk)
    form = ReadingForm(request.POST)
    if form.is_valid():
        try:
            actions.read_again(found, form.how(found), by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, "Choose a format and an encoding of the lists.")
    return redirect("citations:preview", review.slug, pk)


@require_POST
@member("import_records")
def assign(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The file came from another source."""
    found = find(review, pk)
    form = SourceForm(review, request.POST)
    if form.is_valid():
        try:
            actions.assign(found, form.cleaned_data["source"], by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, "Choose one of the sources.")
    return redirect("citations:preview", review.slug, pk)


@require_POST
@member("import_records")
def stop(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Stop the job that works on the file. An import goes on later where it stood."""
    found = find(review, pk)
    job = actions.latest_job(found)
    if job is None or job.kind not in TO_STOP:
        messages.error(request, "There is nothing here that could be stopped.")
    elif not jobs.may_stop(request.member, job):
        messages.error(request, "Only who started it, or the lead, can stop it.")
    else:
        try:
            jobs.cancel(job, by=request.user)
        except Refused as refusal:
            messages.info(request, str(refusal))
    return redirect("citations:preview", review.slug, pk)


@require_POST
@member("import_records")
def discard(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    try:
        actions.discard(find(review, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("citations:preview", review.slug, pk)
    messages.success(request, "The file was discarded; nothing of it was imported.")
    return redirect("citations:searches", review.slug)
