"""What the review asks, its criteria, the blind, and the lock of the protocol."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import actions
from reviews.models import Criterion, Review

from . import Asked, MustSayWhy, ReviewView, checked


class CriterionSerializer(serializers.ModelSerializer[Criterion]):
    class Meta:
        model = Criterion
        fields = ["kind", "text"]


class CriteriaSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    criteria = CriterionSerializer(many=True)


class NewCriterion(Asked):
    kind = serializers.ChoiceField(choices=Criterion.Kind.choices)
    text = serializers.CharField(max_length=5000)


class NewCriteria(Asked):
    criteria = NewCriterion(many=True, max_length=200)  # type: ignore[call-arg]
    seen = serializers.IntegerField(
        min_value=1,
        max_value=10**6,
        required=False,
        help_text="The version that you had before you: 409 when another one is in force.",
    )
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Once the protocol is locked."
    )


class Criteria(ReviewView):
    """The criteria in force, and a new version of them."""

    needs = {"GET": ("read",), "PUT": ("manage",)}

    def shown(self) -> Response:
        found = {
            "version": actions.criteria_version(self.review),
            "criteria": actions.criteria_in_force(self.review),
        }
        return Response(CriteriaSerializer(found).data)

    @extend_schema(operation_id="criteria", responses=CriteriaSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return self.shown()

    @extend_schema(operation_id="set_criteria", request=NewCriteria, responses=CriteriaSerializer)
    def put(self, request: Request, slug: str) -> Response:
        said = checked(NewCriteria, request)
        wanted = [(each["kind"], each["text"]) for each in said.pop("criteria")]
        actions.set_criteria(self.review, wanted, by=self.member.user, **said)
        return self.shown()


class ProtocolSerializer(serializers.ModelSerializer[Review]):
    class Meta:
        model = Review
        fields = ["blind", "protocol_locked_at"]


class OpenBlind(ReviewView):
    """Let everybody see every decision. A departure from method: its reason stays in the log."""

    needs = {"POST": ("manage",)}
    blind = False

    @extend_schema(request=MustSayWhy, responses=ProtocolSerializer)
    def post(self, request: Request, slug: str) -> Response:
        why = checked(MustSayWhy, request)["reason"]
        now = actions.set_blind(self.review, self.blind, by=self.member.user, reason=why)
        return Response(ProtocolSerializer(now).data)


class CloseBlind(OpenBlind):
    """Blind again."""

    blind = True


class LockProtocol(ReviewView):
    """From here on a change of the question, the criteria or the rules asks for its reason."""

    needs = {"POST": ("manage",), "DELETE": ("manage",)}

    @extend_schema(request=None, responses=ProtocolSerializer)
    def post(self, request: Request, slug: str) -> Response:
        locked = actions.lock_protocol(self.review, by=self.member.user)
        return Response(ProtocolSerializer(locked).data)

    @extend_schema(request=None, responses={200: ProtocolSerializer})
    def delete(self, request: Request, slug: str) -> Response:
        opened = actions.unlock_protocol(
            self.review, by=self.member.user, reason=self.asked["reason"]
        )
        return Response(ProtocolSerializer(opened).data)

    query = {"DELETE": MustSayWhy}
