"""What a person said about two reports that looked like one study."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ReportsApart(models.Model):
    """These two reports tell of different studies: they are not suggested again."""

    first = models.ForeignKey("citations.Report", models.PROTECT, related_name="apart_from")
    second = models.ForeignKey("citations.Report", models.PROTECT, related_name="apart_to")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="apart_once_a_pair")
        ]
