"""The tree of components: read, add, redefine, retire, restore."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from components import actions
from components.models import Component, Pattern
from reviews.api import Asked, Id, Paged, ReviewView, Why, checked

from .serializers import ComponentSerializer


class Words(Asked):
    """What a component says."""

    name = serializers.CharField(max_length=200)
    parent = Id(required=False, allow_null=True)  # type: ignore[assignment]
    definition = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    include_when = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    exclude_when = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    exemplar = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    exemplar_source = serializers.CharField(max_length=200, required=False, allow_blank=True)
    counter_exemplar = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    counter_exemplar_source = serializers.CharField(
        max_length=200, required=False, allow_blank=True
    )
    is_codable = serializers.BooleanField(required=False)
    colour = serializers.RegexField(r"^(#[0-9A-Fa-f]{6})?$", required=False, allow_blank=True)
    pattern = serializers.ChoiceField(choices=Pattern.choices, required=False, allow_blank=True)
    tidier_items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), required=False, max_length=12
    )


class NewComponent(Words):
    code = serializers.CharField(max_length=40)


class ComponentChange(Words):
    """What is left out stays."""

    name = serializers.CharField(max_length=200, required=False)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    seen = serializers.CharField(
        max_length=16,
        required=False,
        allow_blank=True,
        default="",
        help_text="As it was read: 409 when somebody has changed the component since.",
    )


class Components(ReviewView):
    """The components in their order, also retired ones; a new one, the last below its parent."""

    needs = {"GET": ("read",), "POST": ("edit_components",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="components_list", responses=ComponentSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.components.order_by("order", "pk"), ComponentSerializer)

    @extend_schema(request=NewComponent, responses={201: ComponentSerializer})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewComponent, request)
        parent = None
        if above := said.pop("parent", None):
            parent = get_object_or_404(self.review.components, pk=above)
        made = actions.add(self.review, by=self.member.user, parent=parent, **said)
        return Response(ComponentSerializer(made).data, status=201)


class ComponentView(ReviewView):
    component: Component

    def find(self, **kwargs: Any) -> None:
        found = self.review.components.select_related("review", "parent")
        self.component = get_object_or_404(found, pk=kwargs["pk"])


class OneComponent(ComponentView):
    """One component; change what it says and where it hangs."""

    needs = {"GET": ("read",), "PATCH": ("edit_components",)}

    @extend_schema(
        operation_id="redefine_component", request=ComponentChange, responses=ComponentSerializer
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        said = checked(ComponentChange, request)
        parent = self.component.parent
        if "parent" in said:
            above = said.pop("parent")
            parent = get_object_or_404(self.review.components, pk=above) if above else None
        changed = actions.redefine(self.component, by=self.member.user, parent=parent, **said)
        return Response(ComponentSerializer(changed).data)

    @extend_schema(operation_id="one_component", responses=ComponentSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(ComponentSerializer(self.component).data)


class Retire(ComponentView):
    """Code with it no more; what was coded stays."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(request=Why, responses=ComponentSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        why = checked(Why, request)["reason"]
        gone = actions.retire(self.component, by=self.member.user, reason=why)
        return Response(ComponentSerializer(gone).data)


class Restore(ComponentView):
    """Code with it again."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(request=None, responses=ComponentSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        back = actions.restore(self.component, by=self.member.user)
        return Response(ComponentSerializer(back).data)
