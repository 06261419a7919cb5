"""What people mark while they read a full text, and where it stands in each copy of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from citations.models import Report

from ..querysets import HighlightQuerySet


class Highlight(models.Model):
    """A passage or an area that somebody marked in a report's full text."""

    FULLTEXT, EXTRACTION = "fulltext", "extraction"

    report = models.ForeignKey(Report, models.PROTECT, related_name="highlights")
    # When it was made: others see it once what was done at that stage is open to them.
    stage = models.CharField(max_length=10, default=FULLTEXT)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = HighlightQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class HighlightPlace(models.Model):
    """Where a highlight stands in one copy: an anchor (citations/documents/anchors.py) or an area."""

    class State(models.TextChoices):
        KEPT = "kept", "Found"
        DOUBTFUL = "doubtful", "To be looked at"
        LOST = "lost", "Not found in this copy"

    highlight = models.ForeignKey(Highlight, models.PROTECT, related_name="places")
    sha256 = models.CharField(max_length=64)  # of the copy
    page = models.PositiveIntegerField()  # from 1
    quote = models.TextField(blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    # [left, top, width, height] as shares of the page, for an area; empty for a quote.
    area: Any = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.KEPT)
    why = models.CharField(max_length=200, blank=True)  # it is doubtful or lost
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["page", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["highlight", "sha256"], name="one_place_a_copy")
        ]
