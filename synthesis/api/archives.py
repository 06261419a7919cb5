"""The archive of a review: ask for one, see how far it is, fetch it."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Paged, ReviewView, checked
from reviews.api.jobs import JobSerializer
from synthesis.archive import keeping


class NewArchive(Asked):
    transcripts = serializers.BooleanField(
        required=False, default=False, help_text="With the words of interviews."
    )


class Archives(ReviewView):
    """The jobs that wrote archives, newest first; the file of the newest is kept. Ask for another."""

    needs = {"GET": ("oversee",), "POST": ("oversee",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="archives_list", responses=JobSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.jobs.filter(kind=keeping.KIND), JobSerializer)

    @extend_schema(
        operation_id="ask_for_archive", request=NewArchive, responses={202: JobSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewArchive, request)
        job = keeping.ask_for(self.review, member=self.member, transcripts=said["transcripts"])
        return Response(JobSerializer(job).data, status=202)


class ArchiveFile(ReviewView):
    """The archive that a job wrote, as one zip."""

    needs = {"GET": ("oversee",)}

    @extend_schema(
        operation_id="archive_file", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, slug: str, pk: int) -> FileResponse:
        job = get_object_or_404(self.review.jobs.filter(kind=keeping.KIND), pk=pk)
        if not keeping.may_have(job, self.member):
            raise PermissionDenied("This archive holds the words of interviews.")
        path = keeping.path_of(job)
        if not path.is_file():
            raise Http404("That archive is not kept any more.")
        name = f"{self.review.slug}-{job.created_at:%Y-%m-%d}.zip"
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
        )
