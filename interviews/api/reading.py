"""Transcripts, codings and themes, to read."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from interviews.models import Coding, Theme, Transcript
from reviews.api import Id, Paged, ReviewView


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    participant = serializers.CharField(source="participant.pseudonym")
    group = serializers.CharField(source="participant.group.name")

    class Meta:
        model = Transcript
        fields = ["id", "name", "participant", "group", "sha256", "at"]


class WholeTranscript(TranscriptSerializer):
    class Meta(TranscriptSerializer.Meta):
        fields = [*TranscriptSerializer.Meta.fields, "text"]


class Transcripts(ReviewView):
    """The interviews, without their words."""

    needs = {"GET": ("read_transcripts",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="transcripts_list", responses=TranscriptSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.transcripts.select_related("participant__group").defer("text")
        return self.paged(found.order_by("pk"), TranscriptSerializer)


class OneTranscript(ReviewView):
    """One interview, de-identified, word for word."""

    needs = {"GET": ("read_transcripts",)}

    def find(self, **kwargs: Any) -> None:
        found = self.review.transcripts.select_related("participant__group")
        self.transcript = get_object_or_404(found, pk=kwargs["pk"])

    @extend_schema(operation_id="one_transcript", responses=WholeTranscript)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WholeTranscript(self.transcript).data)


class CodingSerializer(serializers.ModelSerializer[Coding]):
    by = serializers.CharField(source="by.username")
    transcript = serializers.IntegerField(source="excerpt.transcript_id")
    start = serializers.IntegerField(source="excerpt.start")
    end = serializers.IntegerField(source="excerpt.end")
    exact = serializers.CharField(source="excerpt.exact")

    class Meta:
        model = Coding
        fields = ["id", "transcript", "start", "end", "exact", "component", "stance", "by"]


class CodingsQuery(Paged):
    transcript = Id(required=False)
    component = Id(required=False)


class Codings(ReviewView):
    """Which passages were read as speaking of which component."""

    needs = {"GET": ("read_transcripts",)}
    query = {"GET": CodingsQuery}

    @extend_schema(operation_id="codings_list", responses=CodingSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = Coding.objects.filter(
            removed_at=None, excerpt__transcript__review=self.review
        ).select_related("excerpt", "by")
        if "transcript" in self.asked:
            found = found.filter(excerpt__transcript=self.asked["transcript"])
        if "component" in self.asked:
            found = found.filter(component=self.asked["component"])
        return self.paged(found.order_by("pk"), CodingSerializer)


class ThemeSerializer(serializers.ModelSerializer[Theme]):
    components = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Theme
        fields = ["id", "name", "central_idea", "status", "components"]


class Themes(ReviewView):
    """Patterns of shared meaning around a central idea."""

    needs = {"GET": ("read_transcripts",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="themes_list", responses=ThemeSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.themes.prefetch_related("components").order_by("order", "pk")
        return self.paged(found, ThemeSerializer)
