"""Which questions about duplicates wait for a person.

A question was asked about two reports as they were then. When one of them has been joined to
another report since, the question is about that other report: it is worked out here from what
stands, and stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from citations.models import DuplicatePair, Report
from reviews.models import Review

ASK, RELATED = "ask", "related"


@dataclass
class Question:
    """A pair, and the two standing reports that it is about today."""

    pair: DuplicatePair
    first: Report
    second: Report


def _about_today(review: Review) -> QuerySet[Any]:
    """Pairs with `first_head` and `second_head`, the ids of the reports that stand for theirs."""
    return DuplicatePair.objects.filter(review=review).annotate(
        first_head=Coalesce("first__merged_into", "first"),
        second_head=Coalesce("second__merged_into", "second"),
    )


def waiting(review: Review, zone: str = ASK) -> list[int]:
    """Ids of the open pairs of `zone`, most probable first, one for each two standing reports. 2 queries.

    Left out are those whose reports have become one, and those about two reports of which
    somebody has said already that they are different or related.
    """
    pairs = _about_today(review)
    said = pairs.filter(answer__in=["different", "related"])
    settled = {frozenset(heads) for heads in said.values_list("first_head", "second_head")}
    found = []
    rows = pairs.filter(answer="", zone=zone).exclude(first_head=F("second_head"))
    for pk, first, second in rows.order_by("-probability", "pk").values_list(
        "pk", "first_head", "second_head"
    ):
        heads = frozenset((first, second))
        if heads not in settled:
            settled.add(heads)
            found.append(pk)
    return found


def about(pairs: Sequence[int]) -> list[Question]:
    """The questions with these ids, in this order, with the reports that they are about. 1 query."""
    rows = DuplicatePair.objects.select_related(
        "review", "first__merged_into", "second__merged_into", "answered_by"
    ).in_bulk(pairs)
    return [_question(rows[pk]) for pk in pairs if pk in rows]


def _question(pair: DuplicatePair) -> Question:
    first, second = (report.merged_into or report for report in (pair.first, pair.second))
    return Question(pair, first, second)


def told_apart(review: Review) -> set[frozenset[int]]:
    """The standing reports that people called different or related: they are never joined by the
    machine, and never asked about again."""
    said = _about_today(review).filter(answer__in=["different", "related"])
    heads = (frozenset(pair) for pair in said.values_list("first_head", "second_head"))
    return {pair for pair in heads if len(pair) == 2}
