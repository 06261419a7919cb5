"""What every template may ask: the product's name, the review, the member, what the member can."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from .access import abilities


def review(request: HttpRequest) -> dict[str, Any]:
    get_token(request)  # sets the cookie that our scripts send back as X-CSRFToken
    context: dict[str, Any] = {"brand": settings.BRAND, "outbox": outbox()}
    member = getattr(request, "member", None)
    if member is not None:
        context |= {"review": member.review, "member": member, "can": abilities(member)}
    return context


def outbox() -> str:
    """The folder that letters are written into where no mail server is set; else ""."""
    if settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend"):
        return str(getattr(settings, "EMAIL_FILE_PATH", ""))
    return ""
