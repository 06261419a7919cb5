"""What each source brought: the table, the picture of what they share, both as files."""

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from citations.writing import guarded
from reviews.access import MemberRequest, member
from reviews.models import Review

from ..flow import Place
from ..reporting import upset, yields
from ..reporting.yields import Combination, Counts, Source, Yields

COLUMNS = [
    "Source",
    "Kind",
    "Searches",
    "Records",
    "Reports",
    "Found nowhere else",
    "Shared",
    "Screened in",
    "Included",
    "Precision",
    "Number needed to read",
    "Included reports missed without it",
    "Included studies missed without it",
    "Search strings",
]


class Links:
    """Where each number leads: the list of exactly those reports."""

    def __init__(self, review: Review, found: Yields) -> None:
        self.reports = reverse("screening:reports", args=[review.slug])
        self.records = reverse("citations:records", args=[review.slug])
        self.found = found

    def to(self, **asked: str) -> str:
        return f"{self.reports}?{urlencode(asked)}" if asked else self.reports

    def of(self, source: Source) -> dict[str, str]:
        which = {"source" if len(source.searches) == 1 else "any": source.ids}
        alone = {"found": source.ids}
        return {
            "records": f"{self.records}?{urlencode(which)}",
            "reports": self.to(**which),
            "unique": self.to(**alone),
            "shared": self.to(shared=source.ids),
            "passed": self.to(**which, passed="1"),
            "included": self.to(**which, place=Place.INCLUDED),
            "missed": self.to(**alone, place=Place.INCLUDED),
        }

    def together(self) -> dict[str, str]:
        return {
            "records": self.records,
            "reports": self.to(),
            "passed": self.to(passed="1"),
            "included": self.to(place=Place.INCLUDED),
        }

    def to_combination(self, combination: Combination) -> dict[str, str]:
        ids = "-".join(source.ids for source in self.found.in_order(combination))
        return {"reports": self.to(found=ids), "included": self.to(found=ids, place=Place.INCLUDED)}


def _found(request: MemberRequest, review: Review) -> Yields:
    return yields.found(review, by_search=request.GET.get("by") == "search")


@require_GET
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    found = _found(request, review)
    links = Links(review, found)
    rows = [
        (combination, found.in_order(combination), links.to_combination(combination))
        for combination in found.tally.combinations
    ]
    context = {
        "step": "searches",
        "found": found,
        "rows": [(source, found.counts(source), links.of(source)) for source in found.sources],
        "together": found.tally.together,
        "together_links": links.together(),
        "combinations": rows[: yields.DRAWN],
        "folded": rows[yields.DRAWN :],
        "folded_reports": sum(each.reports for each in found.folded),
        "folded_included": sum(each.included for each in found.folded),
        "p": picture(review, found, links),
    }
    return render(request, "screening/yields.html", context)


def picture(review: Review, found: Yields, links: Links | None) -> upset.Picture:
    """The picture; with links only where they lead somewhere."""

    def leads(address: str) -> str:
        return address if links else ""

    sets = [
        upset.Set(
            source.name,
            found.counts(source).reports,
            leads(links.of(source)["reports"] if links else ""),
        )
        for source in found.sources
    ]
    overlaps = []
    for each in found.drawn:
        to = links.to_combination(each) if links else {"reports": "", "included": ""}
        members = [found.sources.index(source) for source in found.in_order(each)]
        overlaps.append(
            upset.Overlap(members, each.reports, each.included, to["reports"], to["included"])
        )
    if found.folded:
        overlaps.append(
            upset.Overlap(
                [],
                sum(each.reports for each in found.folded),
                sum(each.included for each in found.folded),
                leads("#folded"),
                leads("#folded"),
                name=f"{len(found.folded)} smaller combinations",
            )
        )
    return upset.draw(sets, overlaps, title=f"Sources that found the same reports: {review.title}")


@require_GET
@member("export")
def download(request: MemberRequest, review: Review, kind: str) -> HttpResponseBase:
    found = _found(request, review)
    if kind == "svg":
        drawn = {"p": picture(review, found, None), "on_paper": True}
        text = render_to_string("screening/upset.svg", drawn)
        answer = HttpResponse(text, content_type="image/svg+xml")
        name = f"source-overlap-{review.slug}.svg"
    elif kind in ("csv", "overlap"):
        lines = _table(found) if kind == "csv" else _overlap(found)
        answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
        name = f"source-{'yield' if kind == 'csv' else 'overlap'}-{review.slug}.csv"
    else:
        raise Http404("The yield can be had as csv, overlap or svg.")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _line(cells: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guarded(each) if isinstance(each, str) else each for each in cells])
    return out.getvalue()


def _table(found: Yields) -> Iterator[str]:
    yield "\ufeff" + _line(list(COLUMNS))
    for source in found.sources:
        strings = [f"{each.name}: {each.strategy}" for each in source.searches if each.strategy]
        counts = found.counts(source)
        yield _line(
            [source.name, source.kind, len(source.searches), *_cells(counts), "\n\n".join(strings)]
        )
    searches = sum(len(source.searches) for source in found.sources)
    yield _line(["All sources", "", searches, *_cells(found.tally.together), ""])


def _cells(counts: Counts) -> list[object]:
    return [
        counts.records,
        counts.reports,
        counts.unique,
        counts.shared,
        counts.passed,
        counts.included,
        "" if counts.precision is None else round(counts.precision, 4),
        "" if counts.to_read is None else round(counts.to_read, 1),
        counts.missed_reports,
        counts.missed_studies,
    ]


def _overlap(found: Yields) -> Iterator[str]:
    yield "\ufeff" + _line([*(source.name for source in found.sources), "Reports", "Included"])
    for each in found.tally.combinations:
        marks = [int(source.key in each.sources) for source in found.sources]
        yield _line([*marks, each.reports, each.included])
