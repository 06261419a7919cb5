"""Typed reading of the environment. A wrong value stops the start with a sentence."""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is “{value}”; say yes or no.")


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be a whole number.") from None


def folder(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is “{path}”, which can't be used as a folder: {error.strerror}."
        ) from None
    return path


def url(name: str, schemes: set[str]) -> str:
    """The URL in `name`, or "" when unset; refuses a scheme that nothing here can speak."""
    value = text(name)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(
            f"{name} must begin with one of: {', '.join(sorted(s + '://' for s in schemes))}."
        )
    return value


def address(name: str) -> str:
    """The e-mail address in `name`, or "" when unset."""
    value = text(name)
    user, at, host = value.partition("@")
    if value and not (user and at and "." in host and value.isascii() and value.isprintable()
                      and " " not in value and "@" not in host):  # fmt: skip
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be an e-mail address.")
    return value


def secret(name: str, kept_in: Path) -> str:
    """The secret in `name`; otherwise one made once and kept in a file that only we can read."""
    value = text(name)
    if value:
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} is too short; use at least 32 characters.")
        return value
    try:
        # O_EXCL: of two processes that start at once, one makes the file and both read it.
        handle = os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept_in.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return kept_in.read_text().strip()


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """The networks in `name`, such as "10.1.0.0/16, 127.0.0.1"."""
    found = []
    for word in words(name):
        try:
            found.append(ip_network(word))
        except ValueError:
            raise ImproperlyConfigured(
                f"{name}: “{word}” is no network; write it like 10.1.0.0/16."
            ) from None
    return found


def email(name: str, outbox: Path) -> dict[str, object]:
    """Django's e-mail settings from smtp://user:password@host:port?tls=yes.

    Unset: letters are written as files into `outbox`, so that a reset link is never lost on a
    machine without a mail server.
    """
    value = url(name, {"smtp", "smtps", "console"})
    if not value:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(outbox),
        }
    parts = urlsplit(value)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no host.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parse_qs(parts.query).get("tls") != ["no"],
        "EMAIL_TIMEOUT": 20,
    }
