"""Screening, duplicates, full texts and counts. Under /api/v1/."""

from django.urls import path

from . import counts, deciding, duplicates, fulltexts, interests, pilots, reports, updates

urlpatterns = [
    path("reviews/<slug:slug>/queue/", deciding.Queue.as_view(), name="api_queue"),
    path("reviews/<slug:slug>/decisions/", deciding.Decisions.as_view(), name="api_decisions"),
    path("reviews/<slug:slug>/interests/", interests.Interests.as_view(), name="api_interests"),
    path(
        "reviews/<slug:slug>/interests/<int:pk>/",
        interests.OneInterest.as_view(),
        name="api_interest",
    ),
    path("reviews/<slug:slug>/reports/", reports.Reports.as_view(), name="api_reports"),
    path("reviews/<slug:slug>/reports/<int:pk>/", reports.OneReport.as_view(), name="api_report"),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/decisions/",
        deciding.Decide.as_view(),
        name="api_decide",
    ),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/labels/", deciding.Labels.as_view(), name="api_labels"
    ),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/final/",
        deciding.FinalWord.as_view(),
        name="api_final",
    ),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/merge/",
        duplicates.MergeReports.as_view(),
        name="api_merge",
    ),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/unmerge/",
        duplicates.Unmerge.as_view(),
        name="api_unmerge",
    ),
    path(
        "reviews/<slug:slug>/merges/<int:pk>/undo/",
        duplicates.UndoMerge.as_view(),
        name="api_undo_merge",
    ),
    path("reviews/<slug:slug>/duplicates/", duplicates.Duplicates.as_view(), name="api_duplicates"),
    path("reviews/<slug:slug>/pilots/", pilots.Pilots.as_view(), name="api_pilots"),
    path(
        "reviews/<slug:slug>/pilots/<int:pk>/close/",
        pilots.ClosePilot.as_view(),
        name="api_close_pilot",
    ),
    path("reviews/<slug:slug>/update/", updates.Update.as_view(), name="api_update"),
    path("reviews/<slug:slug>/prisma/", counts.Prisma.as_view(), name="api_prisma"),
    path("reviews/<slug:slug>/agreement/", counts.Agreement.as_view(), name="api_agreement"),
    path("reviews/<slug:slug>/export/", reports.Export.as_view(), name="api_export"),
    path(
        "reviews/<slug:slug>/reports/<int:pk>/fulltext/",
        fulltexts.AttachFullText.as_view(),
        name="api_fulltext",
    ),
    path(
        "reviews/<slug:slug>/duplicates/<int:pk>/",
        duplicates.AnswerDuplicate.as_view(),
        name="api_duplicate",
    ),
]
