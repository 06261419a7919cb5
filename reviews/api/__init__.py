"""What the whole API shares: the door, the shape of a request, pages, and errors in words."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed, NotFound, ParseError, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from reviews import access, tokens
from reviews.models import AccessToken, Membership, Review
from reviews.refusal import Clash, Refused

MOST_A_PAGE = 1000
HIGHEST_ID = 2**63 - 1  # beyond it a database refuses to compare
FORGERY = "csrfmiddlewaretoken"  # comes along when a page's form is sent


def refuse_unknown(serializer: serializers.Serializer[Any], data: Any) -> None:
    """Raise ValidationError for what `data` says and `serializer` does not read, by name."""
    known = {name for name, field in serializer.fields.items() if not field.read_only}
    if isinstance(data, Mapping):
        unknown = sorted(str(name) for name in data if name not in known | {FORGERY})
        if unknown:
            raise ValidationError({name: ["There is no such field."] for name in unknown})


class Asked(serializers.Serializer[Any]):
    """What a request may say, in its body or its query. A field that is not there is refused by
    its name: a misspelled filter must not answer with everything."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        refuse_unknown(self, data)
        return super().to_internal_value(data)


class Nothing(Asked):
    """A request that says nothing."""


class Paged(Asked):
    """A list comes in pages."""

    page = serializers.IntegerField(min_value=1, max_value=10**9, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=MOST_A_PAGE, required=False)


class Id(serializers.IntegerField):
    """The number of an object."""

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=1, max_value=HIGHEST_ID, **more)


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MOST_A_PAGE


class Detail(serializers.Serializer[Any]):
    """What a refusal looks like."""

    detail = serializers.CharField()


class Wrong(serializers.Serializer[Any]):
    """What is wrong, by field: {"year": ["A whole number is needed."]}; `detail` of the whole."""

    detail = serializers.CharField(required=False)


class Why(Asked):
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class MustSayWhy(Asked):
    reason = serializers.CharField(max_length=2000)


def explain(exception: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal becomes 422 (409 when somebody was faster), with its sentence as `detail`."""
    if isinstance(exception, Refused):
        code = (
            status.HTTP_409_CONFLICT
            if isinstance(exception, Clash)
            else status.HTTP_422_UNPROCESSABLE_ENTITY
        )
        return Response({"detail": str(exception)}, status=code)
    if isinstance(
        exception, SuspiciousOperation
    ):  # too many fields or bytes, say: Django's own limits
        exception = ParseError("This request is malformed, or larger than a request may be.")
    return exception_handler(exception, context)


class Door(APIView):
    """A view of the API. `query` is, for each method, what its query string may ask: anything else
    there is refused with 400. Inside, `self.asked` is what was asked."""

    pagination_class = Pages
    query: ClassVar[dict[str, type[Asked]]] = {}
    asked: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.enter(request, *args, **kwargs)
        if not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))  # whatever the query says
        shaped = self.query.get(verb(request), Nothing)(data=request.query_params)
        shaped.is_valid(raise_exception=True)
        self.asked = shaped.validated_data

    def enter(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """May this request be here at all? Before a word is said about what it asks."""

    def paged(
        self,
        found: Any,
        serializer: type[serializers.BaseSerializer[Any]],
        prepare: Callable[[list[Any]], None] = lambda page: None,
        context: dict[str, Any] | None = None,
    ) -> Response:
        """One page of `found`, in the shape {count, next, previous, results}.

        `prepare` is given the rows of the page before they are written, in time to add to
        `context`.
        """
        pages = Pages()
        page: Any = pages.paginate_queryset(found, self.request, view=self)
        prepare(page)
        shown = serializer(page, many=True, context=context or {})
        return pages.get_paginated_response(shown.data)


class Nowhere(APIView):
    """An address that there is not."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is no such address.")


class ReviewView(Door):
    """A view under /api/v1/reviews/<slug>/: the same door as the pages'.

    `needs` names for each method the capabilities of which one is enough; a method that is not
    named is refused. Inside, `self.member` and `self.review` are there.
    """

    needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    member: Membership
    review: Review

    def enter(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.member = access.membership_of(request.user, kwargs["slug"])  # type: ignore[arg-type]
        self.review = self.member.review
        method = verb(request)
        if method in self.needs:
            check_token(request, self.needs[method], self.review)
            access.require(self.member, *self.needs[method])
        self.find(**kwargs)

    def find(self, **kwargs: Any) -> None:
        """Fetch what the address names: of another review it is a 404, whatever is sent."""


def verb(request: Request) -> str:
    return "GET" if request.method == "HEAD" else str(request.method)


def check_token(request: Request, capabilities: tuple[str, ...], review: Review | None) -> None:
    """Raise PermissionDenied when the request's token does not reach so far.

    A token from before there were scopes reaches everything but transcripts.
    """
    token = request.auth
    if token is None:
        return
    wanted = tokens.needed(verb(request), capabilities)
    has = set(tokens.Scope.values) - {tokens.Scope.TRANSCRIPTS.value}
    if isinstance(token, AccessToken):
        has = set(token.scopes)
        if token.review_id and (review is None or token.review_id != review.pk):
            raise PermissionDenied(f"This token is for the review “{token.review}” alone.")
    if missing := [scope for scope in tokens.Scope.values if scope in wanted - has]:
        raise PermissionDenied(f"This token has not the scope {' and '.join(missing)}.")


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's data in the shape of `serializer`; an unknown field is refused by its name."""
    shaped = serializer(data=request.data)
    refuse_unknown(shaped, request.data)
    shaped.is_valid(raise_exception=True)
    return shaped.validated_data
