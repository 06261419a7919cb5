"""What participants said, de-identified, and what analysts made of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from components.models import Component
from reviews.models import Review


class ParticipantGroup(models.Model):
    """A kind of participant whose voices are counted together ("survivors")."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="participant_groups")
    name = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["review", "name"], name="one_group_a_name")]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """A person under a pseudonym. No real name has a field here."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="participants")
    group = models.ForeignKey(ParticipantGroup, models.PROTECT, related_name="participants")
    pseudonym = models.CharField(max_length=80)
    role = models.CharField("role or background", max_length=120, blank=True)

    class Meta:
        ordering = ["group", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "pseudonym"], name="one_pseudonym_each")
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Transcript(models.Model):
    """A de-identified interview. The text never changes: codings point into it by letter."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="transcripts")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="transcripts")
    name = models.CharField(max_length=255)
    text = models.TextField()  # line ends are LF
    sha256 = models.CharField(max_length=64)  # of the words, see reading.fingerprint
    encoding = models.CharField(max_length=20, blank=True)  # as it was found
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "sha256"], name="one_transcript_a_text")
        ]

    def __str__(self) -> str:
        return self.name


class Excerpt(models.Model):
    """A passage: code points [start, end) of the transcript, with its words and what is around."""

    transcript = models.ForeignKey(Transcript, models.PROTECT, related_name="excerpts")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.CharField(max_length=32, blank=True)
    suffix = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["start", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "start", "end"], name="one_excerpt_a_passage"
            ),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="excerpts_have_words"),
        ]

    def __str__(self) -> str:
        return self.exact[:60]


class Stance(models.TextChoices):
    SUPPORTS = "supports", "Supports"
    QUALIFIED = "qualified", "Supports with conditions"
    OPPOSES = "opposes", "Opposes"


class Coding(models.Model):
    """One analyst's reading of a passage as speaking of a component."""

    excerpt = models.ForeignKey(Excerpt, models.PROTECT, related_name="codings")
    component = models.ForeignKey(Component, models.PROTECT, related_name="codings")
    stance = models.CharField(max_length=10, choices=Stance, default=Stance.SUPPORTS)
    memo = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["excerpt", "component", "by"],
                condition=Q(removed_at=None),
                name="one_standing_coding_each",
            )
        ]


class Theme(models.Model):
    """A pattern of shared meaning around a central idea (Braun and Clarke), not a topic."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate", "Candidate"
        REVIEWED = "under review", "Under review"
        DEFINED = "defined", "Defined"
        ASIDE = "set aside", "Set aside"

    review = models.ForeignKey(Review, models.PROTECT, related_name="themes")
    name = models.CharField(max_length=200)
    central_idea = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.CANDIDATE)
    order = models.PositiveSmallIntegerField(default=0)
    components: Any = models.ManyToManyField(Component, blank=True, related_name="themes")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["review", "name"], name="one_theme_a_name")]

    def __str__(self) -> str:
        return self.name
