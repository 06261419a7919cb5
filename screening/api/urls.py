"""Screening, duplicates, full texts, studies and counts. Under /api/v1/."""

from django.urls import path

from . import (
    conflicts,
    counts,
    deciding,
    duplicates,
    fulltexts,
    identification,
    interests,
    pilots,
    reports,
    retrieving,
    settings,
    studies,
    updates,
)

R = "reviews/<slug:slug>/"
ONE = R + "reports/<int:pk>/"

urlpatterns = [
    path(R + "rules/", settings.Rules.as_view(), name="api_rules"),
    path(R + "reasons/", settings.Reasons.as_view(), name="api_reasons"),
    path(R + "reasons/<int:pk>/", settings.OneReason.as_view(), name="api_reason"),
    path(R + "queue/", deciding.Queue.as_view(), name="api_queue"),
    path(R + "decisions/", deciding.Decisions.as_view(), name="api_decisions"),
    path(R + "interests/", interests.Interests.as_view(), name="api_interests"),
    path(R + "interests/<int:pk>/", interests.OneInterest.as_view(), name="api_interest"),
    path(R + "pilots/", pilots.Pilots.as_view(), name="api_pilots"),
    path(R + "pilots/<int:pk>/close/", pilots.ClosePilot.as_view(), name="api_close_pilot"),
    path(R + "conflicts/", conflicts.Conflicts.as_view(), name="api_conflicts"),
    path(R + "reports/", reports.Reports.as_view(), name="api_reports"),
    path(ONE, reports.OneReport.as_view(), name="api_report"),
    path(ONE + "decisions/", deciding.Decide.as_view(), name="api_decide"),
    path(ONE + "labels/", deciding.Labels.as_view(), name="api_labels"),
    path(ONE + "final/", deciding.FinalWord.as_view(), name="api_final"),
    path(ONE + "reopen/", conflicts.Reopen.as_view(), name="api_reopen"),
    path(ONE + "removal/", reports.RemoveReport.as_view(), name="api_removal"),
    path(ONE + "merge/", duplicates.MergeReports.as_view(), name="api_merge"),
    path(ONE + "unmerge/", duplicates.Unmerge.as_view(), name="api_unmerge"),
    path(ONE + "same/", duplicates.SameDocument.as_view(), name="api_same"),
    path(ONE + "related/", duplicates.Relate.as_view(), name="api_relate"),
    path(ONE + "fulltext/", fulltexts.AttachFullText.as_view(), name="api_fulltext"),
    path(ONE + "retrieval/", fulltexts.Retrieval.as_view(), name="api_retrieval"),
    path(ONE + "given-up/", fulltexts.GiveUp.as_view(), name="api_given_up"),
    path(R + "related/<int:pk>/", duplicates.OneLink.as_view(), name="api_link"),
    path(R + "merges/<int:pk>/undo/", duplicates.UndoMerge.as_view(), name="api_undo_merge"),
    path(R + "duplicates/", duplicates.Duplicates.as_view(), name="api_duplicates"),
    path(R + "duplicates/answered/", duplicates.AnsweredQuestions.as_view(), name="api_answered"),
    path(R + "duplicates/<int:pk>/", duplicates.AnswerDuplicate.as_view(), name="api_duplicate"),
    path(
        R + "duplicates/<int:pk>/undo/", duplicates.UndoAnswer.as_view(), name="api_undo_duplicate"
    ),
    path(R + "records/", reports.Records.as_view(), name="api_records"),
    path(R + "fulltexts/", fulltexts.LooseFiles.as_view(), name="api_files"),
    path(R + "fulltexts/<int:pk>/", fulltexts.OneLooseFile.as_view(), name="api_file"),
    path(R + "deliveries/", retrieving.Deliveries.as_view(), name="api_deliveries"),
    path(R + "retrieval/rules/", retrieving.Rules.as_view(), name="api_retrieval_rules"),
    path(R + "retrieval/worklist/", retrieving.Worklist.as_view(), name="api_worklist"),
    path(R + "lookups/", retrieving.Lookups.as_view(), name="api_lookups"),
    path(ONE + "letter/", retrieving.Letter.as_view(), name="api_letter"),
    path(ONE + "taken-over/", retrieving.TakeOver.as_view(), name="api_take_over"),
    path(R + "studies/", studies.Studies.as_view(), name="api_studies"),
    path(R + "studies/<int:pk>/", studies.OneStudy.as_view(), name="api_study"),
    path(R + "studies/<int:pk>/reports/", studies.TellOf.as_view(), name="api_tell_of"),
    path(R + "studies/<int:pk>/split/", studies.Split.as_view(), name="api_split"),
    path(R + "programs/", studies.Programs.as_view(), name="api_programs"),
    path(R + "yield/", identification.Yield.as_view(), name="api_yield"),
    path(R + "prisma-s/", identification.PrismaS.as_view(), name="api_prisma_s"),
    path(
        R + "prisma-s/<int:item>/", identification.PrismaSNote.as_view(), name="api_prisma_s_note"
    ),
    path(
        R + "duplicates/rules/",
        identification.DuplicatesByRule.as_view(),
        name="api_duplicate_rules",
    ),
    path(R + "update/", updates.Update.as_view(), name="api_update"),
    path(R + "prisma/", counts.Prisma.as_view(), name="api_prisma"),
    path(R + "prisma/figure/", counts.Figure.as_view(), name="api_figure"),
    path(R + "snapshots/", counts.Snapshots.as_view(), name="api_snapshots"),
    path(R + "snapshots/<int:pk>/", counts.OneSnapshot.as_view(), name="api_snapshot"),
    path(
        R + "snapshots/<int:pk>/figure/",
        counts.SnapshotFigure.as_view(),
        name="api_snapshot_figure",
    ),
    path(R + "agreement/", counts.Agreement.as_view(), name="api_agreement"),
    path(R + "export/", reports.Export.as_view(), name="api_export"),
]
