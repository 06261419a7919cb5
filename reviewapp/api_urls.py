"""The API's addresses, all under /api/v1/."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from citations import api as citations
from reviews import api as reviews
from screening import api as screening

# The API's own authentication answers 401 in JSON where a page would redirect to the sign-in form.
_schema = login_not_required(SpectacularAPIView.as_view())
_docs = login_not_required(SpectacularSwaggerView.as_view(url_name="schema"))

REVIEW = "reviews/<slug:slug>"

urlpatterns = [
    path("schema/", _schema, name="schema"),
    path("docs/", _docs, name="docs"),
    path("reviews/", reviews.Reviews.as_view(), name="api_reviews"),
    path(f"{REVIEW}/", reviews.OneReview.as_view(), name="api_review"),
    path(f"{REVIEW}/jobs/<int:pk>/", reviews.OneJob.as_view(), name="api_job"),
    path(f"{REVIEW}/jobs/<int:pk>/cancel/", reviews.CancelJob.as_view(), name="api_cancel_job"),
    # citations
    path(f"{REVIEW}/uploads/", citations.Uploads.as_view(), name="api_uploads"),
    path(f"{REVIEW}/uploads/<int:pk>/", citations.OneUpload.as_view(), name="api_upload"),
    path(
        f"{REVIEW}/uploads/<int:pk>/undo/", citations.UndoUpload.as_view(), name="api_undo_upload"
    ),
    path(
        f"{REVIEW}/uploads/<int:pk>/redo/", citations.RedoUpload.as_view(), name="api_redo_upload"
    ),
    path(f"{REVIEW}/searches/", citations.Searches.as_view(), name="api_searches"),
    # screening
    path(f"{REVIEW}/queue/", screening.Queue.as_view(), name="api_queue"),
    path(f"{REVIEW}/decisions/", screening.Decisions.as_view(), name="api_decisions"),
    path(f"{REVIEW}/reports/", screening.Reports.as_view(), name="api_reports"),
    path(f"{REVIEW}/reports/<int:pk>/", screening.OneReport.as_view(), name="api_report"),
    path(f"{REVIEW}/reports/<int:pk>/decisions/", screening.Decide.as_view(), name="api_decide"),
    path(f"{REVIEW}/reports/<int:pk>/labels/", screening.Labels.as_view(), name="api_labels"),
    path(f"{REVIEW}/reports/<int:pk>/final/", screening.FinalWord.as_view(), name="api_final"),
    path(f"{REVIEW}/reports/<int:pk>/merge/", screening.MergeReports.as_view(), name="api_merge"),
    path(f"{REVIEW}/reports/<int:pk>/unmerge/", screening.Unmerge.as_view(), name="api_unmerge"),
    path(
        f"{REVIEW}/reports/<int:pk>/fulltext/",
        screening.AttachFullText.as_view(),
        name="api_fulltext",
    ),
    path(f"{REVIEW}/merges/<int:pk>/undo/", screening.UndoMerge.as_view(), name="api_undo_merge"),
    path(f"{REVIEW}/duplicates/", screening.Duplicates.as_view(), name="api_duplicates"),
    path(
        f"{REVIEW}/duplicates/<int:pk>/",
        screening.AnswerDuplicate.as_view(),
        name="api_duplicate",
    ),
    path(f"{REVIEW}/update/", screening.Update.as_view(), name="api_update"),
    path(f"{REVIEW}/prisma/", screening.Prisma.as_view(), name="api_prisma"),
    path(f"{REVIEW}/agreement/", screening.Agreement.as_view(), name="api_agreement"),
    path(f"{REVIEW}/export/", screening.Export.as_view(), name="api_export"),
]
