"""The tiles of screening on a review's home.

Blinding holds here too: a screener's numbers are their own decisions and the reports that still
take one from them. What others said shows in them only once a report has left the open places,
which is when `Decision.objects.visible_to` opens it as well.
"""

from collections import Counter

from django.db.models import Count

from citations.models import DuplicatePair, Report
from reviews.access import abilities
from reviews.models import Membership, Stage
from reviews.waiting import Step, address, noun

from . import consensus, flow, interests
from .duplicates import questions
from .flow import Place
from .lead import relooking
from .models import Decision

# Where reviewers are still asked: all that is pending at a stage but for the conflicts.
_OPEN: dict[str, list[Place]] = {
    Stage.ABSTRACT: [at for at in flow.ABSTRACT_PENDING if at != Place.ABSTRACT_CONFLICT],
    Stage.FULLTEXT: [at for at in flow.FULLTEXT_PENDING if at != Place.FULLTEXT_CONFLICT],
}


def steps(member: Membership) -> list[Step]:
    """Duplicates, title and abstract, conflicts, full text, PRISMA; what to look at again, while it
    is asked, and what to agree on. At most 14 queries."""
    review, can = member.review, abilities(member)
    placed: Counter[str] = Counter(
        dict(review.reports.order_by().values_list("place").annotate(n=Count("pk")))
    )
    made = [_abstract(member, placed), _fulltext(member, placed)]
    if "adjudicate" in can:
        made.insert(1, _conflicts(member, placed))
    if "merge" in can:
        made.insert(0, _duplicates(member, placed))
    return [*made, *_consensus(member), *_again(member), _prisma(member, placed)]


def _sum(placed: Counter[str], places: list[Place]) -> int:
    return sum(placed[place] for place in places)


def _duplicates(member: Membership, placed: Counter[str]) -> Step:
    waiting = len(questions.waiting(member.review))
    asked = DuplicatePair.objects.filter(review=member.review, zone__in=["ask", "related"])
    answered = asked.exclude(answer="").count()
    merged = placed[Place.MERGED]
    return Step(
        key="duplicates",
        title="Duplicates",
        url=address("screening:duplicates", member.review),
        icon="intersect",
        says=f"{merged} {noun(merged, 'report')} joined with another one" if merged else "None yet",
        done=answered,
        total=answered + waiting,
        waiting=waiting,
        waits=f"{noun(waiting, 'pair')} of reports may be the same",
    )


def _mine(member: Membership, stage: Stage) -> tuple[int, int]:
    """(reports that `member` has decided on at `stage`, reports that still take a decision)."""
    mine = Decision.objects.current().independent().at_stage(stage).filter(by=member.user_id)
    decided = mine.filter(report__review_id=member.review_id)
    open_ = Report.objects.filter(review=member.review_id, place__in=_OPEN[stage])
    left = open_.exclude(pk__in=mine.values("report"))
    left = left.exclude(pk__in=interests.kept_from(member.user_id))
    return decided.count(), left.count()


def _abstract(member: Membership, placed: Counter[str]) -> Step:
    review = member.review
    screened = _sum(placed, flow.SCREENED) - _sum(placed, flow.ABSTRACT_PENDING)
    total = _sum(placed, flow.SCREENED)
    if "screen" in abilities(member):
        done, left = _mine(member, Stage.ABSTRACT)
        return Step(
            key="screen",
            title="Title & abstract",
            url=address("screening:screen", review),
            icon="card-checklist",
            says=f"{done} decided by you" if done or left else "Nothing to screen yet",
            done=done,
            total=done + left,
            waiting=left,
            waits=f"{noun(left, 'report')} for your decision",
        )
    return Step(
        key="screen",
        title="Title & abstract",
        url=address("screening:reports", review),
        icon="card-checklist",
        says=f"{screened} of {total} settled" if total else "Nothing to screen yet",
        done=screened,
        total=total,
    )


def _conflicts(member: Membership, placed: Counter[str]) -> Step:
    places = [Place.ABSTRACT_CONFLICT, Place.FULLTEXT_CONFLICT]
    kept = interests.kept_from(member.user_id).filter(
        report__review=member.review_id, report__place__in=places
    )
    waiting = _sum(placed, places) - kept.count()
    settled = (
        Decision.objects.current()
        .of_conflicts()
        .filter(report__review_id=member.review_id, stage__in=list(_OPEN))
        .count()
    )
    return Step(
        key="conflicts",
        title="Conflicts",
        url=address("screening:conflicts", member.review),
        icon="signpost-split",
        says=f"{settled} settled",
        done=settled,
        total=settled + waiting,
        waiting=waiting,
        waits=f"{noun(waiting, 'conflict')} to settle",
    )


def _fulltext(member: Membership, placed: Counter[str]) -> Step:
    can = abilities(member)
    total = _sum(placed, flow.ADVANCED)
    sought = placed[Place.SOUGHT]
    says = (
        f"{_sum(placed, flow.ASSESSED)} of {total} on file, {sought} still sought"
        if total
        else "No report has passed title and abstract yet"
    )
    url = address("screening:fulltexts", member.review)
    if "screen" in can:
        url = address("screening:screen_fulltext", member.review) or url
        done, waiting = _mine(member, Stage.FULLTEXT)
        total = done + waiting
        waits = f"full {noun(waiting, 'text')} to read and decide on"
    else:
        over = [Place.FULLTEXT_OUT, *flow.ASIDE_PLACE.values(), Place.INCLUDED]
        done = _sum(placed, [*over, Place.NOT_RETRIEVED])
        waiting = sought if "retrieve" in can else 0
        waits = f"full {noun(waiting, 'text')} to be found"
    return Step(
        key="fulltexts",
        title="Full texts",
        url=url,
        icon="file-earmark-pdf",
        says=says,
        done=done,
        total=total,
        waiting=waiting,
        waits=waits,
    )


def _again(member: Membership) -> list[Step]:
    """Own decisions under earlier criteria, for who is asked to look at them again."""
    if "screen" not in abilities(member):
        return []
    asked = relooking.open_relooks(member.review)
    left = {stage: relooking.waiting_for(member, relook).count() for stage, relook in asked.items()}
    waiting = sum(left.values())
    if not waiting:
        return []
    return [
        Step(
            key="again",
            title="Look again",
            url=address("screening:earlier", member.review),
            icon="arrow-counterclockwise",
            says="The criteria have changed",
            waiting=waiting,
            waits=f"{noun(waiting, 'decision')} of yours under earlier criteria",
        )
    ]


def _consensus(member: Membership) -> list[Step]:
    """Conflicts that `member` is to settle with those who decided otherwise."""
    if "screen" not in abilities(member):
        return []
    stages = consensus.stages_of(member)
    waiting = consensus.of(member, stages).count() if stages else 0
    if not waiting:
        return []
    return [
        Step(
            key="consensus",
            title="Consensus",
            url=address("screening:consensus", member.review),
            icon="people",
            says="You and another reviewer differ",
            waiting=waiting,
            waits=f"{noun(waiting, 'conflict')} of yours to agree on",
        )
    ]


def _prisma(member: Membership, placed: Counter[str]) -> Step:
    included = placed[Place.INCLUDED]
    standing = sum(placed.values()) - _sum(placed, flow.NOWHERE)
    says = f"{standing} {noun(standing, 'report')}, {included} included so far"
    return Step(
        key="prisma",
        title="PRISMA 2020",
        url=address("screening:prisma", member.review),
        icon="funnel",
        says=says if standing else "The diagram draws itself as you go",
    )
