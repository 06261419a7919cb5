"""How components and the events of their tree are said in the API."""

from rest_framework import serializers

from components import actions
from components.models import Component, TreeEvent


class ComponentSerializer(serializers.ModelSerializer[Component]):
    seen = serializers.SerializerMethodField(
        help_text="Stands for the words as they are; send it with a change to lose nobody's."
    )

    class Meta:
        model = Component
        fields = ["id", "guid", "code", "parent", "order", *actions.DEFINING, "retired_at", "seen"]

    def get_seen(self, component: Component) -> str:
        return actions.fingerprint(component)


class TreeEventSerializer(serializers.ModelSerializer[TreeEvent]):
    by = serializers.CharField(source="by.username", help_text="A user name.")
    undone_by = serializers.SerializerMethodField(
        help_text="The event that took it back; null while it holds."
    )

    class Meta:
        model = TreeEvent
        fields = [
            "id",
            "verb",
            "code",
            "into",
            "reason",
            "by",
            "at",
            "affected",
            "undoes",
            "undone_by",
        ]

    def get_undone_by(self, event: TreeEvent) -> int | None:
        return event.undone_by.pk if hasattr(event, "undone_by") else None
