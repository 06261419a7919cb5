"""The tree as a file, in and out."""

from dataclasses import asdict
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from components import exchange
from reviews.api import Asked, Detail, ReviewView, checked

FILES = {
    (200, kind.split(";")[0]): OpenApiTypes.ANY if "json" in kind else OpenApiTypes.BINARY
    for kind in exchange.FORMATS.values()
}


class FileQuery(Asked):
    kind = serializers.ChoiceField(
        choices=list(exchange.FORMATS), required=False, default="json", help_text="qdc is REFI-QDA."
    )


class TreeFile(Asked):
    file = serializers.FileField(
        allow_empty_file=True, help_text="JSON, CSV, a Word table or .qdc, by the end of its name."
    )


class TreeTakenSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    lost = serializers.ListField(
        child=serializers.CharField(), help_text="What the file could not carry, or was put right."
    )


class TreeLossSerializer(serializers.Serializer[Any]):
    lost = serializers.ListField(child=serializers.CharField())


class Exchange(ReviewView):
    """The tree as it stands as a file; a file taken into it, whole or not at all: new codes are added,
    known ones brought up to the file, others left alone."""

    needs = {"GET": ("export",), "POST": ("edit_components",)}
    query = {"GET": FileQuery}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="export_components", responses=FILES | {422: Detail})
    def get(self, request: Request, slug: str) -> HttpResponse:
        kind = self.asked["kind"]
        content = exchange.written(self.review, kind)
        answer = HttpResponse(content, content_type=exchange.FORMATS[kind])
        answer["Content-Disposition"] = f'attachment; filename="{slug}-components.{kind}"'
        return answer

    @extend_schema(
        operation_id="import_components",
        request={"multipart/form-data": TreeFile},
        responses={200: TreeTakenSerializer, 422: Detail},
    )
    def post(self, request: Request, slug: str) -> Response:
        file: UploadedFile = checked(TreeFile, request)["file"]
        content = file.read(exchange.ENOUGH)
        done = exchange.bring_in(self.review, file.name or "", content, by=self.member.user)
        return Response(TreeTakenSerializer(asdict(done)).data)


class Loss(ReviewView):
    """What a REFI-QDA codebook of this tree would not carry."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="components_loss", responses=TreeLossSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response({"lost": exchange.lost_in_qdc(self.review)})
