"""A reviewer's queue, decisions and labels, and the final word."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import keyed
from reviews.api import Detail, ReviewView, checked, number
from reviews.models import SCREENING_STAGES
from screening import actions
from screening.desk import labels, leases, queue, submitting
from screening.models import Decision, Reason

from . import KEY, STAGE, STAGES, ReportView, asked_stage

NEXT = 5  # records that come along with the answer to a decision


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
