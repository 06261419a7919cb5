"""Every PRISMA number, and the reports, records or studies that it counts.

A box is a set of places within one of the diagram's columns, so the identities of PRISMA.md hold by
construction and every number opens exactly what it counts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from citations import origins
from citations.models import DATABASE_KINDS, Record, Report, Search, Study, StudyReport
from reviews.models import Review, Stage

from ..models import Decision, Pilot
from .places import (
    ABSTRACT_PENDING,
    ADVANCED,
    ASSESSED,
    EXCLUDE,
    FULLTEXT_PENDING,
    REMOVED,
    SCREENED,
    Place,
)
from .placing import COUNTED_REASON, standing, turn_of_person
from .tally import DATABASES, OTHER_METHODS, PREVIOUS, Tally, arrived, take


@dataclass(frozen=True)
class ReportBox:
    """Reports of one column (None: of the two of new studies) that stand in one of `places`."""

    label: str
    places: list[Place]
    column: str | None = DATABASES


REPORT_BOXES = {
    "D2_auto": ReportBox("Marked as ineligible by automation tools", [Place.REMOVED_AUTOMATION]),
    "D2_other": ReportBox("Removed for other reasons", [Place.REMOVED_OTHER]),
    "D3": ReportBox("Records screened", SCREENED),
    "D4": ReportBox("Records excluded", [Place.ABSTRACT_OUT]),
    # PRISMA's second footnote: what people excluded, and what automation tools did.
    "D4_human": ReportBox("Records excluded by a human", [Place.ABSTRACT_OUT]),
    "D4_auto": ReportBox("Records excluded by automation tools", [Place.ABSTRACT_OUT]),
    "D5": ReportBox("Reports sought for retrieval", ADVANCED),
    "D6": ReportBox("Reports not retrieved", [Place.NOT_RETRIEVED]),
    "D7": ReportBox("Reports assessed for eligibility", ASSESSED),
    "D8": ReportBox("Reports excluded", [Place.FULLTEXT_OUT]),
    "D_included": ReportBox("Included, from databases and registers", [Place.INCLUDED]),
    "O5": ReportBox("Reports sought for retrieval", ADVANCED, OTHER_METHODS),
    "O6": ReportBox("Reports not retrieved", [Place.NOT_RETRIEVED], OTHER_METHODS),
    "O7": ReportBox("Reports assessed for eligibility", ASSESSED, OTHER_METHODS),
    "O8": ReportBox("Reports excluded", [Place.FULLTEXT_OUT], OTHER_METHODS),
    "O_included": ReportBox("Included, from other methods", [Place.INCLUDED], OTHER_METHODS),
    "I_reports": ReportBox("Reports of included studies", [Place.INCLUDED], None),
    # Of an updated review only (PRISMA.md 4.3 P, 4.5 identities 10 and 12).
    "P_reports": ReportBox(
        "Reports of studies included in previous version of review", [Place.INCLUDED], PREVIOUS
    ),
    "N_prev": ReportBox(
        "New reports of studies that the previous version included", [Place.INCLUDED], None
    ),
    "P_pending": ReportBox(
        "Of the previous version, still pending",
        [*ABSTRACT_PENDING, Place.SOUGHT, *FULLTEXT_PENDING],
        PREVIOUS,
    ),
    # Read, and set aside with a name (PRISMA.md 4.5: C and G): optional boxes.
    "D_C": ReportBox("Reports awaiting classification", [Place.AWAITING]),
    "D_G": ReportBox("Reports of ongoing studies", [Place.ONGOING]),
    "O_C": ReportBox("Reports awaiting classification", [Place.AWAITING], OTHER_METHODS),
    "O_G": ReportBox("Reports of ongoing studies", [Place.ONGOING], OTHER_METHODS),
    # What a draft still waits for (PRISMA.md 4.5: Q, W and F; the template has no such boxes).
    "D_Q": ReportBox("Title and abstract pending", ABSTRACT_PENDING),
    "D_W": ReportBox("Awaiting retrieval", [Place.SOUGHT]),
    "D_F": ReportBox("Full-text decision pending", FULLTEXT_PENDING),
    "O_Q": ReportBox("Title and abstract pending", ABSTRACT_PENDING, OTHER_METHODS),
    "O_W": ReportBox("Awaiting retrieval", [Place.SOUGHT], OTHER_METHODS),
    "O_F": ReportBox("Full-text decision pending", FULLTEXT_PENDING, OTHER_METHODS),
    # Other-method reports that ended before retrieval: the template has no box for them.
    "O_aside": ReportBox(
        "Set aside before retrieval", [*REMOVED, Place.ABSTRACT_OUT], OTHER_METHODS
    ),
}


OTHER_KINDS = [kind for kind in Search.Kind if kind not in DATABASE_KINDS]
RECORD_BOXES = {
    "D1_db": "Records identified from databases",
    "D1_reg": "Records identified from registers",
    "D2_dup": "Duplicate records removed",
    "O1": "Records identified by other methods",
    "O1_website": "Records identified from websites",
    "O1_organisation": "Records identified from organisations",
    "O1_citation": "Records identified by citation searching",
    "O_known": "Records of other methods that were known already",
}


def is_update(review: Review) -> bool:
    """Whether the diagram is that of an updated review: it has, or declares, an earlier version."""
    return review.version > 1 or bool(review.previous_studies or review.previous_reports)


def _earlier(review: Review) -> Exists | Value:
    """Whether a record of a search for an earlier version of the review is among a report's."""
    if review.version == 1:
        return Value(False)
    records = Record.objects.filter(report=OuterRef("pk"), search__version__lt=review.version)
    return Exists(records.arrived())


def in_column(review: Review, column: str | None) -> QuerySet[Report]:
    """The reports of one column of the diagram; None: those of the two columns of new studies."""
    reports: Any = Report.objects.filter(review=review)
    if column == PREVIOUS:
        return reports.filter(_earlier(review)) if review.version > 1 else reports.none()
    if review.version > 1:
        reports = reports.filter(~_earlier(review))
    if column is None:
        return reports
    of = origins.from_databases if column == DATABASES else origins.from_other_methods
    return of(reports)


def reports_in(
    review: Review, box: str, *, reason: int | Sequence[int] | None = None
) -> QuerySet[Report]:
    """The reports that the number in `box` counts; for D8 and O8 also of one or more reasons."""
    about = REPORT_BOXES[box]
    reports = in_column(review, about.column).filter(place__in=about.places)
    if box in ("I_reports", "N_prev"):
        # A report tells of something new unless every study of it was included before.
        known = ~Exists(_links(review, new=True)) & Exists(_links(review, new=False))
        reports = reports.filter(known if box == "N_prev" else ~known)
    if box == "D4_auto":
        reports = reports.filter(pk__in=_by_tools(review))
    elif box == "D4_human":
        reports = reports.exclude(pk__in=_by_tools(review))
    if reason is not None:
        given = [reason] if isinstance(reason, int) else reason
        reports = with_reason(review, reports).filter(consensus_reason__in=given)
    return reports


# What stands in more than a column and its places: asked for one by one.
_NARROWED = ("D4_human", "D4_auto", "I_reports", "N_prev")


def ids_by_box(review: Review) -> dict[str, list[int]]:
    """{box: ids of the reports that it counts} of every box, in few passes over the reports."""
    standing: dict[tuple[str, str], list[int]] = {}
    for column in (DATABASES, OTHER_METHODS, PREVIOUS):
        for pk, place in in_column(review, column).order_by().values_list("pk", "place"):
            standing.setdefault((column, place), []).append(pk)
    found = {}
    for box, about in REPORT_BOXES.items():
        if box in _NARROWED:
            found[box] = list(reports_in(review, box).order_by().values_list("pk", flat=True))
            continue
        columns = [about.column] if about.column else [DATABASES, OTHER_METHODS]
        keys = [(column, place) for column in columns for place in about.places]
        found[box] = [pk for key in keys for pk in standing.get(key, [])]
    return found


def _by_tools(review: Review) -> QuerySet[Decision, Any]:
    """The reports that stand as excluded on title and abstract by an automation tool."""
    words = Decision.objects.current().at_stage(Stage.ABSTRACT)
    found: Any = words.filter(automation=True, final=True, report__review=review)
    return found.order_by().values("report")


def _links(review: Review, *, new: bool) -> QuerySet[StudyReport]:
    """A report's links to studies that the previous version had not (or had) included."""
    links = StudyReport.objects.filter(report=OuterRef("pk"))
    before = _included_before(review, OuterRef("study"))
    return links.filter(~before if new else before)


def _included_before(review: Review, study: OuterRef) -> Exists:
    reports = in_column(review, PREVIOUS).filter(place=Place.INCLUDED)
    return Exists(StudyReport.objects.filter(study=study, report__in=reports))


def with_reason(review: Review, reports: QuerySet[Report]) -> QuerySet[Any]:
    """Annotate `consensus_reason`: the final word's, else the one that the reviewers agreed on.

    PRISMA 2020 counts one reason a report; it comes from the consensus and never from votes. A
    reason that was merged into another counts as that one.
    """
    word = standing(Stage.FULLTEXT, final=True).filter(verdict=EXCLUDE)
    own = standing(Stage.FULLTEXT, final=False).filter(verdict=EXCLUDE)
    # Of a pilot's answers those that are drawn count (placing.py), and they agree. Without a pilot
    # all of them do: whose turn it was is then not worked out, which costs more than all the rest.
    piloted = Exists(Pilot.objects.filter(review=review.pk, stage=Stage.FULLTEXT))
    turn = Case(
        When(piloted, then=turn_of_person(Stage.FULLTEXT)),
        default=F("by_id"),
        output_field=BigIntegerField(),
    )
    first = own.order_by(turn)
    return reports.annotate(
        consensus_reason=Coalesce(
            Subquery(word.values(counted=COUNTED_REASON)[:1]),
            Subquery(first.values(counted=COUNTED_REASON)[:1]),
            output_field=BigIntegerField(),
        )
    )


def records_in(review: Review, box: str) -> QuerySet[Record]:
    """The records that the number in `box` counts (without those removed before import)."""
    records = Record.objects.filter(review=review, search__version=review.version).arrived()
    if box == "D1_db":
        return records.filter(search__kind=Search.Kind.DATABASE)
    if box == "D1_reg":
        return records.filter(search__kind=Search.Kind.REGISTER)
    from_databases = records.filter(search__kind__in=DATABASE_KINDS)
    same_report = Record.objects.filter(report=OuterRef("report")).arrived()
    known_before = same_report.filter(search__version__lt=review.version)
    earlier = same_report.filter(search__version=review.version, pk__lt=OuterRef("pk"))
    if box == "D2_dup":
        # The first record of a report stands for it; the others are its duplicates. In an update
        # so is every record of a report that an earlier version had.
        return from_databases.filter(
            Exists(earlier.filter(search__kind__in=DATABASE_KINDS)) | Exists(known_before)
        )
    others = records.exclude(search__kind__in=DATABASE_KINDS)
    if box == "O1":
        return others
    if box == "O_known":
        return others.filter(
            Exists(same_report.filter(search__kind__in=DATABASE_KINDS))
            | Exists(known_before)
            | Exists(earlier.exclude(search__kind__in=DATABASE_KINDS))
        )
    return others.filter(search__kind=box.removeprefix("O1_"))


# What a number of the diagram holds beside the reports or records that are here: (kinds, causes).
_EVERY_CAUSE = ["duplicates", "automation", "other"]


_BEFORE_IMPORT: dict[str, tuple[Sequence[str], list[str]]] = {
    "D1_db": ([Search.Kind.DATABASE], _EVERY_CAUSE),
    "D1_reg": ([Search.Kind.REGISTER], _EVERY_CAUSE),
    "D2_dup": (DATABASE_KINDS, ["duplicates"]),
    "D2_auto": (DATABASE_KINDS, ["automation"]),
    "D2_other": (DATABASE_KINDS, ["other"]),
    "O1_website": ([Search.Kind.WEBSITE], _EVERY_CAUSE),
    "O1_organisation": ([Search.Kind.ORGANISATION], _EVERY_CAUSE),
    "O1_citation": ([Search.Kind.CITATION], _EVERY_CAUSE),
    "O1": (OTHER_KINDS, _EVERY_CAUSE),
}
_IDENTIFIED = {box: kinds for box, (kinds, _) in _BEFORE_IMPORT.items() if box[1] == "1"}


def removed_before_import(review: Review, box: str) -> int:
    """How many of the number in `box` were removed before the files came here: they have no row."""
    kinds, causes = _BEFORE_IMPORT.get(box, ([], []))
    searches = searches_now(review).filter(kind__in=kinds)
    return sum(total_of(searches, f"removed_{cause}") for cause in causes)


def studies_in(review: Review) -> QuerySet[Study]:
    """The included studies: those with at least one included report, of whatever version."""
    included = Report.objects.filter(studies=OuterRef("pk"), place=Place.INCLUDED)
    return Study.objects.filter(Exists(included), review=review)


STUDY_BOXES = {
    "I_studies": "Studies included in review",
    "P_studies": "Studies included in previous version of review",
}


def studies_of(review: Review, box: str) -> QuerySet[Study]:
    """The studies that the number in `box` (of STUDY_BOXES) counts."""
    before = _included_before(review, OuterRef("pk"))
    found = studies_in(review)
    return found.filter(before if box == "P_studies" else ~before)


def searches_now(review: Review) -> QuerySet[Search]:
    """The searches of the version that the diagram is about."""
    return Search.objects.filter(review=review, version=review.version)


def total_of(searches: QuerySet[Search], field: str) -> int:
    return searches.aggregate(n=Sum(field))["n"] or 0


def placed(review: Review) -> Counter[str]:
    """How many reports stand in each place. 1 query."""
    rows = Report.objects.filter(review=review).order_by().values_list("place")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def boxes(review: Review, tally: Tally | None = None) -> dict[str, int]:
    """Every number of the diagram by the ids of PRISMA.md, from `tally` (else counted now).

    A fixed number of queries.
    """
    found = tally or take(review)

    def count(about: ReportBox) -> int:
        columns = [about.column] if about.column else [DATABASES, OTHER_METHODS]
        return sum(found.placed[column, place] for column in columns for place in about.places)

    numbers = {box: count(about) for box, about in REPORT_BOXES.items()}
    # What was removed before the file came here was identified all the same (box D1 and D2).
    for box, (kinds, causes) in _BEFORE_IMPORT.items():
        outside = sum(found.removed(cause, *kinds) for cause in causes)
        numbers[box] = numbers.get(box, 0) + outside
    for box, kinds in _IDENTIFIED.items():
        numbers[box] += found.records(*kinds)
    numbers["D1"] = numbers["D1_db"] + numbers["D1_reg"]
    # The first record of each report stands for it; the others are its duplicates.
    numbers["D2_dup"] += found.records(*DATABASE_KINDS) - found.first
    numbers["O_known"] = found.records(*OTHER_KINDS) - found.here(OTHER_METHODS)
    numbers["O_outside"] = sum(found.removed(cause, *OTHER_KINDS) for cause in _EVERY_CAUSE)
    # PRISMA.md identity 8: U, for which the template has no box.
    numbers["O_U"] = numbers["O_known"] + numbers["O_outside"] + numbers["O_aside"] + numbers["O_Q"]
    if _by_tools(review).exists():
        for box in ("D4_auto", "D4_human"):
            numbers[box] = reports_in(review, box).count()
    else:
        numbers |= {"D4_auto": 0, "D4_human": numbers["D4"]}
    numbers["I_studies"] = studies_of(review, "I_studies").count()
    _count_versions(review, numbers)
    return numbers


def _count_versions(review: Review, numbers: dict[str, int]) -> None:
    """The boxes of an updated review: previous studies, and the totals (PRISMA.md 4.5, 10 and 12)."""
    is_second = review.version > 1
    numbers["N_prev"] = reports_in(review, "N_prev").count() if is_second else 0
    numbers["I_reports"] -= numbers["N_prev"]
    here = studies_of(review, "P_studies").count() if is_second else 0
    numbers["P_studies"] = here + review.previous_studies
    numbers["P_reports"] += review.previous_reports
    numbers["T_studies"] = numbers["P_studies"] + numbers["I_studies"]
    numbers["T_reports"] = numbers["P_reports"] + numbers["I_reports"] + numbers["N_prev"]


def identified(review: Review, found: Tally | None = None) -> list[tuple[Search, int]]:
    """Each source with its number in box D1 or O1: records here and those removed before import."""
    found = found or take(review)
    return [(search, found.imported[search.pk] + search.removed) for search in found.searches]


def reasons_by_column(review: Review) -> dict[str, dict[int, int]]:
    """How many excluded full texts each reason has: {column: {reason id: reports}}. 3 queries."""
    excluded = with_reason(review, in_column(review, None).filter(place=Place.FULLTEXT_OUT))
    databases = Search.objects.filter(review=review, kind__in=DATABASE_KINDS)
    ids = list(databases.values_list("pk", flat=True))
    records = arrived(review).filter(report=OuterRef("pk"), search__in=ids)
    # A value, not EXISTS: PostgreSQL would look through every record to answer for a few reports.
    one = Subquery(records.order_by().values("pk")[:1])
    rows = excluded.annotate(of_databases=IsNull(one, False)).order_by()
    counted: dict[str, dict[int, int]] = {DATABASES: {}, OTHER_METHODS: {}}
    for reason, of_databases, n in rows.values_list("consensus_reason", "of_databases").annotate(
        n=Count("pk")
    ):
        counted[DATABASES if of_databases else OTHER_METHODS][reason] = n
    return counted


def reasons(review: Review, column: str = DATABASES) -> dict[int, int]:
    """How many excluded full texts of one column each reason has: {reason id: reports}."""
    return reasons_by_column(review)[column]
