"""Appraisal. Under /api/v1/."""

from django.urls import path

from . import appraisal

urlpatterns = [
    path("reviews/<slug:slug>/appraisal/", appraisal.Tools.as_view(), name="api_appraisal"),
    path(
        "reviews/<slug:slug>/appraisal/<int:pk>/",
        appraisal.Judgements.as_view(),
        name="api_judgements",
    ),
]
