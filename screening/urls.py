"""Duplicates, screening, full texts and counts."""

from django.urls import path

from .views import duplicates, records, reports

app_name = "screening"

urlpatterns = [
    # /r/<slug>/duplicates/ and /r/<slug>/merges/
    path("r/<slug:slug>/duplicates/", duplicates.page, name="duplicates"),
    path("r/<slug:slug>/duplicates/answered/", duplicates.answered, name="answered"),
    path("r/<slug:slug>/duplicates/joined/", duplicates.joined, name="joined"),
    path("r/<slug:slug>/duplicates/<int:pk>/answer/", duplicates.answer, name="answer_duplicate"),
    path("r/<slug:slug>/duplicates/<int:pk>/undo/", duplicates.undo, name="undo_duplicate"),
    path("r/<slug:slug>/merges/<int:pk>/undo/", duplicates.unmerge, name="unmerge"),
    # /r/<slug>/reports/
    path("r/<slug:slug>/reports/", reports.reports, name="reports"),
    path("r/<slug:slug>/reports/<int:pk>/", reports.report, name="report"),
    path("r/<slug:slug>/reports/<int:pk>/choose/", reports.choose, name="choose_value"),
    path("r/<slug:slug>/reports/<int:pk>/duplicate/", reports.duplicate_of, name="duplicate_of"),
    path("r/<slug:slug>/reports/<int:pk>/remove/", reports.remove, name="remove_report"),
    path("r/<slug:slug>/reports/<int:pk>/restore/", reports.restore, name="restore_report"),
]

# reviewapp.urls gives these the names citations:records and citations:record.
record_patterns = [
    # /r/<slug>/records/
    path("r/<slug:slug>/records/", records.records, name="records"),
    path("r/<slug:slug>/records/<int:pk>/", records.record, name="record"),
]
