"""What the databases gave, and the documents, studies and programs behind it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviews.models import Review

from .filing_models import Delivery as Delivery
from .filing_models import LooseFile as LooseFile
from .filing_models import RetrievalRules as RetrievalRules
from .lookup_models import Lookup as Lookup
from .querysets import RecordQuerySet, ReportQuerySet
from .study_models import ReportsApart as ReportsApart


class Search(models.Model):
    """One source as it was searched on one day (the unit of PRISMA-S)."""

    class Kind(models.TextChoices):
        DATABASE = "database", "Database"
        REGISTER = "register", "Register"
        WEBSITE = "website", "Website"
        ORGANISATION = "organisation", "Organisation"
        CITATION = "citation", "Citation searching"

    review = models.ForeignKey(Review, models.PROTECT, related_name="searches")
    name = models.CharField("source", max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DATABASE)
    # Which version of the review it was made for (see Review.version).
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    # The earlier search that this one repeats.
    rerun_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reruns", editable=False
    )
    platform = models.CharField(max_length=120, blank=True)
    # When one database was searched with several strings or again later: its name, by which
    # they count together in the source yield.
    database = models.CharField(
        "database, if several searches share it", max_length=120, blank=True
    )
    databases = models.TextField("databases searched together", blank=True)
    coverage = models.CharField("years that the source covers", max_length=120, blank=True)
    address = models.CharField("web address", max_length=300, blank=True)
    strategy = models.TextField("search string, word for word", blank=True)
    limits = models.TextField("limits and restrictions", blank=True)
    limits_why = models.TextField("why these limits", blank=True)
    filters = models.TextField("published search filters, with their citation", blank=True)
    prior_work = models.TextField("searches of earlier reviews that were used", blank=True)
    peer_review = models.TextField("peer review of the search string", blank=True)
    updates = models.TextField("updates and alerts", blank=True)
    searched_on = models.DateField("date of the search", null=True, blank=True)
    hits_reported = models.PositiveIntegerField(
        "hits that the source reported", null=True, blank=True
    )
    # What somebody removed before the file came here: it counts as identified all the same.
    removed_duplicates = models.PositiveIntegerField("duplicates removed before import", default=0)
    removed_automation = models.PositiveIntegerField(
        "removed before import by automation tools", default=0
    )
    removed_other = models.PositiveIntegerField(
        "removed before import for other reasons", default=0
    )
    removed_why = models.TextField("why they were removed", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "searches"
        constraints = [
            models.UniqueConstraint(fields=["review", "version", "name"], name="one_search_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def removed(self) -> int:
        """How many records were taken out before the file came here."""
        return self.removed_duplicates + self.removed_automation + self.removed_other

    @property
    def database_name(self) -> str:
        """What was searched: several searches of one database share it."""
        return self.database or self.name


# PRISMA 2020 has two columns: databases and registers, and other methods.
DATABASE_KINDS = [Search.Kind.DATABASE, Search.Kind.REGISTER]


class SearchNote(models.Model):
    """What is said about one item of PRISMA-S for the review as a whole (citations/prisma_s.py)."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="search_notes")
    item = models.PositiveSmallIntegerField()  # 1 to 16
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["item"]
        constraints = [
            models.UniqueConstraint(fields=["review", "item"], name="one_search_note_an_item")
        ]

    def __str__(self) -> str:
        return f"PRISMA-S item {self.item}"


class Upload(models.Model):
    """One export file. The same bytes twice are the same upload."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="uploads")
    search = models.ForeignKey(Search, models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()  # bytes
    # As read; `encoding` and `columns` may be set by a person before the import is confirmed.
    format = models.CharField(max_length=20, blank=True)
    dialect = models.CharField(max_length=40, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    newline = models.CharField(max_length=8, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    # Filled by the preview job: {"records": n, "problems": n, "lost": n of the problems,
    # "first": [up to 5 records]}.
    summary = models.JSONField(default=dict, blank=True)
    unreadable = models.TextField(
        blank=True
    )  # one sentence, when the file as a whole can't be read
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    # An import that was taken back: its records are kept and count nowhere until it is redone.
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "sha256"], name="one_upload_a_file")
        ]

    def __str__(self) -> str:
        return self.name


class UploadProblem(models.Model):
    """A place in an upload that could not be read as it is, so that nothing is lost in silence."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()  # 1-based
    message = models.TextField()
    excerpt = models.TextField(blank=True)
    # Something of the file is not among its records; False where it was put right and is there.
    lost = models.BooleanField(default=True)

    class Meta:
        ordering = ["line", "pk"]


class KeyIndex(models.Model):
    """By which keys the matching finds a run of an upload's records (citations/matching/index.py).

    Made from the records alone, so it can be thrown away and made again at any time.
    """

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="key_indexes")
    first = models.PositiveIntegerField()  # Record.number of the first of them
    version = models.CharField(max_length=8)  # of the way in which keys are made
    ids = models.BinaryField()
    copies = models.BinaryField()
    keys = models.BinaryField()
    owners = models.BinaryField()
    titles = models.BinaryField(default=b"")
    starts = models.BinaryField(default=b"")
    places = models.BinaryField(default=b"")
    firsts = models.BinaryField(default=b"")
    years = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "first"], name="one_index_a_run_of_records")
        ]


class Bibliography(models.Model):
    """The fields that a record and a report share. No length limits: real data breaks them."""

    title = models.TextField(blank=True)
    authors = models.JSONField(default=list, blank=True)  # ["Family, Given", …]
    year = models.IntegerField(null=True, blank=True)
    journal = models.TextField(blank=True)
    volume = models.TextField(blank=True)
    issue = models.TextField(blank=True)
    pages = models.TextField(blank=True)
    doi = models.TextField("DOI", blank=True)
    pmid = models.TextField("PMID", blank=True)
    isbn = models.TextField("ISBN", blank=True)
    abstract = models.TextField(blank=True)
    keywords = models.JSONField(default=list, blank=True)
    entry_type = models.TextField(blank=True)
    url = models.TextField("link", blank=True)
    language = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title or self._stand_in

    @property
    def _stand_in(self) -> str:
        """What is said in place of a title: a list of DOIs or PMIDs brings records without one."""
        if self.doi or self.pmid:
            return f"No title yet ({f'doi:{self.doi}' if self.doi else f'PMID {self.pmid}'})"
        return f"Untitled {self._meta.verbose_name} {self.pk}"

    @property
    def byline(self) -> str:
        """ "Abara et al.", "Abara and Lind", "Abara", or ""."""
        families = [str(author).split(",")[0].strip() for author in self.authors if author]
        if len(families) > 2:
            return f"{families[0]} et al."
        return " and ".join(families)

    @property
    def citation(self) -> str:
        """ "Abara et al. 2019. Title. Journal 12(3):4-9.": one line, for lists."""
        where = self.journal
        if where and self.volume:
            where += f" {self.volume}" + (f"({self.issue})" if self.issue else "")
        if where and self.pages:
            where += f":{self.pages}"
        who = " ".join(str(part) for part in (self.byline, self.year) if part)
        return ". ".join(part.rstrip(".") for part in (who, str(self), where) if part) + "."


BIBLIOGRAPHIC_FIELDS = [field.name for field in Bibliography._meta.local_fields]


class Report(Bibliography):
    """One deduplicated document: what people screen, fetch and read.

    The duplicate cluster is the report: records that share it are duplicates of each other. The
    bibliographic fields are the best of its records' (see citations/composing.py).
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="reports")
    # Written by screening/flow/ alone. The default is what the CASE gives a fresh report.
    place = models.CharField(max_length=20, default="abstract-open", editable=False)
    # Absorbed by another report; the row and its id stay, so that links lead on.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbed"
    )
    # Fields for which a person chose a record: {"title": record id}.
    chosen = models.JSONField(default=dict, blank=True)
    # Values that a person took over from a register: {"year": {"value", "register", "asked", "at",
    # "was"}} (citations/values.py).
    taken = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [
            # The queue and every list of a PRISMA box ask by place, in the order of id.
            models.Index(fields=["review", "place", "id"], name="reports_by_place"),
        ]

    @property
    def files(self) -> models.QuerySet["FullText"]:
        """The full texts that stand, the newest first: that one is read, served and taken away.

        There are several where reports that each had one were joined.
        """
        return self.fulltexts.filter(removed_at=None)


class Record(Bibliography):
    """One line of one export, exactly as the database gave it. Never edited, never deleted."""

    # Without an index of its own: `records_counted` begins with it.
    review = models.ForeignKey(Review, models.PROTECT, related_name="records", db_index=False)
    search = models.ForeignKey(Search, models.PROTECT, related_name="records")
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="records")
    report = models.ForeignKey(Report, models.PROTECT, related_name="records")
    number = models.PositiveIntegerField(default=0)  # its place among the upload's records
    line = models.PositiveIntegerField(default=0)  # 1-based lines of the file
    end_line = models.PositiveIntegerField(default=0)
    raw = models.JSONField(default=dict)  # every tag with its values, verbatim
    at = models.DateTimeField(default=timezone.now)

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            # A job that runs twice stores each record once.
            models.UniqueConstraint(
                fields=["upload", "number"],
                condition=Q(upload__isnull=False),
                name="one_record_a_place_in_a_file",
            )
        ]
        indexes = [
            # screening/flow/tally.py counts records from this alone, in the order of reports.
            models.Index(fields=["review", "report", "search", "upload"], name="records_counted"),
        ]


class DuplicatePair(models.Model):
    """A question about two reports, with the machine's evidence and the person's answer."""

    class Answer(models.TextChoices):
        SAME = "same", "Same document"
        DIFFERENT = "different", "Different documents"
        RELATED = "related", "Related, not the same"

    review = models.ForeignKey(Review, models.PROTECT, related_name="duplicate_pairs")
    first = models.ForeignKey(Report, models.PROTECT, related_name="+")  # the lower id
    second = models.ForeignKey(Report, models.PROTECT, related_name="+")
    probability = models.FloatField()
    rule = models.CharField(max_length=40)
    why = models.TextField()
    zone = models.CharField(max_length=8)  # auto | ask | related, as the engine saw it
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # None with an answer: joined automatically
    # The join that the answer "same" made; None where the two were one report already.
    merge = models.ForeignKey(
        "Merge", models.PROTECT, null=True, blank=True, related_name="questions"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    # Answers that were taken back, the oldest first, as screening/duplicates/joining.py:open_again writes them.
    past = models.JSONField(default=list, blank=True)
    # Who has the open question before them, and until when nobody else is given it.
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_question_a_pair"),
            models.CheckConstraint(
                condition=Q(first__lt=models.F("second")), name="lower_report_first"
            ),
        ]
        indexes = [
            # The questions page: open ones, most probable first.
            models.Index(
                fields=["review", "-probability"],
                condition=Q(answer=""),
                name="open_questions",
            )
        ]


class DuplicateRules(models.Model):
    """What a review lets the machine join by itself. A review without a row goes by the defaults."""

    JOIN_FROM = 0.95  # where citations/matching draws the line

    review = models.OneToOneField(Review, models.PROTECT, related_name="duplicate_rules")
    join_from = models.FloatField("join from this probability", default=JOIN_FROM)
    # Two records of one and the same file (docs/decisions/050-records-of-one-file.md).
    join_one_file = models.BooleanField("join records of one file", default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(join_from__gte=0.5, join_from__lte=1), name="join_from_is_probable"
            )
        ]


class Merge(models.Model):
    """One report absorbed by another, with all that is needed to give everything back."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="merges")
    keep = models.ForeignKey(Report, models.PROTECT, related_name="+")
    absorb = models.ForeignKey(Report, models.PROTECT, related_name="+")
    # What moved from `absorb` to `keep` (see screening/duplicates/joining.py): `rows` as {"citations.record.report":
    # [ids], …}, `stood` the decisions that then stood on it, `followers` the reports it had absorbed.
    moved: Any = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["absorb"], condition=Q(undone_at=None), name="absorbed_once_at_a_time"
            )
        ]


class RelatedReport(models.Model):
    """Two reports that belong together and are not duplicates (erratum, reply, preprint …)."""

    class Kind(models.TextChoices):  # guessed by citations/relations.py, said by a person
        ERRATUM = "erratum", "Erratum or correction"
        REPLY = "reply", "Comment or reply"
        RETRACTION = "retraction", "Retraction"
        PREPRINT = "preprint", "Preprint and article"
        CONFERENCE = "conference", "Conference abstract and article"
        UPDATE = "update", "Update or earlier version"
        PART = "part", "Parts of a series"
        OTHER = "other", "Related in another way"

    review = models.ForeignKey(Review, models.PROTECT, related_name="related_reports")
    first = models.ForeignKey(Report, models.PROTECT, related_name="related_from")
    second = models.ForeignKey(Report, models.PROTECT, related_name="related_to")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    why = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)


class FullText(models.Model):
    """A file of a report's full text. A better copy is a new row; the old one is set aside."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="fulltexts")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    pages = models.PositiveIntegerField(default=0)
    # What the file holds beside its pages: "a script", "attached files". Nothing of it runs here.
    holds = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    # The better copy it was set aside for; empty where a person took it away. When the two come to
    # hang on two reports (a join that is undone), this one is read again.
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["report"], condition=Q(removed_at=None), name="standing_full_texts"
            )
        ]

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"


class RetrievalEvent(models.Model):
    """A step in getting hold of a report: where it was asked for, by whom, what came of it."""

    class Outcome(models.TextChoices):
        ASKED = "asked", "Asked for"
        RECEIVED = "received", "Received"
        REFUSED = "refused", "Not available there"
        GIVEN_UP = "given-up", "Not retrieved"
        RESUMED = "resumed", "Sought again"

    class Way(models.TextChoices):
        PUBLISHER = "publisher", "Publisher's site"
        LIBRARY = "library", "Own library"
        LOAN = "loan", "Interlibrary loan"
        AUTHOR = "author", "Letter to an author"
        REPOSITORY = "repository", "Repository"
        ELSEWHERE = "elsewhere", "Somewhere else"

    report = models.ForeignKey(Report, models.PROTECT, related_name="retrieval_events")
    outcome = models.CharField(max_length=10, choices=Outcome)
    way = models.CharField(max_length=10, choices=Way, blank=True)
    where = models.CharField("where", max_length=200, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class Program(models.Model):
    """The program of care that one or more studies describe."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="programs")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["review", "name"], name="one_program_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Study(models.Model):
    """An investigation. Its reports are the documents that tell of it, many to many."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="studies")
    label = models.CharField(max_length=200)  # "Abara 2019"
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, blank=True, related_name="studies"
    )
    reports: Any = models.ManyToManyField(Report, through="StudyReport", related_name="studies")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["label", "pk"]
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.label


class StudyReport(models.Model):
    """This report tells of this study."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="links")
    report = models.ForeignKey(Report, models.PROTECT, related_name="study_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "report"], name="one_link_a_report")
        ]
