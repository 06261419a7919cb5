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
