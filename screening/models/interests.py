"""Who has an interest in a report, and so nothing to say on it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report


class Interest(models.Model):
    """A declared conflict of interest: `user` wrote the report, or is bound to it otherwise."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="interests")
    why = models.CharField(max_length=300, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"],
                condition=Q(withdrawn_at=None),
                name="one_standing_interest_each",
            )
        ]
        indexes = [
            # The queue: what is kept from one person.
            models.Index(
                fields=["user", "report"],
                condition=Q(withdrawn_at=None),
                name="interests_that_stand",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in report {self.report_id}"
