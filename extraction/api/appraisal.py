"""Appraisal tools: which there are, what they ask, which studies they are for, and what was judged.

Judgements are those that are settled, so nothing tells what a single rater said. Raters fill their
forms at extractions/{id}/, consensus is at studies/{id}/comparison/?tool= and settled/values/.
"""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations.models import Study
from reviews.api import Asked, Id, ReviewView, Why, checked
from screening import flow

from .. import actions, appraising, judgements
from .. import codebook as building
from ..models import Codebook, Field
from ..tools import TOOLS
from .books import CodebookSerializer, FieldSerializer, NewQuestion
from .forms import DespiteInterest, ExtractionSerializer


class NewTool(Asked):
    kind = serializers.ChoiceField(
        choices=[(key, each.name) for key, each in TOOLS.items()],
        required=False,
        allow_blank=True,
        default="",
        help_text="One of the library; empty for a tool of your own.",
    )
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ToolSerializer(serializers.Serializer[Any]):
    """What `described` gives."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    raters = serializers.IntegerField()
    question = serializers.CharField(allow_null=True)
    answers = serializers.ListField(child=serializers.CharField())
    with_score = serializers.BooleanField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class Tools(ReviewView):
    """The appraisal tools of the review, and which settled answers choose them; another one, of the
    library or one's own."""

    needs = {"GET": ("read",), "POST": ("edit_codebook",)}

    @extend_schema(operation_id="add_tool", request=NewTool, responses={201: ToolSerializer})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewTool, request)
        made = appraising.add_tool(self.review, by=self.member.user, **said)
        return Response(described(made), status=201)

    @extend_schema(operation_id="reviews_appraisal_tools", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        tools = self.review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
        found = tools.select_related("for_field").order_by("name", "pk")
        return Response({"results": [described(tool) for tool in found]})


def described(tool: Codebook) -> dict[str, Any]:
    return {
        "id": tool.pk,
        "name": tool.name,
        "version": tool.version,
        "raters": tool.extractors,
        "question": tool.for_field.label if tool.for_field else None,
        "answers": tool.for_values,
        "with_score": tool.with_score,
        "withdrawn_at": tool.withdrawn_at,
    }


class ToolView(ReviewView):
    tool: Codebook

    def find(self, **kwargs: Any) -> None:
        tools = self.review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
        tools = tools.select_related("for_field", "review")
        self.tool = get_object_or_404(tools, pk=kwargs["pk"])


class ToolChange(Why):
    """What is left out stays."""

    question = Id(required=False, allow_null=True, help_text="Of the codebook; null: by hand.")
    answers = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=200
    )
    with_score = serializers.BooleanField(required=False)
    withdrawn = serializers.BooleanField(required=False)


class Judgements(ToolView):
    """The settled judgements of one tool by study, each with the light of its word; null where a
    study was not judged on it. Which studies it is for, whether it is scored, whether it is used."""

    needs = {"GET": ("read",), "PATCH": ("edit_codebook",)}

    @extend_schema(operation_id="change_tool", request=ToolChange, responses=ToolSerializer)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        said, by = checked(ToolChange, request), self.member.user
        with transaction.atomic():
            if "question" in said or "answers" in said:
                number = said.get("question", self.tool.for_field_id)
                fields = Field.objects.filter(codebook__review=self.review)
                field = get_object_or_404(fields, pk=number) if number else None
                answers = said.get("answers", self.tool.for_values)
                appraising.set_designs(self.tool, field, answers, by=by)
            if "with_score" in said:
                appraising.set_score(self.tool, said["with_score"], by=by)
            if "withdrawn" in said:
                wanted, why = said["withdrawn"], said["reason"]
                appraising.set_withdrawn(self.tool, wanted, by=by, reason=why)
        self.find(pk=pk)
        return Response(described(self.tool))

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        sheet = judgements.sheet(self.review, self.tool)
        return Response(
            {
                "tool": described(self.tool),
                "judgements": [
                    {"label": field.label, "overall": field.kind == Field.Kind.OVERALL}
                    for field in sheet.columns
                ],
                "studies": [
                    {
                        "id": study.pk,
                        "label": study.label,
                        "program": study.program.name if study.program else None,
                        "judgements": [
                            {"word": each.word, "light": each.light} if each else None
                            for each in sheet.row(study)
                        ],
                        **({"favourable": sheet.score(study)[0]} if self.tool.with_score else {}),
                    }
                    for study in sheet.studies
                ],
                "waiting": [study.label for study in sheet.waiting],
            }
        )


class Questions(ToolView):
    """The tool with its questions, also drafted and retired ones; a new one, asked once the tool is
    published. Changing and retiring: codebook/questions/{id}/."""

    needs = {"GET": ("read",), "POST": ("edit_codebook",)}

    @extend_schema(operation_id="tool_questions", responses=CodebookSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(CodebookSerializer(self.tool).data)

    @extend_schema(
        operation_id="add_tool_question", request=NewQuestion, responses={201: FieldSerializer}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = NewQuestion(data=request.data)
        shaped.is_valid(raise_exception=True)
        made = building.add_field(self.tool, by=self.member.user, **shaped.words())
        return Response(FieldSerializer(made).data, status=201)


class Publish(ToolView):
    """Put what was drafted on the tool's form: its next version."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(operation_id="publish_tool", request=None, responses=CodebookSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return Response(CodebookSerializer(building.publish(self.tool, by=self.member.user)).data)


class NewWording(Asked):
    text = serializers.CharField(max_length=60_000)


class Wording(ToolView):
    """Put the wording that you may use under the questions whose numbers begin its lines."""

    needs = {"POST": ("edit_codebook",)}

    @extend_schema(operation_id="paste_wording", request=NewWording, responses=CodebookSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        text = checked(NewWording, request)["text"]
        appraising.paste_wording(self.tool, text, by=self.member.user)
        return Response(CodebookSerializer(self.tool).data)


class StudyOfTool(ToolView):
    study: Study

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        studies = flow.studies_in(self.review).select_related("review")
        self.study = get_object_or_404(studies, pk=kwargs["study"])


class Wanted(Why):
    wanted = serializers.BooleanField()


class Assign(StudyOfTool):
    """Say by hand that the tool appraises a study, or that it doesn't."""

    needs = {"PUT": ("edit_codebook",)}

    @extend_schema(operation_id="assign_tool", request=Wanted, responses=ToolSerializer)
    def put(self, request: Request, slug: str, pk: int, study: int) -> Response:
        said = checked(Wanted, request)
        appraising.choose(self.tool, self.study, by=self.member.user, **said)
        return Response(described(self.tool))


class Begin(StudyOfTool):
    """Take a study: my form for it with this tool, begun."""

    needs = {"POST": ("extract",)}

    @extend_schema(
        operation_id="begin_appraisal",
        request=DespiteInterest,
        responses={201: ExtractionSerializer},
    )
    def post(self, request: Request, slug: str, pk: int, study: int) -> Response:
        said = checked(DespiteInterest, request)
        begun = actions.begin(self.study, by=self.member.user, tool=self.tool, **said)
        return Response(ExtractionSerializer(begun).data, status=201)
