"""Which questions about duplicates wait for a person.

A question was asked about two reports as they were then. When one of them has been joined to
another report since, the question is about that other report: it is worked out here from what
stands, and stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from citations.models import DuplicatePair, Report
from citations.querysets import WITHDRAWN
from reviews.models import Review, User

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
        first_place=Coalesce("first__merged_into__place", "first__place"),
        second_place=Coalesce("second__merged_into__place", "second__place"),
    )


@dataclass
class Open:
    """An open pair: its id, the two standing reports that it is about, and who has it before them."""

    pair: int
    heads: frozenset[int]
    probability: float
    held_by: int | None
    held_until: datetime | None


def open_pairs(review: Review, zone: str = ASK) -> list[Open]:
    """The open pairs of `zone`, most probable first, one for each two standing reports. 2 queries.

    Left out are those whose reports have become one, those about two reports of which somebody has
    said already that they are different or related, and those about a report whose import was
    undone.
    """
    pairs = _about_today(review)
    said = pairs.filter(answer__in=["different", "related"])
    settled = {frozenset(heads) for heads in said.values_list("first_head", "second_head")}
    found = []
    rows = pairs.filter(answer="", zone=zone).exclude(first_head=F("second_head"))
    rows = rows.exclude(first_place=WITHDRAWN).exclude(second_place=WITHDRAWN)
    for pk, first, second, probability, held_by, held_until in rows.order_by(
        "-probability", "pk"
    ).values_list("pk", "first_head", "second_head", "probability", "held_by", "held_until"):
        heads = frozenset((first, second))
        if heads not in settled:
            settled.add(heads)
            found.append(Open(pk, heads, probability, held_by, held_until))
    return found


def waiting(review: Review, zone: str = ASK) -> list[int]:
    """Ids of the open pairs of `zone`, most probable first. 2 queries."""
    return [each.pair for each in open_pairs(review, zone)]


# --- Groups ---------------------------------------------------------------------------------


@dataclass
class Group:
    """Open questions that hang together by the reports they are about: one card on the page."""

    questions: list[Open]  # most probable first

    @property
    def pairs(self) -> list[int]:
        return [each.pair for each in self.questions]

    @property
    def reports(self) -> list[int]:
        """Ids of the standing reports, in the order of id."""
        return sorted({head for each in self.questions for head in each.heads})

    def holder(self, now: datetime) -> int | None:
        """Who has a question of the group before them at this moment."""
        for each in self.questions:
            if each.held_by and each.held_until and each.held_until > now:
                return each.held_by
        return None


def groups(review: Review, zone: str = ASK) -> list[Group]:
    """The open questions by group, that with the most probable question first. 2 queries.

    Suggestions of related reports are looked at one by one.
    """
    found = open_pairs(review, zone)
    return [Group([each]) for each in found] if zone == RELATED else grouped(found)


def grouped(found: Sequence[Open]) -> list[Group]:
    """Connected groups of open pairs, in the order of each group's first pair."""
    root: dict[int, int] = {}

    def root_of(pk: int) -> int:
        while root.setdefault(pk, pk) != pk:
            root[pk] = root[root[pk]]
            pk = root[pk]
        return pk

    for each in found:
        one, other = each.heads
        root[root_of(one)] = root_of(other)
    made: dict[int, Group] = {}
    for each in found:  # dicts keep the order: the most probable question names its group's place
        made.setdefault(root_of(next(iter(each.heads))), Group([])).questions.append(each)
    return list(made.values())


HELD_FOR = timedelta(minutes=3)  # long enough to read two abstracts; then another person gets it


@dataclass
class Turn:
    """What one person is shown: a group, the pair of it that is before them, how many groups wait."""

    group: Group | None
    pair: int | None
    held_by: int | None  # somebody else, who has it before them as well
    taken: int  # groups that others have before them


def turn(
    review: Review,
    user: User,
    zone: str = ASK,
    *,
    after: int | None = None,
    pair: int | None = None,
) -> Turn:
    """The next group for `user`, which is theirs for HELD_FOR: others are given the one after it.

    `after` skips to the question that follows that pair, in its group or the next; `pair` asks for the group of that pair,
    whoever has it. Of two people at the same moment one gets the group and the other the next.
    """
    found = groups(review, zone)
    now = timezone.now()
    if pair is not None:
        for group in found:
            if pair in group.pairs:
                holder = group.holder(now)
                other = holder if holder != user.pk else None
                if other is None:
                    _hold(review, group, user)
                return Turn(group, pair, other, 0)
    taken = 0
    for group, first in _from(found, after):
        if group.holder(now) not in (None, user.pk) or not _hold(review, group, user):
            taken += 1
            continue
        return Turn(group, first, None, taken)
    return Turn(None, None, None, taken)


def _from(found: list[Group], after: int | None) -> list[tuple[Group, int]]:
    """Groups with the pair to show of each, from the question behind `after` on, then from the top."""
    for at, group in enumerate(found):
        if after in group.pairs:
            rest = group.pairs[group.pairs.index(after) + 1 :]
            turned = [*found[at + 1 :], *found[: at + 1]]
            return ([(group, rest[0])] if rest else []) + [(g, g.pairs[0]) for g in turned]
    return [(group, group.pairs[0]) for group in found]


@transaction.atomic
def _hold(review: Review, group: Group, user: User) -> bool:
    """Let `user` have the group, and no other one; False when somebody was faster."""
    now = timezone.now()
    mine = all(
        each.held_by == user.pk and each.held_until and each.held_until - now > HELD_FOR / 2
        for each in group.questions
    )
    if mine:
        return True
    # In the order of id, so that two who ask at once never wait for each other.
    rows = DuplicatePair.objects.select_for_update().filter(pk__in=group.pairs).order_by("pk")
    for row in rows:
        is_held = row.held_until is not None and row.held_until > now
        if row.answer or (is_held and row.held_by_id != user.pk):
            return False
    DuplicatePair.objects.filter(pk__in=group.pairs).update(held_by=user, held_until=now + HELD_FOR)
    others = DuplicatePair.objects.filter(review=review, held_by=user, answer="")
    let_go = others.exclude(pk__in=group.pairs).order_by("pk").values_list("pk", flat=True)
    # Those that another request of the same person is taking at this moment are left to it.
    free = list(let_go.select_for_update(skip_locked=connection.features.has_select_for_update))
    DuplicatePair.objects.filter(pk__in=free).update(held_by=None, held_until=None)
    return True


def last_answers(review: Review, user: User) -> list[DuplicatePair]:
    """`user`'s last answer that stands: one pair, or all pairs of a group answered at once."""
    mine = DuplicatePair.objects.filter(review=review, answered_by=user).exclude(answer="")
    last = mine.order_by("-answered_at", "-pk").first()
    if last is None:
        return []
    return list(mine.filter(answered_at=last.answered_at).select_related("review").order_by("pk"))


# --- What a question is about ---------------------------------------------------------------


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
