"""The board of progress: who has done and has left what."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Paged, ReviewView
from screening.lead import board

from . import STAGES


class PersonOnBoard(serializers.Serializer[Any]):
    """One person at one stage, in reports; never how somebody decided."""

    username = serializers.CharField(source="member.user.username")
    screens = serializers.BooleanField()
    done = serializers.IntegerField()
    left = serializers.IntegerField(help_text="That still take an answer from this person.")
    half = serializers.IntegerField(help_text="Of those left, decided by somebody else already.")
    last = serializers.DateTimeField(allow_null=True)
    pace = serializers.FloatField(help_text="Reports a day over the last seven days.")
    ends = serializers.DateField(allow_null=True)


class BoardSerializer(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    total = serializers.IntegerField()
    untouched = serializers.IntegerField()
    half = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    decided = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="Answers that are still to be given.")
    pace = serializers.FloatField(help_text="Answers a day, of all who screen.")
    ends = serializers.DateField(allow_null=True)
    in_pilot = serializers.SerializerMethodField()
    is_shared = serializers.BooleanField()
    people = PersonOnBoard(source="lines", many=True)

    def get_in_pilot(self, one: board.Board) -> bool:
        return one.pilot is not None


class Progress(ReviewView):
    """How far each stage is, who has what left, and when it ends at this pace."""

    needs = {"GET": ("manage", "oversee")}
    query = {"GET": Paged}

    @extend_schema(operation_id="board", responses=BoardSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(board.boards(self.review), BoardSerializer)
