"""Where each included study stands in extraction, and who has it. The only module that says so.

What everybody may know: who has begun on a study and who has handed in. What was answered, and
how much of it, is not here.
"""

from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from citations.models import Study
from reviews.access import abilities
from reviews.models import Membership, Review
from screening import flow

from . import appraisal
from .models import (
    AdjudicatedComponent,
    AdjudicatedValue,
    Codebook,
    ComponentEntry,
    Extraction,
)
from .models import Value as Answer


class Stage(TextChoices):
    FREE = "free", "Not begun"
    BEGUN = "begun", "Being extracted"
    REOPENED = "reopened", "Reopened"
    TO_SETTLE = "to-settle", "To adjudicate"
    SETTLED = "settled", "Settled"
    IMPORTED = "imported", "Coded elsewhere"


def _of(codebook: Codebook | None, prefix: str = "codebook") -> Q:
    """Of this tool; None: of the extraction."""
    if codebook is None:
        return Q(**{f"{prefix}__purpose": Codebook.Purpose.EXTRACTION})
    return Q(**{prefix: codebook})


def _forms(codebook: Codebook | None) -> QuerySet[Extraction]:
    return Extraction.objects.standing().filter(_of(codebook), study=OuterRef("pk"))


def _unsettled(codebook: Codebook | None) -> Q:
    """A current answer that no settled row has weighed, or a settled row that weighed one which
    is gone. The same as Comparison.open_lines, for many studies at once (a test compares them)."""
    asked = Q(field__since_version__isnull=False, field__retired_at=None)
    asked &= Q(field__part_of=None) | Q(field__part_of__retired_at=None)
    asked &= _of(codebook, "field__codebook")
    weighed = AdjudicatedValue.objects.current().filter(
        Q(first_value=OuterRef("pk")) | Q(second_value=OuterRef("pk"))
    )
    answers = Answer.objects.current().filter(
        asked,
        ~Exists(weighed),
        ~Q(field__kind="component_group"),
        extraction__study=OuterRef("pk"),
        extraction__set_aside_at=None,
    )
    changed = AdjudicatedValue.objects.current().filter(
        asked,
        Q(first_value__superseded_at__isnull=False) | Q(second_value__superseded_at__isnull=False),
        study=OuterRef("pk"),
    )
    entries = ComponentEntry.objects.current().filter(
        asked,
        ~Exists(AdjudicatedComponent.objects.current().filter(basis=OuterRef("pk"))),
        extraction__study=OuterRef("pk"),
        extraction__set_aside_at=None,
    )
    gone = AdjudicatedComponent.objects.current().filter(
        asked, study=OuterRef("pk"), basis__superseded_at__isnull=False
    )
    return Q(Exists(answers)) | Q(Exists(changed)) | Q(Exists(entries)) | Q(Exists(gone))


def included(review: Review, codebook: Codebook | None = None) -> QuerySet[Any]:
    """The included studies with `stage` (a Stage) and `begun`, how many have a form of it.

    `codebook` is an appraisal tool: then only the studies that it is chosen for. None: that of
    the extraction.
    """
    opened = _forms(codebook).filter(opened_at__isnull=False)
    coded = AdjudicatedComponent.objects.current().filter(
        _of(codebook, "field__codebook"), study=OuterRef("pk")
    )
    count = _forms(codebook).order_by().values("study").annotate(n=Count("pk")).values("n")
    studies = flow.studies_in(review)
    if codebook is not None and codebook.is_tool:
        studies = studies.filter(pk__in=appraisal.studies_of(codebook))
    return studies.select_related("program").annotate(
        begun=Coalesce(Subquery(count), 0),
        stage=Case(
            When(Exists(opened.filter(submitted_at=None)), then=Value(Stage.REOPENED)),
            When(Exists(opened) & _unsettled(codebook), then=Value(Stage.TO_SETTLE)),
            When(Exists(opened), then=Value(Stage.SETTLED)),
            When(Exists(_forms(codebook)), then=Value(Stage.BEGUN)),
            When(Exists(coded), then=Value(Stage.IMPORTED)),
            default=Value(Stage.FREE),
        ),
    )


def of_member(
    studies: QuerySet[Any], member: Membership, codebook: Codebook | None = None
) -> QuerySet[Any]:
    """Annotate `mine` ("draft", "submitted", "reopened" or None) and `may_begin`.

    `studies` are those of `included`. An extractor's own state tells nothing about the others'.
    """
    mine = _forms(codebook).filter(by=member.user_id)
    codebook = codebook or Codebook.objects.of(member.review_id)
    needed = codebook.forms_a_study if codebook and codebook.version else 0
    if "extract" not in abilities(member):
        needed = 0
    startable = Q(stage__in=[Stage.FREE, Stage.BEGUN, Stage.IMPORTED], begun__lt=needed)
    if codebook and codebook.verified:  # the second one has something to verify
        drafts = _forms(codebook).filter(submitted_at=None)
        startable &= Q(begun=0) | ~Q(Exists(drafts))
    return studies.annotate(
        mine=Case(
            When(Exists(mine.filter(submitted_at__isnull=False)), then=Value("submitted")),
            When(Exists(mine.filter(first_submitted_at__isnull=False)), then=Value("reopened")),
            When(Exists(mine), then=Value("draft")),
            default=None,
        ),
        may_begin=Case(
            When(startable & ~Exists(mine), then=Value(True)),
            default=Value(False),
        ),
    )


def waiting_for(studies: QuerySet[Any], member: Membership) -> QuerySet[Any]:
    """Of `of_member(…)`: the studies on which `member` has something to do."""
    todo = Q(mine__in=["draft", "reopened"]) | Q(may_begin=True)
    if "adjudicate_extraction" in abilities(member):
        todo |= Q(stage=Stage.TO_SETTLE)
    return studies.filter(todo)


def roster(studies: list[Study], codebook: Codebook | None = None) -> dict[int, list[Extraction]]:
    """Who has each of `studies`: {study id: forms, the one begun first in front}. 1 query."""
    found: dict[int, list[Extraction]] = {study.pk: [] for study in studies}
    forms = Extraction.objects.standing().filter(_of(codebook), study__in=studies)
    for extraction in forms.select_related("by").order_by("pk"):
        found[extraction.study_id].append(extraction)
    return found


def counts(review: Review, codebook: Codebook | None = None) -> dict[str, int]:
    """How many included studies stand at each stage: {Stage: n}, also zeros. 1 query."""
    numbers = dict.fromkeys(Stage.values, 0)
    rows = (
        included(review, codebook)
        .order_by()
        .values_list("stage")
        .annotate(n=Count("pk", distinct=True))
    )
    numbers.update(dict(rows))
    return numbers


def outdated(review: Review, codebook: Codebook | None = None) -> QuerySet[Extraction]:
    """Handed-in forms that a later version of the codebook asks more of."""
    return (
        Extraction.objects.submitted()
        .filter(_of(codebook), study__review=review, version__lt=F("codebook__version"))
        .select_related("study", "by")
    )
