"""The convergence matrix. Under /api/v1/."""

from django.urls import path

from . import archives, matrix, starting

urlpatterns = [
    path("reviews/<slug:slug>/start-like/", starting.StartLike.as_view(), name="api_start_like"),
    path("reviews/<slug:slug>/matrix/", matrix.TheMatrix.as_view(), name="api_matrix"),
    path("reviews/<slug:slug>/archives/", archives.Archives.as_view(), name="api_archives"),
    path(
        "reviews/<slug:slug>/archives/<int:pk>/",
        archives.ArchiveFile.as_view(),
        name="api_archive",
    ),
]
