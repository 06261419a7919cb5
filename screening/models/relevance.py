"""What the ranking keeps: the words of reports, and orders that were learnt. No research data: all of
it can be made again from the reports and the decisions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review


class WordBag(models.Model):
    """The words of up to a thousand reports, packed (screening/ranking/words.py)."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="word_bags")
    number = models.PositiveIntegerField()
    reports = models.BinaryField()  # their ids, int64
    checks = models.BinaryField()  # CRC-32 of what was read of each, uint32
    packed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="one_bag_a_number")
        ]

    def __str__(self) -> str:
        return f"words {self.number} of {self.review}"


class RankedOrder(models.Model):
    """The order that was learnt last: from what is settled (`by` None), or from that and from the
    own decisions of one person, for that person alone. It is replaced as a whole."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="ranked_orders")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    reports = models.BinaryField()  # ids of all reports with words that taught nothing, int64
    words = models.BinaryField()  # the numbers of the words that weigh most, uint32 …
    weights = models.BinaryField()  # … and their weights, float32
    nearest = models.JSONField(default=dict)  # {report: [the included one most like it, cosine]}
    included = models.PositiveIntegerField()  # what it was learnt from
    excluded = models.PositiveIntegerField()
    basis = models.CharField(max_length=64)  # SHA-256 of all that it follows from
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the order
    newest = models.BigIntegerField()  # the newest decision when it was learnt
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review"], condition=Q(by=None), name="one_order_a_review"
            ),
            models.UniqueConstraint(
                fields=["review", "by"], condition=Q(by__isnull=False), name="one_order_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"order of {self.review} {f'for {self.by}' if self.by else ''}".strip()
