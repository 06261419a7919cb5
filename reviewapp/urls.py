"""Where each address leads. Grouped by room; every address under /r/ is guarded by @member."""

from django.urls import include, path

from citations.urls import urlpatterns as citation_patterns
from screening.urls import record_patterns

from .health import healthz

# The lists of records answer for the boxes of PRISMA, so their views live on the screening floor;
# their addresses belong to the records.
citations = ([*citation_patterns, *record_patterns], "citations")

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("reviewapp.api_urls")),
    path("", include("screening.urls")),  # what is asked for most comes first
    path("", include("reviews.urls")),
    path("", include("components.urls")),
    path("", include(citations)),
    path("", include("extraction.urls")),
    path("", include("interviews.urls")),
    path("", include("synthesis.urls")),
]
