"""Ranking by relevance: the lead's switch, how far it is, and what may still be missed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reviews.access import MemberRequest, member, require
from reviews.models import Job, Review, Stage
from reviews.refusal import Refused

from ..forms import RankingForm
from ..relevance import orders, rules, stopping
from ..relevance.drawing import Drawing


@require_http_methods(["GET", "POST"])
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    status = 200
    form = RankingForm(instance=review.rules(Stage.ABSTRACT))
    if request.method == "POST":
        require(request.member, "manage")
        form = RankingForm(request.POST, instance=review.rules(Stage.ABSTRACT))
        status = 422
        if form.is_valid():
            try:
                rules.set_ranking(review, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Saved. Nobody’s open cards change.")
                return redirect("screening:ranking", review.slug)
    evidence = stopping.evidence(review)
    context = {
        "step": "reasons",
        "form": form,
        "rules": review.rules(Stage.ABSTRACT),
        "order": review.ranked_orders.filter(by=None).defer("reports", "words", "weights").first(),
        "job": review.jobs.filter(kind=orders.KIND).exclude(state=Job.State.DONE).first(),
        "evidence": evidence,
        "drawing": Drawing(evidence),
    }
    return render(request, "screening/ranking.html", context, status=status)
