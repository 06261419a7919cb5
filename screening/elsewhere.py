"""What was included elsewhere: an earlier review, another tool. The lead's word stands for the screening.

Three final words, one a stage. That of retrieval says "include": the text was read elsewhere, so
that no file is asked for here (screening/flow/placing.py), and it tells these reports from those
that people of this review have included.
"""

from django.db import transaction
from django.utils import timezone

from citations.models import Report
from reviews.actions import criteria_version
from reviews.models import Review, Stage, User
from reviews.refusal import Clash, Refused

from . import actions
from .flow import Place
from .models import Decision

STAGES = (Stage.ABSTRACT, Stage.RETRIEVAL, Stage.FULLTEXT)


@transaction.atomic
def include(report: Report, *, by: User, where: str) -> Decision:
    """Include a report that nobody has answered on. Returns the word of retrieval.

    `where` says who had included it, in words. `take_back` takes all of it back.
    """
    report = actions.locked(report)
    if not where.strip():
        raise Refused("Say where it was included.")
    if report.place != Place.ABSTRACT_OPEN:
        raise Refused("People have begun to screen this report, or it is no longer there.")
    version, now = criteria_version(report.review), timezone.now()
    words = {
        stage: Decision.objects.create(
            report=report,
            stage=stage,
            verdict=Decision.Verdict.INCLUDE,
            note=where.strip(),
            by=by,
            at=now,
            final=True,
            criteria_version=version,
        )
        for stage in STAGES
    }
    actions.moved(report.review, [report.pk])
    return words[Stage.RETRIEVAL]


@transaction.atomic
def take_back(report: Report, *, by: User) -> Report:
    """Take the three words back; the report waits for screening as before."""
    report = actions.locked(report)
    words = Decision.objects.current().on(report).filter(final=True, stage__in=STAGES)
    mark = words.filter(stage=Stage.RETRIEVAL, verdict=Decision.Verdict.INCLUDE).first()
    if mark is None:
        raise Clash("This report was not included elsewhere.")
    # By their moment: another final word may have come on it by a join.
    words.filter(at=mark.at).update(superseded_at=timezone.now())
    actions.moved(report.review, [report.pk])
    report.refresh_from_db()
    return report


def count(review: Review) -> int:
    """How many of the included reports people elsewhere had included. 1 query."""
    found = Decision.objects.elsewhere().filter(report__review=review)
    return found.filter(report__place=Place.INCLUDED).count()
