"""Duplicates, screening, full texts and counts."""

from django.urls import path

from .views import (
    agreement,
    all_decisions,
    automatic,
    board,
    bulk,
    by_hand,
    checklist,
    conflicts,
    consensus,
    course,
    decisions,
    duplicates,
    excluded,
    filing,
    fulltexts,
    highlights,
    imports,
    interests,
    keys,
    looking_up,
    pilots,
    prisma,
    programs,
    protocol,
    ranking,
    records,
    relooking,
    reports,
    rules,
    screen,
    searchlog,
    sharing,
    snapshots,
    starters,
    studies,
    updates,
    words,
    yields,
)

app_name = "screening"

urlpatterns = [
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
    path("r/<slug:slug>/screen/<slug:stage>/label/", screen.label, name="screen_label"),
    path("r/<slug:slug>/screen/<slug:stage>/undo/", screen.undo, name="screen_undo"),
    path(
        "r/<slug:slug>/screen/<slug:stage>/document/<int:pk>/",
        screen.document,
        name="screen_document",
    ),
    # /r/<slug>/searches/: the rest of it is in citations.urls
    path("r/<slug:slug>/searches/prisma-s/", searchlog.page, name="prisma_s"),
    path("r/<slug:slug>/searches/prisma-s/<int:item>/", searchlog.note, name="prisma_s_note"),
    path(
        "r/<slug:slug>/searches/prisma-s/download/<str:kind>/",
        searchlog.download,
        name="prisma_s_download",
    ),
    path("r/<slug:slug>/searches/yield/", yields.page, name="yields"),
    path(
        "r/<slug:slug>/searches/yield/download/<str:kind>/",
        yields.download,
        name="yields_download",
    ),
    # /r/<slug>/duplicates/ and /r/<slug>/merges/
    path("r/<slug:slug>/duplicates/", duplicates.page, name="duplicates"),
    path("r/<slug:slug>/duplicates/answered/", duplicates.answered, name="answered"),
    path("r/<slug:slug>/duplicates/joined/", duplicates.joined, name="joined"),
    path("r/<slug:slug>/duplicates/together/", duplicates.together, name="answer_together"),
    path("r/<slug:slug>/duplicates/undo/", duplicates.undo_last, name="undo_last_answer"),
    path("r/<slug:slug>/duplicates/rules/", automatic.rules, name="duplicate_rules"),
    path("r/<slug:slug>/duplicates/pairs.csv", duplicates.export, name="export_duplicates"),
    path("r/<slug:slug>/duplicates/<int:pk>/answer/", duplicates.answer, name="answer_duplicate"),
    path("r/<slug:slug>/duplicates/<int:pk>/undo/", duplicates.undo, name="undo_duplicate"),
    path("r/<slug:slug>/merges/<int:pk>/undo/", duplicates.unmerge, name="unmerge"),
    # /r/<slug>/imports/ (the rest of it is in citations.urls)
    path("r/<slug:slug>/imports/<int:pk>/undo/", imports.undo, name="undo_import"),
    path("r/<slug:slug>/imports/<int:pk>/redo/", imports.redo, name="redo_import"),
    # /r/<slug>/update/
    path("r/<slug:slug>/update/", updates.page, name="update"),
    path("r/<slug:slug>/update/undo/", updates.undo, name="undo_update"),
    # /r/<slug>/reports/
    path("r/<slug:slug>/reports/act/", bulk.choose, name="bulk_choose"),
    path("r/<slug:slug>/reports/acts/", bulk.acts, name="bulk_acts"),
    path("r/<slug:slug>/reports/acts/<int:pk>/", bulk.page, name="bulk"),
    path("r/<slug:slug>/reports/acts/<int:pk>/begin/", bulk.begin, name="bulk_begin"),
    path("r/<slug:slug>/reports/acts/<int:pk>/undo/", bulk.undo, name="bulk_undo"),
    path("r/<slug:slug>/reports/", reports.reports, name="reports"),
    path("r/<slug:slug>/reports/export/<str:kind>/", reports.export, name="export_reports"),
    path("r/<slug:slug>/reports/<int:pk>/", reports.report, name="report"),
    path("r/<slug:slug>/reports/<int:pk>/choose/", reports.choose, name="choose_value"),
    path("r/<slug:slug>/reports/<int:pk>/others/", by_hand.others, name="find_duplicate"),
    path("r/<slug:slug>/reports/<int:pk>/duplicate/", by_hand.duplicate_of, name="duplicate_of"),
    path("r/<slug:slug>/reports/<int:pk>/related/", by_hand.relate, name="relate"),
    path("r/<slug:slug>/related/<int:pk>/", by_hand.change_link, name="change_link"),
    path("r/<slug:slug>/reports/<int:pk>/remove/", reports.remove, name="remove_report"),
    path("r/<slug:slug>/reports/<int:pk>/restore/", reports.restore, name="restore_report"),
    # /r/<slug>/fulltexts/
    path("r/<slug:slug>/fulltexts/", fulltexts.worklist, name="fulltexts"),
    path("r/<slug:slug>/fulltexts/export/<str:kind>/", fulltexts.export, name="export_fulltexts"),
    path("r/<slug:slug>/fulltexts/seeking/", fulltexts.rules, name="seeking"),
    path("r/<slug:slug>/fulltexts/look-up/", looking_up.page, name="look_up"),
    path("r/<slug:slug>/fulltexts/files/", filing.page, name="loose_files"),
    path("r/<slug:slug>/fulltexts/files/again/", filing.match_again, name="match_again"),
    path("r/<slug:slug>/fulltexts/files/<int:pk>/", filing.settle, name="settle_file"),
    path("r/<slug:slug>/fulltexts/files/<int:pk>/file/", filing.file, name="loose_file"),
    path("r/<slug:slug>/fulltexts/highlights/<int:pk>/", highlights.change, name="highlight"),
    path("r/<slug:slug>/fulltexts/<int:pk>/highlights/", highlights.listed, name="highlights"),
    path("r/<slug:slug>/fulltexts/<int:pk>/highlights/add/", highlights.add, name="add_highlight"),
    path("r/<slug:slug>/fulltexts/<int:pk>/", fulltexts.read, name="read"),
    path("r/<slug:slug>/fulltexts/<int:pk>/take-over/", looking_up.take_over, name="take_value"),
    path(
        "r/<slug:slug>/fulltexts/<int:pk>/give-back/", looking_up.give_back, name="give_value_back"
    ),
    path("r/<slug:slug>/fulltexts/<int:pk>/attach/", fulltexts.attach, name="attach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/ask/", fulltexts.ask, name="ask"),
    path("r/<slug:slug>/fulltexts/<int:pk>/give-up/", fulltexts.give_up, name="give_up"),
    path("r/<slug:slug>/fulltexts/<int:pk>/resume/", fulltexts.resume, name="resume"),
    path("r/<slug:slug>/fulltexts/<int:pk>/detach/", fulltexts.detach, name="detach"),
    path("r/<slug:slug>/fulltexts/<int:pk>/file/", fulltexts.file, name="document"),
    path("r/<slug:slug>/fulltexts/<int:pk>/copies/<int:copy>/", fulltexts.copy, name="copy"),
    path(
        "r/<slug:slug>/fulltexts/<int:pk>/copies/<int:copy>/read/",
        fulltexts.take_up,
        name="take_up_copy",
    ),
    # /accounts/me/keys/
    path("accounts/me/keys/", keys.page, name="keys"),
    # /r/<slug>/consensus/
    path("r/<slug:slug>/consensus/", consensus.listed, name="consensus"),
    path("r/<slug:slug>/consensus/<int:pk>/", consensus.one, name="consensus_on"),
    path("r/<slug:slug>/consensus/<int:pk>/reopen/", consensus.reopen, name="consensus_reopen"),
    # /r/<slug>/interests/
    path("r/<slug:slug>/interests/", interests.page, name="interests"),
    path("r/<slug:slug>/interests/declare/", interests.declare, name="declare_interest"),
    path(
        "r/<slug:slug>/interests/<int:pk>/withdraw/", interests.withdraw, name="withdraw_interest"
    ),
    # /r/<slug>/decisions/
    path("r/<slug:slug>/decisions/", decisions.decisions, name="decisions"),
    path("r/<slug:slug>/decisions/export/<str:kind>/", decisions.export, name="export_decisions"),
    path("r/<slug:slug>/decisions/all/", all_decisions.page, name="all_decisions"),
    path("r/<slug:slug>/decisions/<int:pk>/withdraw/", decisions.withdraw, name="withdraw"),
    # /r/<slug>/criteria/
    path("r/<slug:slug>/criteria/", relooking.page, name="earlier"),
    path("r/<slug:slug>/criteria/<slug:stage>/begin/", relooking.begin, name="relook_begin"),
    path("r/<slug:slug>/criteria/<slug:stage>/end/", relooking.end, name="relook_end"),
    path("r/<slug:slug>/criteria/<slug:stage>/again/", relooking.again, name="relook"),
    path("r/<slug:slug>/criteria/<slug:stage>/answer/", relooking.answer, name="relook_answer"),
    # /r/<slug>/protocol/
    path("r/<slug:slug>/protocol/", protocol.page, name="protocol"),
    path("r/<slug:slug>/protocol/lock/", protocol.lock, name="lock_protocol"),
    path("r/<slug:slug>/protocol/unlock/", protocol.unlock, name="unlock_protocol"),
    path("r/<slug:slug>/protocol/differences.csv", protocol.download, name="protocol_csv"),
    # /r/<slug>/board/
    path("r/<slug:slug>/board/", board.page, name="board"),
    # /r/<slug>/excluded/
    path("r/<slug:slug>/excluded/", excluded.page, name="excluded"),
    path(
        "r/<slug:slug>/excluded/download/<str:kind>/", excluded.download, name="excluded_download"
    ),
    # /r/<slug>/conflicts/
    path("r/<slug:slug>/conflicts/", conflicts.conflicts, name="conflicts"),
    path("r/<slug:slug>/conflicts/export/<str:kind>/", conflicts.export, name="export_conflicts"),
    path("r/<slug:slug>/conflicts/<int:pk>/", conflicts.conflict, name="conflict"),
    path("r/<slug:slug>/conflicts/settled/<int:pk>/reopen/", conflicts.reopen, name="reopen"),
    # /r/<slug>/rules/ and /r/<slug>/reasons/
    path("r/<slug:slug>/rules/", rules.rules, name="rules"),
    path("r/<slug:slug>/reasons/", rules.reasons, name="reasons"),
    path("r/<slug:slug>/reasons/<slug:stage>/add/", rules.add_reason, name="add_reason"),
    path("r/<slug:slug>/reasons/<slug:stage>/usual/", rules.usual_reasons, name="usual_reasons"),
    path("r/<slug:slug>/reasons/<int:pk>/change/", rules.change_reason, name="change_reason"),
    path("r/<slug:slug>/words/", words.page, name="words"),
    # /r/<slug>/ranking/
    path("r/<slug:slug>/ranking/", ranking.page, name="ranking"),
    path("r/<slug:slug>/ranking/replay/", ranking.replay, name="ranking_replay"),
    path("r/<slug:slug>/ranking/replay/begin/", ranking.begin_replay, name="begin_replay"),
    path("r/<slug:slug>/ranking/starters/", starters.page, name="starters"),
    path("r/<slug:slug>/ranking/starters/dois/", starters.dois, name="starter_dois"),
    path("r/<slug:slug>/ranking/starters/file/", starters.file, name="starter_file"),
    path("r/<slug:slug>/ranking/starters/found/", starters.found, name="starters_found"),
    path("r/<slug:slug>/ranking/starters/<int:pk>/remove/", starters.remove, name="remove_starter"),
    path("r/<slug:slug>/ranking/stop/", ranking.stop, name="stop"),
    path("r/<slug:slug>/ranking/stops/<int:pk>/undo/", ranking.undo_stop, name="undo_stop"),
    path("r/<slug:slug>/ranking/stops/<int:pk>/check/", ranking.check, name="check_stop"),
    # /r/<slug>/pilots/
    path("r/<slug:slug>/pilots/", pilots.page, name="pilots"),
    path("r/<slug:slug>/pilots/<slug:stage>/draw/", pilots.draw, name="draw_pilot"),
    path("r/<slug:slug>/pilots/<int:pk>/close/", pilots.close, name="close_pilot"),
    # /r/<slug>/sharing/
    path("r/<slug:slug>/sharing/", sharing.page, name="sharing"),
    path("r/<slug:slug>/sharing/<slug:stage>/", sharing.change, name="change_sharing"),
    path("r/<slug:slug>/sharing/<slug:stage>/order/", sharing.order, name="set_order"),
    path("r/<slug:slug>/sharing/<slug:stage>/undo/", sharing.undo, name="undo_sharing"),
    # /r/<slug>/agreement/
    path("r/<slug:slug>/agreement/", agreement.agreement, name="agreement"),
    path("r/<slug:slug>/agreement/decisions.zip", agreement.download, name="agreement_download"),
    # /r/<slug>/studies/
    path("r/<slug:slug>/studies/", studies.page, name="studies"),
    path("r/<slug:slug>/studies/bring-in/", studies.bring_in, name="bring_in_studies"),
    path("r/<slug:slug>/studies/export/<str:kind>/", studies.export, name="export_studies"),
    path("r/<slug:slug>/studies/alike/", studies.alike, name="alike"),
    path("r/<slug:slug>/studies/<int:pk>/split/", studies.split, name="split_study"),
    path("r/<slug:slug>/studies/<int:pk>/", studies.study, name="study"),
    path("r/<slug:slug>/studies/programs/", programs.page, name="programs"),
    path("r/<slug:slug>/studies/programs/<int:pk>/", programs.rename, name="rename_program"),
    path("r/<slug:slug>/studies/regroup/<int:pk>/", studies.regroup, name="regroup"),
    # /r/<slug>/prisma/
    path("r/<slug:slug>/prisma/", prisma.page, name="prisma"),
    path("r/<slug:slug>/prisma/download/<str:kind>/", prisma.download, name="prisma_download"),
    path("r/<slug:slug>/prisma/over-time/", course.page, name="course"),
    path("r/<slug:slug>/prisma/checklist/", checklist.page, name="checklist"),
    path("r/<slug:slug>/prisma/checklist/note/<str:item>/", checklist.note, name="checklist_note"),
    path(
        "r/<slug:slug>/prisma/checklist/<str:kind>/", checklist.download, name="checklist_download"
    ),
    path("r/<slug:slug>/prisma/snapshots/", snapshots.page, name="snapshots"),
    path("r/<slug:slug>/prisma/snapshots/<int:pk>/", snapshots.one, name="snapshot"),
    path(
        "r/<slug:slug>/prisma/snapshots/<int:pk>/<str:kind>/",
        snapshots.download,
        name="snapshot_download",
    ),
]

# reviewapp.urls gives these the names citations:records and citations:record.
record_patterns = [
    # /r/<slug>/records/
    path("r/<slug:slug>/records/", records.records, name="records"),
    path("r/<slug:slug>/records/export/<str:kind>/", records.export, name="export_records"),
    path("r/<slug:slug>/records/<int:pk>/", records.record, name="record"),
]
