"""Which reports tell of which study, and which program a study describes."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Left

from reviews import audit, past
from reviews.models import Review, User
from reviews.refusal import Clash, Refused

from .models import FullText, Program, Report, ReportsApart, Study, StudyReport
from .study_signs import Suggestion, Told, suggest

FIRST_LETTERS = (
    20_000  # of a full text, in which authors say who took part and where it is registered
)


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
def rename_program(program: Program, *, by: User, name: str, join: bool = False) -> Program:
    """Give a program another name, for all of its studies; gives the program that they describe now.

    Where another one has that name already, `join` says that the two are one: its studies are those
    of both from then on. Without it such a name is refused, unless no study describes the other.
    """
    program = Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
    before, name = program.name, name.strip()[:200]
    if not name:
        raise Refused("Give the program a name.")
    if name == before:
        return program
    mine = program.studies.select_for_update(no_key=True).order_by("pk")
    told = {"name": name, "studies": [study.pk for study in mine]}
    there = Program.objects.filter(review=program.review, name=name).first()
    if there is None:
        program.name = name
        program.save(update_fields=["name"])
        verb = "renamed a program"
    else:
        if (many := there.studies.count()) and not join:
            are = "1 study" if many == 1 else f"{many} studies"
            raise Clash(f"“{name}” is there already, with {are}. Say that the two are one program.")
        program.studies.update(program=there)
        program, verb = there, "joined two programs"
    audit.record(program.review, verb, by=by, target=program, before={"name": before}, after=told)
    return program


def keep_grouping(review: Review, reports: QuerySet[Report]) -> None:
    """For the state of a past day: which studies each of `reports` tells of now."""
    told: dict[int, dict[str, list[int]]] = {
        pk: {"studies": []} for pk in reports.values_list("pk", flat=True)
    }
    links = StudyReport.objects.filter(report__in=list(told)).order_by("pk")
    for report, study in links.values_list("report", "study"):
        told[report]["studies"].append(study)
    past.keep_said(review, Report, told)


@transaction.atomic
def tell_of(report: Report, study: Study, *, by: User, also: bool = False) -> StudyReport:
    """Let `report` tell of `study` instead of the studies it told of before, or of it as well.

    A study that no report tells of any more stays, with what was extracted from it.
    """
    report = (
        Report.objects.select_for_update(of=("self",)).select_related("review").get(pk=report.pk)
    )
    if study.review_id != report.review_id:
        raise Refused("That study belongs to another review.")
    before = list(report.study_links.values_list("study", flat=True))
    keep_grouping(report.review, Report.objects.filter(pk=report.pk))
    if not also:
        report.study_links.exclude(study=study).delete()
    link, _ = StudyReport.objects.get_or_create(study=study, report=report)
    after = list(report.study_links.order_by("pk").values_list("study", flat=True))
    if sorted(before) != sorted(after):
        audit.record(
            report.review, "grouped a report", by=by, target=report, before=before, after=after
        )
    return link


@transaction.atomic
def split(report: Report, study: Study, *, by: User) -> Study:
    """Let `report` tell of a new study instead of `study`, named after its authors and year."""
    report = (
        Report.objects.select_for_update(of=("self",)).select_related("review").get(pk=report.pk)
    )
    if not report.study_links.filter(study=study).exists():
        raise Clash("This report does not tell of that study.")
    if study.links.count() == 1 and report.study_links.count() == 1:
        raise Refused("It is the only report of this study.")
    label = " ".join(str(part) for part in (report.byline, report.year) if part)
    made = Study.objects.create(review=report.review, label=label[:200] or str(report)[:200])
    keep_grouping(report.review, Report.objects.filter(pk=report.pk))
    report.study_links.filter(study=study).update(study=made)
    audit.record(
        report.review, "split a study", by=by, target=report, before=[study.pk], after=[made.pk]
    )
    return made


@transaction.atomic
def join(first: Report, second: Report, *, by: User) -> Study:
    """Let both, and what was grouped with `second`, tell of the study that `first` tells of.

    The other study stays without reports, with what was extracted from it.
    """
    keep = first.studies.order_by("pk").first()
    if keep is None or second.review_id != first.review_id:
        raise Refused("Only included reports of one review tell of a study.")
    others = Report.objects.filter(studies__in=second.studies.exclude(pk=keep.pk))
    for report in others.distinct().order_by("pk"):
        tell_of(report, keep, by=by)
    tell_of(second, keep, by=by)
    return keep


@transaction.atomic
def keep_apart(first: Report, second: Report, *, by: User) -> ReportsApart:
    """They tell of different studies; don't suggest it again."""
    low, high = sorted((first, second), key=lambda report: report.pk)
    if low.review_id != high.review_id or low.pk == high.pk:
        raise Refused("Choose two reports of one review.")
    made, is_new = ReportsApart.objects.get_or_create(first=low, second=high, defaults={"by": by})
    if is_new:
        audit.record(low.review, "kept two reports apart", by=by, target=low, after=high.pk)
    return made


def suggestions(reports: Iterable[Report]) -> list[Suggestion]:
    """Pairs of `reports` that may tell of one study and of which nobody said otherwise. 4 queries."""
    found = {report.pk: report for report in reports}
    links: dict[int, set[int]] = {}
    programs: dict[int, set[str]] = {}
    rows = StudyReport.objects.filter(report__in=found).select_related("study__program")
    for link in rows:
        links.setdefault(link.report_id, set()).add(link.study_id)
        if link.study.program:
            programs.setdefault(link.report_id, set()).add(link.study.program.name)
    texts = FullText.objects.filter(report__in=found, removed_at=None)
    heads = dict(texts.values_list("report", Left("text", FIRST_LETTERS)))
    told = [
        Told(
            pk,
            report.title,
            tuple(str(author) for author in report.authors),
            report.year,
            f"{report.abstract}\n{heads.get(pk, '')}",
            frozenset(links.get(pk, ())),
            tuple(programs.get(pk, ())),
        )
        for pk, report in found.items()
    ]
    apart = set(
        ReportsApart.objects.filter(first__in=found, second__in=found).values_list(
            "first", "second"
        )
    )
    return [
        each
        for each in suggest(told)
        if (min(each.first, each.second), max(each.first, each.second)) not in apart
    ]
