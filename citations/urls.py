"""Searches, imports and records."""

from django.urls import path

from . import views

app_name = "citations"

# The lists of records (/r/<slug>/records/) are in screening.urls: only that floor knows the boxes.
urlpatterns = [
    # /r/<slug>/searches/
    path("r/<slug:slug>/searches/", views.searches, name="searches"),
    path("r/<slug:slug>/searches/add/", views.add_search, name="add_search"),
    path("r/<slug:slug>/searches/<int:pk>/", views.search, name="search"),
    # /r/<slug>/import/ and /r/<slug>/imports/
    path("r/<slug:slug>/import/", views.upload, name="upload"),
    path("r/<slug:slug>/imports/<int:pk>/", views.preview, name="preview"),
    path("r/<slug:slug>/imports/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("r/<slug:slug>/imports/<int:pk>/discard/", views.discard, name="discard"),
    path("r/<slug:slug>/imports/<int:pk>/problems.csv", views.problems, name="problems"),
]
