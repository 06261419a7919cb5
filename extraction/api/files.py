"""Files as answers of a form: sent first, then named as the answer to their question."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from extraction import attaching
from extraction.models import AttachedFile
from reviews.api import Asked, Id, checked

from .forms import FormView


class NewFile(Asked):
    field = Id()
    file = serializers.FileField(allow_empty_file=True)


class AnswerFileSerializer(serializers.ModelSerializer[AttachedFile]):
    class Meta:
        model = AttachedFile
        fields = ["id", "field", "name", "sha256", "size", "at"]


class Files(FormView):
    """Send a file for a question of my form. Its SHA-256 is then the answer to put there."""

    needs = {"GET": ("read",), "POST": ("extract",)}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="form_files", responses=AnswerFileSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.paged(self.form.files.all(), AnswerFileSerializer)

    @extend_schema(request=NewFile, responses={201: AnswerFileSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(NewFile, request)
        given = said["file"]
        kept = attaching.attach(
            self.form,
            self.field(said["field"]),
            given.chunks(),
            given.name or "",
            by=self.member.user,
        )
        return Response(AnswerFileSerializer(kept).data, status=201)


class OneFile(FormView):
    """A file of a form that I may see."""

    needs = {"GET": ("read",)}

    @extend_schema(
        operation_id="form_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, pk: int, file: int) -> HttpResponseBase:
        return attaching.handed_out(get_object_or_404(self.form.files, pk=file))
