"""The API: the same doors as the pages; who is not signed in gets 401."""

from . import LEAD, MEMBERS, SCREENERS, STRANGERS, Row

ROWS = {
    "schema": Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
    "docs": Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
    "api_reviews": [
        Row(f"{MEMBERS} {STRANGERS}", anonymous=401),
        Row(f"{MEMBERS} {STRANGERS}", 400, method="post", anonymous=401),
    ],
    "api_review": Row(MEMBERS, anonymous=401),
    "api_job": Row("ada bo cy al", objects={"pk": "job"}, anonymous=401),
    "api_cancel_job": Row(LEAD, method="post", objects={"pk": "job"}, anonymous=401),
    "api_uploads": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 400, method="post", anonymous=401),
    ],
    "api_upload": Row(MEMBERS, objects={"pk": "upload"}, anonymous=401),
    # The seeded upload is not imported, so there is nothing to undo.
    "api_undo_upload": Row(LEAD, 422, method="post", objects={"pk": "upload"}, anonymous=401),
    "api_redo_upload": Row(LEAD, 409, method="post", objects={"pk": "upload"}, anonymous=401),
    "api_searches": Row(MEMBERS, anonymous=401),
    "api_queue": Row("ada bo cy", anonymous=401),
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
    "api_decide": Row(SCREENERS, 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_labels": [
        Row(MEMBERS, objects={"pk": "report"}, anonymous=401),
        Row(SCREENERS, 400, method="post", objects={"pk": "report"}, anonymous=401),
    ],
    "api_final": Row("ada al", 400, method="post", objects={"pk": "conflict"}, anonymous=401),
    "api_merge": Row("ada al", 400, method="post", objects={"pk": "report"}, anonymous=401),
    "api_unmerge": Row("ada al", 409, method="post", objects={"pk": "report"}, anonymous=401),
    "api_fulltext": Row(
        "ada bo cy al ed", 400, method="post", objects={"pk": "sought"}, anonymous=401
    ),
    "api_undo_merge": Row("ada al", method="post", objects={"pk": "merge"}, anonymous=401),
    "api_duplicates": Row("ada al", anonymous=401),
    "api_duplicate": Row("ada al", 400, method="post", objects={"pk": "pair"}, anonymous=401),
    "api_update": [
        Row(LEAD, 400, method="post", anonymous=401),
        Row(LEAD, 409, method="delete", anonymous=401),
    ],
    "api_pilots": [
        Row(MEMBERS, anonymous=401),
        Row(LEAD, 400, method="post", anonymous=401),
    ],
    "api_close_pilot": Row(LEAD, 409, method="post", objects={"pk": "pilot"}, anonymous=401),
    "api_prisma": Row(MEMBERS, anonymous=401),
    "api_appraisal": Row(MEMBERS, anonymous=401),
    "api_judgements": Row(MEMBERS, objects={"pk": "tool"}, anonymous=401),
    "api_agreement": Row(MEMBERS, anonymous=401),
    "api_export": Row(MEMBERS, anonymous=401),
}
