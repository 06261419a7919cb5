"""References with where they stand and the decisions that the reader may see."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime

from citations import writing
from citations.models import BIBLIOGRAPHIC_FIELDS, Record, Report, RetrievalEvent, Study
from citations.seeking import library_link
from reviews.models import Membership, Stage
from reviews.refusal import Refused

from .. import naming
from ..desk import by_criterion, labels
from ..desk.hiding import hidden_places, veil
from ..duplicates import marks
from ..flow import Place
from ..models import Decision
from ..querysets import DecisionQuerySet

TOLD = ["retraction", "place", "decisions", "reasons", "labels"]
COLUMNS = ["id", *BIBLIOGRAPHIC_FIELDS, "sources", *TOLD]
RECORD_COLUMNS = ["id", *BIBLIOGRAPHIC_FIELDS, "source", "file", "line", "report", *TOLD]
ANSWER = ["stage", "verdict", "reason", "criteria", "note", "by", "at"]
DECISION_COLUMNS = [*COLUMNS, *ANSWER]
STUDY_COLUMNS = [*COLUMNS, "studies", "programs"]
WORKLIST_COLUMNS = [*COLUMNS, "last_step", "last_step_on", "letters", "library_link"]
RETRACTION_SAYS = {"": "", marks.RETRACTED: "Retracted", marks.NOTICE: "Retraction notice"}
PIECE = 500  # rows read at a time, so that memory stays flat
NAMES = {
    "ris": "RIS",
    "bib": "BibTeX",
    "csv": "CSV",
    "xlsx": "Excel (XLSX)",
    "json": "CSL-JSON",
    "xml": "EndNote XML",
}
# What the menu offers: (kind, name) of every format that we write.
FORMATS = [(kind, NAMES.get(kind, kind.upper())) for kind in writing.CONTENT_TYPES]


def rows(
    reports: QuerySet[Report],
    member: Membership,
    more: Callable[[Any], dict[str, Any]] = lambda report: {},
    *,
    settling: bool = False,
) -> Iterator[writing.Row]:
    """One row a report: bibliography, sources, place, decisions and reasons as `member` may see them.

    `more` adds what this list alone says of a report; `settling`: as in naming.hidden_stages.
    """
    found = reports.order_by("pk").iterator(chunk_size=PIECE)
    hidden, unnamed = hidden_places(member), naming.hidden_stages(member, settling=settling)
    while piece := list(islice(found, PIECE)):
        veil(piece, member, hidden)
        ids = [report.pk for report in piece]
        told, sources = _told(piece, member, unnamed), _sources(ids)
        for report in piece:
            row = _bibliography(report) | {"sources": sources.get(report.pk, [])}
            yield row | told[report.pk] | more(report)


def decision_rows(
    decisions: DecisionQuerySet, member: Membership, *, settling: bool = False
) -> Iterator[writing.Row]:
    """One row a decision, in their order: its report as in `rows`, and the answer itself.

    A report on which two stages were decided has a row for each, as the list on the page has.
    """
    ordered = decisions.visible_to(member).select_related("report", "by", "reason")
    found = ordered.iterator(chunk_size=PIECE)
    hidden, unnamed = hidden_places(member), naming.hidden_stages(member, settling=settling)
    while piece := list(islice(found, PIECE)):
        reports = [decision.report for decision in piece]
        veil(reports, member, hidden)
        told, sources = _told(reports, member, unnamed), _sources(report.pk for report in reports)
        called = naming.beside(member, piece, unnamed, own=str(member.user))
        answers = by_criterion.criterion_answers([decision.pk for decision in piece])
        for decision in piece:
            row = _bibliography(decision.report)
            row |= {"sources": sources.get(decision.report_id, [])} | told[decision.report_id]
            yield row | {
                "stage": decision.get_stage_display(),
                "verdict": decision.verdict,
                "reason": str(decision.reason or ""),
                "criteria": [
                    f"{asked.kind_label} {asked.text}: {says}"
                    for asked, says in answers.get(decision.pk, {}).items()
                ],
                "note": decision.note,
                "by": called[decision.pk],
                "at": localtime(decision.at).isoformat(timespec="seconds"),
            }


def _bibliography(of: Report | Record) -> dict[str, Any]:
    return {"id": of.pk} | {name: getattr(of, name) for name in BIBLIOGRAPHIC_FIELDS}


def record_rows(records: QuerySet[Record], member: Membership) -> Iterator[writing.Row]:
    """One row a record: as the database gave it, where it stood, and what became of its report."""
    ordered = records.select_related("search", "upload", "report").defer("raw").order_by("pk")
    found = ordered.iterator(chunk_size=PIECE)
    hidden, unnamed = hidden_places(member), naming.hidden_stages(member)
    while piece := list(islice(found, PIECE)):
        veil(piece, member, hidden)
        told = _told([record.report for record in piece], member, unnamed)
        for record in piece:
            row = _bibliography(record)
            row |= {"source": record.search.name, "report": record.report_id}
            if record.upload:
                row |= {"file": record.upload.name, "line": record.line}
            yield row | told[record.report_id]


def _told(
    reports: Iterable[Report], member: Membership, unnamed: frozenset[str]
) -> dict[int, dict[str, Any]]:
    """{report id: what TOLD names}, no more of it than `member` may see. 5 queries.

    At a stage in `unnamed` others go without their names (1 query more).

    A stage that has a final word gives that word's reason alone: it is the one that counts
    (PRISMA 2020 item 16b). Otherwise each reason that somebody gave stands there once.
    """
    reports = list(reports)
    places = {report.pk: report.place for report in reports}
    known = marks.marks_of(reports)
    visible = Decision.objects.current().visible_to(member).filter(report__in=list(places))
    given = labels.names_on(list(places), member)
    said: dict[int, list[Decision]] = {}
    listed = list(visible.select_related("by", "reason").order_by("pk"))
    called = naming.beside(member, listed, unnamed, own=str(member.user))
    # Further reasons are given at full text only: other lists need not ask for any.
    prefetch_related_objects([d for d in listed if d.stage == Stage.FULLTEXT], "others")
    for each in listed:
        said.setdefault(each.report_id, []).append(each)
    return {
        pk: {
            "retraction": RETRACTION_SAYS[known[pk].retraction],
            "place": Place(place).label,
            "decisions": [_in_words(each, called[each.pk]) for each in said.get(pk, [])],
            "reasons": _reasons(said.get(pk, [])),
            "labels": given.get(pk, []),
        }
        for pk, place in places.items()
    }


def _in_words(decision: Decision, name: str) -> str:
    words = f"{decision.get_stage_display()}, {name}: {decision.verdict}"
    if decision.reason:
        further = decision.others.all() if decision.stage == Stage.FULLTEXT else []
        also = ", ".join(str(other) for other in further)
        words += f" ({decision.reason}; also: {also})" if also else f" ({decision.reason})"
    if decision.automation:
        return f"{words}, automation tool"
    return words + (", final" if decision.final else "")


def _reasons(decisions: list[Decision]) -> list[str]:
    final = {each.stage for each in decisions if each.final}
    given = [each for each in decisions if each.final or each.stage not in final]
    named = [f"{each.get_stage_display()}: {each.reason}" for each in given if each.reason]
    return list(dict.fromkeys(named))


def _sources(ids: Iterable[int]) -> dict[int, list[str]]:
    named: dict[int, list[str]] = {}
    found = Record.objects.arrived().filter(report__in=list(ids)).order_by("pk")
    for report, name in found.values_list("report", "search__name"):
        if name not in named.setdefault(report, []):
            named[report].append(name)
    return named


def response(
    reports: QuerySet[Report], member: Membership, kind: str, name: str, *, settling: bool = False
) -> HttpResponseBase:
    """The reports as a download in the format `kind`; Http404 for one that we don't write."""
    return _download(rows(reports, member, settling=settling), COLUMNS, kind, name)


def record_response(
    records: QuerySet[Record], member: Membership, kind: str, name: str
) -> HttpResponseBase:
    """The records as a download in the format `kind`; Http404 for one that we don't write."""
    return _download(record_rows(records, member), RECORD_COLUMNS, kind, name)


def decision_response(
    decisions: DecisionQuerySet, member: Membership, kind: str, name: str, *, settling: bool = False
) -> HttpResponseBase:
    """The decisions as a download in the format `kind`; Http404 for one that we don't write."""
    found = decision_rows(decisions, member, settling=settling)
    return _download(found, DECISION_COLUMNS, kind, name)


def study_response(
    reports: QuerySet[Report], studies: QuerySet[Study], member: Membership, kind: str, name: str
) -> HttpResponseBase:
    """The reports of `studies`, each with those of them that it tells of, and their programs."""

    def more(report: Any) -> dict[str, Any]:
        programs = [study.program.name for study in report.listed if study.program]
        return {
            "studies": [study.label for study in report.listed],
            "programs": list(dict.fromkeys(programs)),
        }

    named = Prefetch("studies", studies.select_related("program"), to_attr="listed")
    found = rows(reports.prefetch_related(named), member, more)
    return _download(found, STUDY_COLUMNS, kind, name)


def worklist_response(
    reports: QuerySet[Report], member: Membership, kind: str, name: str, resolver: str = ""
) -> HttpResponseBase:
    """The reports of the worklist, with the last step of seeking each full text.

    `letters` is how often its author was written to, `library_link` by the template `resolver`.
    """

    def more(report: Any) -> dict[str, Any]:
        said = {"letters": report.letters or "", "library_link": library_link(report, resolver)}
        if not report.last_outcome:
            return {"last_step": "", "last_step_on": "", **said}
        step = RetrievalEvent.Outcome(report.last_outcome).label
        way = RetrievalEvent.Way(report.last_way).label if report.last_way else ""
        if named := ", ".join(part for part in (way, report.last_where) if part):
            step += f": {named}"
        day = localtime(report.last_at).date().isoformat()
        return {"last_step": step, "last_step_on": day, **said}

    return _download(rows(reports, member, more), WORKLIST_COLUMNS, kind, name)


def _download(
    found: Iterator[writing.Row], columns: Sequence[str], kind: str, name: str
) -> HttpResponseBase:
    if kind not in writing.CONTENT_TYPES:
        raise Http404(f"References can be had as {', '.join(writing.CONTENT_TYPES)}.")
    first = next(found, None)
    if first is None:
        raise Refused("This list is empty: there is nothing to export.")
    written = writing.write(kind, chain([first], found), columns)
    answer = StreamingHttpResponse(written, writing.CONTENT_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
