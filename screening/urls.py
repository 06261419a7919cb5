"""Duplicates, screening, full texts and counts."""

from django.urls import path

from .views import (
    agreement,
    conflicts,
    decisions,
    duplicates,
    fulltexts,
    prisma,
    records,
    reports,
    rules,
    screen,
    studies,
)

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
    # /r/<slug>/fulltexts/
    path("r/<slug:slug>/fulltexts/", fulltexts.worklist, name="fulltexts"),
    path("r/<slug:slug>/fulltexts/<int:pk>/", fulltexts.read, name="read"),
    path("r/<slug:slug>/fulltexts/<int:pk>/attach/", fulltexts.attach, name="attach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/ask/", fulltexts.ask, name="ask"),
    path("r/<slug:slug>/fulltexts/<int:pk>/give-up/", fulltexts.give_up, name="give_up"),
    path("r/<slug:slug>/fulltexts/<int:pk>/resume/", fulltexts.resume, name="resume"),
    path("r/<slug:slug>/fulltexts/<int:pk>/detach/", fulltexts.detach, name="detach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/file/", fulltexts.file, name="document"),
    # /r/<slug>/screen/
    path("r/<slug:slug>/screen/", screen.page, {"stage": "abstract"}, name="screen"),
    path(
        "r/<slug:slug>/screen/fulltext/",
        screen.page,
        {"stage": "fulltext"},
        name="screen_fulltext",
    ),
    path("r/<slug:slug>/screen/<slug:stage>/next/", screen.following, name="screen_next"),
    path("r/<slug:slug>/screen/<slug:stage>/decide/", screen.decide, name="screen_decide"),
    path("r/<slug:slug>/screen/<slug:stage>/undo/", screen.undo, name="screen_undo"),
    path(
        "r/<slug:slug>/screen/<slug:stage>/document/<int:pk>/",
        screen.document,
        name="screen_document",
    ),
    # /r/<slug>/decisions/
    path("r/<slug:slug>/decisions/", decisions.decisions, name="decisions"),
    path("r/<slug:slug>/decisions/<int:pk>/withdraw/", decisions.withdraw, name="withdraw"),
    # /r/<slug>/conflicts/
    path("r/<slug:slug>/conflicts/", conflicts.conflicts, name="conflicts"),
    path("r/<slug:slug>/conflicts/<int:pk>/", conflicts.conflict, name="conflict"),
    path("r/<slug:slug>/conflicts/settled/<int:pk>/reopen/", conflicts.reopen, name="reopen"),
    # /r/<slug>/rules/ and /r/<slug>/reasons/
    path("r/<slug:slug>/rules/", rules.rules, name="rules"),
    path("r/<slug:slug>/reasons/", rules.reasons, name="reasons"),
    path("r/<slug:slug>/reasons/<slug:stage>/add/", rules.add_reason, name="add_reason"),
    path("r/<slug:slug>/reasons/<slug:stage>/usual/", rules.usual_reasons, name="usual_reasons"),
    path("r/<slug:slug>/reasons/<int:pk>/change/", rules.change_reason, name="change_reason"),
    # /r/<slug>/agreement/
    path("r/<slug:slug>/agreement/", agreement.agreement, name="agreement"),
    # /r/<slug>/studies/
    path("r/<slug:slug>/studies/", studies.page, name="studies"),
    path("r/<slug:slug>/studies/<int:pk>/", studies.study, name="study"),
    path("r/<slug:slug>/studies/regroup/<int:pk>/", studies.regroup, name="regroup"),
    # /r/<slug>/prisma/
    path("r/<slug:slug>/prisma/", prisma.page, name="prisma"),
    path("r/<slug:slug>/prisma/download/<str:kind>/", prisma.download, name="prisma_download"),
]

# reviewapp.urls gives these the names citations:records and citations:record.
record_patterns = [
    # /r/<slug>/records/
    path("r/<slug:slug>/records/", records.records, name="records"),
    path("r/<slug:slug>/records/<int:pk>/", records.record, name="record"),
]
