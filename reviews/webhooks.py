"""Tell other programs what happens in a review: signed messages, tried again with growing pauses.

A message says that something happened and where to look, by numbers. It holds nothing that
somebody in the review may not see yet: no vote, no verdict of a single person, no note.
"""

import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from . import audit, jobs, posting
from .jobs import Run, work
from .models import Attempt, Job, Message, Review, User, Webhook
from .refusal import Refused
from .written import prepared

IMPORTED = "import.finished"
SETTLED = "decision.settled"
CONFLICT = "conflict.opened"
FROZEN = "snapshot.frozen"
EXTRACTED = "extraction.finished"
CONFLICT_AGAIN = "conflict.reopened"
FORM_AGAIN = "extraction.reopened"
BULK_DONE = "bulk.done"
BULK_UNDONE = "bulk.undone"
JOB_DONE = "job.done"
JOB_FAILED = "job.failed"
TEST = "test"
EVENTS = {
    IMPORTED: "An import is finished",
    CONFLICT: "Reviewers disagree about a report",
    SETTLED: "A stage of a report is settled",
    FROZEN: "The PRISMA numbers were frozen",
    EXTRACTED: "All forms of a study were handed in",
    CONFLICT_AGAIN: "A final word was taken back",
    FORM_AGAIN: "A form that others could see was taken back",
    BULK_DONE: "An act on many reports is done",
    BULK_UNDONE: "An act on many reports is undone",
    JOB_DONE: "A job is done",
    JOB_FAILED: "A job has failed",
}
MOST = 20  # addresses of one review
# After each try that failed; then it is left alone until somebody sends it again.
PAUSES = [
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
]
KIND = "webhook"


def secret_of(webhook: Webhook) -> str:
    """What signs the messages to an address. It follows from the installation's own secret."""
    made = salted_hmac("concord.webhook", webhook.nonce, algorithm="sha256").hexdigest()
    return f"whsec_{made}"


@transaction.atomic
def add(review: Review, url: str, events: Iterable[str], *, by: User) -> tuple[Webhook, str]:
    """A new address, and the secret that signs what it is told; the secret is not shown again."""
    review = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    wanted = [name for name in EVENTS if name in set(events)]
    if not wanted:
        raise Refused("Choose at least one event.")
    url = url.strip()
    try:
        host = posting.split(url).hostname
    except posting.Unsendable as why:
        raise Refused(str(why)) from None
    standing = review.webhooks.filter(ended_at=None)
    if standing.count() >= MOST:
        raise Refused(f"A review tells at most {MOST} addresses.")
    if standing.filter(url=url).exists():
        raise Refused("This address is told already. End it first to change what it is told.")
    webhook = Webhook.objects.create(
        review=review, url=url, events=wanted, nonce=secrets.token_hex(32), by=by
    )
    # The address may hold a key of its own, so the log names its host alone.
    after = {"host": host, "events": wanted}
    audit.record(review, "added a webhook", by=by, target=webhook, after=after)
    return webhook, secret_of(webhook)


@transaction.atomic
def end(webhook: Webhook, *, by: User) -> Webhook:
    """Tell this address nothing any more. What it was told stays in its list."""
    webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    if webhook.ended_at is None:
        webhook.ended_at = timezone.now()
        webhook.save(update_fields=["ended_at"])
        audit.record(webhook.review, "ended a webhook", by=by, target=webhook)
    return webhook


def tell(review: Review, event: str, **facts: Any) -> list[Message]:
    """Queue a message to each address that wants `event`; call it in the transaction of the act."""
    standing = Webhook.objects.filter(review=review, ended_at=None)
    return [_queue(hook, event, facts) for hook in standing if event in hook.events]


def told_of(review: Review, *events: str) -> bool:
    """Whether anybody wants one of `events`. 1 query."""
    return any(set(events) & set(wanted) for (wanted,) in _wanted(review.pk))


@prepared
def _wanted(review: int) -> Any:
    return Webhook.objects.filter(review=review, ended_at=None).values_list("events")


def _queue(webhook: Webhook, event: str, facts: dict[str, Any]) -> Message:
    message = Message.objects.create(
        webhook=webhook, event=event, facts=facts, next_at=timezone.now()
    )
    jobs.enqueue(webhook.review, KIND, by=None, message=message.pk)
    return message


@transaction.atomic
def test(webhook: Webhook) -> Message:
    """Send a message that says nothing, to see whether it arrives."""
    if webhook.ended_at:
        raise Refused("This webhook has ended.")
    return _queue(webhook, TEST, {})


@transaction.atomic
def send_again(message: Message) -> Message:
    """Try a message once more, now, with the pauses from the start. Its number stays."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.webhook.ended_at:
        raise Refused("This webhook has ended.")
    if message.next_at:
        raise Refused("This message is on its way.")
    message.delivered_at, message.next_at = None, timezone.now()
    message.save(update_fields=["delivered_at", "next_at"])
    jobs.enqueue(message.webhook.review, KIND, by=None, message=message.pk)
    return message


def body_of(message: Message) -> bytes:
    """What is sent, byte for byte the same each time."""
    said = {
        "id": message.pk,
        "event": message.event,
        "review": message.webhook.review.slug,
        "at": message.at.isoformat(),
        "facts": message.facts,
    }
    return json.dumps(said, ensure_ascii=False).encode()


@work(KIND, needs="manage")
def deliver(run: Run) -> dict[str, Any]:
    """One try. It can run twice: the receiver knows a message by its `id`."""
    tried = run.payload.get("tried", 0)
    message = Message.objects.select_related("webhook__review").get(pk=run.payload["message"])
    if message.delivered_at or message.webhook.ended_at:
        return {"text": "There is nothing to send any more."}
    body, now = body_of(message), int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Concord-Webhook/1",
        "X-Concord-Event": message.event,
        "X-Concord-Delivery": str(message.pk),
        "X-Concord-Signature": posting.signature(secret_of(message.webhook), now, body),
    }
    status, error = None, ""
    try:
        status = posting.post(message.webhook.url, body, headers, settings.WEBHOOK_NETWORKS)
    except posting.Unsendable as why:
        error = str(why)[:300]
    return _remember(run, message, tried, status, error)


@transaction.atomic
def _remember(
    run: Run, message: Message, tried: int, status: int | None, error: str
) -> dict[str, Any]:
    run.step(1, 1)
    message = (
        Message.objects.select_for_update(of=("self",))
        .select_related("webhook__review")
        .get(pk=message.pk)
    )
    Attempt.objects.create(message=message, status=status, error=error)
    message.next_at = None
    if status is not None and 200 <= status < 300:
        message.delivered_at = timezone.now()
    elif tried < len(PAUSES):
        message.next_at = timezone.now() + PAUSES[tried]
        jobs.enqueue(
            message.webhook.review,
            KIND,
            by=None,
            not_before=message.next_at,
            message=message.pk,
            tried=tried + 1,
        )
    message.save(update_fields=["delivered_at", "next_at"])
    return {"text": f"{message.webhook.url}: {status or error}"}


@jobs.when_over
def _tell_of_job(job: Job, state: str) -> None:
    """What a job did is for its page; the messages themselves are jobs that nobody is told of."""
    event = {Job.State.DONE: JOB_DONE, Job.State.FAILED: JOB_FAILED}.get(Job.State(state))
    if event and job.kind != KIND and job.review_id and told_of(job.review, event):
        tell(job.review, event, job=job.pk, kind=job.kind)
