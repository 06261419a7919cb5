"""How many requests a minute the API answers to one token or signed-in person."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache as shared
from django.core.cache.backends.locmem import LocMemCache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .models import AccessToken

MINUTE = 60  # seconds
_own = LocMemCache("api requests", {})


class PerMinute(BaseThrottle):
    """Counts in windows of one clock minute. Beyond the number: 429 with `Retry-After`.

    With Redis all processes share one count. Without, each process counts for itself: a count in
    the database would make every reader a writer, and SQLite has one writer.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        most = settings.API_PER_MINUTE
        if not most or not request.user.is_authenticated:
            return True
        token = request.auth
        who = f"token:{token.pk}" if isinstance(token, AccessToken) else f"user:{request.user.pk}"
        key = f"api:{who}:{int(time.time()) // MINUTE}"
        cache = shared if settings.REDIS_URL else _own
        cache.add(key, 0, timeout=2 * MINUTE)
        try:
            return cache.incr(key) <= most
        except ValueError:  # gone between the two: a cache that was emptied
            return True

    def wait(self) -> float:
        """Seconds until the next window."""
        return MINUTE - time.time() % MINUTE
