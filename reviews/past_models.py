"""What rows said before an act changed them in place."""

from typing import Any

from django.db import models
from django.utils import timezone


class EarlierState(models.Model):
    """What some fields of one row said until `at`; written by reviews/past.py alone, never changed.

    Only where the rows themselves no longer tell: a decision that was superseded carries the time in
    itself and has no line here, one that moved with a join of duplicates has.
    """

    review = models.ForeignKey(
        "reviews.Review", models.PROTECT, related_name="earlier_states", db_index=False
    )
    model = models.CharField(max_length=40)  # "screening.decision"
    said: Any = models.JSONField()  # {"id": the row, field: value, …}; references by id
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [
            # What has changed since a day.
            models.Index(fields=["review", "at"], name="earlier_states_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.said['id']} until {self.at:%Y-%m-%d %H:%M}"
