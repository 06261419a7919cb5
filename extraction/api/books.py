"""The codebook of the extraction and its questions."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from extraction import codebook, copying
from extraction.models import Codebook, Field, Light
from extraction.templates import TEMPLATES
from reviews.api import Asked, Id, ReviewView, Why, checked, verb


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
            "lights",
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


class FromTemplate(Asked):
    template = serializers.ChoiceField(
        choices=[(key, each.name) for key, each in TEMPLATES.items()],
        required=False,
        allow_blank=True,
        default="",
    )


class Book(BookView):
    """The codebook with its questions in their order, also drafted and retired ones; a review's
    first one, with the questions of a template or empty."""

    needs = {"GET": ("read",), "POST": ("edit_codebook",)}

    def find(self, **kwargs: Any) -> None:
        if verb(self.request) == "GET":
            super().find(**kwargs)

    @extend_schema(
        operation_id="start_codebook", request=FromTemplate, responses={201: CodebookSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        template = checked(FromTemplate, request)["template"]
        made = codebook.start(self.review, by=self.member.user, template=template)
        return Response(CodebookSerializer(made).data, status=201)

    @extend_schema(operation_id="codebook", responses=CodebookSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(CodebookSerializer(self.book).data)


class AddTemplate(BookView):
    """Add the questions of a template that are not asked yet."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(operation_id="add_template", request=FromTemplate, responses=CodebookSerializer)
    def post(self, request: Request, slug: str) -> Response:
        template = checked(FromTemplate, request)["template"]
        codebook.add_template(self.book, template, by=self.member.user)
        return Response(CodebookSerializer(self.book).data)


class SourceSerializer(serializers.ModelSerializer[Codebook]):
    review = serializers.CharField(source="review.slug")

    class Meta:
        model = Codebook
        fields = ["id", "review", "purpose", "name", "version"]


class WhichBook(Asked):
    codebook = Id()


class CopyBook(ReviewView):
    """Codebooks and appraisal tools of the other reviews that I lead; one of them as a draft here."""

    needs = {"GET": ("edit_codebook",), "POST": ("edit_codebook",)}

    @extend_schema(operation_id="codebook_sources", responses=SourceSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        ours = [each.pk for each in copying.sources(self.review, by=self.member.user)]
        found = Codebook.objects.filter(pk__in=ours).select_related("review").order_by("pk")
        return self.paged(found, SourceSerializer)

    @extend_schema(
        operation_id="copy_codebook", request=WhichBook, responses={201: CodebookSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        asked = checked(WhichBook, request)["codebook"]
        found = {each.pk: each for each in copying.sources(self.review, by=self.member.user)}
        if asked not in found:
            raise Http404
        made = copying.copy(found[asked], self.review, by=self.member.user)
        return Response(CodebookSerializer(made).data, status=201)


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
    lights = serializers.ListField(
        child=serializers.ChoiceField(choices=Light.choices),
        required=False,
        max_length=200,
        help_text="Of a judgement: how favourable each of its choices is, in their order.",
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
