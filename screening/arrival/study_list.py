"""Bring in a list of studies that were included elsewhere, to extract from them.

1. The rows that the review does not have become a file that goes the way of every import: records of
   a source by other methods, compared with all that is there (screening/arrival/arriving.py).
2. The import ends with `carry_on`: each report tells of the study of its row, and all that nobody has
   screened are included by one act, which is undone like any other (screening/lead/bulk.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from citations import actions as citations
from citations import studies, study_list
from citations.models import Report, Search, Study, StudyReport, Upload
from citations.sources import search_named
from reviews.models import Job, Review, User
from reviews.refusal import Clash
from reviews.waiting import noun

from ..flow import Place
from ..lead import bulk
from ..models import BulkAct, BulkPart


@dataclass(frozen=True)
class Brought:
    """What became of a list: how many rows it has, how many of them are known, and the job that brings
    in the others; the act, where known ones that wait for screening were included at once."""

    rows: int
    known: int
    job: Job | None = None
    act: BulkAct | None = None

    @property
    def text(self) -> str:
        known = f"{self.known} of {self.rows} {noun(self.rows, 'row')}"
        if self.job is not None:
            return f"{self.rows - self.known} {noun(self.rows - self.known, 'row')} are being brought in."
        if self.act is not None:
            return f"{known} were here already; what waited for screening is included."
        return f"{known} were here already: nothing was added."


def bring_in(review: Review, data: bytes, *, name: str, by: User) -> Brought:
    """Take a list over. Refused with the row at fault, and then nothing of it is stored.

    Known is a row whose study has a report of its title: it adds nothing.
    """
    name = name.strip()[-80:] or "studies.csv"
    rows = study_list.read(data)
    here = _here(review)
    fresh = [row for row in rows if row.key not in here]
    known = len(rows) - len(fresh)
    if fresh:
        title = f"List of studies: {name}"
        receipt = citations.receive(
            review,
            [study_list.as_file(fresh)],
            name=title,
            by=by,
            # The lists of earlier reviews are citation searching; the source's page can say otherwise.
            source=lambda: search_named(review, title, Search.Kind.CITATION, by=by),
            how=citations.How(format="csl-json"),
            then="import",
            elsewhere=name,
        )
        if receipt.is_new or not receipt.upload.imported_at:
            return Brought(len(rows), known, job=receipt.job)
        if receipt.upload.undone_at:
            raise Clash(f"The import of “{title}” was undone; redo it instead.")
        known = len(rows)  # since then somebody has given the studies other names
    reports = {here[row.key] for row in rows if row.key in here}
    return Brought(len(rows), known, act=_include(review, reports, name=name, by=by))


def _here(review: Review) -> dict[tuple[str, str], int]:
    """{(study, plain title): report} by every title that a record gave."""
    links = StudyReport.objects.filter(study__review=review, report__merged_into=None)
    links = links.exclude(report__place=Place.WITHDRAWN)
    told = links.values_list("study__label", "report__records__title", "report")
    return {(study, study_list.plain(title or "")): report for study, title, report in told}


@transaction.atomic
def carry_on(upload: Upload, name: str) -> dict[str, Any]:
    """After the import of a list: its studies, and their inclusion. The same again changes nothing."""
    review = Review.objects.select_for_update(no_key=True).get(pk=upload.review_id)
    by, reports = upload.by, set()
    for record in upload.records.select_related("report").order_by("number"):
        # As the CSL reader keeps what came: a list of texts for each key.
        said = {key: values[0] for key, values in record.raw.items() if values}
        _group(review, record.report, said["study_id"], said.get("program", ""), by=by)
        reports.add(record.report_id)
    act = _include(review, reports, name=name, by=by)
    n = act.parts.count() if act else 0
    says = f"{n} of {len(reports)} {noun(len(reports), 'report')} included by one act"
    left = ", the others stay with those who screen them" if n < len(reports) else ""
    return {"act": act.pk if act else None, "says": f"{says}{left}."}


def _group(review: Review, report: Report, label: str, program: str, *, by: User) -> None:
    """Let the report tell of the study called `label`: one that is there, its own, or a new one."""
    study = review.studies.select_related("program").filter(label=label).order_by("pk").first()
    if study is None:
        # An import that met a report which tells of a study already: the list names that one.
        study = report.studies.select_related("program").order_by("pk").first()
    if study is None:
        study = Study.objects.create(review=review, label=label)
    if not report.study_links.filter(study=study).exists():
        studies.tell_of(report, study, by=by)
    had = study.program.name if study.program else ""
    studies.describe(study, by=by, label=label, program=had or program)


def _include(review: Review, reports: Iterable[int], *, name: str, by: User) -> BulkAct | None:
    """Include those that nobody has screened; None when there is none. Many are a job of their own."""
    waiting = Report.objects.filter(pk__in=list(reports), place=Place.ABSTRACT_OPEN)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return None
    with transaction.atomic():
        act = BulkAct.objects.create(
            review=review,
            kind=BulkAct.Kind.INCLUDED_ELSEWHERE,
            reason=f"Included elsewhere: {name}",
            by=by,
        )
        parts = (BulkPart(act=act, report_id=pk, before=Place.ABSTRACT_OPEN) for pk in ids)
        BulkPart.objects.bulk_create(parts, batch_size=1000)
        return bulk.begin(act, by=by)
