"""Addresses that are told what happens in a review, and what became of each message."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Webhook(models.Model):
    """One address and what it is told of."""

    review = models.ForeignKey("reviews.Review", models.PROTECT, related_name="webhooks")
    url = models.CharField("address", max_length=500)
    events = models.JSONField(default=list)  # names of reviews.webhooks.EVENTS
    # The secret follows from it and the installation's own; it is stored nowhere.
    nonce = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


class Message(models.Model):
    """What one address is told once. A message that failed is tried again by itself."""

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="messages")
    event = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)  # when it is tried again

    class Meta:
        ordering = ["-pk"]

    @property
    def state(self) -> str:
        if self.delivered_at:
            return "delivered"
        if self.webhook.ended_at:
            return "not delivered"
        return "waiting" if self.next_at else "not delivered"


class Attempt(models.Model):
    """One try: the status that came back, or why none did."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    @property
    def said(self) -> Any:
        return self.status or self.error
