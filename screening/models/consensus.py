"""What is said and proposed on a conflict that those who decided settle among themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Stage

from .decisions import Decision, Reason


class Remark(models.Model):
    """One contribution to the thread of a conflict. Appended, never changed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="remarks")
    stage = models.CharField(max_length=10, choices=Stage)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.by} on report {self.report_id}"


class Proposal(models.Model):
    """The verdict that one of them would end it with; when all propose the same, it is the word."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="proposals")
    stage = models.CharField(max_length=10, choices=Stage)
    verdict = models.CharField(max_length=8, choices=Decision.Verdict)
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    # The final word that it became a part of.
    word = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="proposals"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "stage", "by"],
                condition=Q(superseded_at=None),
                name="one_current_proposal_each",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} proposed by {self.by}"
