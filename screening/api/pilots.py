"""Pilot rounds: listing them with what they may show, drawing one, closing it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.api import Asked, Detail, ReviewView, Why, checked
from reviews.models import Membership
from screening.lead import pilots
from screening.models import Pilot

from . import STAGES


class Draw(Asked):
    stage = serializers.ChoiceField(choices=STAGES)
    size = serializers.IntegerField(min_value=1, max_value=pilots.LARGEST)
    threshold = serializers.FloatField(
        min_value=0, max_value=1, help_text="Of the agreement on includes."
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="A new one where there is none."
    )


def shown(pilot: Pilot, member: Membership) -> dict[str, Any]:
    """A round as its page shows it: no agreement before that may be seen."""
    found = pilots.round_of(pilot, member, member.review.rules(pilot.stage))
    return {
        "id": pilot.pk,
        "stage": pilot.stage,
        "number": pilot.number,
        "size": pilot.size,
        "seed": pilot.seed,
        "threshold": pilot.threshold,
        "by": pilot.by.username,
        "at": pilot.at,
        "closed_at": pilot.closed_at,
        "answered": {user.username: n for user, n in found.people},
        "complete": found.is_complete,
        "agreement": found.agreement,
        "reached": found.is_reached if found.panel else None,
        "opened_because": pilot.opened_because,
    }


class Pilots(ReviewView):
    """The pilot rounds of both stages; POST draws one, and closes the one that is open."""

    needs = {"GET": ("read",), "POST": ("manage",)}

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.pilots.select_related("by", "review").order_by("stage", "number")
        return Response({"results": [shown(pilot, self.member) for pilot in found]})

    @extend_schema(request=Draw, responses={201: OpenApiTypes.OBJECT, 409: Detail, 422: Detail})
    def post(self, request: Request, slug: str) -> Response:
        shaped = checked(Draw, request)
        pilot = pilots.draw(
            self.review,
            shaped["stage"],
            by=self.member.user,
            size=shaped["size"],
            threshold=shaped["threshold"],
            seed=shaped.get("seed"),
        )
        return Response(shown(pilot, self.member), status=201)


class ClosePilot(ReviewView):
    """Close a pilot round: the main round of its stage opens; below the threshold for a reason."""

    needs = {"POST": ("manage",)}
    pilot: Pilot

    def find(self, **kwargs: Any) -> None:
        self.pilot = get_object_or_404(self.review.pilots, pk=kwargs["pk"])

    @extend_schema(
        request=Why,
        responses={200: OpenApiTypes.OBJECT, 404: Detail, 409: Detail, 422: Detail},
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        reason = checked(Why, request)["reason"]
        closed = pilots.close(self.pilot, by=self.member.user, reason=reason)
        return Response(shown(closed, self.member))
