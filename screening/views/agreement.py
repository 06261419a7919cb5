"""The agreement panel of one stage."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import SCREENING_STAGES, Review, Stage

from ..reporting import agreeing
from ..reporting.agreement import BOOTSTRAP_SAMPLES, BOOTSTRAP_SEED

# (figure, its sign, what stands below the sign, one plain sentence on what it says).
EXPLAINED = [
    (
        "positive",
        "p",
        "pos",
        "Agreement on includes: when one includes, how often the other does too.",
    ),
    ("kappa", "κ", "", "Cohen’s kappa: agreement beyond chance; it drops when includes are rare."),
    ("observed", "p", "o", "The share of reports on which both said the same."),
    ("pabak", "PABAK", "", "Kappa as if includes and excludes were equally common."),
    (
        "ac1",
        "AC1",
        "",
        "Gwet’s agreement beyond chance; steady when includes are rare, and flattering.",
    ),
    (
        "negative",
        "p",
        "neg",
        "Agreement on excludes: when one excludes, how often the other does too.",
    ),
]


@require_GET
@member("read")
def agreement(request: HttpRequest, review: Review) -> HttpResponse:
    stage = request.GET.get("stage", "")
    stage = Stage(stage) if stage in SCREENING_STAGES else Stage.ABSTRACT
    panel = agreeing.panel(review, stage)
    context = {
        "step": "agreement",
        "stage": stage,
        "stages": SCREENING_STAGES,
        "panel": panel,
        "accelerated": review.rules(stage).one_include,
        "explained": EXPLAINED,
        "pairs": [(pair, [pair.figures[key] for key, *_ in EXPLAINED]) for pair in panel.pairs],
        "seed": BOOTSTRAP_SEED,
        "samples": BOOTSTRAP_SAMPLES,
    }
    return render(request, "screening/agreement.html", context)
