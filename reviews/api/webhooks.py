"""Whom the review tells what happens in it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reviews import webhooks
from reviews.models import Attempt, Message, Webhook

from . import Asked, Paged, ReviewView, checked


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields = ["id", "url", "events", "created_at", "ended_at"]


class NewWebhook(Asked):
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(webhooks.EVENTS.items())),
        min_length=1,
        max_length=len(webhooks.EVENTS),
    )


class WithSecret(WebhookSerializer):
    secret = serializers.SerializerMethodField(help_text="Shown this once.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]

    def get_secret(self, webhook: Webhook) -> str:
        return self.context["secret"]


class Webhooks(ReviewView):
    """Whom the review tells; a new address."""

    needs = {"GET": ("manage",), "POST": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="webhooks_list", responses=WebhookSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.paged(self.review.webhooks.order_by("pk"), WebhookSerializer)

    @extend_schema(request=NewWebhook, responses={201: WithSecret})
    def post(self, request: Request, slug: str) -> Response:
        said = checked(NewWebhook, request)
        made, secret = webhooks.add(self.review, **said, by=self.member.user)
        return Response(WithSecret(made, context={"secret": secret}).data, status=201)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ["at", "status", "error"]


class MessageSerializer(serializers.ModelSerializer[Message]):
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = Message
        fields = ["id", "event", "facts", "at", "delivered_at", "next_at", "attempts"]


class HookView(ReviewView):
    hook: Webhook

    def find(self, **kwargs: Any) -> None:
        self.hook = get_object_or_404(self.review.webhooks, pk=kwargs["pk"])


class OneWebhook(HookView):
    """What an address was told, newest first, with each try; DELETE: it is told nothing more."""

    needs = {"GET": ("manage",), "DELETE": ("manage",)}
    query = {"GET": Paged}

    @extend_schema(operation_id="messages_list", responses=MessageSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        found = self.hook.messages.prefetch_related("attempts").order_by("-pk")
        return self.paged(found, MessageSerializer)

    @extend_schema(request=None, responses={200: WebhookSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        return Response(WebhookSerializer(webhooks.end(self.hook, by=self.member.user)).data)


class TestWebhook(HookView):
    """Send a message that says nothing, to see whether it arrives."""

    needs = {"POST": ("manage",)}

    @extend_schema(request=None, responses={202: MessageSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return Response(MessageSerializer(webhooks.test(self.hook)).data, status=202)


class SendAgain(ReviewView):
    """Try a message once more, now."""

    needs = {"POST": ("manage",)}

    def find(self, **kwargs: Any) -> None:
        known = Message.objects.filter(webhook__review=self.review).select_related("webhook")
        self.message = get_object_or_404(known, pk=kwargs["pk"])

    @extend_schema(request=None, responses={202: MessageSerializer})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return Response(MessageSerializer(webhooks.send_again(self.message)).data, status=202)
