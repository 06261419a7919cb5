"""Where literature and interviews meet: judgements on the rows of the convergence matrix."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from components.models import Component
from interviews.models import ParticipantGroup


class Topic(models.Model):
    """A judged pair of columns in one row: does the literature (or a group) say what a group says?

    A new judgement supersedes the old one; the words and the reason of both stay.
    """

    class Category(models.TextChoices):
        """Farmer et al. 2006, Qualitative Health Research 16:377. "No evidence" is ours: the
        method has no name for a component on which both sides are silent."""

        AGREEMENT = "agreement", "Agreement"
        PARTIAL = "partial agreement", "Partial agreement"
        SILENCE = "silence", "Silence"
        DISSONANCE = "dissonance", "Dissonance"
        NO_EVIDENCE = "no evidence", "No evidence"

    component = models.ForeignKey(Component, models.PROTECT, related_name="topics")
    # The two columns compared; no `left` means the literature.
    left = models.ForeignKey(
        ParticipantGroup, models.PROTECT, null=True, blank=True, related_name="+"
    )
    right = models.ForeignKey(ParticipantGroup, models.PROTECT, related_name="+")
    # The two questions of convergence coding; empty where a side is silent.
    same_meaning = models.BooleanField("same meaning and prominence", null=True, blank=True)
    same_coverage = models.BooleanField("same coverage and examples", null=True, blank=True)
    category = models.CharField(max_length=20, choices=Category)
    reason = models.TextField()
    # The evidence that was there: {"left": [ids], "right": [ids]}; another one makes it stale.
    evidence = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["component", "left", "right"],
                condition=Q(superseded_at=None),
                name="one_standing_judgement_a_pair",
            ),
            # SQL takes two NULLs for different, so the literature's pairs need their own.
            models.UniqueConstraint(
                fields=["component", "right"],
                condition=Q(superseded_at=None, left=None),
                name="one_standing_judgement_with_literature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_category_display()}"
