"""The reports of a stage shared out: what holds now, a setting with its preview, undo."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.access import MemberRequest, member
from reviews.models import SCREENING_STAGES, Review, Stage, User
from reviews.refusal import Refused

from ..desk.orders import sentence
from ..forms_sharing import OrderForm, SharingForm
from ..lead import ordering
from ..models import Sharing
from ..sharing import setting
from ..sharing.dividing import in_force, who_screens

SAYS = {
    Sharing.Kind.ALL: "Whoever is there takes the next report. The default.",
    Sharing.Kind.RANDOM: "Each report goes to people drawn by lot, and all get equally many.",
    Sharing.Kind.QUOTA: "Each person answers on so many reports; who has no quota takes what is left.",
    Sharing.Kind.PAIRS: "Everybody meets everybody else on equally many reports.",
    Sharing.Kind.EXPERT_NOVICE: "No report is decided without an expert; novices take the other answers.",
    Sharing.Kind.SOURCE: "The people that you name take the reports of a source. Where you name nobody, all do.",
    Sharing.Kind.YEAR: "Each person takes the reports of some years, both ends included; an empty end is open, two empty ends are no part. Where years overlap people meet; years of nobody, and reports without a year, are for all.",
}


def _stage(name: str) -> Stage:
    if name not in SCREENING_STAGES:
        raise Http404("No such stage.")
    return Stage(name)


@require_GET
@member("manage")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    stages = []
    for stage in SCREENING_STAGES:
        rules, sharing = review.rules(stage), in_force(review.pk, stage)
        spread = None
        if sharing:
            parts = list(sharing.parts.select_related("user", "source"))
            spread = setting.spread(review, rules, sharing.kind, sharing.seed, parts)
        undoable = review.sharings.filter(stage=stage, undone_at=None).exists()
        form = OrderForm(
            initial={"order": rules.order, "seed": rules.order_seed if rules.order else None},
            auto_id=f"{stage}_%s",
        )
        stages.append((stage, rules, sharing, spread, undoable, form))
    return render(request, "screening/sharing.html", {"step": "reasons", "stages": stages})


@require_http_methods(["GET", "POST"])
@member("manage")
def change(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    """GET shows a kind's fields; POST sets it, or with `preview` shows who would get how many."""
    at = _stage(stage)
    sent = request.POST if request.method == "POST" else request.GET
    kind = sent.get("kind", "")
    kind = kind if kind in Sharing.Kind.values else Sharing.Kind.RANDOM
    people = list(User.objects.filter(pk__in=who_screens(review.pk)).order_by("name", "pk"))
    sources = list(review.searches.order_by("pk"))
    is_asked = request.method == "POST"
    initial = {"seed": secrets.randbelow(setting.SEEDS)}
    form = SharingForm(kind, people, sources, sent if is_asked else None, initial=initial)
    status, spread, rules = 200, None, review.rules(at)
    if is_asked:
        status = 422
        if form.is_valid():
            asked, seed = form.asked(), form.cleaned_data.get("seed")
            try:
                if "preview" not in sent:
                    setting.share_out(
                        review, at, by=request.user, kind=kind, asked=asked, seed=seed
                    )
                    messages.success(request, f"{at.label}: {Sharing.Kind(kind).label.lower()}.")
                    return redirect("screening:sharing", review.slug)
                parts = setting.parts_of(review, rules, kind, asked)
                spread, status = setting.spread(review, rules, kind, seed or 0, parts), 200
            except Refused as refusal:
                form.add_error(None, str(refusal))
    context = {
        "step": "reasons",
        "stage": at,
        "rules": rules,
        "kind": Sharing.Kind(kind),
        "says": SAYS[Sharing.Kind(kind)],
        "kinds": Sharing.Kind.choices,
        "form": form,
        "spread": spread,
    }
    return render(request, "screening/sharing_change.html", context, status=status)


@require_POST
@member("manage")
def order(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    """Choose the order in which untouched reports are served."""
    at, form = _stage(stage), OrderForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("Choose an order from the list, and a whole number as its seed.")
        given = form.cleaned_data
        rules = ordering.set_order(
            review, at, by=request.user, order=given["order"], seed=given["seed"]
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{at.label}: {sentence(rules)}.")
    return redirect("screening:sharing", review.slug)


@require_POST
@member("manage")
def undo(request: MemberRequest, review: Review, stage: str) -> HttpResponse:
    try:
        setting.undo(review, _stage(stage), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Undone: what was set before is in force again.")
    return redirect("screening:sharing", review.slug)
