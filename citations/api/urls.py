"""Searches and uploads. Under /api/v1/."""

from django.urls import path

from . import searches, uploads

urlpatterns = [
    path("reviews/<slug:slug>/uploads/", uploads.Uploads.as_view(), name="api_uploads"),
    path("reviews/<slug:slug>/uploads/<int:pk>/", uploads.OneUpload.as_view(), name="api_upload"),
    path("reviews/<slug:slug>/searches/", searches.Searches.as_view(), name="api_searches"),
    path("reviews/<slug:slug>/searches/<int:pk>/", searches.OneSearch.as_view(), name="api_search"),
    path(
        "reviews/<slug:slug>/uploads/<int:pk>/undo/",
        uploads.UndoUpload.as_view(),
        name="api_undo_upload",
    ),
    path(
        "reviews/<slug:slug>/uploads/<int:pk>/redo/",
        uploads.RedoUpload.as_view(),
        name="api_redo_upload",
    ),
]
