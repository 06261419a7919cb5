"""The tree under numbers: a draft, frozen versions, and what differs between two."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from components import versions
from components.models import TreeVersion
from reviews.api import Asked, Paged, ReviewView, checked

NOW = "now"  # the tree as it stands


class TreeVersionSerializer(serializers.ModelSerializer[TreeVersion]):
    begun_by = serializers.CharField(source="begun_by.username", help_text="A user name.")
    frozen_by = serializers.SerializerMethodField(help_text="A user name; null: it is the draft.")

    class Meta:
        model = TreeVersion
        fields = ["id", "name", "note", "begun_at", "begun_by", "frozen_at", "frozen_by"]

    def get_frozen_by(self, version: TreeVersion) -> str | None:
        return version.frozen_by.username if version.frozen_by else None


class Numbered(Asked):
    name = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text="Empty: the next one.",
    )


class Frozen(Numbered):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class Versions(ReviewView):
    """The versions, newest first; a new draft, after which the tree can be changed again."""

    needs = {"GET": ("read",), "POST": ("edit_components",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="tree_versions", responses=TreeVersionSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.tree_versions.select_related("begun_by", "frozen_by").defer("content")
        return self.paged(found.order_by("-pk"), TreeVersionSerializer)

    @extend_schema(
        operation_id="begin_tree_version", request=Numbered, responses={201: TreeVersionSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        said = checked(Numbered, request)
        made = versions.begin(self.review, by=self.member.user, **said)
        return Response(TreeVersionSerializer(made).data, status=201)


class Freeze(ReviewView):
    """Keep the tree as it is as a version that never changes."""

    needs = {"POST": ("edit_components",)}

    @extend_schema(
        operation_id="freeze_tree", request=Frozen, responses={201: TreeVersionSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        made = versions.freeze(self.review, by=self.member.user, **checked(Frozen, request))
        return Response(TreeVersionSerializer(made).data, status=201)


class OneVersion(ReviewView):
    """What a frozen version says, in the form of the JSON export; "now" is the tree as it stands."""

    needs = {"GET": ("read",)}

    @extend_schema(operation_id="tree_version", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, slug: str, name: str) -> Response:
        return Response(self.content(name))

    def content(self, name: str) -> dict[str, Any]:
        frozen = self.review.tree_versions.filter(name=name, frozen_at__isnull=False).first()
        if frozen is None and name != NOW:
            raise Http404("There is no such frozen version.")
        return versions.content_of(self.review, frozen)


class Two(Asked):
    before = serializers.CharField(max_length=20, help_text="The name of a frozen version.")
    after = serializers.CharField(
        max_length=20, required=False, default=NOW, help_text="Another one; now: as it stands."
    )


class ChangedWordsSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class TreeDifferenceSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["added", "removed", "changed"])
    fields_changed = ChangedWordsSerializer(many=True)


class Differences(OneVersion):
    """What one version of the tree has otherwise than an earlier one, code by code."""

    query = {"GET": Two}

    @extend_schema(operation_id="tree_differences", responses=TreeDifferenceSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:  # type: ignore[override]
        before, after = (self.content(self.asked[name]) for name in ("before", "after"))
        found = [
            asdict(each)
            | {
                "fields_changed": [
                    dict(zip(("field", "before", "after"), field, strict=True))
                    for field in each.fields
                ]
            }
            for each in versions.differences(before, after)
        ]
        return Response(TreeDifferenceSerializer(found, many=True).data)
