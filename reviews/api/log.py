"""The audit log."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews.models import AuditEvent

from . import Paged, ReviewView


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    actor = serializers.SerializerMethodField(help_text="A user name; null for the machine.")

    class Meta:
        model = AuditEvent
        fields = [
            "number",
            "at",
            "actor",
            "verb",
            "target",
            "before",
            "after",
            "reason",
            "previous_hash",
            "hash",
        ]

    def get_actor(self, event: AuditEvent) -> str | None:
        return event.actor.username if event.actor else None


class EventsQuery(Paged):
    by = serializers.CharField(required=False, help_text="A user name.")
    verb = serializers.CharField(required=False)
    target = serializers.CharField(required=False, help_text="Such as “report 12”.")
    after = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Numbers above this one."
    )


class Events(ReviewView):
    """What was done, in its order; each event carries the hash of the one before it."""

    needs = {"GET": ("manage",)}
    query = {"GET": EventsQuery}

    @extend_schema(operation_id="audit_list", responses=EventSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        found = self.review.events.select_related("actor").order_by("number")
        if "by" in self.asked:
            found = found.filter(actor__username=self.asked["by"])
        for name in ("verb", "target"):
            if name in self.asked:
                found = found.filter(**{name: self.asked[name]})
        if "after" in self.asked:
            found = found.filter(number__gt=self.asked["after"])
        return self.paged(found, EventSerializer)
