"""Transcripts, codings and themes: read, and written by the same acts as the pages'."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from interviews import actions
from interviews.models import Coding, Participant, Stance, Theme, Transcript
from reviews.api import HIGHEST_ID, Asked, Id, Paged, ReviewView, checked


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    participant = serializers.CharField(source="participant.pseudonym")
    group = serializers.CharField(source="participant.group.name")

    class Meta:
        model = Transcript
        fields = ["id", "name", "participant", "group", "sha256", "at"]


class WholeTranscript(TranscriptSerializer):
    class Meta(TranscriptSerializer.Meta):
        fields = [*TranscriptSerializer.Meta.fields, "text"]


class NewTranscript(Asked):
    """A de-identified transcript; of a participant who is here, or of a new one."""

    file = serializers.FileField(help_text="TXT or DOCX.")
    participant = Id(required=False)
    pseudonym = serializers.CharField(max_length=80, required=False, help_text="Of a new one.")
    group = serializers.CharField(max_length=120, required=False, help_text="Of a new one.")
    role = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class Transcripts(ReviewView):
    """The interviews, without their words. POST brings one: 200 where the same words are here already."""

    needs = {"GET": ("read_transcripts",), "POST": ("code",)}
    query = {"GET": Paged}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="transcripts_list", responses=TranscriptSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.transcripts.select_related("participant__group").defer("text")
        return self.paged(found.order_by("pk"), TranscriptSerializer)

    @extend_schema(
        request=NewTranscript,
        responses={200: TranscriptSerializer, 201: TranscriptSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewTranscript, request)
        file, number = said.pop("file"), said.pop("participant", None)
        if number is not None:
            here = Participant.objects.filter(review=self.review)
            said["participant"] = get_object_or_404(here, pk=number)
        by = self.member.user
        made, is_new = actions.receive(self.review, file.read(), file.name, by=by, **said)
        return Response(TranscriptSerializer(made).data, status=201 if is_new else 200)


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


class NewCoding(Asked):
    """A passage by where it stands, or by its words, which must stand there once."""

    transcript = Id()
    component = Id()
    start = serializers.IntegerField(
        min_value=0, max_value=HIGHEST_ID, required=False, help_text="Code points from the start."
    )
    end = serializers.IntegerField(min_value=1, max_value=HIGHEST_ID, required=False)
    words = serializers.CharField(required=False)
    stance = serializers.ChoiceField(
        choices=Stance.choices, required=False, default=Stance.SUPPORTS
    )
    memo = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if ("start" in said) != ("end" in said) or ("start" in said) == ("words" in said):
            raise serializers.ValidationError("Give start and end, or words.")
        return said


class Codings(ReviewView):
    """Which passages were read as speaking of which component. The same coding again changes nothing."""

    needs = {"GET": ("read_transcripts",), "POST": ("code",)}
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

    @extend_schema(request=NewCoding, responses={201: CodingSerializer})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewCoding, request)
        transcript = get_object_or_404(self.review.transcripts, pk=said["transcript"])
        component = get_object_or_404(self.review.components, pk=said["component"])
        if "words" in said:
            start, end = actions.find_passage(transcript, said["words"])
        else:
            start, end = said["start"], said["end"]
        more = {name: said[name] for name in ("stance", "memo")}
        made = actions.code(transcript, start, end, component, by=self.member.user, **more)
        return Response(CodingSerializer(made).data, status=201)


class OneCoding(ReviewView):
    """DELETE takes a coding away; its row stays in the review's history."""

    needs = {"DELETE": ("code",)}

    def find(self, **kwargs: Any) -> None:
        found = Coding.objects.filter(component__review=self.review)
        self.coding = get_object_or_404(found, pk=kwargs["pk"])

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        actions.remove_coding(self.coding, by=self.member.user)
        return Response(status=204)


class ThemeSerializer(serializers.ModelSerializer[Theme]):
    components = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Theme
        fields = ["id", "name", "central_idea", "status", "components"]


class NewTheme(Asked):
    name = serializers.CharField(max_length=200)
    central_idea = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True, default=""
    )
    status = serializers.ChoiceField(
        choices=Theme.Status.choices, required=False, default=Theme.Status.CANDIDATE
    )
    components = serializers.ListField(
        child=Id(), max_length=1000, required=False, default=list, help_text="All of them."
    )


class ThemeView(ReviewView):
    def save(self, request: Request, theme: Theme | None) -> Theme:
        """The theme as the request says it; 404 for a component that nothing is coded with."""
        said = checked(NewTheme, request)
        wanted = set(said.pop("components"))
        codable = self.review.components.filter(retired_at=None, is_codable=True, pk__in=wanted)
        chosen = list(codable)
        if len(chosen) < len(wanted):
            raise Http404("No such component in use.")
        by = self.member.user
        return actions.save_theme(self.review, theme, by=by, components=chosen, **said)


class Themes(ThemeView):
    """Patterns of shared meaning around a central idea."""

    needs = {"GET": ("read_transcripts",), "POST": ("code",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="themes_list", responses=ThemeSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.themes.prefetch_related("components").order_by("order", "pk")
        return self.paged(found, ThemeSerializer)

    @extend_schema(request=NewTheme, responses={201: ThemeSerializer})
    def post(self, request: Request, slug: str) -> Response:
        return Response(ThemeSerializer(self.save(request, None)).data, status=201)


class OneTheme(ThemeView):
    """PUT says the whole theme anew; what is left out is empty."""

    needs = {"GET": ("read_transcripts",), "PUT": ("code",)}

    def find(self, **kwargs: Any) -> None:
        self.theme = get_object_or_404(self.review.themes, pk=kwargs["pk"])

    @extend_schema(operation_id="one_theme", responses=ThemeSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(ThemeSerializer(self.theme).data)

    @extend_schema(operation_id="change_theme", request=NewTheme, responses=ThemeSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        return Response(ThemeSerializer(self.save(request, self.theme)).data)
