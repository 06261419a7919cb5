"""The sources that were searched."""

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations import sources
from citations.models import Search
from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked


class SearchSerializer(serializers.ModelSerializer[Search]):
    class Meta:
        model = Search
        fields = ["id", "version", "rerun_of", *sources.SEARCH_FIELDS]


class SearchFields(Asked, serializers.ModelSerializer[Search]):
    searched_on = serializers.DateField(
        required=False, allow_null=True, help_text="Not in the future."
    )

    class Meta:
        model = Search
        fields = sources.SEARCH_FIELDS
        extra_kwargs = {
            name: {"max_length": 20_000}
            for name in sources.SEARCH_FIELDS
            if Search._meta.get_field(name).get_internal_type() == "TextField"
        }

    def validate_searched_on(self, day: date | None) -> date | None:
        if day and day > date.today():
            raise serializers.ValidationError("This day has not come yet.")
        return day


class NewSearch(SearchFields):
    rerun_of = Id(required=False, help_text="The earlier search that it repeats.")

    class Meta(SearchFields.Meta):
        fields = [*sources.SEARCH_FIELDS, "rerun_of"]


class Searches(ReviewView):
    """The sources that were searched, and a new one."""

    needs = {"GET": ("read",), "POST": ("import_records",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="searches_list", responses=SearchSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.searches.order_by("pk"), SearchSerializer)

    @extend_schema(request=NewSearch, responses={201: SearchSerializer, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewSearch, request)
        earlier: Search | None = None
        if again := said.pop("rerun_of", None):
            earlier = get_object_or_404(self.review.searches, pk=again)
        made = sources.add_search(self.review, by=self.member.user, rerun_of=earlier, **said)
        return Response(SearchSerializer(made).data, status=201)


class OneSearch(ReviewView):
    """One source: read, correct."""

    needs = {"GET": ("read",), "PATCH": ("import_records",)}
    search: Search

    def find(self, **kwargs: Any) -> None:
        self.search = get_object_or_404(self.review.searches, pk=kwargs["pk"])

    @extend_schema(operation_id="one_search", responses=SearchSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(SearchSerializer(self.search).data)

    @extend_schema(
        operation_id="change_search", request=SearchFields(partial=True), responses=SearchSerializer
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        shaped = SearchFields(data=request.data, partial=True)
        shaped.is_valid(raise_exception=True)
        changed = sources.edit_search(self.search, by=self.member.user, **shaped.validated_data)
        return Response(SearchSerializer(changed).data)
