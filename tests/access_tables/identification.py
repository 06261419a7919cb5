"""Searches, files, records, duplicates and reports; citations.py and screening.py seed them."""

from . import LEAD, MEMBERS, Row

MERGERS = "ada al"
JOINERS = "ada bo cy al"


def post(open_to, ok=302, **more):
    return Row(open_to, ok, method="post", **more)


SEARCH, UPLOAD, RECORD = {"pk": "search"}, {"pk": "upload"}, {"pk": "record"}
REPORT, PAIR, MERGE = {"pk": "report"}, {"pk": "pair"}, {"pk": "merge"}

ROWS = {
    "citations:searches": Row(MEMBERS),
    "citations:add_search": [Row(LEAD), post(LEAD, 422)],
    "citations:search": [Row(LEAD, objects=SEARCH), post(LEAD, 422, objects=SEARCH)],
    "screening:prisma_s": Row(MEMBERS),
    "screening:prisma_s_note": post(LEAD, args={"item": "6"}),
    "screening:prisma_s_download": Row(MEMBERS, args={"kind": "csv"}),
    "screening:yields": Row(MEMBERS),
    "screening:yields_download": Row(MEMBERS, args={"kind": "csv"}),
    "citations:upload": [Row(LEAD), post(LEAD, 422)],
    "citations:preview": Row(LEAD, objects=UPLOAD),
    "citations:confirm": post(LEAD, objects=UPLOAD),
    "citations:discard": post(LEAD, objects=UPLOAD),
    "citations:guess": post(LEAD, 422),
    "citations:by_hand": [Row(LEAD), post(LEAD, 422)],
    "citations:identifiers": [Row(LEAD), post(LEAD, 422)],
    "citations:imports": Row(LEAD),
    "citations:confirm_all": post(LEAD),
    # The seeded upload has no file behind it, so nothing of it can be read.
    "citations:columns": [Row(LEAD, 422, objects=UPLOAD), post(LEAD, 422, objects=UPLOAD)],
    "citations:read_again": post(LEAD, objects=UPLOAD),
    "citations:assign": post(LEAD, objects=UPLOAD),
    "citations:stop": post(LEAD, objects=UPLOAD),
    "citations:problems": Row(LEAD, objects=UPLOAD),
    "screening:undo_import": [Row(LEAD, 302, objects=UPLOAD), post(LEAD, objects=UPLOAD)],
    "screening:redo_import": post(LEAD, objects=UPLOAD),
    "screening:update": [Row(LEAD), post(LEAD, 422)],
    "screening:undo_update": post(LEAD),
    "citations:problems_csv": Row(LEAD, objects=UPLOAD),
    "citations:records": Row(MEMBERS),
    "citations:export_records": Row(MEMBERS, args={"kind": "csv"}),
    "citations:record": Row(MEMBERS, objects=RECORD),
    "screening:duplicates": Row(MERGERS),
    "screening:answered": Row(MERGERS),
    "screening:joined": Row(MERGERS),
    "screening:answer_together": post(MERGERS, sent={"pair": "pair"}),
    "screening:undo_last_answer": post(MERGERS),
    "screening:duplicate_rules": [Row(MERGERS), post(LEAD)],
    "screening:export_duplicates": Row(MEMBERS),
    "screening:answer_duplicate": post(MERGERS, data={"answer": "different"}, objects=PAIR),
    "screening:undo_duplicate": post(MERGERS, objects=PAIR),
    "screening:unmerge": post(MERGERS, objects=MERGE),  # and whoever made it, see by_hand.py
    "screening:reports": Row(MEMBERS),
    "screening:export_reports": Row(MEMBERS, args={"kind": "csv"}),
    "screening:report": Row(MEMBERS, objects=REPORT),
    "screening:choose_value": post(MERGERS, data={"field": "title"}, objects=REPORT),
    "screening:find_duplicate": Row(JOINERS, objects=REPORT),
    "screening:duplicate_of": post(JOINERS, objects=REPORT),
    "screening:relate": post(MERGERS, objects=REPORT),
    "screening:change_link": post(MERGERS, data={"kind": "erratum"}, objects={"pk": "related"}),
    "screening:remove_report": post(MERGERS, data={"reason": "Out of scope"}, objects=REPORT),
    "screening:restore_report": post(MERGERS, objects=REPORT),
}
