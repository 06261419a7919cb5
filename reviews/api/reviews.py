"""The reviews I take part in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import actions
from reviews.models import AccessToken, Membership, Review
from reviews.question import PARTS

from . import Asked, Door, Paged, ReviewView, check_token, checked, verb


class ReviewSerializer(serializers.ModelSerializer[Review]):
    roles = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["slug", "title", "framework", "question", "blind", "created_at", "roles"]

    def get_roles(self, review: Review) -> list[str]:
        return self.context["roles"].get(review.pk, [])


class Question(serializers.DictField):
    """The parts of a question by their names, as a framework has them."""

    child = serializers.CharField(max_length=5000, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        said = super().to_internal_value(data)
        if unknown := sorted(set(said) - set(PARTS)):
            raise serializers.ValidationError(
                f"There is no part called {unknown[0]}; there are: {', '.join(PARTS)}."
            )
        return said


class NewReview(Asked):
    title = serializers.CharField(max_length=300)
    slug = serializers.SlugField(max_length=80, required=False)
    framework = serializers.ChoiceField(choices=Review.Framework.choices, required=False)
    question = Question(required=False)


class Reviews(Door):
    """The reviews I take part in."""

    query = {"GET": Paged}

    def enter(self, request: Request, *args: Any, **kwargs: Any) -> None:
        token = request.auth
        self.only = token.review_id if isinstance(token, AccessToken) else None
        if verb(request) == "POST":
            check_token(request, ("manage",), None)

    @extend_schema(operation_id="my_reviews", responses=ReviewSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = Membership.objects.filter(user=request.user, left_at=None)  # type: ignore[misc]
        if self.only:
            mine = mine.filter(review=self.only)
        mine = mine.select_related("review").order_by("-review_id")
        roles = {each.review_id: each.roles for each in mine}
        return self.paged(
            [each.review for each in mine], ReviewSerializer, context={"roles": roles}
        )

    @extend_schema(operation_id="make_review", request=NewReview, responses={201: ReviewSerializer})
    def post(self, request: Request) -> Response:
        shaped = checked(NewReview, request)
        made = actions.create_review(by=request.user, **shaped)  # type: ignore[arg-type]
        context = {"roles": {made.pk: ["lead"]}}
        return Response(ReviewSerializer(made, context=context).data, status=201)


class Described(Asked):
    """What changes; the rest stays. `question` replaces all its parts."""

    title = serializers.CharField(max_length=300, required=False)
    framework = serializers.ChoiceField(choices=Review.Framework.choices, required=False)
    question = Question(required=False)
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Once the protocol is locked."
    )


class OneReview(ReviewView):
    """One review: its question, and my roles in it."""

    needs = {"GET": ("read",), "PATCH": ("manage",)}

    @extend_schema(operation_id="one_review", responses=ReviewSerializer)
    def get(self, request: Request, slug: str) -> Response:
        context = {"roles": {self.review.pk: self.member.roles}}
        return Response(ReviewSerializer(self.review, context=context).data)

    @extend_schema(operation_id="change_review", request=Described, responses=ReviewSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        said = checked(Described, request)
        changed = actions.describe(
            self.review,
            by=self.member.user,
            title=said.get("title", self.review.title),
            framework=said.get("framework", self.review.framework),
            question=said.get("question", self.review.question),
            reason=said.get("reason", ""),
        )
        context = {"roles": {self.review.pk: self.member.roles}}
        return Response(ReviewSerializer(changed, context=context).data)
