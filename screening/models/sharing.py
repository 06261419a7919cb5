"""How a stage's reports are shared out: what the lead has set, and who has which part in it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Search
from reviews.models import Review, Stage


class Sharing(models.Model):
    """One setting of a stage. The newest that was not undone is in force; without one all share one queue.

    Whose a report is follows from it and from who screens now (screening/sharing/shares.py).
    """

    class Kind(models.TextChoices):
        ALL = "all", "Everybody takes from one queue"
        RANDOM = "random", "Equal shares, drawn at random"
        QUOTA = "quota", "A quota for each person"
        PAIRS = "pairs", "Balanced pairs"
        EXPERT_NOVICE = "expert-novice", "An expert with novices"
        SOURCE = "source", "By source"
        YEAR = "year", "By year of publication"

    review = models.ForeignKey(Review, models.PROTECT, related_name="sharings")
    stage = models.CharField(max_length=10, choices=Stage)
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the stage
    kind = models.CharField(max_length=14, choices=Kind)
    seed = models.PositiveIntegerField()  # of the draw, so that it can be repeated
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stage", "number"], name="one_sharing_a_number"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="who_undoes_a_sharing_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Share(models.Model):
    """One person's part: a quota, a side of a pair, the reports of a source or of some years."""

    class Group(models.TextChoices):
        NONE = "", "None"
        EXPERT = "expert", "Expert"
        NOVICE = "novice", "Novice"

    sharing = models.ForeignKey(Sharing, models.PROTECT, related_name="parts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    weight = models.PositiveIntegerField(default=1)  # of a quota: its answers
    group = models.CharField(max_length=6, choices=Group, blank=True)
    source = models.ForeignKey(Search, models.PROTECT, null=True, blank=True, related_name="shares")

    # Of shares by year, both ends included; None: open at that end.
    year_from = models.PositiveSmallIntegerField(null=True, blank=True)
    year_to = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sharing", "user"], condition=Q(source=None), name="one_part_each"
            ),
            models.UniqueConstraint(
                fields=["sharing", "user", "source"],
                condition=Q(source__isnull=False),
                name="one_part_each_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.sharing}"

    @property
    def years(self) -> str:
        """The years in words; "" where the share is not by year."""
        if self.year_from is not None and self.year_to is not None:
            return f"{self.year_from} to {self.year_to}"
        if self.year_from is not None:
            return f"from {self.year_from}"
        return "" if self.year_to is None else f"until {self.year_to}"
