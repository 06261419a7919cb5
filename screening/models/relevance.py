"""What the ranking keeps. The words of reports and the orders that were learnt are no research data:
they can be made again from the reports and the decisions. Decisions to stop, and their checks, are."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report
from reviews.models import Review

from .bulk import BulkAct


class WordBag(models.Model):
    """The words of up to a thousand reports, packed (screening/ranking/words.py)."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="word_bags")
    number = models.PositiveIntegerField()
    reports = models.BinaryField()  # their ids, int64
    checks = models.BinaryField()  # CRC-32 of what was read of each, uint32
    packed = models.BinaryField()
    # Sentence vectors (screening/ranking/encoder.py), one a report, int8; empty until they are made.
    vectors = models.BinaryField(default=b"")
    vectors_of = models.BinaryField(default=b"")  # what each was made of, uint32

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
    model = models.CharField(max_length=60, default="words-svm 1")
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


class Stopping(models.Model):
    """The lead's decision to screen no further: with what it was decided on. Never changed; undone
    by undoing its act."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="stoppings")
    act = models.OneToOneField(BulkAct, models.PROTECT, related_name="stopping")
    model = models.CharField(max_length=60)
    seed = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)  # of the order; empty: none was learnt
    learnt_from = models.JSONField(default=dict)  # {"included", "excluded"}
    certificate = models.JSONField()  # of screening/ranking/certificate.py, as it was
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"stopping of {self.at:%d %B %Y}"


class StopCheck(models.Model):
    """A random sample of what was left unscreened, sent back to screening as a check."""

    stopping = models.ForeignKey(Stopping, models.PROTECT, related_name="checks")
    seed = models.PositiveIntegerField()  # of the draw, so that it can be repeated
    among = models.PositiveIntegerField()  # unscreened reports that it was drawn from
    drawn = models.JSONField()  # ids of reports
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{len(self.drawn)} of {self.among}, drawn by {self.seed}"


class Starter(models.Model):
    """A report of which is known beforehand whether it is relevant. It teaches orders and is no
    decision: the report is screened like any other."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="starters")
    report = models.ForeignKey(Report, models.PROTECT, related_name="starters")
    relevant = models.BooleanField()
    source = models.CharField(max_length=200)  # "DOI", "Search", the name of a file
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report"], name="one_starter_a_report"),
        ]

    def __str__(self) -> str:
        return f"{'relevant' if self.relevant else 'irrelevant'}: {self.report}"
