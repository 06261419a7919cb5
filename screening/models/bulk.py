"""What the lead does to many reports at once, report by report, so that it can be undone."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from citations.models import Report
from reviews.models import Job, Review

from .decisions import Decision
from .desk import Labelling


class BulkAct(models.Model):
    """One act on the reports of a list. Until `begun_at` it is a preview that changes nothing."""

    class Kind(models.TextChoices):
        REMOVE_AUTOMATION = "remove-automation", "Remove before screening: automation tool"
        REMOVE_OTHER = "remove-other", "Remove before screening: other reason"
        EXCLUDE_AUTOMATION = (
            "exclude-automation",
            "Exclude on title and abstract: automation tool",
        )
        INCLUDED_ELSEWHERE = "included-elsewhere", "Include: included elsewhere"
        RESTORE = "restore", "Send back to screening"
        NOT_RETRIEVED = "not-retrieved", "Mark as not retrieved"
        SEEK = "seek", "Seek the full text again"
        LABEL = "label", "Put a label on"

    review = models.ForeignKey(Review, models.PROTECT, related_name="bulk_acts")
    kind = models.CharField(max_length=20, choices=Kind)
    asked = models.TextField(blank=True)  # the list's address, from its question mark on
    reason = models.TextField(blank=True)
    label = models.CharField(max_length=60, blank=True)
    # {place: how many} of the list's reports that the act can't be done to.
    left_out = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk})"


class BulkPart(models.Model):
    """What became of one report: where it stood before and after, and the row that the act made."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"  # `why` says what had happened to it since the preview
        RESTORED = "restored"  # undone
        KEPT = "kept"  # not undone: `why` says what had happened to it since the act

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="parts")
    report = models.ForeignKey(Report, models.PROTECT, related_name="bulk_parts")
    before = models.CharField(max_length=20)  # of Place
    after = models.CharField(max_length=20, blank=True)
    # The word that the act spoke or withdrew; the label that it put on (gone when taken off).
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    labelling = models.ForeignKey(Labelling, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "report"], name="one_part_a_report_of_an_act")
        ]
        indexes = [models.Index(fields=["act", "outcome"], name="parts_by_outcome")]

    def __str__(self) -> str:
        return f"{self.outcome}: report {self.report_id}"
