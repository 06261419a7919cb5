"""What the review says of itself: numbers as they were frozen."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from reviews.models import Review


class Snapshot(models.Model):
    """The PRISMA numbers of one moment, for a protocol, a talk, a submission. Never changed."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="snapshots")
    name = models.CharField(max_length=120)
    numbers = models.JSONField()  # the shape of screening.reporting.prisma.report
    # Of the numbers, as reporting/snapshots.py writes them; the audit log holds it as well.
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return bool(self.numbers["draft"])


class ChecklistNote(models.Model):
    """What people say themselves about an item of the PRISMA checklists; the log keeps the earlier."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="checklist_notes")
    item = models.CharField(max_length=4)  # "13c", "A7": of reporting/checklist_items.py
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "item"], name="one_checklist_note_an_item")
        ]

    def __str__(self) -> str:
        return f"PRISMA item {self.item}"
