"""A reviewer's answer as it comes in from the page or the API, and the card of a report.

One path for both doors: the same lookup, the same action, the same answer to the same key.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from citations.models import Report
from reviews import keyed
from reviews.models import Membership, Stage
from reviews.refusal import Clash, Refused

from .. import actions
from ..duplicates import marks
from ..models import Decision, Reason
from . import by_criterion, labels
from .hiding import hidden_places
from .queue import Serving

# What tells where a report comes from, and the links that lead there.
_SOURCE: dict[str, Any] = {"authors": [], "journal": "", "year": None, "doi": "", "doi_url": ""} | {
    "pmid": "",
    "pmid_url": "",
    "url": "",
}


def card(report: Report, member: Membership | None = None) -> dict[str, Any]:
    return cards([report], member)[0]


def cards(
    reports: Sequence[Report],
    member: Membership | None = None,
    at: Serving | None = None,
) -> list[dict[str, Any]]:
    """What a reviewer sees of each report: what the databases gave and what belongs to it, nothing
    that follows from votes. With `member` also the labels that he may see, and without what the
    rules hide from him. 4 queries, less what `at`, how the stage is served, spares."""
    if not reports:
        return []
    found = marks.marks_of(reports, linked=at is None or at.linked)
    made = [_card(report, found[report.pk]) for report in reports]
    if member is not None:
        hidden = hidden_places(member, at.hiding if at else None)
        on = labels.of(reports, member) if at is None or at.labelled else {}
        for report, each in zip(reports, made, strict=True):
            mine = on.get(report.pk, {"mine": [], "theirs": []})
            each["labels"], each["labels_of_others"] = mine["mine"], mine["theirs"]
            if report.place in hidden:
                each |= _SOURCE
    return made


def _card(report: Report, known: marks.Marks) -> dict[str, Any]:
    return {
        "id": report.pk,
        "title": str(report),
        "authors": report.authors,
        "journal": report.journal,
        "year": report.year,
        "doi": report.doi,
        "doi_url": f"https://doi.org/{quote(report.doi)}" if report.doi.startswith("10.") else "",
        "pmid": report.pmid,
        "pmid_url": f"https://pubmed.ncbi.nlm.nih.gov/{report.pmid}/"
        if report.pmid.isdecimal()
        else "",
        "url": report.url,
        "keywords": report.keywords,
        "abstract": report.abstract,
        "retraction": known.retraction,
        "retraction_why": known.why,
        "related": [
            {"id": each.report.pk, "title": str(each.report), "kind": each.link.get_kind_display()}
            for each in known.related
        ],
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
        # Further reasons are given at full text alone (actions.py refuses them elsewhere).
        "others": sorted(each.pk for each in decision.others.all())
        if decision.stage == Stage.FULLTEXT
        else [],
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
    others: Sequence[int] = (),
    note: str = "",
    served_at: str = "",
    key: str = "",
    again: int | None = None,
    criteria: Mapping[str, str] | None = None,
) -> keyed.Answer:
    """Record `member`'s decision: 201 with the decision; 409 or 422 with `detail` when refused.

    `again`: the version of the criteria by which an earlier answer is looked at anew.
    `criteria`: what was said of each criterion, {"12": "yes"}; the answer says it back.
    Raises Http404 for a report of another review, Clash for a key that was used otherwise.
    """
    # The action reads the row, through the review, and holds it.
    report = Report(pk=report_id, review=member.review)

    def act() -> keyed.Answer:
        chosen = None
        answers = None if criteria is None else by_criterion.read(criteria)
        if reason is not None:
            chosen = Reason.objects.filter(review=member.review, pk=reason).first()
            if chosen is None:
                raise Refused("There is no such reason in this review.")
        further = list(Reason.objects.filter(review=member.review, pk__in=others)) if others else []
        if len(further) != len(set(others)):
            raise Refused("There is no such reason in this review.")
        decision = actions.decide_within(
            report,
            stage,
            verdict,
            by=member.user,
            reason=chosen,
            others=further,
            note=note,
            served_at=_when_served(served_at),
            again=again,
            answers=answers,
        )
        told = described(decision)
        return 201, told | {"criteria": dict(criteria)} if criteria else told

    # What a request need not say makes no difference to one that was sent without it.
    answered = sorted(criteria.items()) if criteria else []
    more = [each for each in (sorted(others), again, answered) if each not in (None, [])]
    said = keyed.fingerprint("decide", report.pk, stage, verdict, reason, note, *more)
    try:
        return keyed.answer_once(member.user, key, said, act)
    except Report.DoesNotExist as nothing:
        raise Http404("No such report.") from nothing


def put_label(
    member: Membership,
    report_id: int,
    *,
    stage: str,
    label: str,
    on: bool | None = None,
    key: str = "",
) -> keyed.Answer:
    """Put `member`'s label on a report or take it off (None: whichever it is not): 200 with what is."""
    report = get_object_or_404(member.review.reports, pk=report_id)

    def act() -> keyed.Answer:
        return 200, labels.described(labels.put(report, stage, label, by=member.user, on=on))

    said = keyed.fingerprint("label", report.pk, stage, label, on)
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
