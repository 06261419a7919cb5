"""What is asked of each study, what each extractor answered, and what was settled in the end.

Answers are appended: a changed value is a new row and the old one gets `superseded_at`.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from citations.models import Report, Study
from components.models import Component
from reviews.models import Review

from . import places
from .querysets import (
    CodebookQuerySet,
    EntryQuerySet,
    ExtractionQuerySet,
    FieldQuerySet,
    StandingQuerySet,
    ValueQuerySet,
)


class Codebook(models.Model):
    """The questions put to a study. `version` counts how often it was published.

    A review has one for its extraction, put to each included study, and as many appraisal tools as
    it needs, each put to the studies that it is chosen for (extraction/appraisal.py).
    """

    class Purpose(models.TextChoices):
        EXTRACTION = "extraction", "Extraction"
        APPRAISAL = "appraisal", "Appraisal"

    review = models.ForeignKey(Review, models.PROTECT, related_name="codebooks")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.EXTRACTION)
    name = models.CharField(max_length=200, default="Codebook")
    version = models.PositiveIntegerField(default=0)  # 0: a draft that nobody can fill in yet
    published_at = models.DateTimeField(null=True, blank=True)
    extractors = models.PositiveSmallIntegerField("extractors per study", default=2)
    # With one extractor: a second person looks at each answer and confirms it or puts it right.
    verified = models.BooleanField(default=False)
    # Who extracted a study does not settle it; without this an adjudicator may be one of the two.
    third_person = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # The rest is an appraisal tool's. Where it is from and under which conditions it may be used.
    source = models.TextField(blank=True)
    # It appraises the studies whose settled answer to this question is one of these; None: none.
    for_field = models.ForeignKey(
        "Field", models.PROTECT, null=True, blank=True, related_name="appraised_by"
    )
    for_values = models.JSONField(default=list, blank=True)
    # How many judgements are favourable stands beside a study only where the lead asked for it:
    # the authors of most tools advise against a score.
    with_score = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CodebookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(extractors__gte=1, extractors__lte=2), name="one_or_two_extractors"
            ),
            models.CheckConstraint(
                condition=Q(verified=False) | Q(extractors=1), name="one_extractor_is_verified"
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(purpose="extraction"), name="one_extraction_codebook"
            ),
            models.UniqueConstraint(
                fields=["review", "name"],
                condition=Q(purpose="appraisal"),
                name="tools_have_different_names",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_tool(self) -> bool:
        return self.purpose == self.Purpose.APPRAISAL

    @property
    def forms_a_study(self) -> int:
        """How many people's forms a study needs."""
        return 2 if self.verified else self.extractors

    @property
    def query(self) -> str:
        """What an address of codebook, form or comparison needs in order to mean this one."""
        return f"?tool={self.pk}" if self.is_tool else ""

    @property
    def and_query(self) -> str:
        """The same after another question of the address."""
        return f"&tool={self.pk}" if self.is_tool else ""


class Light(models.TextChoices):
    """How favourable a judgement is, whatever the words of its scale."""

    GOOD = "good", "Favourable"
    SOME = "some", "Some concern"
    BAD = "bad", "Unfavourable"
    WORST = "worst", "Critical"
    UNCLEAR = "unclear", "No information"
    NONE = "none", "Does not apply"


class ToolChoice(models.Model):
    """Somebody said that a tool appraises a study, or that it doesn't, whatever its rule says."""

    tool = models.ForeignKey(Codebook, models.PROTECT, related_name="choices_made")
    study = models.ForeignKey(Study, models.PROTECT, related_name="tool_choices")
    wanted = models.BooleanField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tool", "study"],
                condition=Q(superseded_at=None),
                name="one_choice_a_tool_and_study",
            )
        ]


class Field(models.Model):
    """One question. It is on the form once a published version has it, until it is retired."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        INTEGER = "integer", "Whole number"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        YES_NO_UNCLEAR = "yes_no_unclear", "Yes, no, unclear"
        SINGLE = "single", "One of a list"
        MULTIPLE = "multiple", "Several of a list"
        SCALE = "scale", "Scale"
        TABLE = "table", "Table with rows"
        QUOTE = "quote", "Quote"
        COMPONENT_GROUP = "component_group", "Program components"
        FILE = "file", "File"
        REPEATING = "repeating", "Repeating group"
        JUDGEMENT = "judgement", "Judgement"
        OVERALL = "overall", "Overall judgement"

    class Each(models.TextChoices):
        """What a repeating group has one of for each."""

        ARM = "arm", "Arm"
        OUTCOME = "outcome", "Outcome"
        TIME_POINT = "time_point", "Time point"
        COMPONENT = "component", "Program component"
        OTHER = "other", "Item"

    codebook = models.ForeignKey(Codebook, models.PROTECT, related_name="fields")
    section = models.CharField(max_length=120, default="General")
    label = models.CharField("question", max_length=200)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.TEXT)
    help = models.TextField(blank=True)
    example = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=40, blank=True)  # of a number
    # Of numbers: within how many percent of the larger one two are counted as the same.
    tolerance = models.FloatField(default=0, validators=[MinValueValidator(0)])
    # Of a repeating group: what it is repeated for.
    each = models.CharField(max_length=10, choices=Each, blank=True)
    # Asked once for each item that the answer to that repeating group names; None: once a study.
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    # Of str, in the order shown: of a scale from one end to the other, of a table its columns, of a
    # repeating group the names that extractors are offered.
    choices = models.JSONField(default=list, blank=True)
    # Of a judgement: the Light of each of its choices, in their order.
    lights = models.JSONField(default=list, blank=True)
    # Asked only where that question was answered with one of these; None: always.
    shown_if = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="conditional"
    )
    shown_values = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=0)
    # The version of the codebook that brought it; None while only a draft has it.
    since_version = models.PositiveIntegerField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = FieldQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["codebook", "label"],
                condition=Q(retired_at=None),
                name="fields_have_different_labels",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_group(self) -> bool:
        return self.kind == self.Kind.COMPONENT_GROUP

    @property
    def is_repeating(self) -> bool:
        return self.kind == self.Kind.REPEATING

    @property
    def each_label(self) -> str:
        """What one item of a repeating group is called: "arm"."""
        return self.get_each_display().lower() if self.each else "item"

    @property
    def is_judgement(self) -> bool:
        return self.kind in (self.Kind.JUDGEMENT, self.Kind.OVERALL)

    @property
    def scale_lines(self) -> str:
        """The choices as they are typed: one a line, a judgement with its light behind a bar."""
        if not self.is_judgement:
            return "\n".join(self.choices)
        pairs = zip(self.choices, self.lights, strict=True)
        return "\n".join(f"{choice} | {light}" for choice, light in pairs)

    @property
    def line(self) -> str:
        """How one line of the answer is typed: "text" | "number" | "quote" | …, or "" for choices."""
        lines = ["text", "integer", "number", "date", "quote"]
        return self.kind if self.kind in lines else ""

    @property
    def shown_values_json(self) -> str:
        """For the page's script."""
        return json.dumps(self.shown_values)

    @property
    def head(self) -> str:
        """The question with its unit, for the head of a table."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def is_asked(self, answers: Mapping[int, Any]) -> bool:
        """Whether its condition holds among `answers` ({field id: value})."""
        if self.shown_if_id is None:
            return True
        given = answers.get(self.shown_if_id)
        return any(
            each in self.shown_values for each in (given if isinstance(given, list) else [given])
        )

    @property
    def options(self) -> list[tuple[str, str]]:
        """(stored, shown) of a field that offers a choice."""
        if self.kind == self.Kind.YES_NO_UNCLEAR:
            return [("yes", "Yes"), ("no", "No"), ("unclear", "Unclear")]
        return [(choice, choice) for choice in self.choices]


class Extraction(models.Model):
    """One person's form for one study. Blind: see ExtractionQuerySet.visible_to."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="extractions")
    codebook = models.ForeignKey(Codebook, models.PROTECT, related_name="extractions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="extractions")
    begun_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)  # None: a draft, or reopened
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    # When every form that the study needs had been handed in: from then on the extractors may
    # see each other's. Kept, because reopening a form cannot make them unsee it.
    opened_at = models.DateTimeField(null=True, blank=True)
    # The extractor's form that this one checks, which its author therefore sees; None: it is blind.
    verifies = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="checks"
    )
    # Given up before it was needed, so that somebody else can take the study.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True)  # of the codebook, when submitted

    objects = ExtractionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "codebook", "by"],
                condition=Q(set_aside_at=None),
                name="one_form_a_study_and_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.study} by {self.by}"

    @property
    def state(self) -> str:
        """ "set aside", "submitted", "reopened" or "draft"."""
        if self.set_aside_at:
            return "set aside"
        if self.submitted_at:
            return "submitted"
        return "reopened" if self.first_submitted_at else "draft"


class Place(models.Model):
    """Where a report says so; each model adds which report, by a relation of its own name."""

    quote = models.TextField(blank=True)
    page = models.CharField(max_length=20, blank=True)
    box: Any = models.JSONField(default=list, blank=True)  # on that page, see places.py; or []

    class Meta:
        abstract = True

    @property
    def fragment(self) -> str:
        """Where the reader opens the report."""
        return places.fragment(self.quote, self.page, self.box)

    @property
    def box_text(self) -> str:
        """As forms carry it."""
        return places.box_text(self.box)


class Value(Place):
    """What one extractor answered to one question.

    `value` by kind: text and number str (a number as typed, "12.50"); yes_no_unclear "yes" | "no" |
    "unclear"; single and scale str; multiple [str]; a date "2019", "2019-05" or "2019-05-17"; a table
    [[str, …], …] with a cell for each column; a repeating group the names of its items [str]; a file
    [its name, its SHA-256], see AttachedFile; None is empty. `not_reported` says that the reports were
    read and do not tell, which is a finding and not an empty answer.
    """

    extraction = models.ForeignKey(Extraction, models.PROTECT, related_name="values")
    field = models.ForeignKey(Field, models.PROTECT, related_name="values")
    # Of a question in a repeating group: the name of the item, as its group has it.
    item = models.CharField(max_length=200, blank=True)
    report = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="extracted_values"
    )
    value: Any = models.JSONField(null=True, blank=True)
    not_reported = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = ValueQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["extraction", "field", "item"],
                condition=Q(superseded_at=None),
                name="one_current_value_a_field",
            ),
            models.CheckConstraint(
                condition=Q(not_reported=False) | Q(value__isnull=True),
                name="not_reported_has_no_value",
            ),
        ]

    @property
    def is_empty(self) -> bool:
        return self.value is None and not self.not_reported

    @property
    def file_name(self) -> str:
        """What the file of the answer is called; "" where there is none."""
        is_file = self.field.kind == Field.Kind.FILE and self.value
        return str(self.value[0]) if is_file else ""


class AttachedFile(models.Model):
    """A file that an extractor gave as an answer. The row stays when the answer changes."""

    extraction = models.ForeignKey(Extraction, models.PROTECT, related_name="files")
    field = models.ForeignKey(Field, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()  # bytes
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["extraction", "field", "sha256"], name="one_row_a_file_and_question"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stance(models.TextChoices):
    SUPPORTS = "supports", "Supports"
    QUALIFIED = "qualified", "Supports with conditions"
    OPPOSES = "opposes", "Speaks against"


class ComponentEntry(Place):
    """One extractor found this component in the study. Several for one component are several
    quotes."""

    extraction = models.ForeignKey(Extraction, models.PROTECT, related_name="entries")
    field = models.ForeignKey(Field, models.PROTECT, related_name="entries")
    component = models.ForeignKey(Component, models.PROTECT, related_name="entries")
    report = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="component_entries"
    )
    stance = models.CharField(max_length=10, choices=Stance, default=Stance.SUPPORTS)
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            # The form and the comparison: what stands in one extraction.
            models.Index(
                fields=["extraction"], condition=Q(superseded_at=None), name="standing_entries"
            )
        ]


class Side(models.TextChoices):
    """Whose answer was taken."""

    AGREED = "agreed", "Both agreed"
    ONLY = "only", "One extractor"
    FIRST = "first", "A"
    SECOND = "second", "B"
    BOTH = "both", "Both"
    OTHER = "other", "Other"
    LEFT_OUT = "left-out", "Left out"  # with the item of a repeating group that does not hold
    IMPORTED = "imported", "Imported"


class Settled(models.Model):
    """What holds for a study, and how it came about."""

    side = models.CharField(max_length=8, choices=Side)
    reason = models.TextField(blank=True)
    # None: taken over without a person, because the extractors agreed.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        abstract = True


class AdjudicatedValue(Settled):
    """The value that holds for a study and a field. Stale once the values it weighed change."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="adjudicated_values")
    field = models.ForeignKey(Field, models.PROTECT, related_name="adjudicated_values")
    item = models.CharField(max_length=200, blank=True)  # see Value
    # Of a repeating group: {B's name of an item, plain: the name under which both are compared}.
    same_as = models.JSONField(default=dict, blank=True)
    value: Any = models.JSONField(null=True, blank=True)
    not_reported = models.BooleanField(default=False)
    # What was weighed; their quotes are the evidence.
    first_value = models.ForeignKey(Value, models.PROTECT, null=True, related_name="settled_first")
    second_value = models.ForeignKey(
        Value, models.PROTECT, null=True, related_name="settled_second"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "field", "item"],
                condition=Q(superseded_at=None),
                name="one_settled_value_a_field",
            ),
            models.CheckConstraint(
                condition=~Q(side="other") | ~Q(reason=""), name="another_value_has_a_reason"
            ),
        ]

    @property
    def behind(self) -> list[Value | None]:
        """The extractors' values whose quotes stand behind what holds."""
        if self.side == Side.FIRST:
            return [self.first_value]
        if self.side == Side.SECOND:
            return [self.second_value]
        if self.side in (Side.OTHER, Side.LEFT_OUT):
            return []
        return [self.first_value, self.second_value]


class AdjudicatedComponent(Settled):
    """Whether a component counts for a study; without entries it was left out."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="adjudicated_components")
    field = models.ForeignKey(Field, models.PROTECT, related_name="adjudicated_components")
    component = models.ForeignKey(Component, models.PROTECT, related_name="adjudicated_components")
    basis: Any = models.ManyToManyField(ComponentEntry, related_name="settled")  # what was weighed

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "field", "component"],
                condition=Q(superseded_at=None),
                name="one_settled_component_a_study",
            ),
            models.CheckConstraint(
                condition=~Q(side="other") | ~Q(reason=""), name="another_component_has_a_reason"
            ),
        ]


class AdjudicatedEntry(Place):
    """One quote for a component of a study: what the table and the matrix count."""

    settled = models.ForeignKey(AdjudicatedComponent, models.PROTECT, related_name="entries")
    report = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="adjudicated_entries"
    )
    stance = models.CharField(max_length=10, choices=Stance)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
