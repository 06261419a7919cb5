"""The codebook of the extraction and its questions."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from extraction import codebook
from extraction.models import Codebook, Field
from reviews.api import Asked, Id, ReviewView, Why


class FieldSerializer(serializers.ModelSerializer[Field]):
    class Meta:
        model = Field
        fields = [
            "id",
            "section",
            "label",
            "kind",
            "help",
            "example",
            "unit",
            "choices",
            "tolerance",
            "each",
            "part_of",
            "required",
            "shown_if",
            "shown_values",
            "since_version",
            "retired_at",
        ]


class CodebookSerializer(serializers.ModelSerializer[Codebook]):
    questions = FieldSerializer(source="fields", many=True)

    class Meta:
        model = Codebook
        fields = [
            "id",
            "name",
            "version",
            "published_at",
            "extractors",
            "third_person",
            "questions",
        ]


class BookView(ReviewView):
    """A view about the codebook of the extraction; 404 where there is none yet."""

    book: Codebook

    def find(self, **kwargs: Any) -> None:
        book = self.review.codebooks.filter(purpose=Codebook.Purpose.EXTRACTION)
        self.book = get_object_or_404(book)


class Book(BookView):
    """The codebook with its questions in their order, also drafted and retired ones."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="codebook", responses=CodebookSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(CodebookSerializer(self.book).data)


class Publish(BookView):
    """Put what was drafted on the form: the next version."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(request=None, responses=CodebookSerializer)
    def post(self, request: Request, slug: str) -> Response:
        return Response(CodebookSerializer(codebook.publish(self.book, by=self.member.user)).data)


class QuestionFields(Asked):
    """What is said of a question; what is left out stays."""

    label = serializers.CharField(max_length=200, required=False)  # type: ignore[assignment]
    section = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(choices=Field.Kind.choices, required=False)
    help = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    example = serializers.CharField(max_length=500, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=200
    )
    tolerance = serializers.FloatField(required=False, min_value=0, max_value=99.99)
    each = serializers.ChoiceField(choices=Field.Each.choices, required=False, allow_blank=True)
    part_of = Id(required=False, allow_null=True)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]
    shown_if = Id(required=False, allow_null=True)
    shown_values = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=200
    )

    def words(self) -> dict[str, Any]:
        said = dict(self.validated_data)
        for name in ("shown_if", "part_of"):
            if name in said:
                said[f"{name}_id"] = said.pop(name)
        return said


class NewQuestion(QuestionFields):
    label = serializers.CharField(max_length=200)
    section = serializers.CharField(max_length=120, required=False, default="General")
    kind = serializers.ChoiceField(
        choices=Field.Kind.choices, required=False, default=Field.Kind.TEXT
    )


class Questions(BookView):
    """A new question; it is on the form once the codebook is published."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(
        operation_id="add_question", request=NewQuestion, responses={201: FieldSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        shaped = NewQuestion(data=request.data)
        shaped.is_valid(raise_exception=True)
        made = codebook.add_field(self.book, by=self.member.user, **shaped.words())
        return Response(FieldSerializer(made).data, status=201)


class QuestionView(ReviewView):
    field: Field

    def find(self, **kwargs: Any) -> None:
        fields = Field.objects.select_related("codebook__review")
        self.field = get_object_or_404(fields, codebook__review=self.review, pk=kwargs["pk"])


class OneQuestion(QuestionView):
    """Change a question; what people have been asked keeps its kind and its used choices."""

    needs = {"PATCH": ("edit_codebook",), "DELETE": ("edit_codebook",)}
    query = {"DELETE": Why}

    @extend_schema(
        operation_id="change_question", request=QuestionFields, responses=FieldSerializer
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        shaped = QuestionFields(data=request.data)
        shaped.is_valid(raise_exception=True)
        made = codebook.change_field(self.field, by=self.member.user, **shaped.words())
        return Response(FieldSerializer(made).data)

    @extend_schema(operation_id="retire_question", request=None, responses={200: FieldSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Ask it no more; what was answered stays."""
        reason = self.asked["reason"]
        gone = codebook.retire_field(self.field, by=self.member.user, reason=reason)
        return Response(FieldSerializer(gone).data)


class RestoreQuestion(QuestionView):
    """Ask a retired question again."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(request=None, responses=FieldSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        back = codebook.restore_field(self.field, by=self.member.user)
        return Response(FieldSerializer(back).data)
