"""The rules of both stages, and the reasons to exclude."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from reviews.models import SCREENING_STAGES, Stage, StageRules
from screening import actions
from screening import reasons as listed
from screening.models import Reason

from . import STAGES

RULES = ["screeners", "maybe", "one_include", "hide_source", "bar_own", "hide_names"]


class RulesSerializer(serializers.ModelSerializer[StageRules]):
    stage = serializers.ChoiceField(choices=STAGES)

    class Meta:
        model = StageRules
        fields = ["stage", *RULES]


class NewRules(Asked):
    """What changes; the rest stays."""

    stage = serializers.ChoiceField(choices=STAGES)
    screeners = serializers.IntegerField(min_value=1, max_value=9, required=False)
    maybe = serializers.ChoiceField(choices=StageRules.Maybe.choices, required=False)
    one_include = serializers.BooleanField(required=False)
    hide_source = serializers.BooleanField(required=False)
    bar_own = serializers.BooleanField(required=False)
    hide_names = serializers.BooleanField(required=False)
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Once the protocol is locked."
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["stage"] == Stage.FULLTEXT:
            for name in {"maybe", "one_include"} & set(said):
                raise ValidationError({name: ["On title and abstract only."]})
        return said


class AllRules(serializers.Serializer[Any]):
    stages = RulesSerializer(many=True)


class Rules(ReviewView):
    """How many people decide on each report at a stage, and under which rules."""

    needs = {"GET": ("read",), "PATCH": ("manage",)}

    @extend_schema(operation_id="rules", responses=AllRules)
    def get(self, request: Request, slug: str) -> Response:
        found = [self.review.rules(stage) for stage in SCREENING_STAGES]
        return Response(AllRules({"stages": found}).data)

    @extend_schema(operation_id="set_rules", request=NewRules, responses=RulesSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        said = checked(NewRules, request)
        stage = said.pop("stage")
        now = self.review.rules(stage)
        kept = {name: getattr(now, name) for name in RULES}
        made = actions.set_rules(self.review, stage, by=self.member.user, **(kept | said))
        return Response(RulesSerializer(made).data)


class ReasonSerializer(serializers.ModelSerializer[Reason]):
    class Meta:
        model = Reason
        fields = ["id", "stage", "label", "order", "parent", "retired_at", "merged_into"]


class NewReason(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]


class ReasonsQuery(Paged):
    stage = serializers.ChoiceField(choices=STAGES, required=False)


class Reasons(ReviewView):
    """The reasons to exclude, in their order; the first that applies is the one to give."""

    needs = {"GET": ("read",), "POST": ("manage",)}
    query = {"GET": ReasonsQuery}

    @extend_schema(operation_id="reasons_list", responses=ReasonSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.reasons.order_by("stage", "order", "pk")
        if "stage" in self.asked:
            found = found.filter(stage=self.asked["stage"])
        return self.paged(found, ReasonSerializer)

    @extend_schema(request=NewReason, responses={201: ReasonSerializer, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewReason, request)
        made = listed.add_reason(self.review, said["stage"], said["label"], by=self.member.user)
        return Response(ReasonSerializer(made).data, status=201)


class ReasonAct(Asked):
    act = serializers.ChoiceField(
        choices=["rename", "move", "retire", "restore", "merge", "unmerge", "under"]
    )
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=120, required=False, help_text="For rename."
    )
    by = serializers.IntegerField(
        min_value=-1, max_value=1, required=False, help_text="For move: -1 up, 1 down."
    )
    other = Id(
        required=False,
        allow_null=True,
        help_text="For merge: what it is counted as. For under: what it stands under, or null.",
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        needed = {"rename": "label", "move": "by", "merge": "other", "under": "other"}
        name = needed.get(said["act"])
        if (name and name not in said) or (said["act"] == "merge" and said.get("other") is None):
            raise ValidationError({name or "other": [f"To {said['act']}, say this."]})
        return said


class OneReason(ReviewView):
    """Rename, move, retire, merge or put a reason under another one, or undo that."""

    needs = {"POST": ("manage",)}

    def find(self, **kwargs: Any) -> None:
        self.reason = get_object_or_404(self.review.reasons, pk=kwargs["pk"])

    @extend_schema(operation_id="change_reason", request=ReasonAct, responses=ReasonSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(ReasonAct, request)
        act, by, other = said["act"], self.member.user, None
        if said.get("other") is not None:
            other = get_object_or_404(self.review.reasons, pk=said["other"])
        if act == "rename":
            listed.rename_reason(self.reason, said["label"], by=by)
        elif act == "move":
            listed.move_reason(self.reason, said["by"], by=by)
        elif act == "merge" and other:
            listed.merge_reason(self.reason, other, by=by)
        elif act == "under":
            listed.put_under(self.reason, other, by=by)
        else:
            plain = {
                "retire": listed.retire_reason,
                "restore": listed.restore_reason,
                "unmerge": listed.unmerge_reason,
            }
            plain[act](self.reason, by=by)
        self.reason.refresh_from_db()
        return Response(ReasonSerializer(self.reason).data)
