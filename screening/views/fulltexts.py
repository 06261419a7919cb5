"""Full texts: what is still sought, what was asked for, what came, and reading it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations import seeking
from citations.models import Report, RetrievalEvent
from citations.serving import served
from reviews.access import MemberRequest, member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow, retrieval
from .. import worklist as worklists
from ..desk import highlights
from ..duplicates import marks
from ..filing import looking_up
from ..forms_retrieval import AskForm, FullTextForm, GiveUpForm, SeekingForm
from ..reporting import exports


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the address asks of the worklist; what it does not know stands for the first of all."""
    known = [key for key, _, _ in worklists.TABS]
    tab = request.GET.get("tab", "")
    words = request.GET.get("q", "").strip()
    return {
        "tab": tab if tab in known else known[0],
        "q": words,
        "step": request.GET.get("step", ""),
    }


@require_GET
@member("read")
def worklist(request: HttpRequest, review: Review) -> HttpResponse:
    """Reports that passed title and abstract, by how far their full text has come."""
    counts = flow.placed(review)
    listed = worklists.listed(review, **_asked(request))
    page = Paginator(listed, 30).get_page(request.GET.get("page"))
    marks.mark_all(list(page))
    rules = retrieval.rules_of(review)
    for report in page:
        report.library_link = seeking.library_link(report, rules.resolver if rules else "")  # type: ignore[attr-defined]
    asked = _asked(request)
    tabs = [
        (k, label, sum(counts[place] for place in places)) for k, label, places in worklists.TABS
    ]
    context = {
        "step": "fulltexts",
        "page": page,
        "extent": flow.of_reports(listed),
        "tabs": tabs,
        "tab": asked["tab"],
        "q": asked["q"],
        "outcomes": dict(RetrievalEvent.Outcome.choices),
        "ways": dict(RetrievalEvent.Way.choices),
        "steps": worklists.STEPS,
        "asked_step": asked["step"],
        "formats": exports.FORMATS,
    }
    return render(request, "screening/fulltexts.html", context)


@require_GET
@member("export")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The same list as a file, for a librarian or a program that fetches full texts."""
    asked = _asked(request)
    found, name = worklists.listed(review, **asked), f"fulltexts-{asked['tab']}-{review.slug}"
    rules = retrieval.rules_of(review)
    resolver = rules.resolver if rules else ""
    return exports.worklist_response(found, request.member, kind, name, resolver)


@require_GET
@member("read")
def read(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """One report: its document, its retrieval log, and what can be done about it."""
    report = get_object_or_404(review.reports.standing(), pk=pk)
    return _page(request, review, report)


def _page(
    request: HttpRequest, review: Review, report: Report, status: int = 200, **forms: object
) -> HttpResponse:
    rules = retrieval.rules_of(review)
    letters, letter = retrieval.next_letter(report, rules, sender=str(request.user))
    context = {
        "step": "fulltexts",
        "report": report,
        "highlights": highlights.of(report, request.member),  # type: ignore[attr-defined]
        "library_link": seeking.library_link(report, rules.resolver if rules else ""),
        "letters": letters,
        "letter": letter,
        "marks": marks.marks_of([report])[report.pk],
        "told": looking_up.told_of(report),
        "taken": looking_up.taken_of(report),
        "files": report.files,
        "copies": report.fulltexts.defer("text").select_related("by"),
        "events": report.retrieval_events.select_related("by"),
        "upload_form": FullTextForm(),
        "ask_form": AskForm(),
        "give_up_form": GiveUpForm(),
        "is_sought": report.place in flow.ADVANCED,
        **forms,
    }
    return render(request, "screening/fulltext.html", context, status=status)


@require_POST
@member("retrieve")
def attach(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    form = FullTextForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            retrieval.attach_file(report, form.cleaned_data["file"], by=request.member.user)  # type: ignore[attr-defined]
        except Refused as refusal:
            if report.place not in flow.ADVANCED:
                raise  # the page has no form to show it by
            form.add_error("file", str(refusal))
        else:
            messages.success(request, "The full text is attached.")
            return redirect("screening:read", review.slug, pk)
    return _page(request, review, report, status=422, upload_form=form)


@require_POST
@member("retrieve")
def ask(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, review, report, status=422, ask_form=form)
    retrieval.ask(report, by=request.member.user, **form.cleaned_data)  # type: ignore[attr-defined]
    messages.success(request, "Noted.")
    return redirect("screening:read", review.slug, pk)


@require_http_methods(["GET", "POST"])
@member("manage")
def rules(request: MemberRequest, review: Review) -> HttpResponse:
    """The link resolver of the institution and the letters to authors."""
    kept = retrieval.rules_of(review)
    initial = {
        "resolver": kept.resolver if kept else "",
        "looks_up": bool(kept and kept.looks_up),
        "letter": (kept and kept.letter) or seeking.LETTER,
        "reminder": (kept and kept.reminder) or seeking.REMINDER,
    }
    form = SeekingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        retrieval.set_rules(review, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("screening:fulltexts", review.slug)
    context = {"step": "fulltexts", "form": form}
    status = 422 if form.errors else 200
    return render(request, "screening/seeking.html", context, status=status)


@require_POST
@member("retrieve")
def give_up(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    form = GiveUpForm(request.POST)
    if not form.is_valid():
        return _page(request, review, report, status=422, give_up_form=form)
    retrieval.give_up(report, by=request.member.user, **form.cleaned_data)  # type: ignore[attr-defined]
    messages.success(request, "Marked as not retrieved.")
    return redirect("screening:fulltexts", review.slug)


@require_POST
@member("retrieve")
def resume(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    retrieval.resume(report, by=request.member.user)  # type: ignore[attr-defined]
    messages.success(request, "The report is sought again.")
    return redirect("screening:read", review.slug, pk)


@require_POST
@member("retrieve")
def detach(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    document = get_object_or_404(report.files[:1])
    retrieval.detach(document, by=request.member.user)  # type: ignore[attr-defined]
    left = "the other one is read now" if report.files.exists() else "the report is sought again"
    messages.success(request, f"The file is taken away; {left}.")
    return redirect("screening:read", review.slug, pk)


@require_POST
@member("retrieve")
def take_up(request: MemberRequest, review: Review, pk: int, copy: int) -> HttpResponse:
    report = get_object_or_404(review.reports.standing(), pk=pk)
    chosen = get_object_or_404(report.fulltexts, pk=copy)
    retrieval.take_up(chosen, by=request.user)
    messages.success(request, f"“{chosen.name}” is read now.")
    return redirect("screening:read", review.slug, pk)


@require_GET
@member("read")
def copy(request: HttpRequest, review: Review, pk: int, copy: int) -> HttpResponseBase:
    """A copy that is not the one that is read, under the same policy."""
    report = get_object_or_404(review.reports, pk=pk)
    chosen = get_object_or_404(report.fulltexts, pk=copy)
    name = f"report-{report.pk}-copy-{chosen.pk}"
    return served(chosen.sha256, chosen.content_type, name, headers=request.headers)


@require_GET
@member("read")
def file(request: HttpRequest, review: Review, pk: int) -> HttpResponseBase:
    """The document itself, to members only. Whatever it holds, it runs nothing here."""
    report = get_object_or_404(review.reports, pk=pk)
    document = get_object_or_404(report.files[:1])
    name = f"report-{report.pk}"
    return served(document.sha256, document.content_type, name, headers=request.headers)
