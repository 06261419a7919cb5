"""The API: the same doors as the pages; who is not signed in gets 401."""

from . import LEAD, MEMBERS, SCREENERS, STRANGERS, Row

# Who extracts too, and may not know what is in Bo's form.
BLIND_FORM = {"cy": 404, "ed": 404}
RETRIEVERS = "ada bo cy al ed"
STUDIERS = "ada bo cy ed"

ROWS = {
    "api_nowhere": Row("", stranger=404, forbidden=404, anonymous=401),
    "schema": Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
    "docs": Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
    "api_reviews": [
        Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
        Row(f"{MEMBERS} {STRANGERS}", 400, method="post", anonymous=401),
    ],
    "api_review": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 415, method="patch", anonymous=401),  # the test client sends no type
    ],
    "api_criteria": [Row(MEMBERS, anonymous=401), Row(LEAD, 415, method="put", anonymous=401)],
    "api_open_blind": Row(LEAD, 400, method="post", anonymous=401),
    "api_close_blind": Row(LEAD, 400, method="post", anonymous=401),
    "api_lock_protocol": [
        Row(LEAD, method="post", anonymous=401),
        Row(LEAD, 400, method="delete", anonymous=401),
    ],
    "api_members": Row(MEMBERS, anonymous=401),
    "api_member": [
        Row(LEAD, 415, method="put", objects={"pk": "member"}, anonymous=401),
        Row(LEAD, method="delete", objects={"pk": "member"}, anonymous=401),
    ],
    "api_invitations": [Row(LEAD, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_rescind": Row(LEAD, method="post", objects={"pk": "invitation"}, anonymous=401),
    "api_audit": Row(LEAD, anonymous=401),
    "api_webhooks": [Row(LEAD, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_webhook": [
        Row(LEAD, objects={"pk": "hook"}, anonymous=401),
        Row(LEAD, method="delete", objects={"pk": "hook"}, anonymous=401),
    ],
    "api_test_webhook": Row(LEAD, 202, method="post", objects={"pk": "hook"}, anonymous=401),
    "api_send_again": Row(LEAD, 202, method="post", objects={"pk": "message"}, anonymous=401),
    "api_jobs": Row(MEMBERS, anonymous=401),
    "api_job": Row("ada bo cy al", objects={"pk": "job"}, anonymous=401),
    "api_cancel_job": Row(LEAD, method="post", objects={"pk": "job"}, anonymous=401),
    "api_uploads": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 400, method="post", anonymous=401),
    ],
    "api_upload": [
        Row(MEMBERS, objects={"pk": "upload"}, anonymous=401),
        Row(LEAD, 204, method="delete", objects={"pk": "upload"}, anonymous=401),
    ],
    "api_preview_upload": Row(LEAD, 400, method="post", anonymous=401),
    "api_guess_upload": Row(LEAD, 400, method="post", anonymous=401),
    # The seeded upload has no file behind it, so nothing of it can be read.
    "api_read_again": Row(LEAD, 422, method="post", objects={"pk": "upload"}, anonymous=401),
    "api_upload_columns": Row(LEAD, 422, objects={"pk": "upload"}, anonymous=401),
    "api_assign_upload": Row(LEAD, 415, method="put", objects={"pk": "upload"}, anonymous=401),
    "api_import_upload": Row(LEAD, 202, method="post", objects={"pk": "upload"}, anonymous=401),
    # The seeded upload is not imported, so there is nothing to undo.
    "api_undo_upload": Row(LEAD, 422, method="post", objects={"pk": "upload"}, anonymous=401),
    "api_redo_upload": Row(LEAD, 409, method="post", objects={"pk": "upload"}, anonymous=401),
    "api_searches": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_search": [
        Row(MEMBERS, objects={"pk": "search"}, anonymous=401),
        Row(LEAD, 415, method="patch", objects={"pk": "search"}, anonymous=401),
    ],
    "api_queue": Row(f"ada {SCREENERS}", anonymous=401),
    "api_decisions": Row(MEMBERS, anonymous=401),
    "api_interests": [
        Row("ada bo cy al", anonymous=401),
        Row("ada bo cy al", 400, method="post", anonymous=401),
    ],
    # The lead's own eyes see it; for the others there is none.
    "api_interest": Row(
        LEAD,
        204,
        method="delete",
        objects={"pk": "interest"},
        anonymous=401,
        but={"bo": 404, "cy": 404, "al": 404},
    ),
    "api_reports": Row(MEMBERS, anonymous=401),
    "api_report": Row(MEMBERS, objects={"pk": "report"}, anonymous=401),
    "api_decide": [
        Row(SCREENERS, 400, method="post", objects={"pk": "report"}, anonymous=401),
        Row(SCREENERS, 409, method="delete", objects={"pk": "report"}, anonymous=401),
    ],
    "api_rules": [Row(MEMBERS, anonymous=401), Row(LEAD, 415, method="patch", anonymous=401)],
    "api_reasons": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_reason": Row(LEAD, 400, method="post", objects={"pk": "reason"}, anonymous=401),
    "api_conflicts": Row("ada al", anonymous=401),
    "api_reopen": Row("ada al", 400, method="post", objects={"pk": "settled"}, anonymous=401),
    "api_removal": [
        Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
        Row("ada al", 409, method="delete", objects={"pk": "report"}, anonymous=401),
    ],
    "api_same": Row("ada bo cy al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_relate": Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_link": [
        Row("ada al", 415, method="put", objects={"pk": "related"}, anonymous=401),
        Row("ada al", 204, method="delete", objects={"pk": "related"}, anonymous=401),
    ],
    "api_answered": Row("ada al", anonymous=401),
    "api_undo_duplicate": Row("ada al", 409, method="post", objects={"pk": "pair"}, anonymous=401),
    "api_records": Row(MEMBERS, anonymous=401),
    "api_retrieval": [
        Row(MEMBERS, objects={"pk": "sought"}, anonymous=401),
        Row(RETRIEVERS, 400, method="post", objects={"pk": "sought"}, anonymous=401),
    ],
    "api_given_up": [
        Row(RETRIEVERS, 400, method="post", objects={"pk": "sought"}, anonymous=401),
        Row(RETRIEVERS, 409, method="delete", objects={"pk": "sought"}, anonymous=401),
    ],
    "api_files": [
        Row(RETRIEVERS, anonymous=401),
        Row(RETRIEVERS, 400, method="post", anonymous=401),
    ],
    "api_file": Row(RETRIEVERS, 400, method="post", objects={"pk": "loose"}, anonymous=401),
    "api_deliveries": [
        Row(RETRIEVERS, anonymous=401),
        Row(RETRIEVERS, 202, method="post", anonymous=401),
    ],
    "api_retrieval_rules": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 415, method="put", anonymous=401),
    ],
    "api_worklist": Row(MEMBERS, anonymous=401),
    "api_lookups": [
        Row(RETRIEVERS, anonymous=401),
        Row(RETRIEVERS, 422, method="post", anonymous=401),  # it is off
    ],
    "api_letter": Row(MEMBERS, objects={"pk": "report"}, anonymous=401),
    "api_take_over": Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_studies": Row(MEMBERS, anonymous=401),
    "api_study": [
        Row(MEMBERS, objects={"pk": "study"}, anonymous=401),
        Row(STUDIERS, 415, method="put", objects={"pk": "study"}, anonymous=401),
    ],
    "api_tell_of": Row(STUDIERS, 400, method="post", objects={"pk": "study"}, anonymous=401),
    "api_split": Row(STUDIERS, 400, method="post", objects={"pk": "study"}, anonymous=401),
    "api_study_list": Row(LEAD, 400, method="post", anonymous=401),
    "api_alike": [
        Row(STUDIERS, anonymous=401),
        Row(STUDIERS, 400, method="post", anonymous=401),
    ],
    "api_studies_file": Row(MEMBERS, anonymous=401),
    "api_conflicts_file": Row("ada al", anonymous=401),
    "api_settled_file": Row("ada al", anonymous=401),
    # They have decided nothing yet: an export of nothing says so.
    "api_decisions_file": Row(SCREENERS, 422, anonymous=401),
    "api_words": [
        Row(MEMBERS, anonymous=401),
        Row(f"ada {SCREENERS}", 415, method="put", anonymous=401),
    ],
    "api_together": Row("ada al", 400, method="post", anonymous=401),
    "api_checklist": Row(MEMBERS, anonymous=401),
    "api_checklist_file": Row(MEMBERS, anonymous=401),
    "api_checklist_note": Row(LEAD, 415, method="put", args={"item": "9"}, anonymous=401),
    "api_excluded": Row(MEMBERS, anonymous=401),
    "api_programs": Row(MEMBERS, anonymous=401),
    "api_program": Row(STUDIERS, 415, method="put", objects={"pk": "program"}, anonymous=401),
    "api_figure": Row(MEMBERS, anonymous=401),
    "api_yield": Row(MEMBERS, anonymous=401),
    "api_prisma_s": Row(MEMBERS, anonymous=401),
    "api_prisma_s_note": Row(LEAD, 415, method="put", args={"item": "6"}, anonymous=401),
    "api_duplicate_rules": [
        Row("ada al", anonymous=401),
        Row(LEAD, 415, method="put", anonymous=401),
    ],
    "api_start_like": Row(MEMBERS, 400, method="post", anonymous=401),
    "api_archives": [
        Row(LEAD, anonymous=401),
        Row(LEAD, 202, method="post", anonymous=401),
    ],
    "api_archive": Row(LEAD, objects={"pk": "archive"}, anonymous=401),
    "api_snapshots": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_snapshot": Row(MEMBERS, objects={"pk": "snapshot"}, anonymous=401),
    "api_snapshot_figure": Row(MEMBERS, objects={"pk": "snapshot"}, anonymous=401),
    "api_labels": [
        Row(MEMBERS, objects={"pk": "report"}, anonymous=401),
        Row(SCREENERS, 400, method="post", objects={"pk": "report"}, anonymous=401),
    ],
    "api_final": Row("ada al", 400, method="post", objects={"pk": "conflict"}, anonymous=401),
    "api_merge": Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_unmerge": Row("ada al", 409, method="post", objects={"pk": "report"}, anonymous=401),
    "api_fulltext": [
        Row(MEMBERS, objects={"pk": "on_file"}, anonymous=401),
        Row(RETRIEVERS, 400, method="post", objects={"pk": "sought"}, anonymous=401),
        Row(RETRIEVERS, method="delete", objects={"pk": "on_file"}, anonymous=401),
    ],
    "api_report_values": [
        Row(MEMBERS, objects={"pk": "report"}, anonymous=401),
        Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    ],
    "api_copies": Row(MEMBERS, objects={"pk": "on_file"}, anonymous=401),
    "api_copy": [
        Row(MEMBERS, objects={"pk": "on_file", "copy": "fulltext"}, anonymous=401),
        Row(  # it is read already
            RETRIEVERS,
            409,
            method="post",
            objects={"pk": "on_file", "copy": "fulltext"},
            anonymous=401,
        ),
    ],
    "api_highlights": [
        Row(MEMBERS, objects={"pk": "on_file"}, anonymous=401),
        Row(RETRIEVERS, 400, method="post", objects={"pk": "on_file"}, anonymous=401),
    ],
    # Nobody's own: there is none to change.
    "api_highlight": [
        Row(RETRIEVERS, 404, method="post", objects={"pk": "highlight"}, anonymous=401),
        Row(RETRIEVERS, 404, method="delete", objects={"pk": "highlight"}, anonymous=401),
    ],
    "api_undo_merge": Row("ada al", method="post", objects={"pk": "merge"}, anonymous=401),
    "api_duplicates": Row("ada al", anonymous=401),
    "api_duplicate": Row("ada al", 400, method="post", objects={"pk": "pair"}, anonymous=401),
    "api_update": [
        Row(LEAD, 400, method="post", anonymous=401),
        Row(LEAD, 409, method="delete", anonymous=401),
    ],
    "api_codebook": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 422, method="post", anonymous=401),  # there is one
    ],
    "api_add_template": Row(LEAD, 422, method="post", anonymous=401),
    "api_copy_codebook": [
        Row(LEAD, anonymous=401),
        Row(LEAD, 400, method="post", anonymous=401),
    ],
    # Nothing was drafted since the seeded codebook was published.
    "api_publish": Row(LEAD, 422, method="post", anonymous=401),
    "api_questions": Row(LEAD, 400, method="post", anonymous=401),
    "api_question": [
        Row(LEAD, 415, method="patch", objects={"pk": "question"}, anonymous=401),
        Row(LEAD, method="delete", objects={"pk": "question"}, anonymous=401),
    ],
    "api_restore_question": Row(LEAD, method="post", objects={"pk": "question"}, anonymous=401),
    "api_shift_question": Row(
        LEAD, method="post", data={"to": "up"}, objects={"pk": "question"}, anonymous=401
    ),
    "api_shift_section": Row(LEAD, 400, method="post", anonymous=401),
    "api_extractors": Row(LEAD, 415, method="patch", anonymous=401),
    "api_begin": Row("bo cy ed", 201, method="post", objects={"pk": "free_study"}, anonymous=401),
    "api_extractions": Row(MEMBERS, anonymous=401),
    # Bo's form is a draft: nobody but Bo, and Ada who oversees, may see it.
    "api_extraction": Row("ada bo", forbidden=404, objects={"pk": "form"}, anonymous=401),
    "api_values": Row(
        "bo", 415, method="put", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_entries": Row(
        "bo", 400, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_confirm": Row(
        "bo", 400, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_items": Row(
        "bo", 400, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_form_files": [
        Row("ada bo", forbidden=404, objects={"pk": "form"}, anonymous=401),
        Row("bo", 400, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM),
    ],
    "api_form_file": Row(
        "ada bo", forbidden=404, objects={"pk": "form", "file": "attached"}, anonymous=401
    ),
    "api_submit": Row(
        "bo", 422, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_set_aside": Row(
        "ada bo", 400, method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_reopen_form": Row(
        "bo", method="post", objects={"pk": "form"}, anonymous=401, but=BLIND_FORM
    ),
    "api_entry": [
        Row("bo", 415, method="put", objects={"pk": "entry"}, anonymous=401, but=BLIND_FORM),
        Row("bo", 204, method="delete", objects={"pk": "entry"}, anonymous=401, but=BLIND_FORM),
    ],
    "api_comparison": Row("ada al", 409, objects={"pk": "begun_study"}, anonymous=401),
    "api_settle_value": Row(
        "ada al", 400, method="post", objects={"pk": "begun_study"}, anonymous=401
    ),
    "api_settle_component": Row(
        "ada al", 400, method="post", objects={"pk": "begun_study"}, anonymous=401
    ),
    "api_evidence": Row(MEMBERS, anonymous=401),
    "api_import_coding": Row(LEAD, 400, method="post", anonymous=401),
    "api_table": Row(MEMBERS, data={"name": "codebook.csv"}, anonymous=401),
    "api_components": [
        Row(MEMBERS, anonymous=401),
        Row("ada ann", 400, method="post", anonymous=401),
    ],
    "api_component": [
        Row(MEMBERS, objects={"pk": "component"}, anonymous=401),
        Row("ada ann", 415, method="patch", objects={"pk": "component"}, anonymous=401),
    ],
    "api_place_component": Row(
        "ada ann", 400, method="post", objects={"pk": "component"}, anonymous=401
    ),
    "api_shift_component": Row(
        "ada ann",
        method="post",
        data={"to": "up"},
        objects={"pk": "component"},
        anonymous=401,
    ),
    "api_merge_component": Row(
        "ada ann", 400, method="post", objects={"pk": "component"}, anonymous=401
    ),
    "api_split_component": Row(
        "ada ann", 400, method="post", objects={"pk": "component"}, anonymous=401
    ),
    "api_recode": [
        Row("ada ann", objects={"pk": "component"}, anonymous=401),
        Row("ada ann", 400, method="post", objects={"pk": "component"}, anonymous=401),
    ],
    "api_components_file": [
        Row(MEMBERS, anonymous=401),
        Row("ada ann", 400, method="post", anonymous=401),
    ],
    "api_components_loss": Row(MEMBERS, anonymous=401),
    "api_tree_versions": [
        Row(MEMBERS, anonymous=401),
        Row("ada ann", 201, method="post", anonymous=401),
    ],
    "api_freeze_tree": Row("ada ann", 201, method="post", anonymous=401),
    "api_tree_version": Row(MEMBERS, args={"name": "now"}, anonymous=401),
    "api_tree_differences": Row(MEMBERS, 400, anonymous=401),
    "api_tree_events": Row(MEMBERS, anonymous=401),
    "api_undo_tree_event": Row(
        "ada ann", 201, method="post", objects={"pk": "tree_event"}, anonymous=401
    ),
    "api_retire_component": Row(
        "ada ann", method="post", objects={"pk": "component"}, anonymous=401
    ),
    "api_restore_component": Row(
        "ada ann", method="post", objects={"pk": "component"}, anonymous=401
    ),
    "api_transcripts": [
        Row("ann", anonymous=401),
        Row("ann", 400, method="post", anonymous=401),
    ],
    "api_coding": Row("ann", 204, method="delete", objects={"pk": "coding"}, anonymous=401),
    "api_theme": [
        Row("ann", objects={"pk": "theme"}, anonymous=401),
        Row("ann", 415, method="put", objects={"pk": "theme"}, anonymous=401),
    ],
    "api_transcript": Row("ann", objects={"pk": "transcript"}, anonymous=401),
    "api_codings": [Row("ann", anonymous=401), Row("ann", 400, method="post", anonymous=401)],
    "api_themes": [Row("ann", anonymous=401), Row("ann", 400, method="post", anonymous=401)],
    "api_matrix": [Row(MEMBERS, anonymous=401), Row("ada ann", 400, method="post", anonymous=401)],
    "api_board": Row(LEAD, anonymous=401),
    "api_pilots": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 400, method="post", anonymous=401),
    ],
    "api_close_pilot": Row(LEAD, 409, method="post", objects={"pk": "pilot"}, anonymous=401),
    "api_sharing": [Row(LEAD, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_preview_sharing": Row(LEAD, 400, method="post", anonymous=401),
    "api_undo_sharing": Row(LEAD, 400, method="post", anonymous=401),
    "api_set_order": Row(LEAD, 415, method="put", anonymous=401),
    "api_acts": [Row(LEAD, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_act": Row(LEAD, objects={"pk": "bulk"}, anonymous=401),
    "api_act_reports": Row(LEAD, objects={"pk": "bulk"}, anonymous=401),
    # The seeded preview holds no report, so there is nothing to do or undo.
    "api_begin_act": Row(LEAD, 422, method="post", objects={"pk": "bulk"}, anonymous=401),
    "api_undo_act": Row(LEAD, 422, method="post", objects={"pk": "bulk"}, anonymous=401),
    "api_relooks": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_relook_queue": Row(SCREENERS, anonymous=401),
    "api_end_relook": Row(LEAD, 400, method="post", anonymous=401),
    "api_ranking": [Row(MEMBERS, anonymous=401), Row(LEAD, 415, method="patch", anonymous=401)],
    # Nothing was replayed.
    "api_replay": [
        Row(MEMBERS, 404, anonymous=401),
        Row(LEAD, 202, method="post", anonymous=401),
    ],
    "api_stops": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_undo_stop": Row(LEAD, 422, method="post", objects={"pk": "stopping"}, anonymous=401),
    "api_check_stop": Row(LEAD, 400, method="post", objects={"pk": "stopping"}, anonymous=401),
    "api_starters": [Row(MEMBERS, anonymous=401), Row(LEAD, 400, method="post", anonymous=401)],
    "api_starters_file": Row(LEAD, 400, method="post", anonymous=401),
    "api_starter": Row(LEAD, 204, method="delete", objects={"pk": "starter"}, anonymous=401),
    "api_my_consensus": Row(SCREENERS, anonymous=401),
    # An adjudicator settles conflicts here; nobody has a consensus to find.
    "api_consensus": [
        Row(f"ada {SCREENERS}", 404, objects={"pk": "conflict"}, anonymous=401),
        Row(SCREENERS, 404, method="post", objects={"pk": "conflict"}, anonymous=401),
        Row(SCREENERS, 404, method="delete", objects={"pk": "conflict"}, anonymous=401),
    ],
    "api_remarks": Row(SCREENERS, 404, method="post", objects={"pk": "conflict"}, anonymous=401),
    "api_reopen_consensus": Row(
        "ada bo cy al", 404, method="post", objects={"pk": "settled"}, anonymous=401
    ),
    "api_prisma": Row(MEMBERS, anonymous=401),
    "api_appraisal": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 422, method="post", anonymous=401),
    ],
    "api_judgements": [
        Row(MEMBERS, objects={"pk": "tool"}, anonymous=401),
        Row(LEAD, 415, method="patch", objects={"pk": "tool"}, anonymous=401),
    ],
    "api_tool_questions": [
        Row(MEMBERS, objects={"pk": "tool"}, anonymous=401),
        Row(LEAD, 400, method="post", objects={"pk": "tool"}, anonymous=401),
    ],
    "api_publish_tool": Row(LEAD, method="post", objects={"pk": "tool"}, anonymous=401),
    "api_wording": Row(LEAD, 400, method="post", objects={"pk": "tool"}, anonymous=401),
    "api_assign_tool": Row(
        LEAD, 415, method="put", objects={"pk": "tool", "study": "free_study"}, anonymous=401
    ),
    # The tool is not published yet.
    "api_begin_tool": Row(
        "bo cy ed",
        422,
        method="post",
        objects={"pk": "tool", "study": "free_study"},
        anonymous=401,
    ),
    "api_agreement": Row(MEMBERS, anonymous=401),
    "api_export": Row(MEMBERS, anonymous=401),
}
