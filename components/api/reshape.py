"""Where components stand, merging and splitting them, and taking back what was done to the tree."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from components import actions, events, reshaping
from components.models import Component, TreeEvent
from reviews.api import Asked, Id, MustSayWhy, Paged, ReviewView, Why, checked

from .serializers import ComponentSerializer, TreeEventSerializer
from .tree import ComponentView


class Spot(Why):
    """A place in the tree."""

    parent = Id(allow_null=True, help_text="Null: at the top.")  # type: ignore[assignment]
    before = Id(
        required=False,
        allow_null=True,
        default=None,
        help_text="The sibling that it stands in front of; null: as the last.",
    )


class Place(ComponentView):
    """Hang a component below another one, in front of a sibling or as the last."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(operation_id="place_component", request=Spot, responses=ComponentSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Spot, request)
        parent, before = (self._other(said[name]) for name in ("parent", "before"))
        placed = actions.place(
            self.component,
            by=self.member.user,
            parent=parent,
            before=before,
            reason=said["reason"],
        )
        return Response(ComponentSerializer(placed).data)

    def _other(self, pk: int | None) -> Component | None:
        return get_object_or_404(self.review.components, pk=pk) if pk else None


class Step(Asked):
    to = serializers.ChoiceField(choices=["up", "down"])


class Shift(ComponentView):
    """One place up or down among its siblings; at the end it stays."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(operation_id="shift_component", request=Step, responses=ComponentSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        places = -1 if checked(Step, request)["to"] == "up" else 1
        moved = actions.shift(self.component, places, by=self.member.user)
        return Response(ComponentSerializer(moved).data)


class Into(MustSayWhy):
    into = Id()


class Merge(ComponentView):
    """Let everything that was coded with it count as another one; it retires. What the event
    moved comes back when it is undone."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(
        operation_id="merge_component", request=Into, responses={201: TreeEventSerializer}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Into, request)
        into = get_object_or_404(self.review.components, pk=said["into"])
        event = reshaping.merge(self.component, into, by=self.member.user, reason=said["reason"])
        return Response(TreeEventSerializer(event).data, status=201)


class PartSerializer(Asked):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=200)
    definition = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True, default=""
    )


class Parts(MustSayWhy):
    parts = PartSerializer(many=True, min_length=2, max_length=reshaping.MOST_PARTS)  # type: ignore[call-arg]


class Split(ComponentView):
    """Make parts beside it. Its codings stay on it until somebody re-codes them."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(
        operation_id="split_component",
        request=Parts,
        responses={201: ComponentSerializer(many=True)},
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(Parts, request)
        parts = [reshaping.Part(**part) for part in said["parts"]]
        made = reshaping.split(self.component, parts, by=self.member.user, reason=said["reason"])
        return Response(ComponentSerializer(made, many=True).data, status=201)


class EventsQuery(Paged):
    code = serializers.CharField(required=False, help_text="What was done to this code.")
    verb = serializers.ChoiceField(choices=TreeEvent.Verb.choices, required=False)


class Events(ReviewView):
    """What was done to the tree, newest first."""

    needs = {"GET": ("read",)}
    query = {"GET": EventsQuery}

    @extend_schema(operation_id="tree_events", responses=TreeEventSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.tree_events.select_related("by", "undone_by").defer("changes")
        asked = {name: self.asked[name] for name in ("code", "verb") if name in self.asked}
        return self.paged(found.filter(**asked).order_by("-pk"), TreeEventSerializer)


class Undo(ReviewView):
    """Take back what an event did, exactly. That is an event as well and can be undone itself."""

    needs = {"POST": ("edit_components",)}
    event: TreeEvent

    def find(self, **kwargs: Any) -> None:
        self.event = get_object_or_404(self.review.tree_events, pk=kwargs["pk"])

    @extend_schema(
        operation_id="undo_tree_event", request=Why, responses={201: TreeEventSerializer}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(Why, request)["reason"]
        done = events.undo(self.event, by=self.member.user, reason=why)
        return Response(TreeEventSerializer(done).data, status=201)
