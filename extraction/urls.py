"""Codebook, extraction and adjudication."""

from django.urls import path

from .views import adjudicate, agreement, appraisal, codebook, form, studies, table

app_name = "extraction"

urlpatterns = [
    # /r/<slug>/extraction/
    path("r/<slug:slug>/extraction/", studies.studies, name="studies"),
    path("r/<slug:slug>/extraction/<int:pk>/", studies.study, name="study"),
    path("r/<slug:slug>/extraction/<int:pk>/begin/", studies.begin, name="begin"),
    path("r/<slug:slug>/extraction/<int:pk>/reopen/", studies.reopen, name="reopen"),
    path(
        "r/<slug:slug>/extraction/<int:pk>/set-aside/<int:form>/",
        studies.set_aside,
        name="set-aside",
    ),
    path("r/<slug:slug>/extraction/agreement/", agreement.agreement, name="agreement"),
    # /r/<slug>/extraction/<study>/form/
    path("r/<slug:slug>/extraction/<int:pk>/form/", form.form, name="form"),
    path("r/<slug:slug>/extraction/<int:pk>/form/<int:field>/", form.answer, name="answer"),
    path("r/<slug:slug>/extraction/<int:pk>/form/<int:field>/item/", form.item, name="item"),
    path(
        "r/<slug:slug>/extraction/<int:pk>/form/<int:field>/confirm/", form.confirm, name="confirm"
    ),
    path(
        "r/<slug:slug>/extraction/<int:pk>/form/<int:field>/confirm/<int:component>/",
        form.confirm_component,
        name="confirm-component",
    ),
    path("r/<slug:slug>/extraction/<int:pk>/form/<int:field>/find/", form.find, name="find"),
    path(
        "r/<slug:slug>/extraction/<int:pk>/form/<int:field>/entries/",
        form.add_entry,
        name="add-entry",
    ),
    path("r/<slug:slug>/extraction/<int:pk>/files/<str:sha256>/", form.file, name="attached"),
    path("r/<slug:slug>/extraction/<int:pk>/entries/<int:entry>/", form.entry, name="entry"),
    # /r/<slug>/extraction/<study>/adjudicate/
    path("r/<slug:slug>/extraction/<int:pk>/adjudicate/", adjudicate.adjudicate, name="adjudicate"),
    path(
        "r/<slug:slug>/extraction/<int:pk>/adjudicate/<int:field>/",
        adjudicate.settle_value,
        name="settle-value",
    ),
    path(
        "r/<slug:slug>/extraction/<int:pk>/adjudicate/<int:field>/<int:component>/",
        adjudicate.settle_component,
        name="settle-component",
    ),
    # /r/<slug>/codebook/
    path("r/<slug:slug>/codebook/", codebook.codebook, name="codebook"),
    path("r/<slug:slug>/codebook/start/", codebook.start, name="start-codebook"),
    path("r/<slug:slug>/codebook/copy/", codebook.copy, name="copy-codebook"),
    path("r/<slug:slug>/codebook/template/", codebook.add_template, name="add-template"),
    path("r/<slug:slug>/codebook/preview/", codebook.preview, name="preview"),
    path("r/<slug:slug>/codebook/publish/", codebook.publish, name="publish"),
    path("r/<slug:slug>/codebook/extractors/", codebook.extractors, name="extractors"),
    path("r/<slug:slug>/codebook/sections/shift/", codebook.shift_section, name="shift-section"),
    path("r/<slug:slug>/codebook/add/", codebook.add, name="add-field"),
    path("r/<slug:slug>/codebook/<int:pk>/", codebook.edit, name="field"),
    path("r/<slug:slug>/codebook/<int:pk>/shift/", codebook.shift, name="shift-field"),
    path("r/<slug:slug>/codebook/<int:pk>/retire/", codebook.retire, name="retire-field"),
    path("r/<slug:slug>/codebook/<int:pk>/restore/", codebook.restore, name="restore-field"),
    # /r/<slug>/appraisal/
    path("r/<slug:slug>/appraisal/", appraisal.studies, name="appraisal"),
    path("r/<slug:slug>/appraisal/studies/<int:pk>/", appraisal.choose, name="choose-tool"),
    path("r/<slug:slug>/appraisal/tools/", appraisal.tools, name="tools"),
    path("r/<slug:slug>/appraisal/tools/add/", appraisal.add_tool, name="add-tool"),
    path("r/<slug:slug>/appraisal/tools/<int:pk>/", appraisal.tool, name="tool"),
    path("r/<slug:slug>/appraisal/tools/<int:pk>/designs/", appraisal.designs, name="designs"),
    path("r/<slug:slug>/appraisal/tools/<int:pk>/wording/", appraisal.wording, name="wording"),
    path("r/<slug:slug>/appraisal/tools/<int:pk>/score/", appraisal.score, name="score"),
    path("r/<slug:slug>/appraisal/tools/<int:pk>/withdraw/", appraisal.withdraw, name="withdraw"),
    path("r/<slug:slug>/appraisal/<int:pk>/", appraisal.judgements, name="judgements"),
    path(
        "r/<slug:slug>/appraisal/<int:pk>/files/<str:name>",
        appraisal.download,
        name="judgements-file",
    ),
    # /r/<slug>/table/
    path("r/<slug:slug>/table/", table.table, name="table"),
    path("r/<slug:slug>/table/components/<int:pk>/", table.evidence, name="evidence"),
    path("r/<slug:slug>/table/import/", table.bring_in, name="import-coding"),
    path("r/<slug:slug>/table/row/", table.row, name="row"),
    path("r/<slug:slug>/table/files/<str:name>", table.download, name="file"),
    path(
        "r/<slug:slug>/table/components.csv",
        table.download,
        {"name": "study-components.csv"},
        "components-csv",
    ),
    path(
        "r/<slug:slug>/table/evidence.csv",
        table.download,
        {"name": "component-evidence.csv"},
        "evidence-csv",
    ),
    path(
        "r/<slug:slug>/table/fields.csv",
        table.download,
        {"name": "extracted-fields.csv"},
        "fields-csv",
    ),
]
