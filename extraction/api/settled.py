"""Where two forms differ, what holds in the end, and the tables of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Study
from components.models import Component
from extraction import adjudicating, finished
from extraction.comparing import compare
from extraction.evidence import component_evidence
from extraction.models import AdjudicatedComponent, AdjudicatedValue, Codebook, Field, Side, Stance
from extraction.tabling import Held
from extraction.views.table import FILES
from reviews.api import Asked, Detail, Id, ReviewView, checked
from reviews.refusal import Clash
from screening import flow

from .forms import BoxField, EntrySerializer, ValueSerializer


class SettledSerializer(serializers.ModelSerializer[AdjudicatedValue]):
    class Meta:
        model = AdjudicatedValue
        fields = [
            "id",
            "field",
            "item",
            "side",
            "value",
            "not_reported",
            "same_as",
            "reason",
            "at",
        ]


class SettledComponentSerializer(serializers.ModelSerializer[AdjudicatedComponent]):
    class Meta:
        model = AdjudicatedComponent
        fields = ["id", "field", "component", "side", "reason", "at"]


class Line(serializers.Serializer[Any]):
    field = serializers.IntegerField()
    item = serializers.CharField(help_text="Of the repeating group that the question is in.")
    first = ValueSerializer(allow_null=True)
    second = ValueSerializer(allow_null=True)
    settled = SettledSerializer(allow_null=True)
    open = serializers.BooleanField()


class ComponentLine(serializers.Serializer[Any]):
    field = serializers.IntegerField()
    component = serializers.IntegerField()
    first = EntrySerializer(many=True)
    second = EntrySerializer(many=True)
    settled = SettledComponentSerializer(allow_null=True)
    open = serializers.BooleanField()


class ComparisonSerializer(serializers.Serializer[Any]):
    study = serializers.IntegerField()
    values = Line(many=True)
    components = ComponentLine(many=True)


class StudyView(ReviewView):
    study: Study

    def find(self, **kwargs: Any) -> None:
        studies = flow.studies_in(self.review).select_related("review")
        self.study = get_object_or_404(studies, pk=kwargs["pk"])

    def field(self, number: int) -> Field:
        """A question of the codebook, or of an appraisal tool."""
        return get_object_or_404(Field, codebook__review=self.review, pk=number)


class ComparisonQuery(Asked):
    tool = Id(required=False, help_text="An appraisal tool, whose consensus it is then.")


class Comparison(StudyView):
    """The forms of a study beside each other, once all were handed in; 409 before."""

    needs = {"GET": ("adjudicate_extraction",)}
    query = {"GET": ComparisonQuery}

    @extend_schema(operation_id="comparison", responses={200: ComparisonSerializer, 409: Detail})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        books = self.review.codebooks.filter(purpose=Codebook.Purpose.EXTRACTION)
        if number := self.asked.get("tool"):
            purpose = Codebook.Purpose.APPRAISAL
            books = self.review.codebooks.filter(purpose=purpose, pk=number)
        found = compare(self.study, get_object_or_404(books))
        if not found.is_opened:
            raise Clash("This study waits for its extractors; nothing to settle yet.")
        if not adjudicating.may_settle(found, self.member.user):
            raise Clash("You extracted this study; a third person settles it.")
        told = {
            "study": self.study.pk,
            "values": [
                {
                    "field": line.field.pk,
                    "item": line.item,
                    "first": line.first,
                    "second": line.second,
                    "settled": line.settled,
                    "open": line.is_open,
                }
                for line in found.lines
            ],
            "components": [
                {
                    "field": line.field.pk,
                    "component": line.component.pk,
                    "first": line.first,
                    "second": line.second,
                    "settled": line.settled,
                    "open": line.is_open,
                }
                for line in found.component_lines
            ],
        }
        return Response(ComparisonSerializer(told).data)


SIDES = [(str(side), side.label) for side in (Side.FIRST, Side.SECOND, Side.BOTH, Side.OTHER)]


class Word(Asked):
    field = Id()
    side = serializers.ChoiceField(choices=SIDES)
    reason = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    seen = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False)


class ValueWord(Word):
    value = serializers.JSONField(
        required=False, allow_null=True, default=None, help_text="For “other”."
    )
    not_reported = serializers.BooleanField(required=False, default=False)
    item = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    same_as = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="Of a repeating group, which items are the same: {B's name: A's name}.",
    )

    def validate_value(self, given: Any) -> Any:
        cells = given if isinstance(given, list) else [given]
        if not all(cell is None or (isinstance(cell, str) and "\0" not in cell) for cell in cells):
            raise serializers.ValidationError("Text, or a list of texts.")
        return given


class SettleValue(StudyView):
    """Say which answer to a question holds."""

    needs = {"POST": ("adjudicate_extraction",)}

    @extend_schema(request=ValueWord, responses={201: SettledSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(ValueWord, request)
        made = adjudicating.settle_value(
            self.study,
            self.field(said["field"]),
            said["side"],
            by=self.member.user,
            seen=said.get("seen"),
            item=said["item"],
            given=said["value"],
            not_reported=said["not_reported"],
            reason=said["reason"],
            same_as=said["same_as"],
        )
        return Response(SettledSerializer(made).data, status=201)


class ComponentWord(Word):
    component = Id()
    stance = serializers.ChoiceField(
        choices=Stance.choices, required=False, allow_blank=True, default=""
    )
    quote = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    page = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class SettleComponent(StudyView):
    """Say whose entries of a component hold."""

    needs = {"POST": ("adjudicate_extraction",)}

    @extend_schema(request=ComponentWord, responses={201: SettledComponentSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(ComponentWord, request)
        field = self.field(said.pop("field"))
        component = get_object_or_404(self.review.components, pk=said.pop("component"))
        made = adjudicating.settle_component(
            self.study, field, component, said.pop("side"), by=self.member.user, **said
        )
        return Response(SettledComponentSerializer(made).data, status=201)


class EvidenceSerializer(serializers.Serializer[Any]):
    study = serializers.IntegerField()
    study_label = serializers.CharField()
    program = serializers.CharField(allow_null=True)
    component = serializers.IntegerField()
    stance = serializers.CharField()
    quote = serializers.CharField()
    page = serializers.CharField()
    report = serializers.IntegerField(allow_null=True)
    box = BoxField()


class AllEvidence(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = EvidenceSerializer(many=True)


class EvidenceQuery(Asked):
    component = Id(required=False)


class Evidence(ReviewView):
    """Every settled quote for the components, or for one of them."""

    needs = {"GET": ("read",)}
    query = {"GET": EvidenceQuery}

    @extend_schema(operation_id="evidence", responses=AllEvidence)
    def get(self, request: Request, slug: str) -> Response:
        component: Component | None = None
        if number := self.asked.get("component"):
            component = get_object_or_404(self.review.components, pk=number)
        found = component_evidence(self.review, component.pk if component else None)
        return Response(AllEvidence({"count": len(found), "results": found}).data)


class CodingFile(Asked):
    file = serializers.FileField(
        allow_empty_file=True,
        help_text="CSV in UTF-8, a row a quote: study_id (the study's name), code, stance, page, quote.",
    )


class CodingTaken(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Quotes that were not there.")


class FinishedCoding(ReviewView):
    """Take a coding over that was finished elsewhere, as settled: whole or not at all. The same
    again adds nothing, and nothing that people settled here is touched."""

    needs = {"POST": ("edit_codebook",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="import_coding",
        request={"multipart/form-data": CodingFile},
        responses={200: CodingTaken, 422: Detail},
    )
    def post(self, request: Request, slug: str) -> Response:
        file = checked(CodingFile, request)["file"]
        added = finished.bring_in(self.review, file.read(finished.ENOUGH), by=self.member.user)
        return Response({"added": added})


class TableQuery(Asked):
    name = serializers.ChoiceField(choices=sorted(FILES))


TABLE = {
    (200, kind.split(";")[0]): OpenApiTypes.ANY if "json" in kind else OpenApiTypes.BINARY
    for kind in sorted({kind for kind, _ in FILES.values()})
}


class Table(ReviewView):
    """What is settled as a file: study x component, quotes, answers, codebook."""

    needs = {"GET": ("export",)}
    query = {"GET": TableQuery}

    @extend_schema(operation_id="table", responses=TABLE | {422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponse:
        name = self.asked["name"]
        content_type, make = FILES[name]
        answer = HttpResponse(make(Held(self.review)), content_type=content_type)
        answer["Content-Disposition"] = f'attachment; filename="{slug}-{name}"'
        return answer
