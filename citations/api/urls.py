"""Searches and uploads. Under /api/v1/."""

from django.urls import path

from . import searches, uploads, waiting

UPLOADS = "reviews/<slug:slug>/uploads/"
UPLOAD = UPLOADS + "<int:pk>/"

urlpatterns = [
    path("reviews/<slug:slug>/uploads/", uploads.Uploads.as_view(), name="api_uploads"),
    path("reviews/<slug:slug>/uploads/<int:pk>/", uploads.OneUpload.as_view(), name="api_upload"),
    path(UPLOADS + "preview/", waiting.PreviewUpload.as_view(), name="api_preview_upload"),
    path(UPLOADS + "guess/", waiting.GuessUpload.as_view(), name="api_guess_upload"),
    path(UPLOAD + "read/", waiting.ReadAgain.as_view(), name="api_read_again"),
    path(UPLOAD + "columns/", waiting.TableColumns.as_view(), name="api_upload_columns"),
    path(UPLOAD + "source/", waiting.AssignUpload.as_view(), name="api_assign_upload"),
    path(UPLOAD + "import/", waiting.ImportUpload.as_view(), name="api_import_upload"),
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
