"""Idempotency keys: a request that is sent twice is carried out once and answered the same.

The one mechanism, for the screening page's outbox and for the API. The key, the act and its answer
are written in one transaction, so there is no moment at which a key is known and its answer is not.
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
from .written import written

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
    if not key:
        return _carried_out(act)
    if len(key) > KEY_LENGTH:
        raise Refused(f"An idempotency key has at most {KEY_LENGTH} letters.")
    with transaction.atomic():
        # Waits for another request that is writing this key, and writes nothing after it.
        own = _begin(user.pk, key, fingerprint, timezone.now())
        if not own:
            row = KeyedAnswer.objects.get(user=user, key=key)
            if row.fingerprint != fingerprint:
                raise Clash("That key has been used for another request.")
            return cast(Answer, (row.status, row.body))
        ((pk,),) = own
        answer = _carried_out(act)
        status, body = answer
        _finish(pk, status, json.dumps(body))
        if pk % SELDOM == 0:
            long_ago = timezone.now() - timedelta(days=DAYS_KEPT)
            KeyedAnswer.objects.filter(at__lt=long_ago).delete()
    return answer


@written
def _begin(user: int, key: str, fingerprint: str, at: datetime) -> Any:
    """The id of the row that this request has made; nothing where there is one."""
    return (
        'INSERT INTO reviews_keyedanswer (user_id, "key", fingerprint, at) '
        'VALUES (%s, %s, %s, %s) ON CONFLICT (user_id, "key") DO NOTHING RETURNING id',
        (user, key, fingerprint, connection.ops.adapt_datetimefield_value(at)),
    )


@written
def _finish(pk: int, status: int, body: str) -> Any:
    sql = "UPDATE reviews_keyedanswer SET status = %s, body = %s WHERE id = %s"
    return sql, (status, body, pk)


def _carried_out(act: Callable[[], Answer]) -> Answer:
    """`act`'s answer, or its refusal as one; what it had written until then is rolled back."""
    try:
        with transaction.atomic():
            return act()
    except Clash as clash:
        return 409, {"detail": str(clash)}
    except Refused as refusal:
        return 422, {"detail": str(refusal)}
