"""References with where they stand and the decisions that the reader may see."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from citations import writing
from citations.models import BIBLIOGRAPHIC_FIELDS, Record, Report
from reviews.models import Membership

from .flow import Place
from .models import Decision

COLUMNS = ["id", *BIBLIOGRAPHIC_FIELDS, "sources", "place", "decisions"]
PIECE = 500  # reports read at a time, so that memory stays flat


def rows(reports: QuerySet[Report], member: Membership) -> Iterator[writing.Row]:
    """One row a report: bibliography, sources, place, and decisions as `member` may see them."""
    found = reports.order_by("pk").iterator(chunk_size=PIECE)
    while piece := list(islice(found, PIECE)):
        ids = [report.pk for report in piece]
        said = _decisions(ids, member)
        sources = _sources(ids)
        for report in piece:
            row: dict[str, Any] = {"id": report.pk}
            row |= {name: getattr(report, name) for name in BIBLIOGRAPHIC_FIELDS}
            row["sources"] = sources.get(report.pk, [])
            row["place"] = Place(report.place).label
            row["decisions"] = said.get(report.pk, [])
            yield row


def _decisions(ids: Iterable[int], member: Membership) -> dict[int, list[str]]:
    visible = Decision.objects.current().visible_to(member).filter(report__in=list(ids))
    told: dict[int, list[str]] = {}
    for each in visible.select_related("by", "reason").order_by("pk"):
        words = f"{each.get_stage_display()}, {each.by}: {each.verdict}"
        if each.reason:
            words += f" ({each.reason})"
        told.setdefault(each.report_id, []).append(words + (", final" if each.final else ""))
    return told


def _sources(ids: Iterable[int]) -> dict[int, list[str]]:

    named: dict[int, list[str]] = {}
    found = Record.objects.filter(report__in=list(ids)).order_by("pk")
    for report, name in found.values_list("report", "search__name"):
        if name not in named.setdefault(report, []):
            named[report].append(name)
    return named


def response(
    reports: QuerySet[Report], member: Membership, kind: str, name: str
) -> HttpResponseBase:
    """The references as a download in the format `kind`; Http404 for one that we don't write."""
    if kind not in writing.CONTENT_TYPES:
        raise Http404("References can be had as ris, bib, csv, xlsx or json.")
    found = rows(reports, member)
    answer: HttpResponseBase
    if kind == "xlsx":
        answer = HttpResponse(writing.xlsx(found, COLUMNS), writing.CONTENT_TYPES[kind])
    else:
        text = {
            "ris": lambda: writing.ris(found),
            "bib": lambda: writing.bib(found),
            "csv": lambda: writing.comma_separated(found, COLUMNS),
            "json": lambda: writing.as_json(found),
        }[kind]()
        answer = StreamingHttpResponse(text, writing.CONTENT_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
