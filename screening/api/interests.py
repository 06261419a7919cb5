"""Conflicts of interest: declared for oneself, by the lead for anybody, and taken back."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, Id, Paged, ReviewView, checked
from screening import interests
from screening.models import Interest

from . import reports_here

WHO = ("screen", "adjudicate", "manage")


class NewInterest(Asked):
    report = Id()
    user = serializers.CharField(
        max_length=150, required=False, help_text="A user name, for the lead; else oneself."
    )
    why = serializers.CharField(max_length=300, required=False, allow_blank=True)


class InterestSerializer(serializers.ModelSerializer[Interest]):
    user = serializers.CharField(source="user.username")
    declared_by = serializers.CharField(source="declared_by.username")

    class Meta:
        model = Interest
        fields = ["id", "report", "user", "why", "declared_by", "at"]


class Interests(ReviewView):
    """Those that stand: mine; for the lead everybody's."""

    needs = {"GET": WHO, "POST": WHO}
    query = {"GET": Paged}
    serializer_class = InterestSerializer

    @extend_schema(operation_id="interests_list", responses=InterestSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(interests.seen_by(self.member).order_by("pk"), InterestSerializer)

    @extend_schema(
        request=NewInterest, responses={201: InterestSerializer, 409: Detail, 422: Detail}
    )
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(NewInterest, request)
        report = get_object_or_404(reports_here(self.review), pk=shaped["report"])
        user = None
        if name := shaped.get("user"):
            here = self.review.memberships.filter(left_at=None, user__username=name)
            user = get_object_or_404(here.select_related("user")).user
        made = interests.declare(report, by=self.member.user, user=user, why=shaped.get("why", ""))
        return Response(InterestSerializer(made).data, status=201)


class OneInterest(ReviewView):
    """Take a declaration back."""

    needs = {"DELETE": WHO}

    @extend_schema(request=None, responses={204: None, 422: Detail})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        mine = get_object_or_404(interests.seen_by(self.member), pk=pk)
        interests.withdraw(mine, by=self.member.user)
        return Response(status=204)
