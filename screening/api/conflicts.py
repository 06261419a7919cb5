"""Conflicts: what people disagree about, and taking a final word back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Paged, ReviewView, checked
from reviews.models import Stage
from screening import actions, naming
from screening.desk import hiding
from screening.lead import conflicts
from screening.models import Decision

from . import STAGES, ReportView, StageQuery
from .reports import ReportSerializer


class Voice(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="A name, or “Reviewer A” where the rules hide names.")
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    reason = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ConflictSerializer(ReportSerializer):
    said = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField(help_text="What people disagree about.")

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "kind", "said"]

    @extend_schema(responses=Voice(many=True))
    def get_said(self, report: Any) -> list[dict[str, Any]]:
        said = self.context["said"][report.pk]
        called = naming.names(self.context["member"], said, hidden=self.context["hidden"])
        rows = [
            {
                "by": called[each.by_id],
                "verdict": each.verdict,
                "reason": each.reason_id,
                "note": each.note,
                "at": each.at,
            }
            for each in said
        ]
        return list(Voice(rows, many=True).data)

    def get_kind(self, report: Any) -> str:
        return conflicts.kind_of(self.context["said"][report.pk]).label


class ConflictsQuery(StageQuery, Paged):
    kind = serializers.ChoiceField(choices=list(conflicts.KINDS.items()), required=False)


class Conflicts(ReviewView):
    """The reports in conflict at a stage, oldest first, each with what was said of it."""

    needs = {"GET": ("adjudicate",)}
    query = {"GET": ConflictsQuery}

    @extend_schema(operation_id="conflicts_list", responses=ConflictSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        stage = Stage(self.asked["stage"])
        found = conflicts.waiting(self.member, stage, self.asked.get("kind", ""))
        context: dict[str, Any] = {
            "member": self.member,
            "hidden": naming.nameless(self.member, stage),
        }

        def prepare(page: list[Any]) -> None:
            context["said"] = conflicts.said_about(self.member, page, stage)
            hiding.veil(page, self.member)

        return self.paged(found, ConflictSerializer, prepare=prepare, context=context)


class Reopened(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    reason = serializers.CharField(max_length=2000)


class Reopen(ReportView):
    """Take a final word back; the conflict stands again."""

    needs = {"POST": ("adjudicate",)}

    @extend_schema(request=Reopened, responses=ReportSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Reopened, request)
        actions.reopen(self.report, said["stage"], by=self.member.user, reason=said["reason"])
        self.report.refresh_from_db()
        hiding.veil([self.report], self.member)
        return Response(ReportSerializer(self.report).data)
