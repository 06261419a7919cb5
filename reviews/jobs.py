"""Background work: enqueue, claim, beat, finish. One mechanism for Celery and the embedded worker.

A kind of job is a plain function registered with `@work("kind")`. It is called with a `Run`, does
its work in pieces, and commits each piece together with `run.step(...)`: the step checks that the
lease is still ours, so a worker that was paused and outlived its lease writes nothing. Every kind
can run twice and end the same.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from .access import abilities
from .models import Job, Membership, Review, User, WorkerBeat
from .refusal import Refused

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
BREATH = 0.06  # seconds; SQLite's waiting writers look again every 0.05 s at the least
ATTEMPTS = 5  # a job that takes five workers down with it is not tried a sixth time
KINDS: dict[str, Callable[["Run"], dict[str, Any]]] = {}
NEEDS: dict[str, str] = {}  # which capability lets a member watch jobs of a kind
OVER: list[Callable[[Job, str], None]] = []  # told of each job that has ended, and how


class LeaseLost(Exception):
    """Another worker has this job now. Roll back and leave it alone."""


class Cancelled(Exception):
    """A person asked to stop; what was committed stays, the job ends as cancelled."""


class Run:
    """One worker's hold on one job."""

    def __init__(self, job: Job, worker: str) -> None:
        self.job, self.worker = job, worker

    @property
    def payload(self) -> dict[str, Any]:
        return self.job.payload

    def step(self, done: int, total: int | None = None, doing: str | None = None) -> None:
        """Say how far it is and renew the lease. Inside a transaction it fences the writes.

        Raises LeaseLost when the job has been taken up by another worker, Cancelled when a person
        asked to stop.
        """
        changes: dict[str, Any] = {"done": done, "lease_until": timezone.now() + LEASE}
        if total is not None:
            changes["total"] = total
        if doing is not None:
            changes["doing"] = doing
        held = Job.objects.filter(pk=self.job.pk, worker=self.worker, state=Job.State.RUNNING)
        if not held.update(**changes):
            raise LeaseLost
        if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Cancelled


def work(
    kind: str, *, needs: str = "manage"
) -> Callable[[Callable[[Run], dict[str, Any]]], Callable[[Run], dict[str, Any]]]:
    """Register a function as the work behind jobs of `kind`. It returns the job's result.

    Beside who started a job, members with the capability `needs` may watch it.
    """

    def register(function: Callable[[Run], dict[str, Any]]) -> Callable[[Run], dict[str, Any]]:
        KINDS[kind], NEEDS[kind] = function, needs
        return function

    return register


def when_over(function: Callable[[Job, str], None]) -> Callable[[Job, str], None]:
    """Have `function` called with each job that has ended and its state, in that transaction."""
    OVER.append(function)
    return function


def needs(kind: str) -> str:
    """The capability to watch jobs of `kind`; of a kind that is gone, the lead's."""
    return NEEDS.get(kind, "manage")


def enqueue(
    review: Review | None,
    kind: str,
    *,
    by: User | None,
    not_before: datetime | None = None,
    **payload: Any,
) -> Job:
    """Store a job and, once the transaction is through, tell a worker.

    `review` is None for work that makes one. A job that waits for its time (`not_before`) is found by whoever looks for what was left lying.
    """
    job = Job.objects.create(
        review=review, kind=kind, payload=payload, by=by, not_before=not_before
    )
    if settings.REDIS_URL and not_before is None:
        transaction.on_commit(lambda: run_job.delay(job.pk))
    return job


@shared_task(name="reviews.tasks.run_job")
def run_job(job_id: int) -> None:
    """What Celery carries: a number, nothing else."""
    run_one(job_id)


def claim(job_id: int | None = None) -> Run | None:
    """Take the job (or the oldest one) that waits or whose worker has gone silent."""
    now = timezone.now()
    due = Q(not_before=None) | Q(not_before__lte=now)
    free = Q(due, state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    waiting = Job.objects.filter(free)
    if job_id is not None:
        waiting = waiting.filter(pk=job_id)
    worker = secrets.token_hex(16)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)[:5]):
        # One conditional UPDATE decides between workers that look at the same second.
        taken = Job.objects.filter(free, pk=pk).update(
            state=Job.State.RUNNING,
            worker=worker,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
        if taken:
            return Run(Job.objects.select_related("review", "by").get(pk=pk), worker)
    return None


def perform(run: Run) -> None:
    """Do the work of a claimed job and write how it ended."""
    job = run.job
    if job.attempts > ATTEMPTS:
        return _end(run, Job.State.FAILED, error="It was started five times and never finished.")
    try:
        if job.cancel_asked:
            raise Cancelled
        result = KINDS[job.kind](run)
    except LeaseLost:
        log.warning("job %s was taken up by another worker", job.pk)
    except Cancelled:
        _end(run, Job.State.CANCELLED)
    except Refused as refusal:
        _end(run, Job.State.FAILED, error=str(refusal))
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        _end(
            run,
            Job.State.FAILED,
            error="Something went wrong on our side. Nothing was stored by halves; "
            "the administrator finds the details in the log.",
        )
    else:
        _end(run, Job.State.DONE, result=result or {})


def _end(run: Run, state: str, *, error: str = "", result: dict[str, Any] | None = None) -> None:
    held = Job.objects.filter(pk=run.job.pk, worker=run.worker, state=Job.State.RUNNING)
    changes: dict[str, Any] = {"state": state, "error": error, "finished_at": timezone.now()}
    if result is not None:
        changes["result"] = result
        changes["done"] = F("total")
    with transaction.atomic():
        if held.update(**changes, lease_until=None):
            for tell in OVER:
                tell(run.job, state)


def run_one(job_id: int | None = None) -> bool:
    """Claim and perform one job; False when there was none to take."""
    run = claim(job_id)
    if run is None:
        return False
    over = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(run, over), daemon=True)
    keeper.start()
    try:
        perform(run)
    finally:
        over.set()
        keeper.join()
    return True


def _keep_lease(run: Run, over: threading.Event) -> None:
    """Renew the lease while a long piece of work runs between two steps.

    A paused or killed process stops renewing, so its job is taken up by another.
    """
    while not over.wait(LEASE.total_seconds() / 4):
        held = Job.objects.filter(pk=run.job.pk, worker=run.worker, state=Job.State.RUNNING)
        try:
            held.update(lease_until=timezone.now() + LEASE)
        except DatabaseError:
            log.warning("the lease of job %s could not be renewed this time", run.job.pk)
        finally:
            connection.close()


def make_way() -> None:
    """Between two transactions of a long job: let those write who wait.

    SQLite has one writer and no queue for it, so a job that begins the next transaction at once
    is nearly always the one that gets it. PostgreSQL locks rows and needs no such manners.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(BREATH)


def may_stop(member: Membership, job: Job) -> bool:
    """Who started a job may stop it, and the lead."""
    return job.by_id == member.user_id or "manage" in abilities(member)


@transaction.atomic
def cancel(job: Job, *, by: User) -> Job:
    """Ask a job to stop. One that nobody has begun ends at once."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.is_over:
        raise Refused("That job is over; there is nothing left to stop.")
    job.cancel_asked = True
    if job.state == Job.State.QUEUED:
        job.state, job.finished_at = Job.State.CANCELLED, timezone.now()
    job.save(update_fields=["cancel_asked", "state", "finished_at"])
    return job


def beat(name: str = "worker") -> None:
    WorkerBeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def lapsed() -> list[int]:
    """Jobs that wait without a worker: their lease ran out, or the broker forgot them."""
    now = timezone.now()
    waiting = Q(state=Job.State.RUNNING, lease_until__lt=now) | Q(
        Q(not_before=None) | Q(not_before__lte=now),
        state=Job.State.QUEUED,
        created_at__lt=now - timedelta(seconds=15),
    )
    return list(Job.objects.filter(waiting).order_by("pk").values_list("pk", flat=True))
