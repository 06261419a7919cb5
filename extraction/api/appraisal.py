"""What was judged of each study, with which tool. Only what is settled, so nothing tells what a
single rater said."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import ReviewView

from .. import judgements
from ..models import Codebook, Field


class Tools(ReviewView):
    """The appraisal tools of the review, and which settled answers choose them."""

    needs = {"GET": ("read",)}

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


class Judgements(ReviewView):
    """The settled judgements of one tool by study, each with the light of its word; null where a
    study was not judged on it."""

    needs = {"GET": ("read",)}
    tool: Codebook

    def find(self, **kwargs: Any) -> None:
        tools = self.review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
        self.tool = get_object_or_404(tools.select_related("for_field"), pk=kwargs["pk"])

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
