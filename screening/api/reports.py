"""Reports: what stands where, one of them, and the lists as files."""

from typing import Any

from django.db.models import Q
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import writing
from citations.models import Merge, Record, Report
from reviews.api import Asked, Detail, Id, MustSayWhy, Paged, ReviewView, checked
from reviews.models import SCREENING_STAGES, Stage
from screening import actions, flow, listing, naming
from screening.desk import hiding
from screening.desk.by_criterion import WITH_ANSWERS
from screening.duplicates import marks
from screening.models import Decision
from screening.querysets import OPENED_AT
from screening.reporting import exports, past

from . import ReportView, reports_here
from .deciding import DecisionSerializer, usernames


class ReportSerializer(serializers.ModelSerializer[Report]):
    class Meta:
        model = Report
        fields = [
            "id",
            "title",
            "authors",
            "year",
            "journal",
            "volume",
            "issue",
            "pages",
            "doi",
            "pmid",
            "abstract",
            "keywords",
            "entry_type",
            "url",
            "place",
            "merged_into",
        ]


def states(report: Report, visible: list[Decision]) -> dict[str, Any]:
    """Where each stage of a report stands, in the words open, agreed, conflict, settled."""
    found: dict[str, Any] = {}
    for stage in SCREENING_STAGES:
        word = next((d for d in visible if d.stage == stage and d.final), None)
        if word:
            state = "settled"
        elif report.place == flow.CONFLICT_PLACE[stage]:
            state = "conflict"
        elif report.place in OPENED_AT[stage]:
            state = "agreed"
        else:
            state = "open"
        found[stage] = {"state": state, "final": word.verdict if word else None}
    return found


class OneReport(ReportView):
    """One report: what it says, where it stands, its records, the decisions that I may see.

    `state` and `final` speak of title and abstract, `stages` of both.
    """

    needs = {"GET": ("read",)}
    serializer_class = ReportSerializer

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        report = self.report
        visible = list(
            Decision.objects.current()
            .visible_to(self.member)
            .on(report)
            .filter(stage__in=SCREENING_STAGES)
            .select_related("by")
            .prefetch_related("others", WITH_ANSWERS)
            .order_by("pk")
        )
        called = usernames(visible, self.member, naming.hidden_stages(self.member))
        stages = states(report, visible)
        known = marks.marks_of([report])[report.pk]
        records = list(report.records.arrived().select_related("search", "report").order_by("pk"))
        hiding.veil([*records, report], self.member)
        return Response(
            {
                **ReportSerializer(report).data,
                **stages[Stage.ABSTRACT],
                "stages": stages,
                "decisions": DecisionSerializer(
                    visible, many=True, context={"called": called}
                ).data,
                "records": [
                    {"id": each.pk, "source": each.search.name, "raw": each.raw} for each in records
                ],
                "studies": [
                    {"id": study.pk, "label": study.label} for study in report.studies.all()
                ],
                "retraction": known.retraction,
                "related": [
                    {"id": each.report.pk, "kind": each.link.kind} for each in known.related
                ],
                "merges": list(
                    Merge.objects.filter(Q(keep=report) | Q(absorb=report), undone_at=None)
                    .order_by("pk")
                    .values("id", "keep", "absorb")
                ),
            }
        )


class Filters(Asked):
    place = serializers.ChoiceField(choices=flow.Place.choices, required=False)
    box = serializers.ChoiceField(
        choices=sorted(flow.REPORT_BOXES), required=False, help_text="A box of PRISMA 2020."
    )
    reason = Id(required=False, help_text="Within the box of exclusions.")
    source = serializers.CharField(  # type: ignore[assignment]  # our field, not DRF's attribute
        required=False, help_text="The name of a search."
    )
    q = serializers.CharField(required=False, help_text="Words of title, author or DOI.")
    on = serializers.DateField(
        required=False,
        help_text="What `box`, `reason` and `place` counted at the end of this past day.",
    )


class ReportsQuery(Filters, Paged):
    pass


# What an export answers: a file in the media type of its format.
FILE = {
    (200, kind): OpenApiTypes.ANY if "json" in kind else OpenApiTypes.BINARY
    for kind in sorted({media.split(";")[0] for media in writing.CONTENT_TYPES.values()})
}


class ExportQuery(Filters):
    format = serializers.ChoiceField(
        choices=list(writing.CONTENT_TYPES), required=False, default="ris"
    )


def _of(asked: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: str(asked[name]) for name in names if name in asked}


def chosen_reports(view: ReviewView) -> Any:
    """The review's reports by ?place=, ?box=, ?reason=, ?on=, ?source= and ?q=."""
    asked = view.asked
    found: Any = reports_here(view.review)
    if "on" in asked:
        counted = _of(asked, "on", "box", "reason", "place")
        past.ready(view.review, counted["on"])
        found = listing.reports(view.review, counted, view.member)
    elif box := asked.get("box"):
        found = flow.reports_in(view.review, box, reason=asked.get("reason"))
    if (place := asked.get("place")) and "on" not in asked:
        found = found.filter(place=place)
    if source := asked.get("source"):
        found = found.filter(records__search__name=source).distinct()
    if words := asked.get("q"):
        found = found.matching(words, hiding.hidden_places(view.member))
    return found.order_by("pk")


class Reports(ReviewView):
    """What stands where; merged reports are in the list with `merged_into`."""

    needs = {"GET": ("read",)}
    query = {"GET": ReportsQuery}

    @extend_schema(
        operation_id="reports_list", responses={200: ReportSerializer(many=True), 422: Detail}
    )
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(
            chosen_reports(self),
            ReportSerializer,
            prepare=lambda page: hiding.veil(page, self.member),
        )


class Export(ReviewView):
    """References with decisions, as I may see them."""

    needs = {"GET": ("export",)}
    query = {"GET": ExportQuery}

    @extend_schema(responses={**FILE, 422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        kind = self.asked["format"]
        found = chosen_reports(self)
        if "on" not in self.asked:
            found = found.standing()
        return exports.response(found, self.member, kind, f"references-{slug}")


class RemoveReport(ReportView):
    """Remove a report before screening, for a reason. DELETE: it waits for screening again."""

    needs = {"POST": ("merge", "manage"), "DELETE": ("merge", "manage")}

    @extend_schema(request=MustSayWhy, responses=ReportSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(MustSayWhy, request)["reason"]
        actions.remove_before_screening(self.report, by=self.member.user, why=why)
        return self.said()

    @extend_schema(operation_id="restore_report", request=None, responses={200: ReportSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        actions.restore_to_screening(self.report, by=self.member.user)
        return self.said()

    def said(self) -> Response:
        self.report.refresh_from_db()
        hiding.veil([self.report], self.member)
        return Response(ReportSerializer(self.report).data)


class RecordSerializer(serializers.ModelSerializer[Record]):
    source = serializers.CharField(source="search.name")  # type: ignore[assignment]

    class Meta:
        model = Record
        fields = [
            "id",
            "report",
            "source",
            "upload",
            "title",
            "authors",
            "year",
            "journal",
            "doi",
            "pmid",
            "raw",
        ]


class RecordsQuery(Paged):
    report = Id(required=False)
    search = Id(required=False)
    upload = Id(required=False)
    box = serializers.ChoiceField(
        choices=sorted(flow.RECORD_BOXES), required=False, help_text="A box of PRISMA 2020."
    )
    on = serializers.DateField(
        required=False, help_text="As they, or `box`, stood at the end of this past day."
    )


class Records(ReviewView):
    """The records as the sources gave them; those of an import that has not arrived are not here."""

    needs = {"GET": ("read",)}
    query = {"GET": RecordsQuery}

    @extend_schema(
        operation_id="records_list", responses={200: RecordSerializer(many=True), 422: Detail}
    )
    def get(self, request: Request, slug: str) -> Response:
        counted = _of(self.asked, "on", "box")
        past.ready(self.review, counted.get("on"))
        found = listing.records(self.review, counted, self.member)
        found = found.select_related("search", "report")
        for name in ("report", "search", "upload"):
            if name in self.asked:
                found = found.filter(**{name: self.asked[name]})
        return self.paged(
            found, RecordSerializer, prepare=lambda page: hiding.veil(page, self.member)
        )
