"""The PRISMA 2020 page: the figure, its numbers, what is pending, and whether they add up."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reviews import jobs
from reviews.access import MemberRequest, member
from reviews.models import Membership, Review
from reviews.refusal import Refused

from .. import flow, listing
from ..reporting import days, diagram, figures, past, prisma
from ..reporting.choices import Choices


def link_to(review: Review, day: date | None = None) -> diagram.Link:
    """Where the number of a box leads: the list of exactly those reports, records or studies, as it
    is now or was at the end of a past day."""

    def link(box: str, reason: int | str | None) -> str:
        address = of_today(box, reason)
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}on={day.isoformat()}" if day else address

    def of_today(box: str, reason: int | str | None) -> str:
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
def page(request: MemberRequest, review: Review) -> HttpResponse:
    by, today = Choices.of(request.GET.dict()), timezone.localdate()
    calendar = {"first": days.first_day(review), "today": today, "asked": request.GET.get("on", "")}
    context = {"step": "prisma", "by": by, **calendar}
    try:
        day = days.past_day_in(request.GET.get("on"))
        numbers, extent = _told(review, day)
    except past.NotCounted as one:
        job = past.begin(review, one.day, by=request.user)
        context |= {"job": job, "may_stop": jobs.may_stop(request.member, job), "day": one.day}
        return render(request, "screening/prisma.html", context, status=202)
    except Refused as refusal:
        return render(
            request, "screening/prisma.html", context | {"refusal": str(refusal)}, status=422
        )
    link = _link(request.member, day)
    drawn = figures.drawn(review, numbers, by, link)
    failing = [each for each in numbers["identities"] if not each["holds"]]
    query = "&".join(part for part in (by.query, f"on={day.isoformat()}" if day else "") if part)
    context |= {
        "day": day,
        "is_closed": link is None,
        "query": query,
        "numbers": numbers,
        "formats": figures.FORMATS,
        "d": drawn,
        "failing": failing,
        "rows": table(review, numbers, day),
        "extent": extent,
        "pending": [(diagram.PENDING_WORDS[key], n) for key, n in numbers["pending"].items() if n],
    }
    return render(request, "screening/prisma.html", context)


def _told(review: Review, day: date | None) -> tuple[dict[str, Any], flow.Extent | None]:
    """The numbers, and how much is included; all of one moment. Of a past day the numbers alone."""
    if day:
        return past.report(review, day), None
    with flow.one_moment():
        return prisma.counted(review), flow.of_studies(flow.studies_in(review))


def _link(member: Membership, day: date | None) -> diagram.Link | None:
    """Where numbers lead; None: they open nothing to this member (listing.is_closed)."""
    review = member.review
    if day is not None:
        past.ready(review, day.isoformat())
        then = days.kept(review, day)
        if then is None or listing.is_closed(member, review, then):
            return None
    return link_to(review, day)


def table(review: Review, numbers: dict, day: date | None) -> list[tuple[str, int, str]]:
    """(label, n, address) of every number, for those who don't see the figure."""
    link = link_to(review, day)
    labels = prisma.labels()
    updated, both = numbers["template"].split()
    left_out = ("" if both == "v2" else "O") + ("" if updated == "updated" else "PT")
    shown = [box for box in prisma.OFFICIAL if box[0] not in left_out]
    shown += [box for box in ("N_prev", "D_C", "D_G", "O_C", "O_G") if numbers["boxes"][box]]
    if numbers["boxes"]["D4_auto"]:
        at = shown.index("D4") + 1
        shown[at:at] = ["D4_human", "D4_auto"]
    return [(labels[box], numbers["boxes"][box], link(box, None)) for box in shown]


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    """The figure as a file, as the address chooses; `links=1`: its numbers lead back here; `on`: as it
    was at the end of that day."""
    if kind not in figures.CONTENT_TYPES:
        raise Http404(f"The diagram can be had as {', '.join(figures.CONTENT_TYPES)}.")

    def absolute(box: str, reason: int | str | None) -> str:
        return request.build_absolute_uri(link_to(review, day)(box, reason))

    try:
        day = days.past_day_in(request.GET.get("on"))
        numbers = past.report(review, day) if day else prisma.report(review)
    except past.NotCounted:
        # Where it is counted, and can be had afterwards.
        return redirect(f"{reverse('screening:prisma', args=[review.slug])}?on={day}")
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    link = absolute if request.GET.get("links") else None
    by = Choices.of(request.GET.dict())
    made = figures.write(review, numbers, kind, by, link)
    response = HttpResponse(made, content_type=figures.CONTENT_TYPES[kind])
    name = f"prisma-{review.slug}-{day.isoformat()}" if day else f"prisma-{review.slug}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
