"""People, reviews and what everything else hangs on."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .past_models import EarlierState as EarlierState
from .roles import Role
from .webhook_models import Attempt as Attempt
from .webhook_models import Message as Message
from .webhook_models import Webhook as Webhook


class User(AbstractUser):
    """A person. `name` is what colleagues see; e-mail or user name signs in."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField("your name", max_length=150, blank=True)

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split(" ")[0]


class Stage(models.TextChoices):
    """Where in a report's life a decision was taken."""

    BEFORE = "before", "Before screening"
    ABSTRACT = "abstract", "Title and abstract"
    RETRIEVAL = "retrieval", "Retrieval"
    FULLTEXT = "fulltext", "Full text"


SCREENING_STAGES = [Stage.ABSTRACT, Stage.FULLTEXT]


class Review(models.Model):
    class Framework(models.TextChoices):
        PICO = "pico", "PICO"
        PICOC = "picoc", "PICOC"
        PCC = "pcc", "PCC"
        SPIDER = "spider", "SPIDER"
        FREE = "free", "Free form"

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=300)
    framework = models.CharField(max_length=8, choices=Framework, default=Framework.PICO)
    # The parts of the question by the framework's own names, e.g. {"population": "…"}.
    question = models.JSONField(default=dict, blank=True)
    # Two reviewers decide without seeing each other until both have decided.
    blind = models.BooleanField(default=True)
    # Since when a change of the question, the criteria or the rules asks for its reason.
    protocol_locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # 1 for a new review; each update of it is one more (PRISMA 2020 has a template of its own for
    # updates). What an earlier version included elsewhere than here is declared in numbers.
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    previous_studies = models.PositiveIntegerField(default=0, editable=False)
    previous_reports = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews_created"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.title

    def rules(self, stage: str) -> "StageRules":
        """How many people screen at `stage` and what "maybe" means there."""
        return self.stage_rules.get(stage=stage)


class StageRules(models.Model):
    """The rules of one screening stage of one review."""

    class Maybe(models.TextChoices):
        # Cochrane Handbook 4.6.3: what can't be excluded with confidence goes on to full text.
        ADVANCES = "advances", "Maybe counts as include"
        DISCUSSED = "discussed", "Maybe is settled by an adjudicator"

    class SettledBy(models.TextChoices):
        ADJUDICATOR = "adjudicator", "An adjudicator gives the final word"
        CONSENSUS = "consensus", "Those who decided find a consensus"

    review = models.ForeignKey(Review, models.PROTECT, related_name="stage_rules")
    stage = models.CharField(max_length=10, choices=Stage)
    screeners = models.PositiveSmallIntegerField("reviewers per report", default=2)
    maybe = models.CharField(
        "what “maybe” means", max_length=10, choices=Maybe, default=Maybe.ADVANCES
    )
    # Liberal accelerated (Khangura and others 2012): who includes sends the report on alone, an
    # exclusion takes as many people as `screeners` says. On title and abstract only.
    one_include = models.BooleanField("one include is enough", default=False)
    # Leave authors, journal and year off the card until everybody has decided.
    hide_source = models.BooleanField("hide authors, journal and year", default=False)
    # Nobody ends a conflict in which one of the decisions is their own.
    bar_own = models.BooleanField("adjudicators settle no conflict of their own", default=False)
    hide_names = models.BooleanField("hide names in conflicts", default=False)
    settled_by = models.CharField(
        "how conflicts end", max_length=11, choices=SettledBy, default=SettledBy.ADJUDICATOR
    )
    # How untouched reports are served (screening/desk/orders.py), and the seed of a random order.
    order = models.CharField(max_length=10, blank=True)
    order_seed = models.PositiveIntegerField(default=0)
    # Serve first what is most like what was included; on title and abstract only.
    by_relevance = models.BooleanField("rank by relevance", default=False)
    # What speaks for a report may sway who reads it, so reviewers see it only when the lead says so.
    show_why = models.BooleanField("show reviewers why", default=False)
    # Yes, no or unclear for each criterion beside the decision, which stays the person's own.
    ask_criteria = models.BooleanField("ask for each criterion", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "stage"], name="one_set_of_rules_a_stage"),
            models.CheckConstraint(
                condition=Q(screeners__gte=1, screeners__lte=9), name="one_to_nine_screeners"
            ),
        ]


def role_labels(roles: list[str]) -> list[str]:
    return [Role(role).label for role in roles]


class Membership(models.Model):
    """A person's part in a review. Leaving keeps the row: what they did stays theirs."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    roles = models.JSONField(default=list)  # of Role values, in the order of Role
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "user"], name="one_membership_each")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.review}"

    @property
    def role_labels(self) -> list[str]:
        return role_labels(self.roles)


class Invitation(models.Model):
    """A way in for one person, by a secret link. Only the link's hash is kept."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="invitations")
    email = models.EmailField(blank=True)  # empty: whoever holds the link
    roles = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    rescinded_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    @property
    def state(self) -> str:
        if self.accepted_at:
            return "accepted"
        if self.rescinded_at:
            return "rescinded"
        return "expired" if self.expires_at <= timezone.now() else "open"

    @property
    def role_labels(self) -> list[str]:
        return role_labels(self.roles)


class Criterion(models.Model):
    """One inclusion or exclusion criterion. An edit closes this row and opens the next version."""

    class Kind(models.TextChoices):
        INCLUSION = "inclusion", "Include when"
        EXCLUSION = "exclusion", "Exclude when"

    review = models.ForeignKey(Review, models.PROTECT, related_name="criteria")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)
    # The version of the whole list in which this row came in, and in which it was replaced.
    since_version = models.PositiveIntegerField(default=1)
    until_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "order", "pk"]
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return self.text


class AuditEvent(models.Model):
    """What was done, once and for all: each row carries the hash of the one before it."""

    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="events")
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the review
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # None: the machine itself (a job, a command)
    verb = models.CharField(max_length=60)
    target = models.CharField(max_length=80, blank=True)  # "report 12", "search 3"
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="one_chain_of_events")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("An audit event is never deleted.")


class Restoration(models.Model):
    """That the review came out of an archive. The row is itself the record of the act.

    Rows may have other ids here than where they were written. `there` says what ids of this server
    were called at the origin, so that the log's hashes can be recomputed (reviews/audit.py):
    {"review": id there, "people": {"id here": id there}, "shifts": {"citations.report": here - there}}.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="restorations")
    sha256 = models.CharField(max_length=64)  # what the archive's seal says
    made_at = models.DateTimeField()  # the archive
    events = models.PositiveIntegerField()  # up to this number they are the archive's
    there: Any = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class AccessTokens(models.QuerySet["AccessToken"]):
    def working(self) -> "AccessTokens":
        """Those that open something today."""
        unending = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unending, revoked_at=None)


class AccessToken(models.Model):
    """With it a program acts as its owner, within its scopes. Only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="access_tokens")
    name = models.CharField("what it is for", max_length=80)
    scopes = models.JSONField(default=list)  # of reviews.tokens.Scope
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="+")
    begins = models.CharField(max_length=16)  # so that its owner knows which one it is
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = AccessTokens.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def dialog(self) -> str:
        """The id, on the page, of the question whether to revoke it."""
        return f"revoke-{self.pk}"

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= timezone.now():
            return "expired"
        return "working"


class Job(models.Model):
    """Slow work that people can watch. This row is the truth; a broker only says "look"."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    # None while a review is restored: there is none yet. Every other kind has one, and its code may
    # rely on that, so it is declared as if it were always there.
    review: "models.ForeignKey[Review, Review]" = models.ForeignKey(  # type: ignore[misc]
        Review, models.PROTECT, null=True, related_name="jobs"
    )
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # 0: not known yet
    doing = models.CharField(max_length=120, blank=True)  # "Reading records"
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)  # one sentence for the person who waits
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True)  # nobody takes it up earlier
    # The lease: who works on it, and until when nobody else may.
    worker = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # A worker looks for the oldest job that waits, or whose lease has lapsed.
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=["queued", "running"]),
                name="jobs_to_take_up",
            )
        ]

    @property
    def kind_label(self) -> str:
        return self.kind.replace("-", " ").capitalize()

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)


class WorkerBeat(models.Model):
    """When a worker last said that it lives; /healthz reads it."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()


class KeyedAnswer(models.Model):
    """The answer given to an Idempotency-Key, so that the same request is answered the same."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_key")]
