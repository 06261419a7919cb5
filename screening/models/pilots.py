"""Pilot rounds: the same few reports for everybody, before the main round of a stage."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Review, Stage


class Pilot(models.Model):
    """One pilot round of a stage. While it is open, nothing else of the stage is handed out."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="pilots")
    stage = models.CharField(max_length=10, choices=Stage)
    number = models.PositiveSmallIntegerField()  # 1, 2, 3 … within the stage
    seed = models.PositiveIntegerField()  # of the draw, so that it can be repeated
    size = models.PositiveSmallIntegerField()  # reports drawn
    threshold = models.FloatField()  # of the agreement on includes (p_pos), 0 to 1
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_because = models.TextField(blank=True)  # the main round, below the threshold

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stage", "number"], name="one_pilot_round_a_number"
            ),
            models.UniqueConstraint(
                fields=["review", "stage"],
                condition=Q(closed_at=None),
                name="one_open_pilot_a_stage",
            ),
        ]

    def __str__(self) -> str:
        return f"pilot round {self.number}"


class PilotReport(models.Model):
    """A report that a pilot round has drawn; in the order of the draw."""

    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="drawn")
    report = models.ForeignKey(Report, models.PROTECT, related_name="pilots")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pilot", "report"], name="drawn_once_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} in {self.pilot}"


class PilotSeat(models.Model):
    """When it is somebody's turn on a report of a pilot round: the answers of the first count, as many
    as the rules ask for. Drawn with the round, for who screened then."""

    drawn = models.ForeignKey(PilotReport, models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField()  # from 0

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drawn", "user"], name="one_pilot_seat_each"),
            models.UniqueConstraint(fields=["drawn", "turn"], name="one_pilot_seat_a_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is number {self.turn + 1} on {self.drawn}"
