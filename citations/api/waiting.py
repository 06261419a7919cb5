"""A file that waits: read without being imported, read another way, given to another source, then
imported or discarded."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from citations import actions, blobs
from citations.formats import FORMATS, Unreadable
from citations.formats.columns import FIELDS, Sheet, sheet_of
from citations.formats.source import ENCODINGS, HEAD
from citations.sources import open_sources, search_named
from citations.views.files import guessed
from reviews.api import Asked, Detail, Id, ReviewView, checked
from reviews.refusal import Refused

from .uploads import Accepted, Columns, FileSerializer, UploadSerializer, UploadView, how_of


class Previewed(serializers.Serializer[Any]):
    upload = FileSerializer()
    job = serializers.IntegerField(
        allow_null=True,
        help_text="That reads it; null for a table of which nobody has said what its columns are.",
    )
    new = serializers.BooleanField(help_text="False: this very file was here already.")


class PreviewUpload(ReviewView):
    """Send a file to be read, and not to be imported yet. The same file twice changes nothing."""

    needs = {"POST": ("import_records",)}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="preview_upload", request=UploadSerializer, responses={202: Previewed}
    )
    def post(self, request: Request, slug: str) -> Response:
        said, by = checked(UploadSerializer, request), self.member.user
        file: UploadedFile = said["file"]
        title = (said.get("source") or "").strip() or actions.UNNAMED
        receipt = actions.receive(
            self.review,
            file.chunks(),
            name=file.name or "upload",
            by=by,
            source=lambda: search_named(self.review, title, said["kind"], by=by),
            how=how_of(said),
        )
        told = {
            "upload": receipt.upload,
            "job": receipt.job.pk if receipt.job else None,
            "new": receipt.is_new,
        }
        return Response(Previewed(told).data, status=202)


class Beginning(Asked):
    head = serializers.FileField(
        allow_empty_file=True, help_text="The beginning of the file; what is longer is cut."
    )
    name = serializers.CharField(max_length=255)


class GuessSerializer(serializers.Serializer[Any]):
    """What `citations/views/files.py:guessed` gives."""

    format = serializers.CharField(help_text="In words; empty where nothing tells.")
    refused = serializers.CharField(help_text="Why it can't be an export; else empty.")
    source = serializers.IntegerField(  # type: ignore[assignment]  # our field, not DRF's attribute
        allow_null=True, help_text="The search of that name."
    )
    name = serializers.CharField(help_text="The source it speaks of.")
    kind = serializers.CharField()


class GuessUpload(ReviewView):
    """What a file seems to be, by its name and its beginning, before all of it is sent. Nothing is
    kept."""

    needs = {"POST": ("import_records",)}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="guess_upload", request=Beginning, responses={200: GuessSerializer})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(Beginning, request)
        found = guessed(self.review, said["name"], said["head"].read(HEAD))
        return Response(GuessSerializer(found).data)


class Reading(Asked):
    """How the file is to be read; what is left out is left to the file itself."""

    format = serializers.ChoiceField(choices=sorted(FORMATS), required=False, allow_blank=True)
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False, allow_blank=True)
    columns = Columns(required=False)


class ReadAgain(UploadView):
    """Read a file that is not imported another way; watch the job that makes the fresh preview."""

    needs = {"POST": ("import_records",)}

    @extend_schema(operation_id="read_again", request=Reading, responses={202: Accepted})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        how = how_of(checked(Reading, request))
        job = actions.read_again(self.upload, how, by=self.member.user)
        return Response({"job": job.pk}, status=202)


class ColumnsQuery(Asked):
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False)
    header = serializers.IntegerField(
        min_value=0,
        max_value=99_999,
        required=False,
        help_text="The line of the header, 0 for none; else it is looked for.",
    )


class ColumnSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1.")
    name = serializers.CharField(help_text="Empty where it has none.")
    examples = serializers.ListField(child=serializers.CharField())
    field = serializers.ChoiceField(
        choices=[*FIELDS, ""], help_text="What it seems to be; empty where nothing tells."
    )


class SheetSerializer(serializers.Serializer[Any]):
    format = serializers.CharField()
    encoding = serializers.CharField(help_text="Empty for a workbook.")
    header_line = serializers.IntegerField()
    columns = ColumnSerializer(many=True)


class TableColumns(UploadView):
    """The columns of a table with their first values, to say what each means (`read/`)."""

    needs = {"GET": ("import_records",)}
    query = {"GET": ColumnsQuery}

    @extend_schema(operation_id="upload_columns", responses={200: SheetSerializer, 422: Detail})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        try:
            sheet = sheet_of(
                blobs.path_of(self.upload.sha256),
                name=self.upload.name,
                encoding=self.asked.get("encoding") or self._encoding(),
                header_line=self.asked.get("header"),
            )
        except Unreadable as error:
            raise Refused(str(error)) from error
        return Response(SheetSerializer(_shown(sheet)).data)

    def _encoding(self) -> str | None:
        kept = self.upload.encoding
        return kept if kept in ENCODINGS else None


def _shown(sheet: Sheet) -> dict[str, Any]:
    columns = [
        {
            "number": at + 1,
            "name": name,
            "examples": [row[at] for row in sheet.rows if row[at].strip()],
            "field": sheet.guess.get(at, ""),
        }
        for at, name in enumerate(sheet.header)
    ]
    return {
        "format": sheet.format,
        "encoding": sheet.encoding,
        "header_line": sheet.header_line,
        "columns": columns,
    }


class Whence(Asked):
    search = Id()


class AssignUpload(UploadView):
    """Say that a file that is not imported came from another of the sources."""

    needs = {"PUT": ("import_records",)}

    @extend_schema(operation_id="assign_upload", request=Whence, responses=FileSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        number = checked(Whence, request)["search"]
        search = get_object_or_404(open_sources(self.review), pk=number)
        return Response(
            FileSerializer(actions.assign(self.upload, search, by=self.member.user)).data
        )


class ImportUpload(UploadView):
    """Import a file that was read, as it is previewed; watch the job."""

    needs = {"POST": ("import_records",)}

    @extend_schema(operation_id="import_upload", request=None, responses={202: Accepted})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        job = actions.confirm(self.upload, by=self.member.user)
        return Response({"job": job.pk}, status=202)
