"""A new review with the set-up of one that I take part in."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, ReviewView, check_token, checked
from reviews.api.reviews import ReviewSerializer
from reviews.roles import Role
from synthesis import copying


class LikeThis(Asked):
    title = serializers.CharField(max_length=300)
    screen_too = serializers.BooleanField(
        required=False, default=False, help_text="Whether I, who lead it, also screen."
    )


class StartLike(ReviewView):
    """Begin a review with this one's criteria, rules, reasons, words and codebook. I lead it."""

    needs = {"POST": ("read",)}

    @extend_schema(operation_id="start_like", request=LikeThis, responses={201: ReviewSerializer})
    def post(self, request: Request, slug: str) -> Response:
        check_token(request, ("manage",), None)  # not with a token for one review
        said = checked(LikeThis, request)
        roles = [Role.LEAD, *([Role.SCREENER] if said["screen_too"] else [])]
        made = copying.start_like(self.review, said["title"], by=self.member.user, roles=roles)
        context = {"roles": {made.pk: [str(role) for role in roles]}}
        return Response(ReviewSerializer(made, context=context).data, status=201)
