"""What a register on the network said of a report's DOI."""

from typing import Any

from django.db import models
from django.utils import timezone

from .lookups import SOURCES


class Lookup(models.Model):
    """The newest answer of one register. Offered to people; the report is never changed by it."""

    report = models.ForeignKey("citations.Report", models.PROTECT, related_name="lookups")
    source = models.CharField(max_length=10, choices=list(SOURCES.items()))
    at = models.DateTimeField(default=timezone.now)
    # citations/lookups/sources.py:Said without its copies; {} when the register knows nothing.
    said: Any = models.JSONField(default=dict, blank=True)
    copies: Any = models.JSONField(default=list, blank=True)  # [{"url", "version", "license"}]
    problem = models.CharField(max_length=300, blank=True)  # why there is no answer

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "source"], name="one_answer_a_register")
        ]
