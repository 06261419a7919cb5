"""Pilot rounds: everybody answers the same few reports, and the main round waits for the lead.

While a round is open its reports stay "awaiting more answers" however many there are
(screening/flow/placing.py), so that everybody answers blind; the queue serves nothing else
(screening/desk/queue.py). Closed, as many answers count as the rules ask for.
"""

import random
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from citations.models import Report
from reviews import audit
from reviews.access import abilities
from reviews.models import Membership, Review, Stage, StageRules, User
from reviews.refusal import Clash, Refused

from .. import flow
from ..actions import STAGE_NAMES, moved
from ..models import Decision, Pilot, PilotReport, PilotSeat
from ..querysets import OPENED_AT
from ..relevance import orders
from ..reporting.agreeing import Answered, First, Panel, panel_of, phases
from ..sharing.dividing import who_screens

LARGEST = 500


def open_round(review: Review, stage: str) -> Pilot | None:
    return review.pilots.filter(stage=stage, closed_at=None).first()


@transaction.atomic
def draw(
    review: Review, stage: str, *, by: User, size: int, threshold: float, seed: int | None = None
) -> Pilot:
    """Open a round with `size` untouched reports, drawn by `seed` (None: a new one).

    The same seed over the same untouched reports draws the same. A round that is open is closed.
    `threshold`: of the agreement on includes, 0 to 1.
    """
    stage = Stage(stage)
    StageRules.objects.select_for_update().get(review=review, stage=stage)
    if not 1 <= size <= LARGEST:
        raise Refused(f"Draw between 1 and {LARGEST} reports.")
    if not 0 <= threshold <= 1:
        raise Refused("The threshold is a share between 0 and 1.")
    # Held: somebody else may be closing it at this moment, and it is closed once.
    before = review.pilots.filter(stage=stage, closed_at=None).select_for_update().first()
    if before is not None:
        _close(before, by)
    untouched = review.reports.filter(place=flow.UNTOUCHED_PLACE[stage])
    ids = list(untouched.order_by("pk").values_list("pk", flat=True))
    if size > len(ids):
        raise Refused(f"Only {len(ids)} reports are untouched; draw that many at the most.")
    seed = secrets.randbelow(2**31) if seed is None else seed
    # A sample that can be drawn again, not a secret.
    chance = random.Random(seed)  # noqa: S311
    drawn = chance.sample(ids, size)
    # Nobody may decide on one of them between our look and the draw.
    held = untouched.filter(pk__in=drawn).order_by("pk").select_for_update(of=("self",))
    if len(held.values_list("pk", flat=True)) != size:
        raise Clash("Somebody decided on one of the drawn reports just now. Draw again.")
    number = review.pilots.filter(stage=stage).count() + 1
    pilot = Pilot.objects.create(
        review=review,
        stage=stage,
        number=number,
        seed=seed,
        size=size,
        threshold=threshold,
        by=by,
    )
    made = PilotReport.objects.bulk_create(PilotReport(pilot=pilot, report_id=pk) for pk in drawn)
    # Whose answers count when more are given than the rules ask for, for each report anew.
    people = sorted(who_screens(review.pk))
    PilotSeat.objects.bulk_create(
        PilotSeat(drawn=each, user_id=user, turn=turn)
        for each in made
        for turn, user in enumerate(chance.sample(people, len(people)))
    )
    audit.record(
        review,
        "drew a pilot round",
        by=by,
        target=f"{pilot}, {STAGE_NAMES[stage]}",
        after={"size": size, "seed": seed, "threshold": threshold},
    )
    return pilot


def _close(pilot: Pilot, by: User) -> None:
    ids = list(pilot.drawn.values_list("report", flat=True))
    list(Report.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    pilot.closed_at = timezone.now()
    pilot.save(update_fields=["closed_at"])
    moved(pilot.review, ids)
    orders.unlearnt(pilot.review, pilot.stage, by=by)


@transaction.atomic
def close(pilot: Pilot, *, by: User, reason: str = "") -> Pilot:
    """End the round: its reports are placed by the rules, and the main round opens.

    The threshold is a gate: below it, or where nobody can say, the main round opens for a `reason`
    alone, which stands on the round's page and in the log.
    """
    pilot = Pilot.objects.select_for_update(of=("self",)).select_related("review").get(pk=pilot.pk)
    if pilot.closed_at:
        raise Clash("This pilot round is closed already.")
    _close(pilot, by)
    found = _round(pilot, pilot.review.rules(pilot.stage), is_shown=True)
    pilot.opened_because = "" if found.is_reached else reason.strip()
    if not found.is_reached and not pilot.opened_because:
        raise Refused(f"{found.shortfall} Say why the main round opens all the same.")
    pilot.save(update_fields=["opened_because"])
    audit.record(
        pilot.review,
        "closed a pilot round",
        by=by,
        target=f"{pilot}, {STAGE_NAMES[Stage(pilot.stage)]}",
        after={"agreement": found.agreement, "threshold": pilot.threshold},
        reason=pilot.opened_because,
    )
    return pilot


@dataclass(frozen=True)
class Round:
    """One pilot round as its page shows it."""

    pilot: Pilot
    people: list[tuple[User, int]]  # who screens or has answered, with how many answers
    panel: Panel | None  # None while it would tell, or where no report has two answers
    differ: list[tuple[Report, int, int]]  # (report, that include, that exclude), once closed

    @property
    def agreement(self) -> float | None:
        return self.panel.figures["positive"].value if self.panel else None

    @property
    def is_reached(self) -> bool:
        return self.agreement is not None and self.agreement >= self.pilot.threshold

    @property
    def shortfall(self) -> str:
        """Why the gate stays shut, in a sentence; empty where the threshold is reached."""
        if self.is_reached:
            return ""
        asked = f"the threshold of {self.pilot.threshold:.2f}"
        if self.agreement is None:
            return f"No agreement on includes can be measured, so {asked} is not reached."
        return f"The agreement on includes is {self.agreement:.2f}, below {asked}."

    @property
    def is_complete(self) -> bool:
        """Whether everybody has answered on everything."""
        return bool(self.people) and all(n >= self.pilot.size for _, n in self.people)


def round_of(pilot: Pilot, member: Membership, rules: StageRules) -> Round:
    """Who has answered how much, and the agreement: when all is answered or the round is closed, so
    that no figure moves by an answer whose counterpart is still blind; for who oversees at any time.
    At most 5 queries."""
    return _round(pilot, rules, is_shown="oversee" in abilities(member))


def _round(pilot: Pilot, rules: StageRules, *, is_shown: bool) -> Round:
    reports = list(pilot.drawn.values_list("report", flat=True))
    rows = (
        Decision.objects.independent()
        .at_stage(pilot.stage)
        .filter(withdrawn=False, report__in=reports)
        .order_by("pk")
        .values_list("report", "by", "verdict", "reason", "pk", "at")
    )
    if pilot.closed_at:
        rows = rows.filter(at__lte=pilot.closed_at)  # later ones could have seen the others
    answers: dict[int, dict[int, First]] = {pk: {} for pk in reports}
    for report, *said in rows:
        first = First(*said)
        answers[report].setdefault(first.by, first)
    given: dict[int, int] = {}
    for on_report in answers.values():
        for by in on_report:
            given[by] = given.get(by, 0) + 1
    standing = pilot.review.memberships.filter(left_at=None)
    screen = [each.user_id for each in standing if "screen" in abilities(each)]
    asked = given.keys() if pilot.closed_at else {*screen, *given}
    users = User.objects.in_bulk(asked)
    people = [(users[pk], given.get(pk, 0)) for pk in sorted(asked)]
    all_in = bool(people) and all(n >= pilot.size for _, n in people)
    panel = None
    if pilot.closed_at or all_in or is_shown:
        answered = [
            Answered(pk, tuple(each.values()), pilot.number) for pk, each in answers.items() if each
        ]
        # Reports with another number of answers are not pooled: the phase with the most of them.
        by_people = phases(answered)
        if by_people:
            most = max(by_people, key=lambda n: (len(by_people[n]), n))
            panel = panel_of(rules, most, answered)
    differ = []
    if pilot.closed_at:
        here = Report.objects.filter(pk__in=reports, place__in=OPENED_AT[Stage(pilot.stage)])
        for report in here.order_by("pk"):
            said_in = [first.is_in for first in answers[report.pk].values()]
            if len(set(said_in)) > 1:
                differ.append((report, sum(said_in), len(said_in) - sum(said_in)))
    return Round(pilot, people, panel, differ)
