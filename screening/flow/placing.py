"""Which place a report stands in: one CASE expression, and `settle`, which stores its result.

`place_of` takes the first branch that fits, so places neither overlap nor leave a gap.
"""

from collections.abc import Iterable
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
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan, LessThanOrEqual
from django.db.models.sql import UpdateQuery

from citations.models import FullText, Record, Report
from reviews.models import SCREENING_STAGES, Review, Stage, StageRules
from reviews.written import prepared

from ..models import Decision, Pilot, PilotReport, PilotSeat
from .places import ASIDE_PLACE, CONFLICT_PLACE, EXCLUDE, HALF_PLACE, MAYBE, UNTOUCHED_PLACE, Place

NOBODY = 2**63 - 1  # after the turn of everybody
LATE = 100_000  # a turn after all that are drawn


def standing(stage: str, *, final: bool) -> QuerySet[Decision]:
    return Decision.objects.filter(
        report=OuterRef("pk"), stage=stage, final=final, superseded_at=None
    )


def _said(stage: str, *, out: bool) -> Exists:
    """Whether the final word of `stage` is there, and is (or is not) "exclude"."""
    word = standing(stage, final=True)
    return Exists(word.filter(verdict=EXCLUDE) if out else word.exclude(verdict=EXCLUDE))


def _votes(stage: str) -> Coalesce:
    """How many reviewers' own decisions stand at `stage`."""
    votes = standing(stage, final=False).order_by().values("report")
    return Coalesce(Subquery(votes.annotate(n=Count("pk")).values("n")), 0)


def _counted(stage: Stage, rules: StageRules) -> QuerySet[Decision]:
    """The reviewers' own decisions that decide where a report stands.

    In a pilot round everybody answers: of more answers than the rules ask for, as many count. Whose
    was drawn for each report when the round was, so all count equally often, and neither what nor
    when somebody answered plays a part: a change of mind brings nobody else's answer in or out. The
    others stay as answers of the round.
    """
    own = standing(stage, final=False)
    if not rules.piloted:  # type: ignore[attr-defined]
        return own
    turn = turn_of_person(stage)
    here = Decision.objects.filter(
        report=OuterRef("report_id"), stage=stage, final=False, superseded_at=None
    )
    turns = here.annotate(turn=turn).order_by("turn").values("turn")
    last = Coalesce(Subquery(turns[rules.screeners - 1 : rules.screeners]), NOBODY)
    drawn = PilotReport.objects.filter(report=OuterRef("report_id"), pilot__stage=stage)
    return own.filter(LessThanOrEqual(turn, last) | ~Exists(drawn))


def turn_of_person(stage: Stage) -> Any:
    """When it is the turn of a decision's person on its report, by the draw of the last pilot round
    that knows both; who joined after the draw comes after all others. No two have the same."""
    seats = PilotSeat.objects.filter(
        user=OuterRef("by_id"), drawn__report=OuterRef("report_id"), drawn__pilot__stage=stage
    ).order_by("-drawn__pilot")
    turn = Coalesce(Subquery(seats.values("turn")[:1]), LATE, output_field=BigIntegerField())
    return turn * Value(2**40, output_field=BigIntegerField()) + F("by_id")


def _verdict_given(pick: type[Min] | type[Max], own: QuerySet[Decision]) -> Subquery:
    said = own.order_by().values("report")
    return Subquery(said.annotate(v=pick("verdict")).values("v"))


# The reason that a decision counts under: where a merge of reasons has led its own.
COUNTED_REASON = Coalesce("reason__counts_as", "reason")


def _reason_given(pick: type[Min] | type[Max], own: QuerySet[Decision]) -> Subquery:
    out = own.filter(verdict=EXCLUDE)
    return Subquery(out.order_by().values("report").annotate(r=pick(COUNTED_REASON)).values("r"))


def _stage(stage: Stage, rules: StageRules, *, out: Place) -> list[When]:
    """The branches of one screening stage; a report that fits none of them has passed it.

    Without a final word: open until as many people as the rules ask for have decided (a conflict
    that showed earlier would tell the others what has been said); then agreed, or a conflict.
    Where one include is enough, whoever includes sends the report on, whatever others have said:
    no branch but a final word holds it back.
    """
    undecided = Q(~Exists(standing(stage, final=True)))
    conflict = CONFLICT_PLACE[stage]
    someone = Exists(standing(stage, final=False))
    own = _counted(stage, rules)
    said_out = _said(stage, out=True)
    in_pilot = undecided & Q(
        Exists(
            PilotReport.objects.filter(
                report=OuterRef("pk"), pilot__stage=stage, pilot__closed_at=None
            )
        )
    )
    if rules.one_include:
        sent_on = own.exclude(verdict=EXCLUDE)
        if rules.maybe == StageRules.Maybe.DISCUSSED:
            sent_on = sent_on.exclude(verdict=MAYBE)
        undecided &= Q(~Exists(sent_on))
    branches = [
        When(said_out, then=Value(out)),
        When(undecided & ~someone, then=Value(UNTOUCHED_PLACE[stage])),
        When(undecided & LessThan(_votes(stage), rules.screeners), then=Value(HALF_PLACE[stage])),
    ]
    if rules.piloted:  # type: ignore[attr-defined]
        # Everybody answers, blind, until the round is closed.
        branches.insert(1, When(in_pilot & someone, then=Value(HALF_PLACE[stage])))
    if rules.maybe == StageRules.Maybe.DISCUSSED:
        unsure = Exists(own.filter(verdict=MAYBE))
        branches.append(When(undecided & unsure, then=Value(conflict)))
    someone_out = Exists(own.filter(verdict=EXCLUDE))
    someone_in = Exists(own.exclude(verdict=EXCLUDE))
    branches.append(When(undecided & someone_out & someone_in, then=Value(conflict)))
    if stage == Stage.FULLTEXT:
        # Include, awaiting classification and ongoing are three answers, not shades of one.
        differ = LessThan(_verdict_given(Min, own), _verdict_given(Max, own))
        branches.append(When(undecided & differ, then=Value(conflict)))
        # PRISMA 2020 item 16b: an excluded report is reported with its reason, so people who
        # agree to exclude but not on why have not agreed yet.
        reasons = LessThan(_reason_given(Min, own), _reason_given(Max, own))
        branches.append(When(undecided & reasons, then=Value(conflict)))
    branches.append(When(undecided & someone_out, then=Value(out)))
    if stage == Stage.FULLTEXT:
        for verdict, place in ASIDE_PLACE.items():
            word = Exists(standing(stage, final=True).filter(verdict=verdict))
            agreed = Exists(own.filter(verdict=verdict))
            branches.append(When(word | (undecided & agreed), then=Value(place)))
    return branches


# (stage, screeners, meaning of maybe, whether one include is enough, whether there was a pilot) of
# both stages: all of a review that its places depend on.
Rules = tuple[tuple[str, int, str, bool, bool], ...]
RULES = ("stage", "screeners", "maybe", "one_include", "piloted")


def rules_of(review: Review) -> Rules:
    return tuple(rules_in(review.pk))


def rules_in(review: int) -> Any:
    """The query of `Rules`."""
    pilots = Pilot.objects.filter(review=OuterRef("review_id"), stage=OuterRef("stage"))
    found = StageRules.objects.filter(review=review).order_by("stage")
    return found.annotate(piloted=Exists(pilots)).values_list(*RULES)


def place_of(by: Rules) -> Case:
    """The CASE expression over `Report` that names each report's place under the rules `by`."""
    rules = {}
    for stage, screeners, maybe, one_include, piloted in by:
        rules[stage] = StageRules(
            stage=stage, screeners=screeners, maybe=maybe, one_include=one_include
        )
        rules[stage].piloted = piloted  # type: ignore[attr-defined]
    # Removals and screening exclude each other (actions.py), and so do giving up and a file; a
    # merge alone can bring the two together. Then the work of people stands, and the file:
    # joining a copy that was set aside must not lose a study.
    screened = Decision.objects.filter(
        report=OuterRef("pk"), stage__in=SCREENING_STAGES, superseded_at=None
    )
    untouched = ~Exists(screened)
    removed = standing(Stage.BEFORE, final=True).filter(verdict=EXCLUDE)
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
        # What was included elsewhere was read there (screening/elsewhere.py).
        When(without_file & ~_said(Stage.RETRIEVAL, out=False), then=Value(Place.SOUGHT)),
        *_stage(Stage.FULLTEXT, rules[Stage.FULLTEXT], out=Place.FULLTEXT_OUT),
        default=Value(Place.INCLUDED),
        output_field=CharField(),
    )


# Up to this many ids are settled by SQL that was written once; more of them are worth a new one.
FEW = 2


def settle(
    review: Review,
    reports: Iterable[int] | QuerySet[Report] | None = None,
    *,
    rules: Rules | None = None,
) -> dict[int, str] | None:
    """Store the place of `reports` by the CASE that defines it.

    Returns {report id: its place now} of a few ids; None where they were many.

    They are ids, or a queryset where they are too many to name; None means all of the review.
    `rules`: those of `rules_of`, where the caller has read them in this transaction. Call it inside
    the transaction of the act that moved them.
    """
    if reports is not None and not isinstance(reports, QuerySet):
        ids = tuple(sorted(set(reports)))
        if len(ids) <= FEW:
            by = rules or rules_of(review)
            return dict(_settle_few(review.pk, ids, rules=by)) if ids else {}
        reports = Report.objects.filter(pk__in=ids)
    moved = Report.objects.filter(review=review)
    if reports is not None:
        moved = moved & reports
    moved.update(place=place_of(rules or rules_of(review)))
    return None


@prepared
def _settle_few(review: int, ids: tuple[int, ...], *, rules: Rules) -> Any:
    """The same UPDATE for a few ids, without writing the expression again for every decision."""
    chosen = Report.objects.filter(review=review, pk__in=ids).query
    moved = cast(UpdateQuery, chosen.chain(UpdateQuery))
    moved.add_update_values({"place": place_of(rules)})
    sql, parameters = moved.get_compiler(connection=connection).as_sql()
    return f'{sql} RETURNING "id", "place"', parameters


def misplaced(review: Review) -> list[tuple[int, str, str]]:
    """(report id, stored place, recomputed place) of every report whose stored place is wrong."""
    recomputed = Report.objects.filter(review=review).annotate(computed=place_of(rules_of(review)))
    wrong = recomputed.exclude(place=F("computed"))
    return list(wrong.order_by("pk").values_list("pk", "place", "computed"))
