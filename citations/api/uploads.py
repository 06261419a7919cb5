"""Uploads through the API: imported in one step (a preview in between: waiting.py); their undoing."""

import hashlib
from dataclasses import asdict
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations import actions
from citations.formats import FORMATS
from citations.formats.source import ENCODINGS
from citations.models import Search, Upload
from reviews import keyed
from reviews.api import Asked, Detail, Paged, ReviewView, Why, checked

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class Columns(serializers.JSONField):
    """What the columns of a table mean."""

    def __init__(self, **more: Any) -> None:
        told = (
            "What the columns of a table mean: an object of column name, or number from 1, "
            'and field, such as {"Titel": "title", "4": "doi"}.'
        )
        super().__init__(help_text=told, **more)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        said = super().to_internal_value(data)
        if not isinstance(said, dict) or not all(isinstance(to, str) for to in said.values()):
            raise serializers.ValidationError(
                "An object of column names, or numbers from 1, and fields is needed."
            )
        if any("\0" in word for pair in said.items() for word in pair):
            raise serializers.ValidationError("Null characters are not allowed.")
        return said


class UploadSerializer(Asked):
    file = serializers.FileField(allow_empty_file=True)
    source = serializers.CharField(  # type: ignore[assignment]  # our field, not DRF's attribute
        max_length=120, required=False, allow_blank=True
    )
    kind = serializers.ChoiceField(choices=Search.Kind.choices, default=Search.Kind.DATABASE)
    format = serializers.ChoiceField(  # as `parse_citations --format`; else what the content says
        choices=sorted(FORMATS), required=False, allow_blank=True
    )
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False, allow_blank=True)
    columns = Columns(required=False)


def how_of(said: dict[str, Any]) -> actions.How:
    return actions.How(said.get("format", ""), said.get("encoding", ""), said.get("columns") or {})


class Accepted(serializers.Serializer[Any]):
    job = serializers.IntegerField()


class FileSerializer(serializers.ModelSerializer[Upload]):
    source = serializers.CharField(source="search.name")  # type: ignore[assignment]
    by = serializers.CharField(source="by.username")
    records = serializers.SerializerMethodField(
        help_text="As read; null while the file is being read or can't be."
    )
    problems = serializers.SerializerMethodField(help_text="Places that could not be read as is.")
    lost = serializers.SerializerMethodField(help_text="Those of the problems that lost something.")

    class Meta:
        model = Upload
        fields = [
            "id",
            "name",
            "source",
            "search",
            "sha256",
            "size",
            "format",
            "records",
            "problems",
            "lost",
            "unreadable",
            "by",
            "at",
            "imported_at",
            "undone_at",
        ]

    def get_records(self, upload: Upload) -> int | None:
        return upload.summary.get("records")

    def get_problems(self, upload: Upload) -> int | None:
        return upload.summary.get("problems")

    def get_lost(self, upload: Upload) -> int | None:
        return upload.summary.get("lost")


class Uploads(ReviewView):
    """The files; importing one: watch the job that comes back. The same file twice changes nothing."""

    # Who reads sees the same on the page of sources.
    needs = {"GET": ("read",), "POST": ("import_records",)}
    query = {"GET": Paged}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="uploads_list", responses={200: FileSerializer(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.uploads.select_related("search", "by").order_by("pk")
        return self.paged(found, FileSerializer)

    @extend_schema(
        request=UploadSerializer,
        responses={202: Accepted, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(UploadSerializer, request)
        file: UploadedFile = shaped["file"]
        digest = hashlib.file_digest(file, "sha256").hexdigest()

        how = how_of(shaped)

        def act() -> keyed.Answer:
            job = actions.submit(
                self.review,
                file.chunks(),
                name=file.name or "upload",
                by=self.member.user,
                source=shaped.get("source") or None,
                kind=shaped["kind"],
                how=how,
            )
            return 202, {"job": job.pk}

        said = keyed.fingerprint(
            "upload", slug, shaped.get("source"), shaped["kind"], asdict(how), digest
        )
        key = request.headers.get("Idempotency-Key", "")
        code, body = keyed.answer_once(self.member.user, key, said, act)
        return Response(body, status=code)


class UploadView(ReviewView):
    """A view under …/uploads/<pk>/. The upload is found before a word is said about the request."""

    upload: Upload

    def find(self, **kwargs: Any) -> None:
        found = self.review.uploads.select_related("search", "by")
        self.upload = get_object_or_404(found, pk=kwargs["pk"])


class OneUpload(UploadView):
    """One file: what was read in it, and whether it is imported or undone. DELETE discards one that
    is not imported."""

    needs = {"GET": ("read",), "DELETE": ("import_records",)}
    serializer_class = FileSerializer

    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(FileSerializer(self.upload).data)

    @extend_schema(operation_id="discard_upload", request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        actions.discard(self.upload, by=self.member.user)
        return Response(status=204)


class UndoUpload(UploadView):
    """Take an import out of the review; watch the job. Nothing is deleted, a redo brings all back."""

    needs = {"POST": ("import_records",)}

    @extend_schema(request=Why, responses={202: Accepted, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(Why, request)["reason"]
        job = actions.undo_import(self.upload, by=self.member.user, reason=why)
        return Response({"job": job.pk}, status=202)


class RedoUpload(UploadView):
    """Bring an undone import back, with everything that people did on its reports."""

    needs = {"POST": ("import_records",)}

    @extend_schema(request=None, responses={202: Accepted, 409: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        job = actions.redo_import(self.upload, by=self.member.user)
        return Response({"job": job.pk}, status=202)
