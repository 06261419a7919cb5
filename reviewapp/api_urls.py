"""The API's addresses, all under /api/v1/; each room has its own in `<room>/api/urls.py`."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from reviews.api import Nowhere

# The API's own authentication answers 401 in JSON where a page would redirect to the sign-in form.
_schema = login_not_required(SpectacularAPIView.as_view())
_docs = login_not_required(SpectacularSwaggerView.as_view(url_name="schema"))

urlpatterns = [
    path("schema/", _schema, name="schema"),
    path("docs/", _docs, name="docs"),
    path("", include("reviews.api.urls")),
    path("", include("citations.api.urls")),
    path("", include("components.api.urls")),
    path("", include("screening.api.urls")),
    path("", include("extraction.api.urls")),
    path("", include("interviews.api.urls")),
    path("", include("synthesis.api.urls")),
    # Last: an address that is none is answered in JSON too. Without its last slash Django adds it.
    re_path(r"^.*/$", Nowhere.as_view(), name="api_nowhere"),
]
