"""The API's addresses, all under /api/v1/; each room has its own in `<room>/api/urls.py`."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

# The API's own authentication answers 401 in JSON where a page would redirect to the sign-in form.
_schema = login_not_required(SpectacularAPIView.as_view())
_docs = login_not_required(SpectacularSwaggerView.as_view(url_name="schema"))

urlpatterns = [
    path("schema/", _schema, name="schema"),
    path("docs/", _docs, name="docs"),
    path("", include("reviews.api.urls")),
    path("", include("citations.api.urls")),
    path("", include("screening.api.urls")),
    path("", include("extraction.api.urls")),
]
