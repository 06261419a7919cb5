"""The convergence matrix. Under /api/v1/."""

from django.urls import path

from . import matrix

urlpatterns = [
    path("reviews/<slug:slug>/matrix/", matrix.TheMatrix.as_view(), name="api_matrix"),
]
