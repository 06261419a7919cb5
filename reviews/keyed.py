"""Idempotency keys: a request that is sent twice is carried out once and answered the same.

The one mechanism, for the screening page's outbox and for the API. The key, the act and its answer
are written in one transaction, so there is no moment at which a key is known and its answer is not.
A refusal writes nothing but itself: what the act had begun is rolled back first.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.utils import timezone

from .models import KeyedAnswer, User
from .refusal import Clash, Refused
from .written import prepared

Answer = tuple[int, dict[str, Any]]  # HTTP status and JSON body

KEY_LENGTH = 200
# A browser that was offline for longer than this sends its decisions as new ones.
DAYS_KEPT = 30
SELDOM = 500  # old keys are looked for once in so many requests


def fingerprint(*parts: Any) -> str:
    """SHA-256 of what makes two requests the same one: method, path, body."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def answer_once(user: User, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """The answer to `user`'s request `key`: that of `act` the first time, the kept one afterwards.

    A refusal by `act` is an answer like any other and kept: 409 for a Clash, 422 otherwise, with
    its sentence as `detail`. Clash when the key has been used for another request. A request
    without a key ("") is simply carried out. Of two at once the later waits for the earlier.

    Keep the body small: it is stored. What may differ from one moment to the next (the records
    that come next) is added by the caller.
    """
    if len(key) > KEY_LENGTH:
        raise Refused(f"An idempotency key has at most {KEY_LENGTH} letters.")
    try:
        with transaction.atomic():
            return _kept(user, key, fingerprint, act) if key else act()
    except _OtherUse as clash:
        raise Clash("That key has been used for another request.") from clash
    except Refused as refusal:
        # Rolled back, the key with it: it is kept with the refusal now, unless another request
        # with the same key was carried out in between, whose answer is then the answer.
        said = 409 if isinstance(refusal, Clash) else 422, {"detail": str(refusal)}
    if not key:
        return said
    try:
        with transaction.atomic():
            return _kept(user, key, fingerprint, lambda: said)
    except _OtherUse as clash:
        raise Clash("That key has been used for another request.") from clash


class _OtherUse(Exception):
    """The key stands for another request."""


def _kept(user: User, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    # Waits for another request that is writing this key, and writes nothing after it.
    own = _begin(user.pk, key, fingerprint, timezone.now())
    if not own:
        row = KeyedAnswer.objects.get(user=user, key=key)
        if row.fingerprint != fingerprint:
            raise _OtherUse
        return cast(Answer, (row.status, row.body))
    ((pk,),) = own
    answer = status, body = act()
    _finish(pk, status, json.dumps(body))
    if pk % SELDOM == 0:
        long_ago = timezone.now() - timedelta(days=DAYS_KEPT)
        KeyedAnswer.objects.filter(at__lt=long_ago).delete()
    return answer


@prepared
def _begin(user: int, key: str, fingerprint: str, at: datetime) -> Any:
    """The id of the row that this request has made; nothing where there is one."""
    return (
        'INSERT INTO reviews_keyedanswer (user_id, "key", fingerprint, at) '
        'VALUES (%s, %s, %s, %s) ON CONFLICT (user_id, "key") DO NOTHING RETURNING id',
        (user, key, fingerprint, connection.ops.adapt_datetimefield_value(at)),
    )


@prepared
def _finish(pk: int, status: int, body: str) -> Any:
    sql = "UPDATE reviews_keyedanswer SET status = %s, body = %s WHERE id = %s"
    return sql, (status, body, pk)
