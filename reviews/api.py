"""What the whole API shares: the door, pages, and errors in words."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from . import access, actions, jobs
from .models import Job, Membership, Review
from .refusal import Clash, Refused


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 1000


def explain(exception: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal becomes 422 (409 when somebody was faster), with its sentence as `detail`."""
    if isinstance(exception, Refused):
        code = (
            status.HTTP_409_CONFLICT
            if isinstance(exception, Clash)
            else status.HTTP_422_UNPROCESSABLE_ENTITY
        )
        return Response({"detail": str(exception)}, status=code)
    return exception_handler(exception, context)


class ReviewView(APIView):
    """A view under /api/v1/reviews/<slug>/: the same door as the pages'.

    `needs` names for each method the capabilities of which one is enough; a method that is not
    named is refused. Inside, `self.member` and `self.review` are there.
    """

    needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    member: Membership
    review: Review

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.member = access.membership_of(request.user, kwargs["slug"])  # type: ignore[arg-type]
        self.review = self.member.review
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method in self.needs:
            access.require(self.member, *self.needs[method])

    def paged(
        self,
        found: Any,
        serializer: type[serializers.BaseSerializer[Any]],
        prepare: Callable[[list[Any]], None] = lambda page: None,
    ) -> Response:
        """One page of `found`, in the shape {count, next, previous, results}.

        `prepare` is given the rows of the page before they are written.
        """
        pages = Pages()
        page: Any = pages.paginate_queryset(found, self.request, view=self)
        prepare(page)
        return pages.get_paginated_response(serializer(page, many=True).data)


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's data in the shape of `serializer`; an unknown field is refused by its name."""
    unknown = set(request.data) - set(serializer().fields) - {"csrfmiddlewaretoken"}
    if unknown:
        raise ValidationError({name: ["There is no such field."] for name in sorted(unknown)})
    shaped = serializer(data=request.data)
    shaped.is_valid(raise_exception=True)
    return shaped.validated_data


def number(request: Request, name: str, default: int, *, least: int = 1, most: int) -> int:
    """A whole number from the query within [least, most]; ValidationError says what is wanted."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValidationError({name: [f"A whole number from {least} to {most}."]})
    return int(text)


class Detail(serializers.Serializer[Any]):
    """What a refusal looks like."""

    detail = serializers.CharField()


class ReviewSerializer(serializers.ModelSerializer[Review]):
    roles = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["slug", "title", "framework", "question", "blind", "created_at", "roles"]
        read_only_fields = ["blind", "created_at", "roles"]
        extra_kwargs = {"slug": {"required": False}}

    def get_roles(self, review: Review) -> list[str]:
        return self.context["roles"].get(review.pk, [])


class Reviews(APIView):
    """The reviews I take part in."""

    serializer_class = ReviewSerializer

    @extend_schema(operation_id="my_reviews")
    def get(self, request: Request) -> Response:
        mine = Membership.objects.filter(user=request.user, left_at=None).select_related("review")  # type: ignore[misc]
        roles = {each.review_id: each.roles for each in mine}
        found = [each.review for each in mine.order_by("-review_id")]
        pages = Pages()
        page: Any = pages.paginate_queryset(found, request, view=self)
        data = ReviewSerializer(page, many=True, context={"roles": roles}).data
        return pages.get_paginated_response(data)

    def post(self, request: Request) -> Response:
        shaped = ReviewSerializer(data=request.data, context={"roles": {}})
        shaped.is_valid(raise_exception=True)
        made = actions.create_review(by=request.user, **shaped.validated_data)  # type: ignore[arg-type]
        context = {"roles": {made.pk: ["lead"]}}
        return Response(ReviewSerializer(made, context=context).data, status=201)


class OneReview(ReviewView):
    """One review: its question, and my roles in it."""

    needs = {"GET": ("read",)}
    serializer_class = ReviewSerializer

    def get(self, request: Request, slug: str) -> Response:
        context = {"roles": {self.review.pk: self.member.roles}}
        return Response(ReviewSerializer(self.review, context=context).data)


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


class OneJob(ReviewView):
    """How far a background job is."""

    needs = {"GET": ("import_records", "manage", "screen", "merge")}
    serializer_class = JobSerializer

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
