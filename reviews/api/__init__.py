"""What the whole API shares: the door, pages, and errors in words."""

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from reviews import access
from reviews.models import Membership, Review
from reviews.refusal import Clash, Refused


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
