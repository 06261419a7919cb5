"""The job that makes sentence vectors: bag by bag, in turns, so that nothing waits long for it."""

import time
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from citations.models import Report
from reviews import jobs
from reviews.jobs import Run, make_way, work
from reviews.models import Job

from ..models import WordBag
from ..ranking import encoder
from . import meaning, orders

AT_ONCE = 50  # reports between two looks at the clock, about half a second
A_TURN = 20  # seconds; then the job stands in line again, behind what others wait for
KEPT_JOBS = 3


@work(meaning.KIND, needs="screen")
def make(run: Run) -> dict[str, Any]:
    """Make the vectors that are lacking, for one turn; then stand in line again or learn new orders.

    It commits bag by bag; run twice, the second finds nothing to make.
    """
    review = run.job.review
    left, total = meaning.lacking(review), meaning.read(review)
    until = time.monotonic() + A_TURN
    for number in list(review.word_bags.order_by("number").values_list("number", flat=True)):
        bag = review.word_bags.defer("packed").get(number=number)
        rows = meaning.lacking_in(bag)
        for at in range(0, len(rows), AT_ONCE):
            run.step(total - left, total, "Reading sentences")
            left -= _fill(run, bag, rows[at : at + AT_ONCE], total - left, total)
            make_way()
            if time.monotonic() > until:
                break
        if time.monotonic() > until:
            break
    _forget(run)
    with transaction.atomic():
        if meaning.lacking(review):
            jobs.enqueue(review, meaning.KIND, by=run.job.by)
        else:
            orders.due(review, by=run.job.by)
    return {"text": f"{total - left} of {total} reports have their sentences read."}


def _fill(run: Run, bag: WordBag, rows: NDArray[np.int64], done: int, total: int) -> int:
    """Make the vectors of `rows` and store them; how many."""
    ids = np.frombuffer(bytes(bag.reports), "<i8")[rows].tolist()
    texts = Report.objects.filter(pk__in=ids).values_list("pk", "title", "abstract")
    of = {pk: (title, abstract) for pk, title, abstract in texts}
    wanted = [of.get(pk, ("", "")) for pk in ids]
    made = encoder.vectors(encoder.texts_of(wanted), meaning.folder())
    with transaction.atomic():
        run.step(done, total, "Reading sentences")
        now = WordBag.objects.select_for_update().defer("packed").get(pk=bag.pk)
        vectors, made_of = meaning.room(now)
        vectors[rows] = made
        # Of the text that stood there when the words were read: another text is read again.
        made_of[rows] = meaning.marks(bytes(bag.checks))[rows]
        now.vectors, now.vectors_of = vectors.tobytes(), made_of.tobytes()
        now.save(update_fields=["vectors", "vectors_of"])
    return len(rows)


def _forget(run: Run) -> None:
    """Of many turns only the last few stay in the list of jobs; nothing refers to them."""
    over = run.job.review.jobs.filter(kind=meaning.KIND, state=Job.State.DONE, pk__lt=run.job.pk)
    old = list(over.order_by("-pk").values_list("pk", flat=True)[KEPT_JOBS:])
    Job.objects.filter(pk__in=old).delete()
