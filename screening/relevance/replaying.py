"""A finished review screened again in ranked order, from its question alone: what would have been saved.

A job does it; its result is what the page shows. No report and no decision changes.
"""

from typing import Any

import numpy as np
from django.db import transaction

from reviews import jobs
from reviews.jobs import Run, work
from reviews.models import Job, Review, User
from reviews.refusal import Refused

from .. import ranking
from . import orders, reading

KIND = "replay-ranking"
POINTS = 60


@transaction.atomic
def begin(review: Review, *, by: User) -> Job:
    """Start a replay of what is settled. Refused while one runs, or where both sides are not there."""
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    open_ = [Job.State.QUEUED, Job.State.RUNNING]
    if review.jobs.filter(kind=KIND, state__in=open_).exists():
        raise Refused("A replay is running already.")
    if len(set(orders.settled(review).values())) < 2:
        raise Refused("A replay needs reports that went on and reports that were excluded.")
    return jobs.enqueue(review, KIND, by=by)


@work(KIND, needs="read")
def replay(run: Run) -> dict[str, Any]:
    """{"of", "found", "curve", "needed", "certified", "first"}; numbers of reports screened."""
    review = run.job.review
    run.step(0, 2, "Reading words")
    reading.read(run)
    said = orders.settled(review)
    ids, parts = reading.words_of(review)
    rows = np.array([row for row, pk in enumerate(ids.tolist()) if pk in said], np.int64)
    included = np.array([said[int(pk)] for pk in ids[rows]], bool)
    ranker = ranking.Ranker.of([ranking.some_of(parts, rows)], orders.question_of(review))
    run.step(1, 2, "Screening again in ranked order")
    relevant = included[ranking.replay(ranker, included, np.array([], np.int64)).order]
    *_, (screened, state) = ranking.certificates(relevant, len(relevant))
    return {
        "of": len(relevant),
        "found": int(relevant.sum()),
        "curve": ranking.recall_curve(relevant, POINTS),
        "needed": ranking.screened_for(relevant),
        "first": int(np.flatnonzero(relevant)[0]) + 1,
        "certified": screened if state is ranking.State.CERTIFIED else len(relevant),
        "recall": round(float(relevant[:screened].sum() / relevant.sum()), 4),
        "text": f"{len(relevant)} reports were screened again.",
    }


def latest(review: Review) -> Job | None:
    """The newest replay that was not stopped."""
    return review.jobs.filter(kind=KIND).exclude(state=Job.State.CANCELLED).first()
