"""Full texts that were sent in one drop, and those of them that wait for a person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review


class Delivery(models.Model):
    """Files that were dropped together."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="deliveries")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"


class LooseFile(models.Model):
    """A file of a delivery, and what became of it.

    Not read yet: `read_at` is empty. Not taken: `refused` says why. Attached: `fulltext`. Laid
    aside by a person: `aside_at`. Everything else that was read waits in the tray.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="loose_files")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="files")
    inside = models.ForeignKey(  # the zip that it came in, and its number there
        "self", models.PROTECT, null=True, blank=True, related_name="files"
    )
    number = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=500)  # with the folders of the zip; never a path on our disk
    sha256 = models.CharField(max_length=64, blank=True)  # empty: nothing was stored
    size = models.PositiveBigIntegerField(default=0)
    kind = models.CharField(max_length=10, blank=True)  # citations/documents/kinds.py
    text = models.TextField(blank=True)  # until it is attached
    pages = models.PositiveIntegerField(default=0)
    told: Any = models.JSONField(default=dict, blank=True)  # what the file says of itself
    # [{"report": id, "points": number, "why": [sentences], "sure": bool}], the best first
    guesses: Any = models.JSONField(default=list, blank=True)
    refused = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    fulltext = models.ForeignKey(
        "citations.FullText", models.PROTECT, null=True, blank=True, related_name="loose_files"
    )
    # Who attached it or laid it aside; None where the machine was sure.
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    aside_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            # A job that unpacks a zip twice stores each of its files once.
            models.UniqueConstraint(
                fields=["inside", "number"],
                condition=Q(inside__isnull=False),
                name="one_loose_file_a_place_in_a_zip",
            )
        ]
        indexes = [models.Index(fields=["review", "sha256"], name="loose_files_by_content")]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]


class RetrievalRules(models.Model):
    """How a review gets hold of full texts. Without a row: no link resolver, the usual letters."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="retrieval_rules")
    resolver = models.CharField(max_length=500, blank=True)  # see citations/seeking.py
    letter = models.TextField(blank=True)  # empty: the usual one
    reminder = models.TextField(blank=True)
    # The review's half of the switch; the other is settings.LOOKUP_EMAIL.
    looks_up = models.BooleanField(default=False)
