"""Which reports tell of which study, and which program a study describes."""

from django.db import transaction

from reviews import audit
from reviews.models import User
from reviews.refusal import Refused

from .models import Program, Report, Study, StudyReport


@transaction.atomic
def describe(study: Study, *, by: User, label: str, program: str = "") -> Study:
    """Name a study and the program that it describes ("" for none)."""
    study = (
        Study.objects.select_for_update(of=("self",))
        .select_related("review", "program")
        .get(pk=study.pk)
    )
    if not label.strip():
        raise Refused("Give the study a name.")
    before = {"label": study.label, "program": study.program.name if study.program else ""}
    study.label = label.strip()[:200]
    study.program = None
    if program.strip():
        study.program, _ = Program.objects.get_or_create(
            review=study.review, name=program.strip()[:200]
        )
    after = {"label": study.label, "program": study.program.name if study.program else ""}
    if before != after:
        study.save(update_fields=["label", "program"])
        audit.record(
            study.review, "described a study", by=by, target=study, before=before, after=after
        )
    return study


@transaction.atomic
def tell_of(report: Report, study: Study, *, by: User) -> StudyReport:
    """Let `report` tell of `study` instead of the studies it told of before.

    A study that no report tells of any more stays, with what was extracted from it.
    """
    report = (
        Report.objects.select_for_update(of=("self",)).select_related("review").get(pk=report.pk)
    )
    if study.review_id != report.review_id:
        raise Refused("That study belongs to another review.")
    before = list(report.study_links.values_list("study", flat=True))
    report.study_links.exclude(study=study).delete()
    link, _ = StudyReport.objects.get_or_create(study=study, report=report)
    if before != [study.pk]:
        audit.record(
            report.review, "grouped a report", by=by, target=report, before=before, after=[study.pk]
        )
    return link
