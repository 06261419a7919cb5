"""Sessions in the database, as Django keeps them; each request looks its own up by a query that is
written once."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from .written import instances, written


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = instances(Session, _standing(str(self.session_key), timezone.now()))
        if found:
            return found[0]
        self._session_key = None  # nobody makes a key up for himself
        return None


@written
def _standing(key: str, now: datetime) -> Any:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
