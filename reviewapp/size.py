"""A request that is too large is refused by the length that it announces, before its body is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

# What a form says beside its file.
BESIDES = 1 << 20


class RefuseTooLarge:
    """Stands before whatever reads the body: the check against forged forms does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > (settings.UPLOAD_LIMIT_MB << 20) + BESIDES:
            return _refusal(request)
        return self.get_response(request)


def _refusal(request: HttpRequest) -> HttpResponse:
    sentence = (
        f"What was sent is larger than {settings.UPLOAD_LIMIT_MB} MB, which is the limit here. "
        "Send several files one by one, or export in parts."
    )
    if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
        answer: HttpResponse = JsonResponse({"detail": sentence}, status=413)
    else:
        answer = HttpResponse(render_to_string("413.html", {"sentence": sentence}), status=413)
    answer["Connection"] = "close"  # the body that follows is no next request
    return answer
