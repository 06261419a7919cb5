"""The reviews I take part in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reviews import actions
from reviews.models import Membership, Review

from . import Pages, ReviewView


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
