"""Searches, files, records, duplicates and reports; citations.py and screening.py seed them."""

from . import LEAD, MEMBERS, Row

MERGERS = "ada al"


def post(open_to, ok=302, **more):
    return Row(open_to, ok, method="post", **more)


SEARCH, UPLOAD, RECORD = {"pk": "search"}, {"pk": "upload"}, {"pk": "record"}
REPORT, PAIR, MERGE = {"pk": "report"}, {"pk": "pair"}, {"pk": "merge"}

ROWS = {
    "citations:searches": Row(MEMBERS),
    "citations:add_search": [Row(LEAD), post(LEAD, 422)],
    "citations:search": [Row(LEAD, objects=SEARCH), post(LEAD, 422, objects=SEARCH)],
    "citations:upload": [Row(LEAD), post(LEAD, 422)],
    "citations:preview": Row(LEAD, objects=UPLOAD),
    "citations:confirm": post(LEAD, objects=UPLOAD),
    "citations:discard": post(LEAD, objects=UPLOAD),
    "citations:problems": Row(LEAD, objects=UPLOAD),
    "citations:records": Row(MEMBERS),
    "citations:record": Row(MEMBERS, objects=RECORD),
    "screening:duplicates": Row(MERGERS),
    "screening:answered": Row(MERGERS),
    "screening:joined": Row(MERGERS),
    "screening:answer_duplicate": post(MERGERS, data={"answer": "different"}, objects=PAIR),
    "screening:undo_duplicate": post(MERGERS, objects=PAIR),
    "screening:unmerge": post(MERGERS, objects=MERGE),
    "screening:reports": Row(MEMBERS),
    "screening:report": Row(MEMBERS, objects=REPORT),
    "screening:choose_value": post(MERGERS, data={"field": "title"}, objects=REPORT),
    "screening:duplicate_of": post(MERGERS, objects=REPORT),
    "screening:remove_report": post(MERGERS, data={"reason": "Out of scope"}, objects=REPORT),
    "screening:restore_report": post(MERGERS, objects=REPORT),
}
