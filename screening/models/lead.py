"""What the lead asks of everybody."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review, Stage


class Relook(models.Model):
    """The lead asks everybody to look again at their decisions under earlier criteria.

    What is left is computed (screening/lead/relooking.py): decisions of `stage` that stand and carry
    `version` or an earlier one.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="relooks")
    stage = models.CharField(max_length=10, choices=Stage)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stage"],
                condition=Q(ended_at=None),
                name="one_relook_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} up to version {self.version}"
