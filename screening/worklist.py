"""The worklist of who fetches full texts: what is sought, with the last step of each report."""

from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from citations.models import Report, RetrievalEvent
from reviews.models import Review

from . import flow
from .flow import Place

OVERDUE = 14  # days after which nobody has answered
STEPS = [("", "All steps"), ("none", "Nothing done yet"), ("overdue", "No answer for two weeks")]

# (key, label, places).
TABS = [
    ("sought", "Sought", [Place.SOUGHT]),
    ("not-retrieved", "Not retrieved", [Place.NOT_RETRIEVED]),
    ("here", "Retrieved", flow.ASSESSED),
]


def listed(review: Review, *, tab: str, q: str = "", step: str = "") -> QuerySet[Report]:
    """The reports of `tab` that hold the words `q`, each with its last step and `letters`."""
    places = next(places for key, _, places in TABS if key == tab)
    last = RetrievalEvent.objects.filter(report=OuterRef("pk")).order_by("-pk")
    asked_author = RetrievalEvent.objects.filter(
        report=OuterRef("pk"), way=RetrievalEvent.Way.AUTHOR, outcome=RetrievalEvent.Outcome.ASKED
    )
    letters = asked_author.order_by().values("report").annotate(n=Count("pk")).values("n")
    reports = review.reports.filter(place__in=places).annotate(
        letters=Subquery(letters),
        last_way=Subquery(last.values("way")[:1]),
        last_outcome=Subquery(last.values("outcome")[:1]),
        last_where=Subquery(last.values("where")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
    reports = reports.matching(q)
    if step == "none":
        reports = reports.filter(last_at=None)
    elif step == "overdue":
        long_ago = timezone.now() - timedelta(days=OVERDUE)
        reports = reports.filter(last_outcome=RetrievalEvent.Outcome.ASKED, last_at__lt=long_ago)
    return reports.order_by("pk")
