"""How far screening on title and abstract has come, what may still be missed, and the decision to stop.

To stop is one act on many reports (screening/lead/bulk.py): those that nobody has touched are removed
as by an automation tool (PRISMA 2020, box 2), each can be sent back, and the whole can be undone.
"""

import random
import secrets
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import QueryDict

from citations.models import Report
from reviews import audit
from reviews.models import Membership, Review, Stage, StageRules, User
from reviews.refusal import Clash, Refused

from .. import actions, flow, ranking
from ..lead import bulk
from ..models import BulkAct, BulkPart, Decision, RankedOrder, StopCheck, Stopping
from .orders import MODEL, SEED

LARGEST_CHECK = 500


@dataclass(frozen=True)
class Evidence:
    """What the settled reports say, in the order in which they were settled."""

    certificate: ranking.Certificate
    of: int  # reports on title and abstract, settled or not
    curve: list[tuple[int, int]]  # (screened, found)


def in_order_settled(review: Review) -> np.ndarray:
    """For each settled report whether it went on, by the decision that settled it. 2 queries."""
    went_on = {*map(str, flow.ADVANCED)}
    places = [flow.Place.ABSTRACT_OUT, *flow.ADVANCED]
    place_of = dict(review.reports.filter(place__in=places).values_list("pk", "place"))
    last = (
        Decision.objects.current()
        .at_stage(Stage.ABSTRACT)
        # What a tool excluded says nothing of what people find.
        .filter(report__review=review, report__place__in=places, automation=False)
        .order_by()
        .values("report")
        .annotate(last=Max("pk"))
        .values_list("last", "report")
    )
    return np.array([place_of.get(pk) in went_on for _, pk in sorted(last)], bool)


def evidence(review: Review) -> Evidence:
    """4 queries, and some hundredths of a second where ten thousand are settled."""
    said = in_order_settled(review)
    of = max(
        review.reports.filter(place__in=flow.SCREENED).count() + unscreened(review).count(),
        len(said),
    )
    return Evidence(ranking.certificate(said, of), of, ranking.recall_curve(said, 60))


# --- the decision to stop --------------------------------------------------------------------------


def unscreened(review: Review, stopping: Stopping | None = None) -> QuerySet[Report]:
    """The reports that a decision to stop (or this one) has left unscreened, and that still are."""
    parts = BulkPart.objects.filter(outcome=BulkPart.Outcome.DONE)
    acts = (
        parts.filter(act__stopping=stopping)
        if stopping
        else parts.filter(act__stopping__isnull=False)
    )
    return review.reports.filter(place=flow.Place.REMOVED_AUTOMATION, pk__in=acts.values("report"))


@transaction.atomic
def stop(member: Membership, *, reason: str) -> Stopping:
    """Screen no further on title and abstract what nobody has touched; half-decided ones are finished.

    The log keeps model, seed, order and certificate. Refused without ranking, or with nothing left.
    """
    review = member.review
    rules = StageRules.objects.select_for_update().get(review=review, stage=Stage.ABSTRACT)
    if not rules.by_relevance:
        raise Refused(
            "Without ranking nothing speaks for stopping: what is left is as likely as the rest."
        )
    if not reason.strip():
        raise Refused("Say why screening is stopped; the reason is kept with each report.")
    told = evidence(review).certificate
    asked = QueryDict(f"place={flow.Place.ABSTRACT_OPEN}")
    act = bulk.preview(member, asked, BulkAct.Kind.REMOVE_AUTOMATION, reason=reason)
    if not act.parts.exists():
        raise Refused("There is no untouched report left.")
    order = RankedOrder.objects.filter(review=review, by=None).first()
    stopping = Stopping.objects.create(
        review=review,
        act=act,
        model=order.model if order else MODEL,
        seed=SEED,
        fingerprint=order.fingerprint if order else "",
        learnt_from={"included": order.included, "excluded": order.excluded} if order else {},
        certificate={**asdict(told), "recall_at_least": told.recall_at_least},
        by=member.user,
    )
    audit.record(
        review,
        "stopped screening",
        by=member.user,
        target=f"stopping {stopping.pk}",
        after={
            "not screened": act.parts.count(),
            "model": stopping.model,
            "seed": SEED,
            "order": stopping.fingerprint,
            "certificate": stopping.certificate,
        },
        reason=reason.strip(),
    )
    bulk.begin(act, by=member.user)
    return stopping


@transaction.atomic
def check(stopping: Stopping, *, by: User, size: int, seed: int | None = None) -> StopCheck:
    """Send `size` of the unscreened reports, drawn by `seed` (None: a new one), back to screening."""
    stopping = (
        Stopping.objects.select_for_update(of=("self",))
        .select_related("act__job")
        .get(pk=stopping.pk)
    )
    if stopping.act.undone_at:
        raise Clash("This stop has been undone: everything is screened again.")
    if stopping.act.job and not stopping.act.job.is_over:
        raise Clash("Wait until the stop is done; then a sample can be drawn.")
    ids = list(unscreened(stopping.review, stopping).order_by("pk").values_list("pk", flat=True))
    if not 1 <= size <= min(len(ids), LARGEST_CHECK):
        raise Refused(f"Draw between 1 and {min(len(ids), LARGEST_CHECK)} reports.")
    seed = secrets.randbelow(2**31) if seed is None else seed
    # A sample that can be drawn again, not a secret.
    drawn = sorted(random.Random(seed).sample(ids, size))  # noqa: S311
    for report in Report.objects.filter(pk__in=drawn).order_by("pk"):
        actions.restore_to_screening(report, by=by)
    made = StopCheck.objects.create(
        stopping=stopping, seed=seed, among=len(ids), drawn=drawn, by=by
    )
    audit.record(
        stopping.review,
        "drew a sample of what was not screened",
        by=by,
        target=f"stopping {stopping.pk}",
        after={"size": size, "among": len(ids), "seed": seed},
    )
    return made


@dataclass(frozen=True)
class Checked:
    """What a sample says by now."""

    check: StopCheck
    settled: int
    relevant: int

    @property
    def size(self) -> int:
        return len(self.check.drawn)

    @property
    def at_most(self) -> int | None:
        """How many of those it was drawn from may be relevant, at 95 % confidence; once all is settled."""
        if self.settled < self.size:
            return None
        return ranking.random_sample(self.relevant, self.size, self.check.among)


@dataclass(frozen=True)
class Stopped:
    """One decision to stop as its page shows it."""

    stopping: Stopping
    left: int
    checks: list[Checked]


def stops(review: Review) -> list[Stopped]:
    """The newest first. A report that was joined to another since counts as that one."""
    found = []
    for stopping in review.stoppings.select_related("act__job", "by").prefetch_related("checks"):
        checks = [_checked(each) for each in stopping.checks.all()]
        found.append(Stopped(stopping, unscreened(review, stopping).count(), checks))
    return found


def _checked(check: StopCheck) -> Checked:
    rows = Report.objects.filter(pk__in=check.drawn).values_list("place", "merged_into__place")
    places = [into or place for place, into in rows]
    relevant = sum(place in flow.ADVANCED for place in places)
    out = sum(place == flow.Place.ABSTRACT_OUT for place in places)
    return Checked(check, relevant + out, relevant)


def footnotes(review: Review) -> list[dict[str, Any]]:
    """For the PRISMA figure: [{"n", "on", "recall"}] of stops whose reports stand in box D2_auto."""
    found = []
    for stopping in review.stoppings.order_by("pk"):
        left = unscreened(review, stopping)
        n = flow.reports_in(review, "D2_auto").filter(pk__in=left.values("pk")).count()
        if n:
            bound = stopping.certificate.get("recall_at_least")
            recall = None if bound is None else int(100 * bound)
            found.append({"n": n, "on": f"{stopping.at:%Y-%m-%d}", "recall": recall})
    return found
