"""Where every report stands, and every PRISMA number. The only module that counts.

`place_of` is one CASE that puts a report in exactly one place: it takes the first branch that
fits, so places neither overlap nor leave a gap. A PRISMA box is a set of places within one of the
diagram's two columns, so the identities of PRISMA.md hold by construction and every number opens
exactly the reports it counts. `settle` stores the result on `Report.place`; nothing else does.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.db.models.sql import UpdateQuery

from citations.models import DATABASE_KINDS, FullText, Record, Report, Search, Study, StudyReport
from citations.querysets import arrived_by
from reviews.models import SCREENING_STAGES, Review, Stage, StageRules

from .duplicates import questions
from .models import Decision


class Place(TextChoices):
    MERGED = "merged", "Merged into another report"
    ARRIVING = "arriving", "Being imported"  # citations.querysets.ARRIVING
    WITHDRAWN = "withdrawn", "Its import was undone"  # citations.querysets.WITHDRAWN
    REMOVED_AUTOMATION = "removed-automation", "Removed by automation tools"
    REMOVED_OTHER = "removed-other", "Removed before screening"
    ABSTRACT_OPEN = "abstract-open", "Awaiting title and abstract"
    ABSTRACT_HALF = "abstract-half", "Awaiting more answers on title and abstract"
    ABSTRACT_CONFLICT = "abstract-conflict", "Conflict on title and abstract"
    ABSTRACT_OUT = "abstract-out", "Excluded on title and abstract"
    SOUGHT = "sought", "Full text sought"
    NOT_RETRIEVED = "not-retrieved", "Not retrieved"
    FULLTEXT_OPEN = "fulltext-open", "Awaiting full-text decision"
    FULLTEXT_HALF = "fulltext-half", "Awaiting more answers on full text"
    FULLTEXT_CONFLICT = "fulltext-conflict", "Conflict on full text"
    FULLTEXT_OUT = "fulltext-out", "Excluded on full text"
    INCLUDED = "included", "Included"


# Reports that are not in the review: absorbed, not there yet, or taken out with their import.
NOWHERE = [Place.MERGED, Place.ARRIVING, Place.WITHDRAWN]
EXCLUDE, MAYBE = Decision.Verdict.EXCLUDE, Decision.Verdict.MAYBE
# Where reviewers are still asked: nobody has answered yet, or some have and others are to come. The
# two are places of their own so that the queue finds the half-decided ones by an index.
UNTOUCHED_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_OPEN, Stage.FULLTEXT: Place.FULLTEXT_OPEN}
HALF_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_HALF, Stage.FULLTEXT: Place.FULLTEXT_HALF}
OPEN_PLACES = {stage: [UNTOUCHED_PLACE[stage], HALF_PLACE[stage]] for stage in UNTOUCHED_PLACE}
CONFLICT_PLACE = {Stage.ABSTRACT: Place.ABSTRACT_CONFLICT, Stage.FULLTEXT: Place.FULLTEXT_CONFLICT}


def _standing(stage: str, *, final: bool) -> QuerySet[Decision]:
    return Decision.objects.filter(
        report=OuterRef("pk"), stage=stage, final=final, superseded_at=None
    )


def _said(stage: str, *, out: bool) -> Exists:
    """Whether the final word of `stage` is there, and is (or is not) "exclude"."""
    word = _standing(stage, final=True)
    return Exists(word.filter(verdict=EXCLUDE) if out else word.exclude(verdict=EXCLUDE))


def _votes(stage: str) -> Coalesce:
    """How many reviewers' own decisions stand at `stage`."""
    votes = _standing(stage, final=False).order_by().values("report")
    return Coalesce(Subquery(votes.annotate(n=Count("pk")).values("n")), 0)


def _reason(pick: type[Min] | type[Max]) -> Subquery:
    out = _standing(Stage.FULLTEXT, final=False).filter(verdict=EXCLUDE)
    return Subquery(out.order_by().values("report").annotate(r=pick("reason")).values("r"))


def _stage(stage: Stage, rules: StageRules, *, out: Place) -> list[When]:
    """The branches of one screening stage; a report that fits none of them has passed it.

    Without a final word: open until as many people as the rules ask for have decided (a conflict
    that showed earlier would tell the others what has been said); then agreed, or a conflict.
    """
    undecided = ~Exists(_standing(stage, final=True))
    conflict = CONFLICT_PLACE[stage]
    someone = Exists(_standing(stage, final=False))
    branches = [
        When(_said(stage, out=True), then=Value(out)),
        When(undecided & ~someone, then=Value(UNTOUCHED_PLACE[stage])),
        When(undecided & LessThan(_votes(stage), rules.screeners), then=Value(HALF_PLACE[stage])),
    ]
    if rules.maybe == StageRules.Maybe.DISCUSSED:
        unsure = Exists(_standing(stage, final=False).filter(verdict=MAYBE))
        branches.append(When(undecided & unsure, then=Value(conflict)))
    someone_out = Exists(_standing(stage, final=False).filter(verdict=EXCLUDE))
    someone_in = Exists(_standing(stage, final=False).exclude(verdict=EXCLUDE))
    branches.append(When(undecided & someone_out & someone_in, then=Value(conflict)))
    if stage == Stage.FULLTEXT:
        # PRISMA 2020 item 16b: an excluded report is reported with its reason, so people who
        # agree to exclude but not on why have not agreed yet.
        branches.append(
            When(undecided & LessThan(_reason(Min), _reason(Max)), then=Value(conflict))
        )
    branches.append(When(undecided & someone_out, then=Value(out)))
    return branches


# (stage, screeners, meaning of maybe) of both stages: all of a review that its places depend on.
Rules = tuple[tuple[str, int, str], ...]


def rules_of(review: Review) -> Rules:
    found = review.stage_rules.order_by("stage")
    return tuple(found.values_list("stage", "screeners", "maybe"))


def place_of(by: Rules) -> Case:
    """The CASE expression over `Report` that names each report's place under the rules `by`."""
    rules = {
        stage: StageRules(stage=stage, screeners=screeners, maybe=maybe)
        for stage, screeners, maybe in by
    }
    # Removals and screening exclude each other (actions.py), and so do giving up and a file; a
    # merge alone can bring the two together. Then the work of people stands, and the file:
    # joining a copy that was set aside must not lose a study.
    screened = Decision.objects.filter(
        report=OuterRef("pk"), stage__in=SCREENING_STAGES, superseded_at=None
    )
    untouched = ~Exists(screened)
    removed = _standing(Stage.BEFORE, final=True).filter(verdict=EXCLUDE)
    records = Record.objects.filter(report=OuterRef("pk"))
    without_file = ~Exists(FullText.objects.filter(report=OuterRef("pk"), removed_at=None))
    return Case(
        When(merged_into__isnull=False, then=Value(Place.MERGED)),
        # Nothing of a file counts before all of it is there (docs/decisions/030-imports-arrive-whole.md).
        When(Exists(records.arriving()), then=Value(Place.ARRIVING)),
        When(
            Exists(records.filter(upload__undone_at__isnull=False)) & ~Exists(records.arrived()),
            then=Value(Place.WITHDRAWN),
        ),
        When(
            untouched & Exists(removed.filter(automation=True)),
            then=Value(Place.REMOVED_AUTOMATION),
        ),
        When(untouched & Exists(removed), then=Value(Place.REMOVED_OTHER)),
        *_stage(Stage.ABSTRACT, rules[Stage.ABSTRACT], out=Place.ABSTRACT_OUT),
        When(without_file & _said(Stage.RETRIEVAL, out=True), then=Value(Place.NOT_RETRIEVED)),
        When(without_file, then=Value(Place.SOUGHT)),
        *_stage(Stage.FULLTEXT, rules[Stage.FULLTEXT], out=Place.FULLTEXT_OUT),
        default=Value(Place.INCLUDED),
        output_field=CharField(),
    )


# Up to this many ids are settled by SQL that was written once; more of them are worth a new one.
FEW = 2


def settle(review: Review, reports: Iterable[int] | QuerySet[Report] | None = None) -> None:
    """Store the place of `reports` by the CASE that defines it.

    They are ids, or a queryset where they are too many to name; None means all of the review.
    Call it inside the transaction of the act that moved them.
    """
    rules = rules_of(review)
    moved = Report.objects.filter(review=review)
    if isinstance(reports, QuerySet):
        moved = moved & reports
    elif reports is not None:
        ids = sorted(set(reports))
        if len(ids) <= FEW:
            return _settle_few(review, ids, rules)
        moved = moved.filter(pk__in=ids)
    moved.update(place=place_of(rules))


def _settle_few(review: Review, ids: list[int], rules: Rules) -> None:
    """The same UPDATE for a few ids, without building the expression again for every decision."""
    if not ids:
        return
    sql, parameters = _written(connection.vendor, rules, len(ids))
    real = {_stand_in(0): review.pk} | {_stand_in(n): pk for n, pk in enumerate(ids, start=1)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [real.get(value, value) for value in parameters])


def _stand_in(n: int) -> int:
    """A number that stands for an id while the SQL is written; no row has it."""
    return -7_000_000_000 - n


@lru_cache(maxsize=256)
def _written(vendor: str, rules: Rules, count: int) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters of `settle` for `count` ids, as the ORM writes them for this database.

    Writing it takes some thirty times as long as running it, and it depends on nothing but the
    arguments.
    """
    ids = [_stand_in(n) for n in range(1, count + 1)]
    chosen = Report.objects.filter(review=_stand_in(0), pk__in=ids).query
    moved = cast(UpdateQuery, chosen.chain(UpdateQuery))
    moved.add_update_values({"place": place_of(rules)})
    sql, parameters = moved.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)


def misplaced(review: Review) -> list[tuple[int, str, str]]:
    """(report id, stored place, recomputed place) of every report whose stored place is wrong."""
    recomputed = Report.objects.filter(review=review).annotate(computed=place_of(rules_of(review)))
    wrong = recomputed.exclude(place=F("computed"))
    return list(wrong.order_by("pk").values_list("pk", "place", "computed"))


# --- The boxes of the diagram ---------------------------------------------------------------

REMOVED = [Place.REMOVED_AUTOMATION, Place.REMOVED_OTHER]
ABSTRACT_PENDING = [*OPEN_PLACES[Stage.ABSTRACT], Place.ABSTRACT_CONFLICT]
FULLTEXT_PENDING = [*OPEN_PLACES[Stage.FULLTEXT], Place.FULLTEXT_CONFLICT]
ASSESSED = [*FULLTEXT_PENDING, Place.FULLTEXT_OUT, Place.INCLUDED]
ADVANCED = [Place.SOUGHT, Place.NOT_RETRIEVED, *ASSESSED]
SCREENED = [*ABSTRACT_PENDING, Place.ABSTRACT_OUT, *ADVANCED]
# The columns of the diagram. In an update the reports that an earlier version brought are a column
# of their own, whatever the new searches find of them again.
DATABASES, OTHER_METHODS, PREVIOUS = "D", "O", "P"


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
    return reports.from_databases() if column == DATABASES else reports.from_other_methods()


def reports_in(review: Review, box: str, *, reason: int | None = None) -> QuerySet[Report]:
    """The reports that the number in `box` counts; for D8 and O8 also of one consensus reason."""
    about = REPORT_BOXES[box]
    reports = in_column(review, about.column).filter(place__in=about.places)
    if box in ("I_reports", "N_prev"):
        # A report tells of something new unless every study of it was included before.
        known = ~Exists(_links(review, new=True)) & Exists(_links(review, new=False))
        reports = reports.filter(known if box == "N_prev" else ~known)
    if reason is not None:
        reports = with_reason(reports).filter(consensus_reason=reason)
    return reports


def _links(review: Review, *, new: bool) -> QuerySet[StudyReport]:
    """A report's links to studies that the previous version had not (or had) included."""
    links = StudyReport.objects.filter(report=OuterRef("pk"))
    before = _included_before(review, OuterRef("study"))
    return links.filter(~before if new else before)


def _included_before(review: Review, study: OuterRef) -> Exists:
    reports = in_column(review, PREVIOUS).filter(place=Place.INCLUDED)
    return Exists(StudyReport.objects.filter(study=study, report__in=reports))


def with_reason(reports: QuerySet[Report]) -> QuerySet[Any]:
    """Annotate `consensus_reason`: the final word's, else the one that the reviewers agreed on.

    PRISMA 2020 counts one reason a report; it comes from the consensus and never from votes.
    """
    word = _standing(Stage.FULLTEXT, final=True).filter(verdict=EXCLUDE)
    return reports.annotate(
        consensus_reason=Coalesce(
            Subquery(word.values("reason")[:1]), _reason(Min), output_field=BigIntegerField()
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
    "O1": (
        [Search.Kind.WEBSITE, Search.Kind.ORGANISATION, Search.Kind.CITATION],
        _EVERY_CAUSE,
    ),
}


def removed_before_import(review: Review, box: str) -> int:
    """How many of the number in `box` were removed before the files came here: they have no row."""
    kinds, causes = _BEFORE_IMPORT.get(box, ([], []))
    searches = _searches(review).filter(kind__in=kinds)
    return sum(_sum(searches, f"removed_{cause}") for cause in causes)


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


def _searches(review: Review) -> QuerySet[Search]:
    """The searches of the version that the diagram is about."""
    return Search.objects.filter(review=review, version=review.version)


def _sum(searches: QuerySet[Search], field: str) -> int:
    return searches.aggregate(n=Sum(field))["n"] or 0


def placed(review: Review) -> Counter[str]:
    """How many reports stand in each place. 1 query."""
    rows = Report.objects.filter(review=review).order_by().values_list("place")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def boxes(review: Review) -> dict[str, int]:
    """Every number of the diagram by the ids of PRISMA.md. A fixed number of queries."""
    placed: Counter[tuple[str, str]] = Counter()
    of_databases = Record.objects.filter(report=OuterRef("pk"), search__kind__in=DATABASE_KINDS)
    rows = Report.objects.filter(review=review).annotate(
        from_databases=Exists(of_databases.arrived()), earlier=_earlier(review)
    )
    for place, from_databases, earlier, n in (
        rows.order_by().values_list("place", "from_databases", "earlier").annotate(n=Count("pk"))
    ):
        column = PREVIOUS if earlier else DATABASES if from_databases else OTHER_METHODS
        placed[column, place] += n

    def count(about: ReportBox) -> int:
        columns = [about.column] if about.column else [DATABASES, OTHER_METHODS]
        return sum(placed[column, place] for column in columns for place in about.places)

    numbers = {box: count(about) for box, about in REPORT_BOXES.items()}

    searches = _searches(review)
    of_kind = dict(
        Record.objects.filter(review=review, search__version=review.version)
        .arrived()
        .order_by()
        .values_list("search__kind")
        .annotate(n=Count("pk"))
    )
    # What was removed before the file came here was identified all the same (box D1 and D2).
    outside: dict[str, dict[str, int]] = {
        kind: {"dup": dup or 0, "auto": auto or 0, "other": other or 0}
        for kind, dup, auto, other in searches.order_by()
        .values_list("kind")
        .annotate(Sum("removed_duplicates"), Sum("removed_automation"), Sum("removed_other"))
    }

    def raw(kind: str) -> int:
        return of_kind.get(kind, 0) + sum(outside.get(kind, {}).values())

    def removed(cause: str) -> int:
        return sum(outside.get(kind, {}).get(cause, 0) for kind in DATABASE_KINDS)

    numbers["D1_db"] = raw(Search.Kind.DATABASE)
    numbers["D1_reg"] = raw(Search.Kind.REGISTER)
    numbers["D1"] = numbers["D1_db"] + numbers["D1_reg"]
    numbers["D2_dup"] = records_in(review, "D2_dup").count() + removed("dup")
    numbers["D2_auto"] += removed("auto")
    numbers["D2_other"] += removed("other")
    for kind in (Search.Kind.WEBSITE, Search.Kind.ORGANISATION, Search.Kind.CITATION):
        numbers[f"O1_{kind}"] = raw(kind)
    numbers["O1"] = sum(numbers[f"O1_{kind}"] for kind in ("website", "organisation", "citation"))
    numbers["O_known"] = records_in(review, "O_known").count()
    numbers["O_outside"] = sum(
        sum(causes.values()) for kind, causes in outside.items() if kind not in DATABASE_KINDS
    )
    # PRISMA.md identity 8: U, for which the template has no box.
    numbers["O_U"] = numbers["O_known"] + numbers["O_outside"] + numbers["O_aside"] + numbers["O_Q"]
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


def identified(review: Review) -> list[tuple[Search, int]]:
    """Each source with its number in box D1 or O1: records here and those removed before import."""
    searches = _searches(review).annotate(
        here=Count("records", filter=Q(records__isnull=False) & arrived_by("records__")),
        before=F("removed_duplicates") + F("removed_automation") + F("removed_other"),
    )
    return [(search, search.here + search.before) for search in searches]


def reasons(review: Review, column: str = DATABASES) -> dict[int, int]:
    """How many excluded full texts each reason has: {reason id: reports}."""
    excluded = reports_in(review, f"{column}8")
    return dict(
        with_reason(excluded)
        .order_by()
        .values_list("consensus_reason")
        .annotate(n=Count("pk", distinct=True))
    )


@dataclass(frozen=True)
class Identity:
    """An equation between boxes that must hold at every instant (PRISMA.md 4.5)."""

    number: int
    says: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left == self.right


def identities(review: Review, b: dict[str, int]) -> list[Identity]:
    """The identities over the numbers `b` of `boxes`; those of an updated review are not here."""
    searches = _searches(review).filter(kind__in=DATABASE_KINDS)
    of_databases = Record.objects.filter(review=review, search__in=searches)
    imported = of_databases.arrived().count()
    declared = sum(
        _sum(searches, f"removed_{cause}") for cause in ("duplicates", "automation", "other")
    )
    included = Report.objects.filter(review=review, place=Place.INCLUDED)
    without_study = included.filter(studies=None).count()
    total = in_column(review, DATABASES).exclude(place__in=NOWHERE).count()
    return [
        Identity(1, "identified = imported + removed before import", b["D1"], imported + declared),
        Identity(
            2,
            "identified = duplicates + automation + other reasons + screened",
            b["D1"],
            b["D2_dup"] + b["D2_auto"] + b["D2_other"] + b["D3"],
        ),
        Identity(
            3, "screened = excluded + sought + pending", b["D3"], b["D4"] + b["D5"] + b["D_Q"]
        ),
        Identity(
            5, "sought = not retrieved + awaiting + assessed", b["D5"], b["D6"] + b["D_W"] + b["D7"]
        ),
        Identity(
            6,
            "assessed = excluded + included + pending",
            b["D7"],
            b["D8"] + b["D_included"] + b["D_F"],
        ),
        Identity(7, "excluded = sum of the reasons", b["D8"], sum(reasons(review).values())),
        Identity(
            8,
            "other methods: identified = sought + known or set aside",
            b["O1"],
            b["O5"] + b["O_U"],
        ),
        Identity(
            9,
            "other methods: sought = not retrieved + awaiting + assessed",
            b["O5"],
            b["O6"] + b["O_W"] + b["O7"],
        ),
        Identity(
            9,
            "other methods: assessed = excluded + included + pending",
            b["O7"],
            b["O8"] + b["O_included"] + b["O_F"],
        ),
        Identity(
            9,
            "other methods: excluded = sum of the reasons",
            b["O8"],
            sum(reasons(review, OTHER_METHODS).values()),
        ),
        Identity(
            10,
            "reports included = from databases + from other methods - new reports of earlier studies",
            b["I_reports"],
            b["D_included"] + b["O_included"] - b["N_prev"],
        ),
        Identity(11, "included reports without a study = 0", without_study, 0),
        Identity(
            12,
            "studies in total = of all versions",
            b["T_studies"],
            review.previous_studies + studies_in(review).count(),
        ),
        Identity(
            12,
            "reports in total = of all versions",
            b["T_reports"],
            review.previous_reports + included.count(),
        ),
        Identity(
            13,
            "every report of the databases stands in one place",
            total,
            b["D3"] + total_removed(review),
        ),
    ]


def total_removed(review: Review) -> int:
    """Reports of the databases that were removed here before screening."""
    return in_column(review, DATABASES).filter(place__in=REMOVED).count()


def pending(review: Review, b: dict[str, int]) -> dict[str, int]:
    """What keeps the diagram a draft: Q, W and F of both columns, what the previous version had left
    open, and open duplicate questions."""
    return {
        "abstract": b["D_Q"] + b["O_Q"],
        "retrieval": b["D_W"] + b["O_W"],
        "fulltext": b["D_F"] + b["O_F"],
        "previous": b["P_pending"],
        "duplicates": len(questions.waiting(review)),
    }
