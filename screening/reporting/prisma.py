"""The PRISMA 2020 numbers in the shape that page, API, command and figure share."""

from typing import Any

from django.db.models import QuerySet

from citations.models import DATABASE_KINDS, Search
from reviews.models import Review

from .. import elsewhere, flow
from ..models import Reason
from ..relevance import stopping

# The ids that PRISMA.md names, in the order of the diagram; the rest of flow's numbers are ours.
OFFICIAL = [
    *("D1_db", "D1_reg", "D2_dup", "D2_auto", "D2_other", "D3", "D4", "D5", "D6", "D7", "D8"),
    *("O1", "O1_website", "O1_organisation", "O1_citation", "O5", "O6", "O7", "O8"),
    *("P_studies", "P_reports", "I_studies", "I_reports", "T_studies", "T_reports"),
]


def report(review: Review) -> dict[str, Any]:
    """Boxes, reasons, identities and what is pending, as plain data.

    `draft` is true while anything is pending: PRISMA.md asks for a final figure only when nothing
    waits and no question about duplicates is open. So it is while nothing has come in (`empty`).
    """
    with flow.one_moment():
        return counted(review)


def counted(review: Review) -> dict[str, Any]:
    """The same of whatever moment the caller is in."""
    found = flow.take(review)
    boxes = flow.boxes(review, found)
    pending = flow.pending(review, boxes)
    given = flow.reasons_by_column(review)
    listed = Reason.objects.filter(review=review).select_related("parent")
    labels = {reason.pk: reason.full_label for reason in listed}
    empty = not any(boxes[box] for box in ("D1", "O1", "P_studies", "P_reports"))
    others = any(each.kind not in DATABASE_KINDS for each in found.searches)
    columns = "v2" if others else "v1"
    return {
        "template": f"{'updated' if flow.is_update(review) else 'new'} {columns}",
        "boxes": boxes,
        "reasons": _labelled(given[flow.DATABASES], labels),
        "other_reasons": _labelled(given[flow.OTHER_METHODS], labels),
        "sources": sources(review, found),
        "identities": [
            {
                "number": each.number,
                "says": each.says,
                "left": each.left,
                "right": each.right,
                "holds": each.holds,
            }
            for each in flow.identities(review, boxes, found, given, pending)
        ],
        "pending": pending,
        "draft": any(pending.values()) or empty,
        "empty": empty,
        "included_elsewhere": elsewhere.count(review)
        if boxes["D_included"] + boxes["O_included"]
        else 0,
        "stopped": stopping.footnotes(review) if boxes["D2_auto"] else [],
    }


def _labelled(counted: dict[int, int], labels: dict[int, str]) -> list[dict[str, Any]]:
    """[{"id", "reason", "n"}] of the excluded full texts, most frequent first."""
    rows = [
        {"id": pk, "reason": labels.get(pk, "No reason on record"), "n": n}
        for pk, n in counted.items()
    ]
    return sorted(rows, key=lambda row: (-int(row["n"]), str(row["reason"])))


def sources(review: Review, found: flow.Tally | None = None) -> list[dict[str, Any]]:
    """Every source with its kind and the number identified (with what was removed before import)."""
    return [
        {"id": search.pk, "name": search.name, "kind": search.kind, "n": n}
        for search, n in flow.identified(review, found)
    ]


def labels() -> dict[str, str]:
    """What every number of the diagram is called where it stands alone."""
    return {
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


def searches_of(review: Review) -> QuerySet[Search]:
    """The searches of the version that the diagram is about."""
    return Search.objects.filter(review=review, version=review.version)


def of_kind(found: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    return [source for source in found if source["kind"] in kinds]


KIND_WORDS = {
    Search.Kind.DATABASE: "Databases",
    Search.Kind.REGISTER: "Registers",
    Search.Kind.WEBSITE: "Websites",
    Search.Kind.ORGANISATION: "Organisations",
    Search.Kind.CITATION: "Citation searching",
}
