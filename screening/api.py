"""Screening, duplicates, full texts and counts through the API: the pages' own actions and rules."""

from dataclasses import asdict
from typing import Any

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations import writing
from citations.models import DuplicatePair, Merge, RelatedReport, Report
from citations.querysets import ARRIVING, WITHDRAWN
from reviews import keyed
from reviews.api import Detail, ReviewView, checked, number
from reviews.models import SCREENING_STAGES, Review, Stage
from reviews.refusal import Clash

from . import actions, flow, retrieval
from .arrival import updating
from .desk import hiding, labels, leases, queue, submitting
from .duplicates import joining, marks, questions
from .models import Decision, Reason
from .querysets import OPENED_AT
from .reporting import agreeing, exports, prisma

STAGES = [(str(stage), stage.label) for stage in SCREENING_STAGES]
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)
STAGE = OpenApiParameter("stage", str, enum=[value for value, _ in STAGES])
NEXT = 5  # records that come along with the answer to a decision


def asked_stage(request: Request) -> Stage:
    name = request.query_params.get("stage", Stage.ABSTRACT)
    if name not in dict(STAGES):
        raise ValidationError({"stage": ["One of: " + ", ".join(dict(STAGES)) + "."]})
    return Stage(name)


def reports_here(review: Review) -> QuerySet[Report]:
    """The review's reports; not those of an import that has not finished or was undone."""
    return review.reports.exclude(place__in=[ARRIVING, WITHDRAWN])


class ReportView(ReviewView):
    """A view under …/reports/<pk>/. Before a word is said about the request, the report is found:
    one of another review is a 404 whatever is sent."""

    report: Report

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.report = get_object_or_404(reports_here(self.review), pk=kwargs["pk"])


# --- Reviewers ------------------------------------------------------------------------------


class Queue(ReviewView):
    """The next reports for me at a stage, and how many are left. Empty for who does not screen."""

    needs = {"GET": ("see_queue",)}

    @extend_schema(
        parameters=[STAGE, OpenApiParameter("limit", int)], responses={200: OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, slug: str) -> Response:
        stage = asked_stage(request)
        limit = number(request, "limit", NEXT, most=50)
        served = queue.serving(self.member, stage)
        found = leases.hand_out(self.member, stage, limit, at=served)
        return Response(
            {
                "records": submitting.cards(found, self.member),
                "left": queue.left_for(self.member, stage, served),
                "wait": None if found else leases.seconds_to_wait(self.member, stage),
            }
        )


class NewDecision(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = serializers.IntegerField(required=False, allow_null=True)
    others = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=50)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    served_at = serializers.CharField(required=False, allow_blank=True)


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = Decision
        fields = [
            "id",
            "report",
            "stage",
            "verdict",
            "reason",
            "others",
            "note",
            "by",
            "final",
            "at",
            "criteria_version",
        ]


class Decide(ReportView):
    """My own decision on a report; an earlier one is superseded. Answers with the next reports."""

    needs = {"POST": ("screen",)}

    @extend_schema(
        request=NewDecision,
        responses={201: OpenApiTypes.OBJECT, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewDecision, request)
        key = request.headers.get("Idempotency-Key", "")
        code, body = submitting.submit(self.member, pk, key=key, **shaped)
        if code == 201:
            body = dict(body)
            served = queue.serving(self.member, shaped["stage"])
            found = leases.hand_out(self.member, shaped["stage"], NEXT, at=served)
            body["next"] = submitting.cards(found, self.member)
            body["left"] = queue.left_for(self.member, shaped["stage"], served)
        return Response(body, status=code)


class NewLabel(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    name = serializers.CharField(max_length=60)
    on = serializers.BooleanField(required=False, allow_null=True, default=None)


class Labels(ReportView):
    """The labels on a report that I may see, and mine put on or taken off."""

    needs = {"GET": ("read",), "POST": ("screen",)}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(labels.of([self.report], self.member)[self.report.pk])

    @extend_schema(
        request=NewLabel,
        responses={200: OpenApiTypes.OBJECT, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewLabel, request)
        key = request.headers.get("Idempotency-Key", "")
        code, body = submitting.put_label(
            self.member, pk, stage=shaped["stage"], label=shaped["name"], on=shaped["on"], key=key
        )
        return Response(body, status=code)


class Decisions(ReviewView):
    """The decisions that stand and that I may see."""

    needs = {"GET": ("read",)}
    serializer_class = DecisionSerializer

    @extend_schema(parameters=[STAGE, OpenApiParameter("report", int)])
    def get(self, request: Request, slug: str) -> Response:
        found = Decision.objects.current().visible_to(self.member).select_related("by")
        found = found.prefetch_related("others")
        found = found.filter(stage__in=SCREENING_STAGES)
        if "stage" in request.query_params:
            found = found.at_stage(asked_stage(request))
        if "report" in request.query_params:
            found = found.filter(report_id=number(request, "report", 0, most=2**62))
        return self.paged(found.order_by("pk"), DecisionSerializer)


class NewFinalWord(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = serializers.IntegerField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class FinalWord(ReportView):
    """An adjudicator's word, which ends a conflict."""

    needs = {"POST": ("adjudicate",)}

    @extend_schema(
        request=NewFinalWord,
        responses={201: DecisionSerializer, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewFinalWord, request)
        report, reason = self.report, None
        if shaped.get("reason") is not None:
            reason = Reason.objects.filter(review=self.review, pk=shaped["reason"]).first()
            if reason is None:
                raise ValidationError({"reason": ["There is no such reason in this review."]})

        def act() -> keyed.Answer:
            word = actions.final_word(
                report,
                shaped["stage"],
                shaped["verdict"],
                by=self.member.user,
                reason=reason,
                note=shaped.get("note", ""),
            )
            return 201, dict(DecisionSerializer(word).data)

        said = keyed.fingerprint("final", report.pk, dict(shaped))
        key = request.headers.get("Idempotency-Key", "")
        code, body = keyed.answer_once(self.member.user, key, said, act)
        return Response(body, status=code)


# --- Reports --------------------------------------------------------------------------------


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
            .prefetch_related("others")
            .order_by("pk")
        )
        stages = states(report, visible)
        known = marks.marks_of([report])[report.pk]
        records = list(report.records.arrived().select_related("search", "report").order_by("pk"))
        hiding.veil([*records, report], self.member)
        return Response(
            {
                **ReportSerializer(report).data,
                **stages[Stage.ABSTRACT],
                "stages": stages,
                "decisions": DecisionSerializer(visible, many=True).data,
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


def chosen_reports(view: ReviewView, request: Request) -> Any:
    """The review's reports by ?place=, ?box=, ?reason=, ?source= and ?q=."""
    asked = request.query_params
    found: Any = reports_here(view.review)
    if box := asked.get("box"):
        if box not in flow.REPORT_BOXES:
            raise ValidationError({"box": ["No box of reports has this id."]})
        reason = number(request, "reason", 0, most=2**62) if "reason" in asked else None
        found = flow.reports_in(view.review, box, reason=reason)
    if place := asked.get("place"):
        if place not in flow.Place.values:
            raise ValidationError({"place": ["One of: " + ", ".join(flow.Place.values) + "."]})
        found = found.filter(place=place)
    if source := asked.get("source"):
        found = found.filter(records__search__name=source).distinct()
    if words := asked.get("q"):
        found = found.matching(words)
    return found.order_by("pk")


FILTERS = [
    OpenApiParameter("place", str, enum=flow.Place.values),
    OpenApiParameter("box", str, enum=list(flow.REPORT_BOXES)),
    OpenApiParameter("reason", int),
    OpenApiParameter("source", str),
    OpenApiParameter("q", str),
]


class Reports(ReviewView):
    """What stands where; merged reports are in the list with `merged_into`."""

    needs = {"GET": ("read",)}
    serializer_class = ReportSerializer

    @extend_schema(operation_id="reports_list", parameters=FILTERS)
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(
            chosen_reports(self, request),
            ReportSerializer,
            prepare=lambda page: hiding.veil(page, self.member),
        )


class Export(ReviewView):
    """References with decisions, as I may see them."""

    needs = {"GET": ("export",)}

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=list(writing.CONTENT_TYPES)),
            *FILTERS,
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        kind = request.query_params.get("format", "ris")
        found = chosen_reports(self, request).standing()
        return exports.response(found, self.member, kind, f"references-{slug}")


class NewFullText(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class AttachFullText(ReportView):
    """Attach a PDF as a report's full text."""

    needs = {"POST": ("retrieve",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        request=NewFullText, responses={201: OpenApiTypes.OBJECT, 409: Detail, 422: Detail}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewFullText, request)
        kept = retrieval.attach_file(self.report, shaped["file"], by=self.member.user)
        body = {
            "id": kept.pk,
            "name": kept.name,
            "sha256": kept.sha256,
            "pages": kept.pages,
            "url": f"/r/{slug}/fulltexts/{pk}/file/",
        }
        return Response(body, status=201)


# --- Duplicates -----------------------------------------------------------------------------


class NewMerge(serializers.Serializer[Any]):
    absorb = serializers.IntegerField()


class MergeSerializer(serializers.ModelSerializer[Merge]):
    class Meta:
        model = Merge
        fields = ["id", "keep", "absorb", "at", "undone_at"]


class MergeReports(ReportView):
    """Make another report part of this one."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=NewMerge, responses={201: MergeSerializer, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewMerge, request)
        absorb = get_object_or_404(reports_here(self.review), pk=shaped["absorb"])
        made = joining.merge(self.report, absorb, by=self.member.user)
        return Response(MergeSerializer(made).data, status=201)


class UndoMerge(ReviewView):
    """Give a merge's report everything back."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=None, responses={200: ReportSerializer, 409: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        made = get_object_or_404(Merge, review=self.review, pk=pk)
        return Response(ReportSerializer(joining.unmerge(made, by=self.member.user)).data)


class Unmerge(ReportView):
    """The same, named by the report that was absorbed."""

    needs = {"POST": ("merge",)}

    @extend_schema(request=None, responses={200: ReportSerializer, 409: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        made = Merge.objects.filter(absorb=self.report, undone_at=None).first()
        if made is None:
            raise Clash("This report is not merged into another one.")
        return Response(ReportSerializer(joining.unmerge(made, by=self.member.user)).data)


class PairSerializer(serializers.ModelSerializer[DuplicatePair]):
    first = ReportSerializer()
    second = ReportSerializer()

    class Meta:
        model = DuplicatePair
        fields = ["id", "first", "second", "probability", "rule", "why", "zone", "answer"]


class Duplicates(ReviewView):
    """The open questions about duplicates, most probable first; `?zone=related` the suggestions of
    related reports. `group` is the same number for questions that hang together."""

    needs = {"GET": ("merge",)}
    serializer_class = PairSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("zone", str, enum=[questions.ASK, questions.RELATED]),
            OpenApiParameter("limit", int),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, slug: str) -> Response:
        limit = number(request, "limit", 50, most=500)
        zone = request.query_params.get("zone", questions.ASK)
        if zone not in (questions.ASK, questions.RELATED):
            raise ValidationError({"zone": ["One of: ask, related."]})
        waiting = questions.waiting(self.review, zone)
        found = questions.groups(self.review, zone)
        group = {pair: n for n, each in enumerate(found, start=1) for pair in each.pairs}
        shown = [
            {
                "id": each.pair.pk,
                "group": group.get(each.pair.pk),
                "probability": each.pair.probability,
                "rule": each.pair.rule,
                "why": each.pair.why,
                "first": ReportSerializer(each.first).data,
                "second": ReportSerializer(each.second).data,
            }
            for each in questions.about(waiting[:limit])
        ]
        return Response({"count": len(waiting), "results": shown})


class NewAnswer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=DuplicatePair.Answer.choices)
    kind = serializers.ChoiceField(choices=RelatedReport.Kind.choices, required=False)


class AnswerDuplicate(ReviewView):
    """Answer a question: same, different or related (then with the kind of relation, if known)."""

    needs = {"POST": ("merge",)}

    @extend_schema(
        request=NewAnswer, responses={200: OpenApiTypes.OBJECT, 409: Detail, 422: Detail}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        pair = get_object_or_404(DuplicatePair, review=self.review, pk=pk)
        shaped = checked(NewAnswer, request)
        done = joining.answer(
            pair, shaped["verdict"], by=self.member.user, kind=shaped.get("kind", "")
        )
        return Response({"id": done.pk, "answer": done.answer})


# --- Updates --------------------------------------------------------------------------------


class Begun(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        min_value=1, help_text="The version that stands; one that has passed is answered with 409."
    )


class Update(ReviewView):
    """Begin an update of the review: new searches belong to the next version. Or take it back."""

    needs = {"POST": ("manage",), "DELETE": ("manage",)}

    @extend_schema(request=Begun, responses={200: Begun, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(Begun, request)
        begun = updating.begin(self.review, by=self.member.user, version=shaped["version"])
        return Response({"version": begun.version})

    @extend_schema(request=None, responses={200: Begun, 409: Detail, 422: Detail})
    def delete(self, request: Request, slug: str) -> Response:
        back = updating.take_back(self.review, by=self.member.user)
        return Response({"version": back.version})


# --- Counts ---------------------------------------------------------------------------------


class Prisma(ReviewView):
    """PRISMA 2020: boxes, reasons, identities, and what is pending."""

    needs = {"GET": ("read",)}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        numbers = prisma.report(self.review)
        numbers["reasons"] = {row["reason"]: row["n"] for row in numbers["reasons"]}
        numbers["other_reasons"] = {row["reason"]: row["n"] for row in numbers["other_reasons"]}
        return Response(numbers)


def described(panel: agreeing.Panel) -> dict[str, Any]:
    """The agreement panel as plain data; a figure that is not defined is null."""

    def figures(of: dict[str, agreeing.Figure]) -> dict[str, Any]:
        return {
            key: {"value": each.value, "interval": list(each.interval) if each.interval else None}
            for key, each in of.items()
        }

    return {
        "stage": panel.stage,
        "screeners": panel.screeners,
        "maybe": panel.maybe_rule,
        "reports": panel.reports,
        "cells": asdict(panel.together),
        "figures": figures(panel.figures),
        "fleiss": panel.fleiss,
        "alpha": panel.alpha,
        "pairs": [
            {
                "first": pair.first.username,
                "second": pair.second.username,
                "cells": asdict(pair.cells),
                "figures": figures(pair.figures),
            }
            for pair in panel.pairs
        ],
    }


class Agreement(ReviewView):
    """Agreement between reviewers on their first independent decisions."""

    needs = {"GET": ("read",)}

    @extend_schema(parameters=[STAGE], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        return Response(described(agreeing.panel(self.review, asked_stage(request))))
