"""The convergence matrix: counts with their denominators, and judgements. No quotes, no words."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Id, ReviewView, checked
from synthesis import actions
from synthesis.matrix import Matrix, Row, matrix
from synthesis.models import Topic


class Judgement(serializers.Serializer[Any]):
    pair = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    category = serializers.ChoiceField(choices=Topic.Category.choices, allow_null=True)
    reason = serializers.CharField()
    stale = serializers.BooleanField(help_text="The evidence has changed since.")


class Voice(serializers.Serializer[Any]):
    group = serializers.IntegerField()
    speakers = serializers.IntegerField()


class RowSerializer(serializers.Serializer[Any]):
    component = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    studies = serializers.IntegerField()
    programs = serializers.IntegerField()
    voices = Voice(many=True)
    judgements = Judgement(many=True)


class Group(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    participants = serializers.IntegerField()


class MatrixSerializer(serializers.Serializer[Any]):
    studies = serializers.IntegerField()
    groups = Group(many=True)
    rows = RowSerializer(many=True)


def told(found: Matrix, row: Row) -> dict[str, Any]:
    judged = [(pair, row.judgements.get(pair.key)) for pair in found.pairs]
    return {
        "component": row.component.pk,
        "code": row.component.code,
        "name": row.component.name,
        "studies": len(row.studies),
        "programs": len(row.programs),
        "voices": [
            {"group": group.pk, "speakers": len(row.speakers[group.pk])}
            for group, _ in found.groups
        ],
        "judgements": [
            {
                "pair": pair.key,
                "label": pair.label,
                "category": topic.category if topic else None,
                "reason": topic.reason if topic else "",
                "stale": row.is_stale(pair),
            }
            for pair, topic in judged
        ],
    }


class NewJudgement(Asked):
    component = Id()
    pair = serializers.CharField(max_length=50, help_text="As the matrix names it, such as “0-3”.")
    same_meaning = serializers.BooleanField(required=False, allow_null=True, default=None)
    same_coverage = serializers.BooleanField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=20_000)


class TheMatrix(ReviewView):
    """The matrix; a judgement of one of its pairs."""

    needs = {"GET": ("read",), "POST": ("judge",)}

    @extend_schema(operation_id="matrix", responses=MatrixSerializer)
    def get(self, request: Request, slug: str) -> Response:
        found = matrix(self.review)
        shown = {
            "studies": found.studies,
            "groups": [{"id": g.pk, "name": g.name, "participants": n} for g, n in found.groups],
            "rows": [told(found, row) for row in found.rows],
        }
        return Response(MatrixSerializer(shown).data)

    @extend_schema(operation_id="judge", request=NewJudgement, responses={201: RowSerializer})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewJudgement, request)
        found = matrix(self.review)
        row = found.row(said.pop("component"))
        key = said.pop("pair")
        pair = next((each for each in found.pairs if each.key == key), None)
        if row is None or pair is None:
            raise Http404("These two columns are not compared.")
        actions.judge(row.component, pair.left, pair.right, by=self.member.user, **said)
        anew = matrix(self.review)
        return Response(
            RowSerializer(told(anew, anew.row(row.component.pk) or row)).data, status=201
        )
