"""Conflicts of interest: who declared one on a report is never handed it, nor may decide on it.

Nothing of the counts follows from it. A decision that the person had taken before stands, as every
decision does; they can take it back while the stage is open.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from citations.models import Report, Study
from reviews import audit
from reviews.access import abilities
from reviews.models import SCREENING_STAGES, Membership, Review, Stage, User
from reviews.refusal import Clash, Refused

from . import flow
from .desk.hiding import hidden_places
from .desk.own_papers import by_any, family_and_initial, family_as_typed
from .models import Decision, Interest, Lease

LOOKED_AT = 2_000  # reports whose authors are compared with a name
SUGGESTED = 50


def standing() -> QuerySet[Interest]:
    return Interest.objects.filter(withdrawn_at=None)


def kept_from(user_id: int) -> QuerySet[Any, Any]:
    """The ids of the reports that are kept from a person, for a query to leave out."""
    return standing().filter(user_id=user_id).values("report")


def check_none(report: Report, by: User) -> None:
    """Refused where `by` has an interest in `report`. 1 query."""
    if standing().filter(report=report, user=by).exists():
        refuse()


def in_study(study: Study) -> QuerySet[Interest]:
    """The declarations that stand on the reports of a study."""
    return standing().filter(report__studies=study)


def refuse() -> NoReturn:
    raise Refused(
        "A conflict of interest is declared for you on this report, so others decide on it."
    )


def _check_may(review: Review, user: User, by: User) -> None:
    """For oneself, or for somebody else as the lead."""
    taking_part = {
        each.user_id: each for each in review.memberships.filter(user__in=[user, by], left_at=None)
    }
    if user.pk not in taking_part:
        raise Refused(f"{user} does not take part in this review.")
    mine = taking_part.get(by.pk)
    if user.pk != by.pk and "manage" not in abilities(mine):
        raise Refused("Only the lead speaks for somebody else.")


@transaction.atomic
def declare(report: Report, *, by: User, user: User | None = None, why: str = "") -> Interest:
    """Keep `report` from `user` (None: from `by`) from now on. Declared already: that one."""
    user = user or by
    report = Report.objects.select_for_update(of=("self",), no_key=True).get(pk=report.pk)
    if report.merged_into_id:
        raise Clash("This report has been merged into another one; declare it there.")
    _check_may(report.review, user, by)
    mine = standing().filter(report=report, user=user).first()
    if mine:
        return mine
    try:
        with transaction.atomic():
            made = Interest.objects.create(
                report=report, user=user, why=why.strip()[:300], declared_by=by
            )
    except IntegrityError:  # the same act at the same moment
        return standing().get(report=report, user=user)
    Lease.objects.filter(report=report, by=user).delete()
    after = {"for": user.username, "why": made.why}
    audit.record(report.review, "declared an interest", by=by, target=report, after=after)
    return made


@transaction.atomic
def withdraw(interest: Interest, *, by: User) -> Interest:
    """Take a declaration back: the report comes to its person again where it is still open."""
    held = Interest.objects.select_for_update(of=("self",)).select_related("report__review", "user")
    interest = held.get(pk=interest.pk)
    review = interest.report.review
    mine = review.memberships.filter(user=by, left_at=None).first()
    if interest.user_id != by.pk and "manage" not in abilities(mine):
        raise Refused("Only the lead speaks for somebody else.")
    if interest.declared_by_id != by.pk and "manage" not in abilities(mine):
        raise Refused("The lead declared this for you, so the lead takes it back.")
    if interest.withdrawn_at is None:
        interest.withdrawn_at, interest.withdrawn_by = timezone.now(), by
        interest.save(update_fields=["withdrawn_at", "withdrawn_by"])
        before = {"for": interest.user.username, "why": interest.why}
        audit.record(review, "took back an interest", by=by, target=interest.report, before=before)
    return interest


def seen_by(member: Membership) -> QuerySet[Interest]:
    """The declarations that stand and that `member` may see: one's own; the lead sees all."""
    found = standing().filter(report__review_id=member.review_id, report__merged_into=None)
    if "manage" not in abilities(member):
        found = found.filter(user_id=member.user_id)
    return found.select_related("report", "user", "declared_by")


@dataclass(frozen=True)
class Suggestion:
    report: Report
    author: str


def suggestions(member: Membership, user: User, name: str = "") -> list[Suggestion]:
    """Reports of the review that somebody called like `user`, or `name`, wrote. 3 queries.

    Where the rules hide authors from `member` only the own name is looked for among what is hidden:
    otherwise the search would tell whose a report is.
    """
    asked = name.strip() or str(user)
    family, _ = family_and_initial(asked)
    if len(family) < 2:
        return []
    found = Report.objects.filter(review_id=member.review_id, merged_into=None)
    if user.pk != member.user_id or asked != str(member.user):
        found = found.exclude(place__in=hidden_places(member))
    found = found.exclude(pk__in=kept_from(user.pk)).exclude(
        place__in=[flow.Place.ARRIVING, flow.Place.WITHDRAWN]
    )
    # JSON keeps other letters than these in ways of its own.
    runs = re.findall(r"[A-Za-z]+", family_as_typed(asked))
    near = found.filter(authors__icontains=max(runs, key=len)) if runs else found
    near = near.order_by("pk")
    named = ((report, by_any([asked], report.authors)) for report in near[:LOOKED_AT])
    return [Suggestion(report, author) for report, author in named if author][:SUGGESTED]


@dataclass(frozen=True)
class Short:
    """A report that too few people are left for at a stage."""

    report: Report
    stage: Stage
    missing: int  # answers that nobody can give; 0: answers are there, and nobody to settle them

    @property
    def is_conflict(self) -> bool:
        return not self.missing


def too_few(review: Review) -> list[Short]:
    """Where so many have an interest that a report can't be decided, or its conflict not settled, by
    those who take part. About 5 queries, whatever the number of reports."""
    by_report: dict[int, set[int]] = {}
    places = [
        *(place for stage in SCREENING_STAGES for place in flow.OPEN_PLACES[stage]),
        *flow.CONFLICT_PLACE.values(),
    ]
    rows = standing().filter(report__review=review, report__place__in=places)
    for report, user in rows.values_list("report", "user"):
        by_report.setdefault(report, set()).add(user)
    if not by_report:
        return []
    people = {each.user_id: abilities(each) for each in review.memberships.filter(left_at=None)}
    rules = {each.stage: each for each in review.stage_rules.all()}
    reports = Report.objects.filter(pk__in=by_report).order_by("pk")
    voted: dict[tuple[int, str], set[int]] = {}
    votes = Decision.objects.current().independent().filter(report__in=by_report)
    for report, stage, by in votes.values_list("report", "stage", "by"):
        voted.setdefault((report, stage), set()).add(by)
    found = []
    for each in reports:
        stage = next(
            at
            for at in SCREENING_STAGES
            if each.place in flow.OPEN_PLACES[at] or each.place == flow.CONFLICT_PLACE[at]
        )
        bound, done = by_report[each.pk], voted.get((each.pk, stage), set())
        if each.place == flow.CONFLICT_PLACE[stage]:
            barred = bound | (done if rules[stage].bar_own else set())
            if not _able("adjudicate", people, barred):
                found.append(Short(each, stage, 0))
            continue
        could = _able("screen", people, bound | done)
        missing = rules[stage].screeners - len(done) - len(could)
        if missing > 0:
            found.append(Short(each, stage, missing))
    return found


def _able(what: str, people: dict[int, Any], without: Iterable[int]) -> set[int]:
    return {pk for pk, can in people.items() if what in can} - set(without)
