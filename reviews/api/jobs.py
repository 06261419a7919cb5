"""Background jobs."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import access, jobs
from reviews.models import Job

from . import Detail, Paged, ReviewView


class JobSerializer(serializers.ModelSerializer[Job]):
    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "state",
            "done",
            "total",
            "doing",
            "result",
            "error",
            "created_at",
            "finished_at",
        ]


class JobsQuery(Paged):
    state = serializers.ChoiceField(choices=Job.State.choices, required=False)
    kind = serializers.CharField(required=False)


class Jobs(ReviewView):
    """The background jobs that I may watch, newest first."""

    needs = {"GET": ("read",)}
    query = {"GET": JobsQuery}

    @extend_schema(operation_id="jobs_list", responses=JobSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        can = access.abilities(self.member)
        watched = [kind for kind in jobs.KINDS if jobs.needs(kind) in can]
        found = self.review.jobs.filter(Q(by=self.member.user) | Q(kind__in=watched))
        for name in ("state", "kind"):
            if name in self.asked:
                found = found.filter(**{name: self.asked[name]})
        return self.paged(found.order_by("-pk"), JobSerializer)


class OneJob(ReviewView):
    """How far a background job is."""

    needs = {"GET": ("import_records", "manage", "screen", "merge")}

    @extend_schema(operation_id="one_job", responses=JobSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        job = self.review.jobs.filter(pk=pk).first()
        if job is None:
            raise Http404
        return Response(JobSerializer(job).data)


class CancelJob(ReviewView):
    """Ask a job to stop; its state says when it has. For who started it, and the lead."""

    needs = {"POST": ("read",)}

    @extend_schema(request=None, responses={200: JobSerializer, 422: Detail})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        job = self.review.jobs.filter(pk=pk).first()
        if job is None:
            raise Http404
        if not jobs.may_stop(self.member, job):
            raise PermissionDenied("Only who started a job, or the lead, can stop it.")
        return Response(JobSerializer(jobs.cancel(job, by=self.member.user)).data)
