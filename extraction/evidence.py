"""What the literature says about components, for the rooms above: they ask here and know none of
the tables behind it. Only settled evidence of included studies."""

from dataclasses import dataclass

from django.db.models import QuerySet

from reviews.models import Review
from screening import flow

from .models import AdjudicatedEntry


@dataclass(frozen=True)
class Evidence:
    """One quote. A study may have several for a component: count studies, not quotes."""

    study: int  # id
    study_label: str
    program: str | None  # name
    component: int  # id
    stance: str  # supports | qualified | opposes
    quote: str
    page: str
    report: int | None  # id


def settled_entries(review: Review) -> QuerySet[AdjudicatedEntry]:
    """The quotes that hold, of included studies and of questions that are still asked."""
    return AdjudicatedEntry.objects.filter(
        settled__superseded_at=None,
        settled__field__retired_at=None,
        settled__study__in=flow.studies_in(review),
    )


def component_evidence(review: Review, component: int | None = None) -> list[Evidence]:
    """Every quote that holds, by study and place in the list; of one component if given. 1 query."""
    entries = settled_entries(review)
    if component is not None:
        entries = entries.filter(settled__component=component)
    rows = entries.order_by("settled__study__label", "settled__study", "pk").values_list(
        "settled__study",
        "settled__study__label",
        "settled__study__program__name",
        "settled__component",
        "stance",
        "quote",
        "page",
        "report",
    )
    return [Evidence(*row) for row in rows]


def studies_total(review: Review) -> int:
    """How many included studies there are: what a count of studies is out of."""
    return flow.studies_in(review).count()


def programs_total(review: Review) -> int:
    """How many programs the included studies describe."""
    described = flow.studies_in(review).exclude(program=None)
    return described.order_by().values("program").distinct().count()
