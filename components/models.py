"""Program components: the one tree that literature and interviews are coded against."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review


class Component(models.Model):
    """A node of the tree. Retired ones stay: what was coded with them can still be read."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="components")
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
    is_codable = models.BooleanField("can be coded", default=True)  # False: a heading only
    colour = models.CharField(max_length=7, blank=True)  # "#1B6E8C"
    tidier_items = models.JSONField(default=list, blank=True)  # of 1…12, Hoffmann et al. 2014
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "code"], name="one_component_a_code"),
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
