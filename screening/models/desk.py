"""What a reviewer has on the desk: reports handed out, labels, marked words, keys."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Review, Stage

from ..querysets import LabellingQuerySet


class Lease(models.Model):
    """A report that was handed to a reviewer, who is about to decide on it. No research data."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="leases")
    stage = models.CharField(max_length=10, choices=Stage)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "stage", "by"], name="one_lease_each")
        ]
        indexes = [models.Index(fields=["by", "until"], name="leases_by_person")]

    def __str__(self) -> str:
        return f"{self.report_id} with {self.by} until {self.until:%H:%M}"


class Label(models.Model):
    """A word of the review's own for reports. Anybody who screens may add one."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="labels")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "name"], name="one_label_a_name")]

    def __str__(self) -> str:
        return self.name


class Labelling(models.Model):
    """A label that one person has put on one report; taken off, the row is gone."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="labellings")
    label = models.ForeignKey(Label, models.PROTECT, related_name="labellings")
    stage = models.CharField(max_length=10, choices=Stage)  # where it was given: when it opens
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = LabellingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "label", "by"], name="one_label_each")
        ]

    def __str__(self) -> str:
        return f"{self.label} on {self.report_id} by {self.by}"


class MarkedWords(models.Model):
    """Words that are marked on the reviewers' page: the review's, or one person's (`by`)."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="marked_words")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    include = models.JSONField(default=list)
    exclude = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review"], condition=Q(by=None), name="one_set_of_words_a_review"
            ),
            models.UniqueConstraint(
                fields=["review", "by"],
                condition=Q(by__isnull=False),
                name="one_set_of_words_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"words of {self.by or self.review}"


class KeyChoice(models.Model):
    """The keys that a person has chosen for the reviewers' page (screening/desk/keymap.py)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    keys = models.JSONField(default=dict)  # {act: key}
    letters = models.BooleanField(default=True)  # whether keys of one character are heard

    def __str__(self) -> str:
        return f"keys of {self.user}"
