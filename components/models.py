"""Program components: the one tree that literature and interviews are coded against."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review
from reviews.refusal import Refused


class Pattern(models.TextChoices):
    """Told apart without colour; drawn by `components/_swatch.html`."""

    PLAIN = "", "Plain"
    DIAGONAL = "diagonal", "Diagonal lines"
    DOTS = "dots", "Dots"
    GRID = "grid", "Grid"
    HORIZONTAL = "horizontal", "Horizontal lines"
    VERTICAL = "vertical", "Vertical lines"


class Component(models.Model):
    """A node of the tree. Retired ones stay: what was coded with them can still be read."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="components")
    # The same in every exchange file, also after the code's name has changed (REFI-QDA).
    guid = models.UUIDField(default=uuid.uuid4)
    code = models.CharField(max_length=40)  # "WRAP-CM": stable, quoted in papers
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    order = models.PositiveIntegerField(default=0)  # among siblings
    definition = models.TextField(blank=True)
    include_when = models.TextField(blank=True)
    exclude_when = models.TextField(blank=True)
    exemplar = models.TextField(blank=True)  # a quote that shows it best
    exemplar_source = models.CharField("where the exemplar is from", max_length=200, blank=True)
    counter_exemplar = models.TextField(blank=True)  # a quote that looks like it and is not
    counter_exemplar_source = models.CharField(
        "where the counter-exemplar is from", max_length=200, blank=True
    )
    is_codable = models.BooleanField("can be coded", default=True)  # False: a heading only
    colour = models.CharField(max_length=7, blank=True)  # "#1B6E8C"
    pattern = models.CharField(max_length=10, choices=Pattern, blank=True)
    tidier_items = models.JSONField(default=list, blank=True)  # of 1…12, Hoffmann et al. 2014
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "code"], name="one_component_a_code"),
            models.UniqueConstraint(fields=["review", "guid"], name="one_component_a_guid"),
            # Two constraints and not one over NULLs: SQLite cannot hold that one.
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(retired_at=None, parent__isnull=False),
                name="siblings_have_different_names",
            ),
            models.UniqueConstraint(
                fields=["review", "name"],
                condition=Q(retired_at=None, parent__isnull=True),
                name="roots_have_different_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class TreeEvent(models.Model):
    """One change of the tree and everything that it moved, so that it can be taken back exactly.

    `changes` is a list of [model, pk, before, after] in the order in which rows came into being;
    before or after is {field: value}, or None where the row was not there. See `events.py`.
    """

    class Verb(models.TextChoices):
        CREATE = "create", "Added"
        REDEFINE = "redefine", "Redefined"
        MOVE = "move", "Moved"
        MERGE = "merge", "Merged"
        SPLIT = "split", "Split"
        RECODE = "recode", "Re-coded"
        RETIRE = "retire", "Retired"
        RESTORE = "restore", "Restored"
        IMPORT = "import", "Imported"
        UNDO = "undo", "Undid"

    review = models.ForeignKey(Review, models.PROTECT, related_name="tree_events")
    verb = models.CharField(max_length=10, choices=Verb)
    code = models.CharField(max_length=255)  # what it was done to, in words
    into = models.CharField(max_length=255, blank=True)  # of a merge, a split, a re-coding
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    affected = models.PositiveIntegerField(default=0)  # codings and the like that it moved
    changes: Any = models.JSONField(default=list)
    history: Any = models.JSONField(default=list)  # what an imported file tells of its own past
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        ordering = ["-pk"]


class TreeVersion(models.Model):
    """The tree under a number. `content` is what it was when it was frozen; a draft has none: it
    is the tree itself."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="tree_versions")
    name = models.CharField("version", max_length=20)
    content: Any = models.JSONField(null=True, blank=True)  # as interchange.write gives it
    note = models.TextField(blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "name"], name="one_tree_version_a_name"),
            models.UniqueConstraint(
                fields=["review"], condition=Q(frozen_at=None), name="one_draft_of_the_tree"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and TreeVersion.objects.filter(pk=self.pk, frozen_at__isnull=False).exists():
            raise Refused(f"Version {self.name} is frozen and stays as it is.")
        super().save(*args, **kwargs)
