"""The PRISMA 2020 page: the figure, its numbers, what is pending, and whether they add up."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import Review
from reviews.refusal import Refused

from .. import flow
from ..reporting import diagram, figures, past, prisma
from ..reporting.choices import Choices


def link_to(review: Review) -> diagram.Link:
    """Where the number of a box leads: the list of exactly those reports, records or studies."""

    def link(box: str, reason: int | str | None) -> str:
        if box == "source":
            return f"{reverse('citations:records', args=[review.slug])}?source={reason}"
        if box in flow.STUDY_BOXES:
            return f"{reverse('screening:studies', args=[review.slug])}?box={box}"
        if box in ("T_studies", "T_reports"):
            name = "studies" if box == "T_studies" else "reports"
            listed = "" if box == "T_studies" else "?place=included"
            return reverse(f"screening:{name}", args=[review.slug]) + listed
        if box in flow.RECORD_BOXES:
            return f"{reverse('citations:records', args=[review.slug])}?box={box}"
        address = f"{reverse('screening:reports', args=[review.slug])}?box={box}"
        return f"{address}&reason={reason}" if reason else address

    return link


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    by, today = Choices.of(request.GET.dict()), timezone.localdate()
    days = {"first": past.first_day(review), "today": today, "asked": request.GET.get("on", "")}
    try:
        day = past.day_in(request.GET.get("on"))
        numbers = past.report(review, day) if day else prisma.report(review)
    except Refused as refusal:
        context = {"step": "prisma", "refusal": str(refusal), **days}
        return render(request, "screening/prisma.html", context, status=422)
    day = None if day == today else day
    # The lists behind the numbers are those of the present.
    drawn = figures.drawn(review, numbers, by, None if day else link_to(review))
    failing = [each for each in numbers["identities"] if not each["holds"]]
    query = "&".join(part for part in (by.query, f"on={day.isoformat()}" if day else "") if part)
    context = {
        "step": "prisma",
        **days,
        "day": day,
        "query": query,
        "numbers": numbers,
        "by": by,
        "formats": figures.FORMATS,
        "d": drawn,
        "failing": failing,
        "rows": table(review, numbers),
        "extent": flow.of_studies(flow.studies_in(review)),
        "pending": [(diagram.PENDING_WORDS[key], n) for key, n in numbers["pending"].items() if n],
    }
    return render(request, "screening/prisma.html", context)


def table(review: Review, numbers: dict) -> list[tuple[str, int, str]]:
    """(label, n, address) of every number, for those who don't see the figure."""
    link = link_to(review)
    labels = prisma.labels()
    updated, both = numbers["template"].split()
    left_out = ("" if both == "v2" else "O") + ("" if updated == "updated" else "PT")
    shown = [box for box in prisma.OFFICIAL if box[0] not in left_out]
    shown += [box for box in ("N_prev", "D_C", "D_G", "O_C", "O_G") if numbers["boxes"][box]]
    return [(labels[box], numbers["boxes"][box], link(box, None)) for box in shown]


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    """The figure as a file, as the address chooses; `links=1`: its numbers lead back here; `on`: as it
    was at the end of that day, then without links."""
    if kind not in figures.CONTENT_TYPES:
        raise Http404(f"The diagram can be had as {', '.join(figures.CONTENT_TYPES)}.")
    to = link_to(review)

    def absolute(box: str, reason: int | str | None) -> str:
        return request.build_absolute_uri(to(box, reason))

    try:
        day = past.day_in(request.GET.get("on"))
        numbers = past.report(review, day) if day else prisma.report(review)
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    link = absolute if request.GET.get("links") and not day else None
    by = Choices.of(request.GET.dict())
    made = figures.write(review, numbers, kind, by, link)
    response = HttpResponse(made, content_type=figures.CONTENT_TYPES[kind])
    name = f"prisma-{review.slug}-{day.isoformat()}" if day else f"prisma-{review.slug}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
