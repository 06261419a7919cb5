"""Sessions in the database, as Django keeps them, and who has signed in; each request looks both up
by queries that are written once."""

from datetime import datetime
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from .models import User
from .written import instances, prepared


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = instances(Session, _standing(str(self.session_key), timezone.now()))
        if found:
            return found[0]
        self._session_key = None  # nobody makes a key up for himself
        return None


@prepared
def _standing(key: str, now: datetime) -> Any:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class Backend(AuthenticationBackend):
    """allauth's, which checks the password; who a session belongs to is asked at each request."""

    def get_user(self, user_id: int) -> User | None:
        found = instances(User, _person(user_id))
        return found[0] if found and self.user_can_authenticate(found[0]) else None


@prepared
def _person(pk: int) -> Any:
    return User.objects.filter(pk=pk)
