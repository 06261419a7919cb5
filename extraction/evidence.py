"""What the literature says about components, for the rooms above: they ask here and know none of
the tables behind it. Only settled evidence of included studies."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, QuerySet

from citations.models import StudyReport
from reviews.models import Review
from screening import flow

from . import places
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
    box: list[float]  # on the page, see places.py; [] where nobody selected the words there

    @property
    def fragment(self) -> str:
        """Where the reader opens the report."""
        return places.fragment(self.quote, self.page, self.box)


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
        "box",
    )
    return [Evidence(*row) for row in rows]


def only_reports(studies: Iterable[int]) -> dict[int, int]:
    """{study id: the id of its report}, of those of `studies` that have a single one: there every
    quote is from it. 1 query."""
    links = StudyReport.objects.filter(study__in=studies, report__merged_into=None)
    counted = links.order_by().values("study").annotate(n=Count("pk"), one=Min("report"))
    return dict(counted.filter(n=1).values_list("study", "one"))


def studies_total(review: Review) -> int:
    """How many included studies there are: what a count of studies is out of."""
    return flow.studies_in(review).count()


def programs_total(review: Review) -> int:
    """How many programs the included studies describe."""
    described = flow.studies_in(review).exclude(program=None)
    return described.order_by().values("program").distinct().count()
