"""What an answer depends on, read at once: the rules, what stands already, whether it may be taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from citations.models import Report
from reviews.actions import latest_version
from reviews.models import Criterion, User
from reviews.written import instances, prepared

from . import flow, interests
from .models import Decision, Pilot


@dataclass(frozen=True)
class Known:
    rules: flow.Rules
    version: int  # of the criteria
    interest: bool  # whether the person has declared one in this report
    pilot: tuple[int, datetime] | None  # the round that is open (id) and its beginning
    mine: Decision | None  # the person's own answer that stands at the stage
    ended: bool  # whether a final word stands there


def held(report: Report) -> Report:
    """The row as it is now, held until the end of the transaction, with nothing but its place and
    what it was merged into. `report` names its id and its review. Report.DoesNotExist."""
    rows = _held(report.pk, report.review_id)
    if not rows:
        raise Report.DoesNotExist
    found: Report = Report.from_db(connection.alias, _HELD, rows[0])
    found.review = report.review  # nothing but its id is asked for
    return found


_HELD = ["id", "review_id", "place", "merged_into_id"]


@prepared
def _held(report: int, review: int) -> Any:
    """Held without the key: an import points new rows to reports that stand."""
    rows = Report.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=report, review=review).values_list(*_HELD)


def known(report: Report, stage: str, by: User) -> Known:
    """What `by`'s answer on `report`, which is held, depends on. 2 queries."""
    here = _conditions(report.review_id, report.pk, by.pk, stage=str(stage))
    version, interest, pilot, began = here[0][5:]
    heeded = instances(Decision, _heeded(report.pk, by.pk, stage=str(stage)))
    return Known(
        rules=tuple(row[:5] for row in here),
        version=version,
        interest=bool(interest),
        pilot=None if pilot is None else (pilot, began),
        mine=next((each for each in heeded if not each.final), None),
        ended=any(each.final for each in heeded),
    )


@prepared
def _conditions(review: int, report: int, user: int, *, stage: str) -> Any:
    """The rules of both stages, as places follow from them, each with the rest of `Known`."""
    open_ = Pilot.objects.filter(review=OuterRef("review_id"), stage=stage, closed_at=None)
    criteria = Criterion.objects.filter(review=OuterRef("review_id")).order_by().values("review")
    return (
        flow.rules_in(review)
        .annotate(
            version=Coalesce(Subquery(criteria.annotate(v=latest_version()).values("v")), 1),
            interest=Exists(interests.standing().filter(report=report, user=user)),
            pilot=Subquery(open_.values("pk")[:1]),
            began=Subquery(open_.values("at")[:1]),
        )
        .values_list(*flow.RULES, "version", "interest", "pilot", "began")
    )


@prepared
def _heeded(report: int, user: int, *, stage: str) -> Any:
    standing = Decision.objects.current().filter(report=report).at_stage(stage)
    return standing.filter(Q(final=True) | Q(by=user)).order_by("pk")
