"""Conflicts: what waits for an adjudicator, one at a time, and what has been settled."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations.models import Report
from reviews.access import MemberRequest, abilities, member
from reviews.models import Membership, Review, Stage, StageRules
from reviews.refusal import Clash, Refused

from .. import actions, flow, interests, naming
from ..desk import by_criterion, submitting
from ..duplicates import marks
from ..forms import FinalWordForm, WhyForm
from ..lead import conflicts as open_conflicts
from ..models import Decision
from ..reasons import criteria_by_kind, reasons_in_use
from ..reporting import exports

PER_PAGE = 30
SETTLED = "settled"


def _tab(request: HttpRequest, counts: dict[Stage, int]) -> str:
    """The list asked for; else the first stage in which a conflict waits."""
    tab = request.GET.get("show", "")
    if tab in (*counts, SETTLED):
        return tab
    return next((stage for stage, n in counts.items() if n), Stage.ABSTRACT)


def _counts(who: Membership) -> dict[Stage, int]:
    return {stage: open_conflicts.waiting(who, stage).count() for stage in flow.CONFLICT_PLACE}


@require_GET
@member("adjudicate")
def conflicts(request: HttpRequest, review: Review) -> HttpResponse:
    who: Membership = request.member  # type: ignore[attr-defined]
    counts = _counts(who)
    tab = _tab(request, counts)
    context = {
        "step": "conflicts",
        "tab": tab,
        "counts": counts,
        "settled": SETTLED,
        "formats": exports.FORMATS,
    }
    if tab == SETTLED:
        words = Paginator(open_conflicts.settled(who), PER_PAGE).get_page(request.GET.get("page"))
        called = naming.beside(who, words, naming.hidden_stages(who, settling=True))
        context |= {"page": words, "rows": [(called[word.pk], word) for word in words]}
        return render(request, "screening/conflicts_settled.html", context)
    kind = request.GET.get("kind", "")
    found = open_conflicts.waiting(who, Stage(tab), kind)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    said = open_conflicts.said_about(who, list(page), Stage(tab))
    marks.mark_all(list(page))
    hidden = naming.nameless(who, Stage(tab))
    answers = by_criterion.criterion_answers([each.pk for on in said.values() for each in on])
    rows = [
        (
            report,
            _named(who, said[report.pk], hidden),
            open_conflicts.kind_of(said[report.pk]),
            by_criterion.differing(answers.get(each.pk, {}) for each in said[report.pk]),
        )
        for report in page
    ]
    context |= {"kinds": open_conflicts.KINDS, "kind": kind if kind in open_conflicts.KINDS else ""}
    return render(request, "screening/conflicts.html", {**context, "page": page, "rows": rows})


def _named(who: Membership, said: list[Decision], hidden: bool) -> list[tuple[str, Decision]]:
    called = naming.names(who, said, hidden=hidden)
    return [(called[each.by_id], each) for each in said]


@require_GET
@member("adjudicate")
def export(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    """The same list as a file: the reports in conflict, or the final words that stand."""
    who = request.member
    tab = _tab(request, _counts(who))
    if tab == SETTLED:
        words = open_conflicts.settled(who)
        name = f"settled-conflicts-{review.slug}"
        return exports.decision_response(words, who, kind, name, settling=True)
    found = open_conflicts.waiting(who, Stage(tab), request.GET.get("kind", ""))
    return exports.response(found, who, kind, f"conflicts-{tab}-{review.slug}", settling=True)


def _next_after(who: Membership, stage: Stage, report: Report, kind: str) -> Report | None:
    waiting = open_conflicts.waiting(who, stage, kind)
    if who.review.rules(stage).bar_own:
        mine = Decision.objects.current().independent().at_stage(stage).filter(by_id=who.user_id)
        waiting = waiting.exclude(pk__in=mine.values("report"))
    return waiting.filter(pk__gt=report.pk).first() or waiting.exclude(pk=report.pk).first()


def _list(review: Review, show: str) -> str:
    return f"{reverse('screening:conflicts', args=[review.slug])}?{urlencode({'show': show})}"


@require_http_methods(["GET", "POST"])
@member("adjudicate")
def conflict(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """One conflict: what the reviewers said side by side, and the form of the final word."""
    who: Membership = request.member  # type: ignore[attr-defined]
    report = get_object_or_404(review.reports, pk=pk)
    stage = open_conflicts.STAGE_OF.get(report.place)
    if stage is None:
        messages.info(request, "There is no conflict on this report (any more).")
        return redirect(_list(review, SETTLED))
    if interests.standing().filter(report=report, user=who.user).exists():
        messages.info(
            request, "A conflict of interest is declared for you there: leave it to others."
        )
        return redirect(_list(review, stage))
    status = 200
    kind = request.GET.get("kind", "")
    sent = request.POST.copy() if request.method == "POST" else None
    if sent and (proposed := sent.get("take")):
        # One button for what the declared order of the reasons proposes.
        sent["verdict"], sent["reason"] = Decision.Verdict.EXCLUDE, proposed
    form = FinalWordForm(review, stage, sent)
    if request.method == "POST":
        status = 422
        # What the page showed: a conflict of the other stage that came since is another question.
        if request.POST.get("stage") != stage:
            form.add_error(None, "This report has moved on; look at it again.")
        elif form.is_valid():
            given = form.cleaned_data
            try:
                actions.final_word(
                    report,
                    stage,
                    given["verdict"],
                    by=request.user,  # type: ignore[arg-type]
                    reason=given["reason"],
                    note=given["note"],
                )
            except Clash as clash:
                form.add_error(None, str(clash))
                status = 409
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Settled: {given['verdict']}. {report}")
                following = _next_after(who, stage, report, kind)
                if following:
                    address = reverse("screening:conflict", args=[review.slug, following.pk])
                    return redirect(f"{address}?{urlencode({'kind': kind})}" if kind else address)
                return redirect(_list(review, stage))
    said = open_conflicts.said_about(who, [report], stage)[report.pk]
    hidden = naming.nameless(who, stage)
    reasons = reasons_in_use(review, stage)
    answers = by_criterion.criterion_answers([each.pk for each in said])
    is_own = any(each.by_id == who.user_id for each in said)
    conflict_kind = open_conflicts.kind_of(said)
    context = {
        "step": "conflicts",
        "report": report,
        "card": submitting.card(report),
        "files": report.files,
        "stage": stage,
        "said": _named(who, said, hidden),
        "lines": by_criterion.lines(answers.get(each.pk, {}) for each in said),
        "people": [name for name, _ in _named(who, said, hidden)],
        "hidden": hidden,
        "kind": conflict_kind,
        "proposed": open_conflicts.proposed_reason(said, reasons)
        if conflict_kind == open_conflicts.REASONS and stage == Stage.FULLTEXT
        else None,
        "is_own": is_own,
        "by_consensus": review.rules(stage).settled_by == StageRules.SettledBy.CONSENSUS,
        "may_end": "manage" in abilities(who),
        "is_barred": is_own and review.rules(stage).bar_own,
        "criteria": criteria_by_kind(review),
        "reasons": reasons,
        "form": form,
        "following": _next_after(who, stage, report, kind),
        "narrowed": kind,
        "back": _list(review, stage),
    }
    return render(request, "screening/conflict.html", context, status=status)


@require_POST
@member("adjudicate")
def reopen(request: HttpRequest, review: Review, pk: int) -> HttpResponse:
    """Take a final word back; the conflict stands again."""
    words = Decision.objects.current().of_conflicts().filter(report__review=review)
    word = get_object_or_404(words.select_related("report"), pk=pk)
    form = WhyForm(request.POST)
    why = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        actions.reopen(word.report, word.stage, by=request.user, reason=why)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Taken back. The conflict on {word.report} stands again.")
    return redirect(_list(review, SETTLED))
