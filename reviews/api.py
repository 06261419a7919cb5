"""What the whole API shares: pages, and errors in words."""

from typing import Any

from rest_framework import status
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

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
