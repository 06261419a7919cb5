"""Is everything alive? 200 when web, database and worker are; the JSON says which is not."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from reviews.models import WorkerBeat


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    parts = {"web": "ok", "database": "ok", "worker": "ok"}
    try:
        recent = timezone.now() - timedelta(seconds=settings.WORKER_SILENT_SECONDS)
        if not WorkerBeat.objects.filter(at__gte=recent).exists():
            parts["worker"] = "silent"
    except DatabaseError:
        parts["database"] = parts["worker"] = "out of reach"
    well = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if well else 503)
