"""What people decided. Rows are appended; a changed mind is a new row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Review, Stage

from .querysets import DecisionQuerySet, LabellingQuerySet


class Reason(models.Model):
    """Why a report is excluded. Ordered: the first that applies is the one to give."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="reasons")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FULLTEXT)
    label = models.CharField("reason", max_length=120)
    order = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stage", "label"],
                condition=Q(retired_at=None),
                name="one_reason_a_label",
            )
        ]

    def __str__(self) -> str:
        return self.label


class Decision(models.Model):
    """What one person said about one report at one stage."""

    class Verdict(models.TextChoices):
        INCLUDE = "include", "Include"
        MAYBE = "maybe", "Maybe"
        EXCLUDE = "exclude", "Exclude"

    report = models.ForeignKey(Report, models.PROTECT, related_name="decisions")
    stage = models.CharField(max_length=10, choices=Stage)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    # The word that ends the stage: an adjudicator's, or the team's before screening and at
    # retrieval, where nobody decides twice.
    final = models.BooleanField(default=False)
    automation = models.BooleanField(default=False)  # a tool's doing, entered by `by`
    criteria_version = models.PositiveIntegerField(default=1)
    served_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    # Taken back while still blind: a slip of the hand, not an answer (agreement leaves it out).
    withdrawn = models.BooleanField(default=False)
    # Superseded because its report was merged, and not by its author: it stands again when the
    # merge is undone (screening/duplicates/joining.py).
    gave_way = models.BooleanField(default=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "stage", "by"],
                condition=Q(superseded_at=None, final=False),
                name="one_current_decision_each",
            ),
            models.UniqueConstraint(
                fields=["report", "stage"],
                condition=Q(superseded_at=None, final=True),
                name="one_final_word",
            ),
            models.CheckConstraint(
                condition=Q(gave_way=False) | Q(superseded_at__isnull=False),
                name="what_gave_way_does_not_stand",
            ),
        ]
        indexes = [
            # flow.py and the queue: the decisions that stand on one report at one stage.
            models.Index(
                fields=["report", "stage"],
                condition=Q(superseded_at=None),
                name="current_decisions",
            ),
            # "My decisions", newest first.
            models.Index(fields=["by", "-id"], name="decisions_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.stage} by {self.by}"


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
