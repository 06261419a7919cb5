"""An update of the review."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, ReviewView, checked
from screening.arrival import updating


class Begun(Asked):
    version = serializers.IntegerField(
        min_value=1, help_text="The version that stands; one that has passed is answered with 409."
    )


class Update(ReviewView):
    """Begin an update of the review: new searches belong to the next version. Or take it back."""

    needs = {"POST": ("manage",), "DELETE": ("manage",)}

    @extend_schema(request=Begun, responses={200: Begun, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(Begun, request)
        begun = updating.begin(self.review, by=self.member.user, version=shaped["version"])
        return Response({"version": begun.version})

    @extend_schema(request=None, responses={200: Begun, 409: Detail, 422: Detail})
    def delete(self, request: Request, slug: str) -> Response:
        back = updating.take_back(self.review, by=self.member.user)
        return Response({"version": back.version})
