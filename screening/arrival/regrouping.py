"""A new import may show that an earlier one joined the wrong two of three: what the machine joined, and
nobody has looked at since, is then taken apart and joined anew (citations/matching/settling.py)."""

from collections.abc import Collection

from django.db.models import Q

from citations.matching import Matches
from citations.models import DuplicatePair, Merge, Record, Report

from ..duplicates import joining
from ..flow import Place

BY_IMPORT = "import"  # how a join was undone, in DuplicatePair.past
CHUNK = 500  # ids in one statement
_ITS_OWN = "citations.record.report"  # the one relation that each report has


def settled(reports: Collection[int]) -> set[int]:
    """Those of `reports` that a person has had a hand in, or that an undone import left behind.

    Something hangs on them (a decision, a file, a note, a label, …), a person joined or parted them,
    or answered a question about them. Only a person parts these.
    """
    found: set[int] = set()
    ordered = sorted(reports)
    for at in range(0, len(ordered), CHUNK):
        some = ordered[at : at + CHUNK]
        found.update(
            Report.objects.filter(pk__in=some)
            .filter(~Q(merged_into=None) | Q(place=Place.WITHDRAWN))
            .values_list("pk", flat=True)
        )
        for label, model, field in joining.movable(Report):
            if label != _ITS_OWN:
                rows = model._default_manager.filter(**{f"{field}__in": some})
                found.update(rows.values_list(f"{field}__pk", flat=True))
        by_hand = Q(by__isnull=False) | Q(undone_by__isnull=False)
        for end in ("keep", "absorb", "keep__merged_into", "absorb__merged_into"):
            merges = Merge.objects.filter(by_hand, **{f"{end}__in": some})
            found.update(merges.values_list(f"{end}__pk", flat=True))
        for end in ("first", "second", "first__merged_into", "second__merged_into"):
            answered = DuplicatePair.objects.filter(
                answered_by__isnull=False, **{f"{end}__in": some}
            )
            found.update(answered.values_list(f"{end}__pk", flat=True))
    return found


def part(matches: Matches) -> bool:
    """Take apart the reports whose records are in several clusters of `matches` now.

    False where a person has had a hand in one of them since the records were read; nothing is parted
    then, and the comparison has to be made again. Within a transaction that holds the review's joins.
    """
    report_of: dict[int, int] = {}
    ids = sorted(int(pk) for pk in matches.afresh)
    for at in range(0, len(ids), CHUNK):
        some = Record.objects.filter(pk__in=ids[at : at + CHUNK])
        report_of.update(some.values_list("pk", "report"))
    names: dict[int, set[object]] = {}
    for pk, report in report_of.items():
        names.setdefault(report, set()).add(matches.clusters[pk])
    if settled(set(names)):
        return False
    for report in sorted(report for report, clusters in names.items() if len(clusters) > 1):
        tree = Merge.objects.filter(Q(keep=report) | Q(absorb__merged_into=report), undone_at=None)
        for merge in tree.order_by("-pk"):
            joining.unmerge(merge, by=None, how=BY_IMPORT)
    return True
