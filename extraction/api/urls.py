"""Codebook, forms, what is settled, and appraisal. Under /api/v1/."""

from django.urls import path

from . import appraisal, books, files, forms, setting, settled

R = "reviews/<slug:slug>/"
FORM = R + "extractions/<int:pk>/"
TOOL = R + "appraisal/<int:pk>/"
STUDY = R + "studies/<int:pk>/"

urlpatterns = [
    path(R + "codebook/", books.Book.as_view(), name="api_codebook"),
    path(R + "codebook/publish/", books.Publish.as_view(), name="api_publish"),
    path(R + "codebook/templates/", books.AddTemplate.as_view(), name="api_add_template"),
    path(R + "codebook/copy/", books.CopyBook.as_view(), name="api_copy_codebook"),
    path(R + "codebook/questions/", books.Questions.as_view(), name="api_questions"),
    path(R + "codebook/questions/<int:pk>/", books.OneQuestion.as_view(), name="api_question"),
    path(
        R + "codebook/questions/<int:pk>/restore/",
        books.RestoreQuestion.as_view(),
        name="api_restore_question",
    ),
    path(
        R + "codebook/questions/<int:pk>/shift/",
        setting.ShiftQuestion.as_view(),
        name="api_shift_question",
    ),
    path(R + "codebook/sections/shift/", setting.ShiftSection.as_view(), name="api_shift_section"),
    path(R + "codebook/extractors/", setting.Extractors.as_view(), name="api_extractors"),
    path(STUDY + "extraction/", forms.Begin.as_view(), name="api_begin"),
    path(R + "extractions/", forms.Extractions.as_view(), name="api_extractions"),
    path(FORM, forms.OneExtraction.as_view(), name="api_extraction"),
    path(FORM + "values/", forms.Values.as_view(), name="api_values"),
    path(FORM + "confirm/", forms.Confirm.as_view(), name="api_confirm"),
    path(FORM + "items/", forms.Items.as_view(), name="api_items"),
    path(FORM + "files/", files.Files.as_view(), name="api_form_files"),
    path(FORM + "files/<int:file>/", files.OneFile.as_view(), name="api_form_file"),
    path(FORM + "entries/", forms.Entries.as_view(), name="api_entries"),
    path(FORM + "submit/", forms.Submit.as_view(), name="api_submit"),
    path(FORM + "reopen/", forms.Reopen.as_view(), name="api_reopen_form"),
    path(FORM + "set-aside/", setting.SetAside.as_view(), name="api_set_aside"),
    path(R + "entries/<int:pk>/", forms.OneEntry.as_view(), name="api_entry"),
    path(STUDY + "comparison/", settled.Comparison.as_view(), name="api_comparison"),
    path(STUDY + "settled/values/", settled.SettleValue.as_view(), name="api_settle_value"),
    path(
        STUDY + "settled/components/",
        settled.SettleComponent.as_view(),
        name="api_settle_component",
    ),
    path(R + "appraisal/", appraisal.Tools.as_view(), name="api_appraisal"),
    path(R + "appraisal/<int:pk>/", appraisal.Judgements.as_view(), name="api_judgements"),
    path(TOOL + "questions/", appraisal.Questions.as_view(), name="api_tool_questions"),
    path(TOOL + "publish/", appraisal.Publish.as_view(), name="api_publish_tool"),
    path(TOOL + "wording/", appraisal.Wording.as_view(), name="api_wording"),
    path(TOOL + "studies/<int:study>/", appraisal.Assign.as_view(), name="api_assign_tool"),
    path(TOOL + "studies/<int:study>/form/", appraisal.Begin.as_view(), name="api_begin_tool"),
    path(R + "evidence/", settled.Evidence.as_view(), name="api_evidence"),
    path(R + "evidence/import/", settled.FinishedCoding.as_view(), name="api_import_coding"),
    path(R + "table/", settled.Table.as_view(), name="api_table"),
]
