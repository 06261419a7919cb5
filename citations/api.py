"""Uploads through the API: the same import as the page's, without the preview in between."""

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import keyed
from reviews.api import Detail, ReviewView, checked

from . import actions
from .models import Search

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    source = serializers.CharField(  # type: ignore[assignment]  # our field, not DRF's attribute
        max_length=120, required=False, allow_blank=True
    )
    kind = serializers.ChoiceField(choices=Search.Kind.choices, default=Search.Kind.DATABASE)


class Accepted(serializers.Serializer[Any]):
    job = serializers.IntegerField()


class Uploads(ReviewView):
    """Import an export file; watch the job that comes back. The same file twice changes nothing."""

    needs = {"POST": ("import_records",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        request=UploadSerializer,
        responses={202: Accepted, 409: Detail, 422: Detail},
        parameters=[KEY],
    )
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(UploadSerializer, request)
        file: UploadedFile = shaped["file"]
        digest = hashlib.file_digest(file, "sha256").hexdigest()

        def act() -> keyed.Answer:
            job = actions.submit(
                self.review,
                file.chunks(),
                name=file.name or "upload",
                by=self.member.user,
                source=shaped.get("source") or None,
                kind=shaped["kind"],
            )
            return 202, {"job": job.pk}

        said = keyed.fingerprint("upload", slug, shaped.get("source"), shaped["kind"], digest)
        key = request.headers.get("Idempotency-Key", "")
        code, body = keyed.answer_once(self.member.user, key, said, act)
        return Response(body, status=code)


class SearchSerializer(serializers.ModelSerializer[Search]):
    class Meta:
        model = Search
        fields = ["id", *actions.SEARCH_FIELDS]


class Searches(ReviewView):
    """The sources that were searched."""

    needs = {"GET": ("read",)}
    serializer_class = SearchSerializer

    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.searches.order_by("pk"), SearchSerializer)
