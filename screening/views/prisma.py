"""The PRISMA 2020 page: the figure, its numbers, what is pending, and whether they add up."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from reviews.access import member
from reviews.models import Review

from .. import flow
from ..reporting import diagram, prisma


def link_to(review: Review) -> diagram.Link:
    """Where the number of a box leads: the list of exactly those reports, records or studies."""

    def link(box: str, reason: int | None) -> str:
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


def figure(review: Review, *, links: bool) -> str:
    """The diagram as SVG with real text; with links only where they lead somewhere."""
    drawn = diagram.draw(
        prisma.report(review),
        link=link_to(review) if links else None,
        title=f"PRISMA 2020 flow diagram: {review.title}",
    )
    return render_to_string("screening/prisma.svg", {"d": drawn})


@require_GET
@member("read")
def page(request: HttpRequest, review: Review) -> HttpResponse:
    numbers = prisma.report(review)
    drawn = diagram.draw(numbers, link=link_to(review), title=f"PRISMA 2020: {review.title}")
    failing = [each for each in numbers["identities"] if not each["holds"]]
    context = {
        "step": "prisma",
        "numbers": numbers,
        "d": drawn,
        "failing": failing,
        "rows": table(review, numbers),
        "pending": [(diagram.PENDING_WORDS[key], n) for key, n in numbers["pending"].items() if n],
    }
    return render(request, "screening/prisma.html", context)


def table(review: Review, numbers: dict) -> list[tuple[str, int, str]]:
    """(label, n, address) of every number, for those who don't see the figure."""
    link = link_to(review)
    labels = {
        **flow.RECORD_BOXES,
        **{
            # Both columns of the diagram have boxes of these names.
            box: f"Other methods: {about.label[0].lower()}{about.label[1:]}"
            if about.column == flow.OTHER_METHODS
            else about.label
            for box, about in flow.REPORT_BOXES.items()
        },
        **flow.STUDY_BOXES,
        "T_studies": "Total studies included in review",
        "T_reports": "Reports of total included studies",
    }
    updated, both = numbers["template"].split()
    left_out = ("" if both == "v2" else "O") + ("" if updated == "updated" else "PT")
    shown = [box for box in prisma.OFFICIAL if box[0] not in left_out]
    shown += [box for box in ("N_prev", "D_C", "D_G", "O_C", "O_G") if numbers["boxes"][box]]
    return [(labels[box], numbers["boxes"][box], link(box, None)) for box in shown]


@require_GET
@member("export")
def download(request: HttpRequest, review: Review, kind: str) -> HttpResponse:
    if kind == "json":
        response: HttpResponse = JsonResponse(
            prisma.report(review), json_dumps_params={"indent": 2, "ensure_ascii": False}
        )
    elif kind == "svg":
        response = HttpResponse(figure(review, links=False), content_type="image/svg+xml")
    else:
        raise Http404("The diagram can be had as svg or json.")
    response["Content-Disposition"] = f'attachment; filename="prisma-{review.slug}.{kind}"'
    return response
