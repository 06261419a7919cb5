"""Full texts."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, checked
from screening import retrieval

from . import ReportView


class NewFullText(Asked):
    file = serializers.FileField(allow_empty_file=True)


class AttachFullText(ReportView):
    """Attach a PDF as a report's full text."""

    needs = {"POST": ("retrieve",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        request=NewFullText, responses={201: OpenApiTypes.OBJECT, 409: Detail, 422: Detail}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        shaped = checked(NewFullText, request)
        kept = retrieval.attach_file(self.report, shaped["file"], by=self.member.user)
        body = {
            "id": kept.pk,
            "name": kept.name,
            "sha256": kept.sha256,
            "pages": kept.pages,
            "url": f"/r/{slug}/fulltexts/{pk}/file/",
        }
        return Response(body, status=201)
