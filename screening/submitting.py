"""A reviewer's answer as it comes in from the page or the API, and the card of a report.

One path for both doors: the same lookup, the same action, the same answer to the same key.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from citations.models import Report
from reviews import keyed
from reviews.models import Membership, Stage
from reviews.refusal import Clash, Refused

from . import actions
from .models import Decision, Reason


def card(report: Report) -> dict[str, Any]:
    """What a reviewer sees of a report: what the databases gave, nothing that follows from votes."""
    return {
        "id": report.pk,
        "title": str(report),
        "authors": report.authors,
        "journal": report.journal,
        "year": report.year,
        "doi": report.doi,
        "doi_url": f"https://doi.org/{quote(report.doi)}" if report.doi.startswith("10.") else "",
        "pmid": report.pmid,
        "url": report.url,
        "keywords": report.keywords,
        "abstract": report.abstract,
        "served_at": timezone.now().isoformat(),
    }


def described(decision: Decision) -> dict[str, Any]:
    """A decision as its maker gets it back."""
    return {
        "id": decision.pk,
        "report": decision.report_id,
        "stage": decision.stage,
        "verdict": decision.verdict,
        "reason": decision.reason_id,
        "note": decision.note,
        "by": decision.by.username,
        "at": decision.at.isoformat(),
        "criteria_version": decision.criteria_version,
    }


def _when_served(text: str) -> datetime | None:
    """The moment at which the browser says it was given the report; None when that can't be."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment) or moment > timezone.now():
        return None
    return moment


def submit(
    member: Membership,
    report_id: int,
    *,
    stage: str,
    verdict: str,
    reason: int | None = None,
    note: str = "",
    served_at: str = "",
    key: str = "",
) -> keyed.Answer:
    """Record `member`'s decision: 201 with the decision; 409 or 422 with `detail` when refused.

    Raises Http404 for a report of another review, Clash for a key that was used otherwise.
    """
    report = get_object_or_404(member.review.reports, pk=report_id)

    def act() -> keyed.Answer:
        chosen = None
        if reason is not None:
            chosen = Reason.objects.filter(review=member.review, pk=reason).first()
            if chosen is None:
                raise Refused("There is no such reason in this review.")
        decision = actions.decide(
            report,
            stage,
            verdict,
            by=member.user,
            reason=chosen,
            note=note,
            served_at=_when_served(served_at),
        )
        return 201, described(decision)

    said = keyed.fingerprint("decide", report.pk, stage, verdict, reason, note)
    return keyed.answer_once(member.user, key, said, act)


def take_back(member: Membership, report_id: int, *, stage: str, key: str = "") -> keyed.Answer:
    """Withdraw `member`'s decision on a report: 200 with the decision that was withdrawn."""
    report = get_object_or_404(member.review.reports, pk=report_id)

    def act() -> keyed.Answer:
        mine = Decision.objects.current().independent().on(report).at_stage(stage)
        decision = mine.filter(by=member.user).first()
        if decision is None:
            raise Clash("There is no decision of yours on this report to take back.")
        return 200, described(actions.withdraw(decision, by=member.user))

    said = keyed.fingerprint("take back", report.pk, stage)
    return keyed.answer_once(member.user, key, said, act)


def last_decisions(member: Membership, stage: Stage, limit: int) -> list[Decision]:
    """`member`'s newest standing decisions at `stage`, newest first: what undo goes back to."""
    mine = Decision.objects.current().independent().at_stage(stage)
    return list(
        mine.filter(by_id=member.user_id, report__review_id=member.review_id)
        .select_related("report", "by")
        .order_by("-pk")[:limit]
    )
