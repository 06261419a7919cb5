"""Orders are learnt in a job from what is settled, and for each person from their own as well.

What is settled on title and abstract may be known to everybody who screens: its place says it
(screening/flow/). What somebody has said where others are still to answer teaches that person's
order alone, so that nobody's place in the queue tells of another's vote.

Orders are of title and abstract. Full texts are few by then.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Max, Q

from reviews import jobs
from reviews.access import abilities
from reviews.jobs import Run, work
from reviews.models import Criterion, Job, Membership, Review, Stage, StageRules, User

from .. import flow, ranking
from ..models import Decision, RankedOrder
from ..ranking.ranker import Indices
from . import meaning, reading

KIND = "ranking"
WORDS_KEPT = 3000  # of an order: the ones that weigh most, to say why
NEAREST_FOR = 50  # reports at the head of an order
# A name changes with what makes another order of the same decisions.
MODEL = "words-svm 1"
MODEL_WITH_SENTENCES = f"words-and-sentences-svm 1, {ranking.encoder.NAME}"
SEED = 0  # nothing is drawn; stored with a decision to stop so that a later model may draw

Verdict = Decision.Verdict


def is_on(review: Review) -> bool:
    return review.stage_rules.filter(stage=Stage.ABSTRACT, by_relevance=True).exists()


def common(review: Review) -> RankedOrder | None:
    """The order learnt last from what is settled, without its large fields. 1 query."""
    return review.ranked_orders.filter(by=None).defer("reports", "words", "weights").first()


def unfinished(review: Review) -> Job | None:
    """A job of the ranking that waits, runs or has failed. 1 query."""
    return review.jobs.filter(kind=KIND).exclude(state=Job.State.DONE).first()


def due(review: Review, *, by: User | None, read: bool = False) -> None:
    """Ask for new orders, unless somebody has and nobody has begun. `read`: after new words.

    Call it within the transaction of the act; without ranking it does nothing. 1 to 3 queries.
    """
    if not is_on(review):
        return
    waiting = review.jobs.filter(kind=KIND, state=Job.State.QUEUED)
    if read:
        waiting = waiting.filter(payload__read=True)
    if not waiting.exists():
        told: dict[str, Any] = {"read": True} if read else {}
        jobs.enqueue(review, KIND, by=by, **told)


def unlearnt(review: Review, stage: str, *, by: User) -> None:
    """After an act at `stage` that settled reports otherwise, or took an answer back, without any
    decision that is newer than the orders: nobody's look at the queue would tell (`is_stale`).

    Call it within the transaction of the act. 1 to 3 queries on title and abstract, else none.
    """
    if stage == Stage.ABSTRACT:
        due(review, by=by)


@dataclass(frozen=True)
class Labels:
    """What an order is learnt from: {report: whether it is relevant}."""

    settled: dict[int, bool]
    own: dict[int, bool]
    starters: dict[int, bool]

    @property
    def all(self) -> dict[int, bool]:
        """What is settled counts before one's own answer, and that before what was known before."""
        return {**self.starters, **self.own, **self.settled}


def settled(review: Review) -> dict[int, bool]:
    """{report: whether it went on} of all that people let pass or excluded. 1 query."""
    here = review.reports.filter(place__in=[flow.Place.ABSTRACT_OUT, *flow.ADVANCED])
    # Nothing is learnt from a tool.
    tools = Decision.objects.current().filter(automation=True, stage=Stage.ABSTRACT)
    here = here.exclude(pk__in=tools.filter(report__review=review).values("report"))
    went_on = {*map(str, flow.ADVANCED)}
    return {pk: place in went_on for pk, place in here.values_list("pk", "place")}


def own(review: Review, user: int, rules: StageRules) -> dict[int, bool]:
    """{report: in or out} of what `user` said where the others have not all answered. 1 query."""
    mine = (
        Decision.objects.current()
        .independent()
        .at_stage(Stage.ABSTRACT)
        .filter(by=user, report__review=review, report__place__in=flow.ABSTRACT_PENDING)
    )
    found = {}
    for report, verdict in mine.values_list("report", "verdict"):
        if verdict != Verdict.MAYBE:
            found[report] = verdict == Verdict.INCLUDE
        elif rules.maybe == StageRules.Maybe.ADVANCES:
            found[report] = True
    return found


def question_of(review: Review) -> str:
    """The review's title, question and inclusion criteria as one text. 1 query."""
    criteria = review.criteria.filter(kind=Criterion.Kind.INCLUSION, until_version=None)
    parts = [str(part) for part in review.question.values()]
    return "\n".join([review.title, *parts, *criteria.values_list("text", flat=True)])


def people(review: Review) -> list[int]:
    """Users who screen now."""
    standing = review.memberships.filter(left_at=None).select_related("review", "user")
    return sorted(each.user_id for each in standing if "screen" in abilities(each))


@work(KIND, needs="screen")
def rank(run: Run) -> dict[str, Any]:
    """Read what is new if asked to, learn each order anew whose basis has changed, replace it whole."""
    review = run.job.review
    fresh = reading.read(run) if run.payload.get("read") else 0
    newest = Decision.objects.filter(report__review=review).aggregate(n=Max("pk"))["n"] or 0
    made = _learn_all(run, newest)
    meaning.due(review, by=run.job.by)
    _forget_old_jobs(run)
    return {"text": f"{made} orders were learnt, {fresh} reports were read.", "orders": made}


def _learn_all(run: Run, newest: int) -> int:
    review, made = run.job.review, 0
    rules = review.rules(Stage.ABSTRACT)
    question = question_of(review)
    everybody = settled(review)
    starters = dict(review.starters.values_list("report", "relevant"))
    model = MODEL_WITH_SENTENCES if meaning.is_complete(review) else MODEL
    words = reading.signature(review, question, model)
    readers = people(review)
    for done, user in enumerate([None, *readers]):
        labels = Labels(everybody, own(review, user, rules) if user else {}, starters)
        if user and not labels.own:
            RankedOrder.objects.filter(review=review, by=user).delete()
            continue
        basis = _basis(words, labels)
        same = RankedOrder.objects.filter(review=review, by=user, basis=basis)
        if same.update(newest=newest):
            continue
        ids, ranker = reading.ranker_of(run, question, words)
        if not len(ids):
            continue
        found = learn(ranker, ids, labels)
        with transaction.atomic():
            run.step(done, len(readers) + 1, "Ranking")
            RankedOrder.objects.update_or_create(
                review=review,
                by_id=user,
                defaults={**found, "model": model, "basis": basis, "newest": newest},
            )
        made += 1
    RankedOrder.objects.filter(review=review, by__isnull=False).exclude(by__in=readers).delete()
    return made


def _basis(words: str, labels: Labels) -> str:
    said = sorted(labels.all.items())
    waiting = sorted(labels.starters.keys() - labels.own.keys() - labels.settled.keys())
    return hashlib.sha256(f"{words} {said} {waiting}".encode()).hexdigest()


def learn(ranker: ranking.Ranker, ids: Indices, labels: Labels) -> dict[str, Any]:
    """The fields of a RankedOrder. Learnt from nothing: the same labels give the same order."""
    every = labels.all
    known = np.array([row for row, pk in enumerate(ids.tolist()) if pk in every], np.int64)
    included = np.array([every[int(pk)] for pk in ids[known]], bool)
    weights = ranker.fit(known, included)
    scores = ranker.scores(weights)
    # A starter teaches, and is served: nobody has screened it yet.
    screened = {**labels.own, **labels.settled}
    done = np.array([row for row in known.tolist() if int(ids[row]) in screened], np.int64)
    order = ranking.in_order(scores, without=done)
    strong = np.zeros(0, np.int64)
    heavy = np.zeros(0, np.float32)
    if weights is not None:
        heavy = ranker.words_weigh(weights)
        strong = np.sort(np.argsort(-np.abs(heavy), kind="stable")[:WORDS_KEPT])
    # The nearest one is named to the reader, so it is one whose inclusion everybody may know.
    open_in = np.array(
        [row for row, pk in enumerate(ids.tolist()) if labels.settled.get(pk)], np.int64
    )
    near = {}
    for row in order[:NEAREST_FOR].tolist():
        found = ranking.nearest(ranker.features.rows, row, open_in)
        if found:
            near[str(ids[row])] = [int(ids[found[0]]), round(found[1], 3)]
    return {
        "reports": ids[order].astype("<i8").tobytes(),
        "words": ranker.features.vocabulary[strong].astype("<u4").tobytes(),
        "weights": heavy[strong].astype("<f4").tobytes(),
        "nearest": near,
        "included": int(included.sum()),
        "excluded": int((~included).sum()),
        "fingerprint": ranking.fingerprint(ids[order]),
    }


def _forget_old_jobs(run: Run) -> None:
    """Of many small runs only the last few stay in the list of jobs; nothing refers to them."""
    over = run.job.review.jobs.filter(kind=KIND, state=Job.State.DONE, pk__lt=run.job.pk)
    old = list(over.order_by("-pk").values_list("pk", flat=True)[3:])
    Job.objects.filter(pk__in=old).delete()


# --- reading an order ------------------------------------------------------------------------------


def order_for(member: Membership, *, whole: bool = True) -> RankedOrder | None:
    """The order that `member` is served by: one's own, else everybody's. 1 query.

    `whole`: with what is large, the ids and the words.
    """
    readable = Q(by=member.user_id) | Q(by=None)
    found = RankedOrder.objects.filter(readable, review=member.review_id)
    if not whole:
        found = found.defer("reports", "words", "weights", "nearest")
    return found.order_by(F("by").asc(nulls_last=True)).first()


def ids_of(order: RankedOrder) -> Indices:
    return np.frombuffer(bytes(order.reports), "<i8").astype(np.int64)


def keep_fresh(member: Membership) -> None:
    """Whoever is handed reports asks for a new order when something was decided since the last.

    Between two looks at the queue there may be many decisions: they make one job. 3 to 5 queries.
    """
    if is_stale(order_for(member, whole=False), member.review):
        due(member.review, by=member.user)


def is_stale(order: RankedOrder | None, review: Review) -> bool:
    """Whether somebody has decided since it was learnt. 1 query."""
    if order is None:
        return True
    newer = Decision.objects.filter(pk__gt=order.newest, report__review=review)
    return newer.exists()
