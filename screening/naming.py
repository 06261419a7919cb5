"""Whose name stands beside a vote: one rule for pages, lists, files and the API."""

from collections.abc import Callable, Iterable
from string import ascii_uppercase
from typing import Any

from django.db.models import Q

from reviews.access import abilities
from reviews.models import Membership, Stage, User

from .models import Decision
from .querysets import DecisionQuerySet


def hidden_stages(member: Membership, *, settling: bool = False) -> frozenset[str]:
    """The stages at which `member` reads what others said without their names. 1 query.

    `settling`: where conflicts are settled, and in what is had from there, nobody reads names, so
    that no verdict depends on who gave it. Elsewhere the lead does, without a query: somebody
    has to answer for who did what.
    """
    if not settling and "manage" in abilities(member):
        return frozenset()
    hiding = member.review.stage_rules.filter(hide_names=True)
    return frozenset(hiding.values_list("stage", flat=True))


def nameless(member: Membership, stage: Stage) -> bool:
    """Whether the conflicts of `stage` are shown without names. 1 query."""
    return stage in hidden_stages(member, settling=True)


def names(member: Membership, decisions: Iterable[Decision], *, hidden: bool) -> dict[int, str]:
    """{user id: what the page calls that person} for the decisions on one report.

    Hidden: "Reviewer A" and on, in the order of the decisions; one's own stays one's own.
    """
    if not hidden:
        return {each.by_id: str(each.by) for each in decisions}
    called = _letters(each.by_id for each in decisions)
    return called | {member.user_id: "You"} if member.user_id in called else called


def _letters(people: Iterable[int]) -> dict[int, str]:
    called: dict[int, str] = {}
    for pk in people:
        letter = ascii_uppercase[len(called) % 26]
        called.setdefault(pk, f"Reviewer {letter}")
    return called


def one(called: dict[int, str], user: User, *, hidden: bool) -> str:
    """What a page calls `user`, who may be none of those in `called`: somebody who has left, a lead."""
    return called.get(user.pk) or ("Somebody else" if hidden else str(user))


def beside(
    member: Membership,
    rows: Iterable[Any],
    hidden: frozenset[str],
    *,
    said: Callable[[User], str] = str,
    own: str = "You",
) -> dict[int, str]:
    """{id of a row: the name beside it}, for rows with a report, a stage and their maker `by`:
    decisions, labels, highlights. 1 query where one of them is of a stage in `hidden`, else none.

    The letters of a report are those of its conflict. `said`: how somebody who may be named is
    called; `own`: what stands beside one's own rows where others have letters.
    """
    rows = list(rows)
    reports = {each.report_id for each in rows if each.stage in hidden}
    people: dict[tuple[int, str], list[int]] = {}
    if reports:
        votes = Decision.objects.visible_to(member).independent().filter(report__in=reports)
        found = votes.values_list("superseded_at", "pk", "report_id", "stage", "by_id")
        # Those that stand first, as in the conflict.
        for _, _, report, stage, by in sorted((each[0] is not None, *each[1:]) for each in found):
            people.setdefault((report, stage), []).append(by)
    called = {key: _letters(by) for key, by in people.items()}

    def name(row: Any) -> str:
        if row.stage not in hidden:
            return said(row.by)
        if row.by_id == member.user_id:
            return own
        letter = called.get((row.report_id, row.stage), {}).get(row.by_id)
        return letter or ("An adjudicator" if getattr(row, "final", False) else "Somebody else")

    return {each.pk: name(each) for each in rows}


def of_person(
    found: DecisionQuerySet, person: Q, member: Membership, hidden: frozenset[str]
) -> DecisionQuerySet:
    """Those of `found` that fit `person`; where names are hidden, one's own alone: a list of what
    one person said would name them."""
    return found.filter(person).filter(~Q(stage__in=hidden) | Q(by_id=member.user_id))
