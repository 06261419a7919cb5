"""What people decided. Rows are appended; a changed mind is a new row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Criterion, Review, Stage

from ..querysets import DecisionQuerySet


class Reason(models.Model):
    """Why a report is excluded. Ordered: the first that applies is the one to give."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="reasons")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FULLTEXT)
    label = models.CharField("reason", max_length=120)
    order = models.PositiveSmallIntegerField(default=0)
    # Two levels: one under which this one stands, or none.
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="narrower"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    # Merged into another one: decisions keep this reason, and are counted under `counts_as`, where
    # the standing merges lead (screening/reasons.py:_count_anew, which alone writes it).
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbed"
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    was_retired = models.BooleanField(default=False)  # before it was merged
    counts_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stands_for", editable=False
    )

    class Meta:
        ordering = ["stage", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stage", "label"],
                condition=Q(retired_at=None),
                name="one_reason_a_label",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(retired_at__isnull=False),
                name="what_was_merged_is_not_chosen",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def full_label(self) -> str:
        """With the reason that it stands under; fetch `parent` with it."""
        return f"{self.parent.label}: {self.label}" if self.parent else self.label


class Decision(models.Model):
    """What one person said about one report at one stage."""

    class Verdict(models.TextChoices):
        INCLUDE = "include", "Include"
        MAYBE = "maybe", "Maybe"
        EXCLUDE = "exclude", "Exclude"
        # At full text alone (Cochrane Handbook 4.6.4): not enough is known to tell whether it fits;
        # it fits, and there are no results yet.
        AWAITING = "awaiting", "Awaiting classification"
        ONGOING = "ongoing", "Ongoing study"

    report = models.ForeignKey(Report, models.PROTECT, related_name="decisions")
    stage = models.CharField(max_length=10, choices=Stage)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    # What else would have excluded it, at full text. PRISMA 2020 counts `reason` alone.
    others = models.ManyToManyField(Reason, blank=True, related_name="+")
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    # The word that ends the stage: an adjudicator's, or the team's before screening and at
    # retrieval, where nobody decides twice.
    final = models.BooleanField(default=False)
    # A final word that those who had decided found among themselves; `by` confirmed it last.
    consensus = models.BooleanField(default=False)
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
            # screening/flow/ and the queue: the decisions that stand on one report at one stage.
            models.Index(
                fields=["report", "stage"],
                condition=Q(superseded_at=None),
                name="current_decisions",
            ),
            # What tools said: mostly nothing. The condition names no stage, since SQLite can't tell that
            # a parameter is the one that it names.
            models.Index(
                fields=["stage", "report"], condition=Q(automation=True), name="said_by_tools"
            ),
            # "My decisions", newest first.
            models.Index(fields=["by", "-id"], name="decisions_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.stage} by {self.by}"


class CriterionAnswer(models.Model):
    """What its maker said of one criterion along with a decision. Appended with it, never changed."""

    class Says(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNCLEAR = "unclear", "Unclear"

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="answers")
    # The very wording that was answered: an edit of the criteria makes new rows.
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answers")
    says = models.CharField(max_length=7, choices=Says)

    class Meta:
        ordering = ["criterion__kind", "criterion__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "criterion"], name="one_answer_a_criterion_of_a_decision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.says} to criterion {self.criterion_id}"
