"""The table of excluded full texts: each with its citation and the one reason that counts.

PRISMA 2020 item 16b: cite studies that might appear to meet the criteria but were excluded, and say
why. The same reports and reasons as boxes D8 and O8 count. Behind them stand the reports that await
classification or tell of an ongoing study, which the Cochrane Handbook (III.3) lists by themselves:
neither included nor excluded.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from citations.models import Report
from citations.writing import guarded
from reviews.models import Review, Stage
from reviews.word_files import saved

from ..flow import Place
from ..flow.boxes import with_reason
from ..models import Decision, Reason
from .searchlog_files import UNWRITABLE


@dataclass(frozen=True)
class Row:
    report: Report
    outcome: str  # "Excluded", or the label of another place
    authors: str
    citation: str
    doi: str
    reason: str
    further: list[str]
    note: str  # of the final word, where there is one


# The order of the table, and what each part is called.
PARTS = {
    Place.FULLTEXT_OUT: "Excluded",
    Place.AWAITING: Place.AWAITING.label,
    Place.ONGOING: Place.ONGOING.label,
}


def rows(review: Review) -> list[Row]:
    """One row a report: the excluded in the order of the reasons, those that await classification,
    the ongoing; within each by author. 5 queries."""
    listed = review.reasons.filter(stage=Stage.FULLTEXT).select_related("parent")
    reasons = {reason.pk: reason for reason in listed}
    said = Decision.objects.current().at_stage(Stage.FULLTEXT).prefetch_related("others")
    found = with_reason(review, Report.objects.filter(review=review, place__in=PARTS))
    found = found.prefetch_related(Prefetch("decisions", said.order_by("pk"), to_attr="said"))
    ordered = sorted(found, key=lambda report: _order(report, reasons.get(report.consensus_reason)))
    return [_row(report, reasons.get(report.consensus_reason)) for report in ordered]


def _order(report: Report, reason: Reason | None) -> tuple[Any, ...]:
    by = (report.byline.casefold(), report.year or 0)
    return (list(PARTS).index(Place(report.place)), reason.order if reason else 0, str(reason), *by)


def _row(report: Any, reason: Reason | None) -> Row:
    word = next((each for each in report.said if each.final), None)
    # Others may have given as a further reason what became the one that counts.
    further = {other.label: None for each in report.said for other in each.others.all()}
    is_out = report.place == Place.FULLTEXT_OUT
    return Row(
        report=report,
        outcome=PARTS[Place(report.place)],
        authors="; ".join(str(author) for author in report.authors),
        citation=report.citation,
        doi=report.doi,
        reason=reason.full_label if reason else "No reason on record" if is_out else "",
        further=[label for label in further if not reason or label != reason.label],
        note=word.note if word else "",
    )


HEAD = ["Citation", "Authors", "Year", "DOI", "Outcome", "Reason", "Further reasons", "Note"]


def as_csv(found: list[Row]) -> Iterator[str]:
    def line(cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow([guarded(cell) for cell in cells])
        return out.getvalue()

    yield "\ufeff" + line(HEAD)
    for row in found:
        year = str(row.report.year or "")
        further = "; ".join(row.further)
        cells = [row.citation, row.authors, year, row.doi, row.outcome, row.reason, further]
        yield line([*cells, row.note])


def as_docx(review: Review, found: list[Row]) -> bytes:
    """A Word document with a table for each outcome; its properties name nobody."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = f"Excluded full texts: {UNWRITABLE.sub('', review.title)}"
    document.add_heading("Excluded full texts", level=1)
    document.add_paragraph(UNWRITABLE.sub("", review.title))
    parts = {name: [row for row in found if row.outcome == name] for name in PARTS.values()}
    for name, those in parts.items():
        if those and name != PARTS[Place.FULLTEXT_OUT]:
            document.add_heading(name, level=2)
        if those:
            _table(document, those, "Note" if those[0].reason == "" else "Reason for exclusion")
    return saved(document)


def _table(document: Any, found: list[Row], head: str) -> None:
    """A table whose header row repeats on each page."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=2, style="Table Grid")
    table.autofit = False
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(table.rows[0].cells, ("Report", head), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in found:
        cited, why = table.add_row().cells
        doi = f" doi:{row.doi}" if row.doi else ""
        cited.text = UNWRITABLE.sub("", row.citation + doi)
        also = f"Also: {'; '.join(row.further)}" if row.further else ""
        said = [UNWRITABLE.sub("", line) for line in (row.reason, also, row.note) if line]
        why.text = said[0] if said else ""
        for line in said[1:]:
            why.add_paragraph(line)
    for each in table.rows:
        for cell, width in zip(each.cells, (Cm(10), Cm(6)), strict=True):
            cell.width = width
