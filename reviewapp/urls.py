"""Where each address leads. Grouped by room; every address under /r/ is guarded by @member."""

from django.urls import include, path

from .health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("reviewapp.api_urls")),
    path("", include("reviews.urls")),
    path("", include("components.urls")),
    path("", include("citations.urls")),
    path("", include("screening.urls")),
    path("", include("extraction.urls")),
    path("", include("interviews.urls")),
    path("", include("synthesis.urls")),
]
