"""Searches, imports and records."""

from django.urls import path

from .views import columns, entering, files, problems, searches

app_name = "citations"

# The lists of records (/r/<slug>/records/) are in screening.urls: only that floor knows the boxes.
urlpatterns = [
    # /r/<slug>/searches/
    path("r/<slug:slug>/searches/", searches.searches, name="searches"),
    path("r/<slug:slug>/searches/add/", searches.add_search, name="add_search"),
    path("r/<slug:slug>/searches/<int:pk>/", searches.search, name="search"),
    # /r/<slug>/import/
    path("r/<slug:slug>/import/", files.upload, name="upload"),
    path("r/<slug:slug>/import/guess/", files.guess, name="guess"),
    path("r/<slug:slug>/import/by-hand/", entering.enter, name="by_hand"),
    path("r/<slug:slug>/import/identifiers/", entering.identifiers, name="identifiers"),
    # /r/<slug>/imports/
    path("r/<slug:slug>/imports/", files.imports, name="imports"),
    path("r/<slug:slug>/imports/confirm/", files.confirm_all, name="confirm_all"),
    path("r/<slug:slug>/imports/<int:pk>/", files.preview, name="preview"),
    path("r/<slug:slug>/imports/<int:pk>/columns/", columns.columns, name="columns"),
    path("r/<slug:slug>/imports/<int:pk>/read-again/", files.read_again, name="read_again"),
    path("r/<slug:slug>/imports/<int:pk>/source/", files.assign, name="assign"),
    path("r/<slug:slug>/imports/<int:pk>/confirm/", files.confirm, name="confirm"),
    path("r/<slug:slug>/imports/<int:pk>/stop/", files.stop, name="stop"),
    path("r/<slug:slug>/imports/<int:pk>/discard/", files.discard, name="discard"),
    path("r/<slug:slug>/imports/<int:pk>/problems/", problems.problems, name="problems"),
    path("r/<slug:slug>/imports/<int:pk>/problems.csv", problems.problems_csv, name="problems_csv"),
]
