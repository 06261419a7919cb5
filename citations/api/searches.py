"""The sources that were searched."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import actions
from citations.models import Search
from reviews.api import Paged, ReviewView


class SearchSerializer(serializers.ModelSerializer[Search]):
    class Meta:
        model = Search
        fields = ["id", *actions.SEARCH_FIELDS]


class Searches(ReviewView):
    """The sources that were searched."""

    needs = {"GET": ("read",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="searches_list", responses=SearchSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.searches.order_by("pk"), SearchSerializer)
