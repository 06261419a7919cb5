"""Blinding: the only way in which decisions reach a page, the API, an export or a mail."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from reviews.access import abilities
from reviews.models import Membership, Stage

if TYPE_CHECKING:
    from citations.models import Report

# The places a report can only reach when everybody who was to decide at that stage has decided.
# Anywhere else the decisions of others stay hidden.
_PAST_ABSTRACT = [
    "abstract-out",
    "sought",
    "not-retrieved",
    "fulltext-open",
    "fulltext-half",
    "fulltext-conflict",
    "fulltext-out",
    "awaiting",
    "ongoing",
    "included",
]
OPENED_AT = {
    Stage.ABSTRACT: ["abstract-conflict", *_PAST_ABSTRACT],
    Stage.FULLTEXT: ["fulltext-conflict", "fulltext-out", "awaiting", "ongoing", "included"],
}


def is_blind(member: Membership) -> bool:
    """Whether what others said is kept from `member` until everybody has decided."""
    return member.review.blind and "oversee" not in abilities(member)


def opened() -> Q:
    """Rows, each with a report and a stage, about which everybody has decided who was to."""
    found = Q()
    for stage, places in OPENED_AT.items():
        found |= Q(stage=stage, report__place__in=places)
    return found


def opened_to(member: Membership) -> Q | None:
    """Which rows of others, each with a report and a stage, `member` may see now; None: all of them."""
    return opened() if is_blind(member) else None


class DecisionQuerySet(QuerySet[Any]):
    def current(self) -> "DecisionQuerySet":
        return self.filter(superseded_at=None)

    def independent(self) -> "DecisionQuerySet":
        """Reviewers' own decisions, without final words."""
        return self.filter(final=False)

    def of_conflicts(self) -> "DecisionQuerySet":
        """Final words that ended a conflict: not a tool's, and not on what was included elsewhere."""
        elsewhere = Q(report__in=self.model.objects.elsewhere().values("report"))
        return self.filter(final=True, automation=False).exclude(elsewhere)

    def elsewhere(self) -> "DecisionQuerySet":
        """The words of retrieval on what was included elsewhere (screening/elsewhere.py)."""
        return self.current().filter(stage=Stage.RETRIEVAL, verdict="include")

    def at_stage(self, stage: str) -> "DecisionQuerySet":
        return self.filter(stage=stage)

    def on(self, report: "Report") -> "DecisionQuerySet":
        return self.filter(report=report)

    def visible_to(self, member: Membership) -> "DecisionQuerySet":
        """The decisions of `member`'s review that `member` may see now.

        One's own; final words; and others' once as many people as the stage asks for have decided
        on that report. Who oversees (a lead that holds no vote) sees all, as does everyone once
        the lead has opened the blind.
        """
        here = self.filter(report__review_id=member.review_id)
        if not is_blind(member):
            return here
        return here.filter(Q(by_id=member.user_id) | Q(final=True) | opened())


class LabellingQuerySet(QuerySet[Any]):
    def visible_to(self, member: Membership) -> "LabellingQuerySet":
        """The labels on reports of `member`'s review that `member` may see now: one's own, and
        others' when one may see what they decided at the stage where they gave the label."""
        return self.seen_by(member.user_id, member.review_id, blind=is_blind(member))

    def seen_by(self, user: int, review: int, *, blind: bool) -> "LabellingQuerySet":
        """The same for a person (id) of whom the caller knows whether he `is_blind`."""
        here = self.filter(report__review_id=review)
        return here.filter(Q(by_id=user) | opened()) if blind else here


class HighlightQuerySet(QuerySet[Any]):
    def visible_to(self, member: Membership) -> "HighlightQuerySet":
        """The highlights of `member`'s review that `member` may see now: one's own, and others'
        when one may see what they decided at the stage where they were made. Those that were
        made for an extraction stay their maker's until the blind is opened."""
        here = self.filter(report__review_id=member.review_id, removed_at=None)
        opened = opened_to(member)
        return here if opened is None else here.filter(Q(by_id=member.user_id) | opened)
