"""What must be seen of a report wherever it appears: that it was retracted, and what belongs to it.

One rule (citations/relations.py) over what each of its records says, and over the links that people
have made. Worked out for the reports of a page at once, and stored nowhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from citations import relations
from citations.models import Record, RelatedReport, Report
from citations.querysets import WITHDRAWN
from reviews.written import prepared

RETRACTED, NOTICE = "retracted", "notice"


@dataclass
class Relation:
    """Another report, as seen from one of the two."""

    link: RelatedReport
    report: Report  # the other one, as it stands today


@dataclass
class Marks:
    """`retraction` is "", "retracted" or "notice" (this is the notice that retracts another)."""

    retraction: str = ""
    why: str = ""  # one sentence, where it is retracted
    related: list[Relation] = field(default_factory=list)

    @property
    def is_retracted(self) -> bool:
        return self.retraction == RETRACTED


def kind_of(one: Report, other: Report, rule: str = "") -> str:
    """The probable kind of relation between two reports. 1 query."""
    works = {report.pk: _work(report, []) for report in (one, other)}
    for record in Record.objects.filter(report__in=works).order_by("-pk"):
        if record.report_id in works:
            known = works[record.report_id]
            types = [*relations.types_in(record.entry_type, record.raw), *known.types]
            works[record.report_id] = _work(record, types)
    return relations.kind_between(works[one.pk], works[other.pk], rule)


def _work(source: Report | Record, types: Sequence[str]) -> relations.Work:
    return relations.Work(
        source.title, types or [source.entry_type], source.journal, source.doi, source.year
    )


def marks_of(reports: Iterable[Report], *, linked: bool = True) -> dict[int, Marks]:
    """{report id: its marks} for every one of `reports`. 2 queries.

    `linked`: False where the caller knows that nothing in the review is linked; then 1.
    """
    wanted = {report.pk: report for report in reports}
    found = {pk: Marks() for pk in wanted}
    if not wanted:
        return found
    for pk, says, source in _said_by_records(wanted):
        found[pk].retraction = says
        if says == RETRACTED:
            found[pk].why = f"{source} says that this publication has been retracted."
    if not linked:
        return found
    links = (
        RelatedReport.objects.filter(
            review__in={report.review_id for report in wanted.values()}, removed_at=None
        )
        .annotate(
            one=Coalesce("first__merged_into", "first"),
            other=Coalesce("second__merged_into", "second"),
        )
        .filter(Q(one__in=wanted) | Q(other__in=wanted))
        .select_related("first__merged_into", "second__merged_into", "by")
        .order_by("pk")
    )
    for link in links:
        one, other = (side.merged_into or side for side in (link.first, link.second))
        if one.pk == other.pk or WITHDRAWN in (one.place, other.place):
            continue  # joined since, or gone with the import that had brought it
        for here, there in ((one, other), (other, one)):
            if here.pk in found and all(r.report.pk != there.pk for r in found[here.pk].related):
                found[here.pk].related.append(Relation(link, there))
                _told_by_link(found[here.pk], link, there)
    return found


def _said_by_records(wanted: dict[int, Report]) -> list[tuple[int, str, str]]:
    """(report id, what its records say, the source), the first record that says so."""
    said: dict[int, tuple[str, str]] = {}
    for pk, title, entry_type, raw, source in _records_of(tuple(wanted)):
        types = relations.types_in(entry_type, raw)
        if relations.is_retracted(title, types):
            said[pk] = (RETRACTED, source)
        elif relations.is_retraction_notice(title, types):
            said.setdefault(pk, (NOTICE, source))
    return [(pk, *each) for pk, each in said.items()]


@prepared
def _records_of(reports: tuple[int, ...]) -> Any:
    rows = Record.objects.filter(report__in=reports).arrived().order_by("pk")
    return rows.values_list("report", "title", "entry_type", "raw", "search__name")


def _told_by_link(mark: Marks, link: RelatedReport, other: Report) -> None:
    """A link to a retraction: of the two the one that is no notice itself has been retracted."""
    is_retraction = link.kind == RelatedReport.Kind.RETRACTION
    if is_retraction and mark.retraction == "" and not relations.is_retracted(other.title):
        mark.retraction = RETRACTED
        mark.why = f"Report {other.pk}, “{other}”, retracts this publication."


def mark_all(reports: Sequence[Report]) -> Sequence[Report]:
    """Set `report.marks` on each, for templates. 2 queries."""
    found = marks_of(reports)
    for report in reports:
        report.marks = found[report.pk]  # type: ignore[attr-defined]
    return reports
