"""Looking again after the criteria have changed: what was decided under which, and my queue."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from citations.differences import Piece
from reviews.actions import criteria_version
from reviews.api import Asked, MustSayWhy, ReviewView, checked
from reviews.models import Stage
from screening.desk import submitting
from screening.lead import relooking
from screening.lead.wording import Change
from screening.models import Relook

from . import STAGES, StageQuery

MOST = 50


class Begin(MustSayWhy):
    stage = serializers.ChoiceField(choices=STAGES)


class End(Asked):
    stage = serializers.ChoiceField(choices=STAGES)


class Relooks(ReviewView):
    """Decisions by the version of the criteria that they were taken under, and what is looked at
    again. POST asks everybody to look again at a stage."""

    needs = {"GET": ("read",), "POST": ("manage",)}

    @extend_schema(operation_id="relooks", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, slug: str) -> Response:
        return Response(self._all())

    @extend_schema(operation_id="begin_relook", request=Begin, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(Begin, request)
        relooking.begin(self.review, said["stage"], by=self.member.user, reason=said["reason"])
        return Response(self._all(), status=201)

    def _all(self) -> dict[str, Any]:
        found = relooking.overview(self.member)
        return {
            "version": found.latest,
            "versions": [
                {
                    "number": each.number,
                    "at": each.event.at if each.event else None,
                    "by": each.event.actor.username if each.event and each.event.actor else None,
                    "reason": each.event.reason if each.event else "",
                    "decisions": {str(stage): n for stage, n, _ in each.stages},
                    "mine": {str(stage): n for stage, _, n in each.stages},
                    "changes": written(each.since),
                }
                for each in found.versions
            ],
            "stages": {
                str(each.stage): {
                    "earlier": each.old,
                    "changeable": each.changeable,
                    "relook": each.relook
                    and {
                        "up_to": each.relook.version,
                        "by": each.relook.by.username,
                        "at": each.relook.at,
                        "mine": each.mine,
                        "people": [
                            {"user": part.user.username, "done": part.done, "left": part.left}
                            for part in each.parts
                        ],
                    },
                }
                for each in found.stages
            },
        }


def written(changes: list[tuple[str, list[Change]]]) -> list[dict[str, Any]]:
    """What changed between two versions, a list of lines for each kind of criterion."""
    return [
        {
            "kind": kind,
            "lines": [
                {"how": line.how, "before": _whole(line.before), "after": _whole(line.after)}
                for line in lines
            ],
        }
        for kind, lines in changes
    ]


def _whole(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces)


class EndRelook(ReviewView):
    """Ask no longer. What was answered stands; the other decisions stay as they were."""

    needs = {"POST": ("manage",)}

    @extend_schema(operation_id="end_relook", request=End, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, slug: str) -> Response:
        stage = checked(End, request)["stage"]
        relook = get_object_or_404(Relook, review=self.review, stage=stage, ended_at=None)
        ended = relooking.end(relook, by=self.member.user)
        return Response({"stage": stage, "ended_at": ended.ended_at})


class RelookQuery(StageQuery):
    limit = serializers.IntegerField(min_value=1, max_value=MOST, required=False, default=5)


class RelookQueue(ReviewView):
    """My next decisions to look at again, with what changed since. To answer: send the decision
    (the same one keeps it) with `again`, the `version` that is given here."""

    needs = {"GET": ("screen",)}
    query = {"GET": RelookQuery}

    @extend_schema(operation_id="relook_queue", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, slug: str) -> Response:
        stage = Stage(self.asked["stage"])
        waiting = relooking.waiting_for(self.member, relooking.open_relooks(self.review).get(stage))
        mine = list(waiting.select_related("report", "by", "reason")[: self.asked["limit"]])
        latest = criteria_version(self.review)
        cards = submitting.cards([each.report for each in mine], self.member)
        texts = list(self.review.criteria.all())
        return Response(
            {
                "left": waiting.count(),
                "version": latest,
                "results": [
                    {
                        "record": card,
                        "mine": submitting.described(each),
                        "changes": written(
                            relooking.differences(texts, each.criteria_version, latest)
                        ),
                    }
                    for each, card in zip(mine, cards, strict=True)
                ],
            }
        )
