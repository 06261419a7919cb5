"""Consensus: a reviewer's own conflicts where the stage leaves them to those who decided."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citations.models import Report
from reviews.access import MemberRequest, abilities, member
from reviews.models import Membership, Review, Stage
from reviews.refusal import Clash, Refused

from .. import consensus, naming
from ..desk import by_criterion, submitting
from ..forms import FinalWordForm, WhyForm
from ..lead import conflicts as open_conflicts
from ..models import Decision, Remark
from ..reasons import criteria_by_kind, reasons_in_use

PER_PAGE = 30


@require_GET
@member("screen")
def listed(request: MemberRequest, review: Review) -> HttpResponse:
    """What I am to agree on with others, and what we have agreed on."""
    who = request.member
    page = Paginator(consensus.of(who), PER_PAGE).get_page(request.GET.get("page"))
    proposed = {
        each.report_id: each for each in consensus.own_proposals(who, [row.pk for row in page])
    }
    context = {
        "step": "consensus",
        "page": page,
        "rows": [(row, open_conflicts.STAGE_OF[row.place], proposed.get(row.pk)) for row in page],
        "found": consensus.found_by(who)[:PER_PAGE],
    }
    return render(request, "screening/consensus_list.html", context)


def _concerned(who: Membership, pk: int) -> tuple[Report, Stage | None]:
    """A report of which `who` may read the thread, and the stage of its conflict, if it has one."""
    report = get_object_or_404(who.review.reports, pk=pk)
    stage = consensus.conflict_of(who, report)
    if stage is None and report.place in open_conflicts.STAGE_OF:
        raise Http404("No consensus of yours.")
    return report, stage


@require_http_methods(["GET", "POST"])
@member("screen", "manage")
def one(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """The decisions side by side, the thread, and what each proposes. POST: say, propose or take back."""
    who = request.member
    report, stage = _concerned(who, pk)
    if stage is None:
        if not report.decisions.independent().filter(by_id=who.user_id).exists():
            raise Http404("No consensus of yours.")
        messages.info(request, "There is no conflict on this report (any more).")
        return redirect("screening:consensus", review.slug)
    form = FinalWordForm(review, stage)
    status = 200
    if request.method == "POST":
        status, form = _act(request, report, stage)
        if status == 302:
            report.refresh_from_db()
            if report.place in open_conflicts.STAGE_OF:
                return redirect("screening:consensus_on", review.slug, pk)
            messages.success(request, "You agree: that is the final word.")
            return redirect("screening:consensus", review.slug)
    return render(
        request, "screening/consensus.html", _context(who, report, stage, form), status=status
    )


def _act(request: MemberRequest, report: Report, stage: Stage) -> tuple[int, FinalWordForm]:
    """(302, …) when it was done; else the status, and the form with what was wrong."""
    who, sent = request.member, request.POST
    form = FinalWordForm(who.review, stage, sent if sent.get("act") == "propose" else None)
    try:
        if sent.get("stage") != stage:
            raise Clash("This report has moved on; look at it again.")
        if sent.get("act") == "say":
            consensus.remark(report, stage, sent.get("text", ""), by=who.user)
        elif sent.get("act") == "nothing":
            consensus.take_proposal_back(report, stage, by=who.user)
        elif form.is_valid():
            given = form.cleaned_data
            consensus.propose(report, stage, given["verdict"], by=who.user, reason=given["reason"])
        else:
            return 422, form
    except Clash as clash:
        messages.error(request, str(clash))
        return 409, form
    except Refused as refusal:
        messages.error(request, str(refusal))
        return 422, form
    return 302, form


def _context(
    who: Membership, report: Report, stage: Stage, form: FinalWordForm
) -> dict[str, object]:
    hidden = naming.nameless(who, stage)
    found = consensus.standing(report, stage)
    said = open_conflicts.said_about(who, [report], stage)[report.pk]
    called = naming.names(who, said, hidden=hidden)
    answers = by_criterion.criterion_answers([each.pk for each in said])
    thread = Remark.objects.filter(report=report, stage=stage).select_related("by")
    others = [each for user, each in found.proposals.items() if user != who.user_id]
    return {
        "step": "consensus",
        "report": report,
        "stage": stage,
        "card": submitting.card(report),
        "files": report.files,
        "said": [(called[each.by_id], each) for each in said],
        "people": [called[each.by_id] for each in said],
        "lines": by_criterion.lines(answers.get(each.pk, {}) for each in said),
        "hidden": hidden,
        "kind": open_conflicts.kind_of(said),
        "thread": [(naming.one(called, each.by, hidden=hidden), each) for each in thread],
        "mine": found.proposals.get(who.user_id),
        "theirs": [(called.get(each.by_id, ""), each) for each in others],
        "takes_part": who.user_id in found.parties,
        "may_end": "manage" in abilities(who),
        "criteria": criteria_by_kind(who.review),
        "reasons": reasons_in_use(who.review, stage),
        "form": form,
    }


@require_POST
@member("screen", "adjudicate")
def reopen(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Take a consensus of mine back; the conflict stands again."""
    words = Decision.objects.current().filter(final=True, consensus=True, report__review=review)
    word = get_object_or_404(words.select_related("report"), pk=pk)
    if not consensus.may_reopen(word, request.member):
        raise Http404("No consensus of yours.")
    form = WhyForm(request.POST)
    why = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        consensus.reopen(word, member=request.member, reason=why)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Taken back. The conflict on {word.report} stands again.")
    return redirect("screening:consensus", review.slug)
