"""The queue after a split: what still waits on the component that was split, and re-coding it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from components import reshaping, uses
from reviews.access import abilities
from reviews.api import Asked, Id, checked

from .serializers import TreeEventSerializer
from .tree import ComponentView


class WaitingCodingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    text = serializers.CharField()
    where = serializers.CharField()


class WaitingKindSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="What refers to the component; send it back to re-code.")
    number = serializers.IntegerField()
    items = WaitingCodingSerializer(
        many=True, help_text="Empty where you may not read their words."
    )


class RecodeQueueSerializer(serializers.Serializer[Any]):
    left = serializers.IntegerField()
    parts = serializers.ListField(
        child=serializers.CharField(), help_text="The codes that the split made."
    )
    groups = WaitingKindSerializer(many=True)


class Recoded(Asked):
    kind = serializers.CharField(max_length=100)
    items = serializers.ListField(child=Id(), min_length=1, max_length=1000)
    to = Id(help_text="The component that they speak of from now on.")


class Queue(ComponentView):
    """What still waits on a split component, by kind; let some of it speak of another component."""

    needs = {"GET": ("edit_components",), "POST": ("edit_components",)}

    @extend_schema(operation_id="recode_queue", responses=RecodeQueueSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        can = abilities(self.member)
        waiting = reshaping.queue(self.component)
        groups = [
            {
                "kind": use.label,
                "number": len(items),
                "items": items if use.needs in can else [],
            }
            for use, items in waiting
        ]
        told = {
            "left": sum(len(items) for _, items in waiting),
            "parts": reshaping.splits(self.review).get(self.component.code, []),
            "groups": groups,
        }
        return Response(RecodeQueueSerializer(told).data)

    @extend_schema(operation_id="recode", request=Recoded, responses={201: TreeEventSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Recoded, request)
        target = get_object_or_404(self.review.components, pk=said["to"])
        use = next((each for each in uses.every() if each.label == said["kind"]), None)
        if use is None:
            raise serializers.ValidationError({"kind": ["Nothing of that kind refers to it."]})
        if use.needs not in abilities(self.member):
            raise PermissionDenied("You may not read what you would re-code.")
        event = reshaping.recode(self.component, use, said["items"], target, by=self.member.user)
        return Response(TreeEventSerializer(event).data, status=201)
