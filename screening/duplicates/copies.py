"""Full texts when reports join and part: each report gets back the files that it had brought.

A joined report has the files of both; the newest is read. A better copy sets all of them aside and
stays, when the join is undone, with the report on which it was attached.
"""

from collections.abc import Container

from django.db.models import F

from citations.models import FullText, Merge, Report
from reviews import past

from ..desk import highlights

# The labels, among the rows that move, of what is to be looked after.
FILES, MARKED = "citations.fulltext.report", "screening.highlight.report"


def joined(keep: Report, moved: Container[str]) -> None:
    """Find what was marked in either file in the one that is read now."""
    if FILES in moved or MARKED in moved:
        highlights.carry(keep)


def parted(merge: Merge, *reports: Report) -> None:
    """Files that were set aside for a copy which now hangs on another report are read again."""
    moved = merge.moved["rows"]
    if FILES not in moved and MARKED not in moved:
        return
    torn = FullText.objects.filter(report__in=reports).exclude(replaced_by=None)
    pks = list(torn.exclude(replaced_by__report=F("report")).values_list("pk", flat=True))
    if pks:
        back = FullText.objects.filter(pk__in=pks)
        past.keep(merge.review, back, "removed_at")
        back.update(removed_at=None, replaced_by=None)
    for report in reports:
        highlights.carry(report)
