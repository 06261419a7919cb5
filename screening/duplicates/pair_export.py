"""Every pair that the matching stored or a person named, with each answer that was ever given."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from citations.models import DuplicatePair, Record, RelatedReport
from citations.writing import Row
from reviews.models import Review, User

COLUMNS = [
    "pair",
    "first_report",
    "second_report",
    "first_title",
    "second_title",
    "first_sources",
    "second_sources",
    "probability",
    "rule",
    "why",
    "zone",
    "answer",
    "kind",
    "answered_by",
    "answered_at",
    "undone_by",
    "undone_at",
    "merge",
]
PIECE = 400  # pairs read at a time, so that memory stays flat
MACHINE = "(the matching)"


def rows(review: Review) -> Iterator[Row]:
    """A row for each pair as it stands (`answer` is "" where it is open), and before it one for
    each answer that was taken back, with who undid it and when."""
    names = {user.pk: str(user) for user in User.objects.filter(memberships__review=review)}
    pairs: QuerySet[DuplicatePair] = DuplicatePair.objects.filter(review=review).order_by("pk")
    found = pairs.select_related("first", "second", "answered_by").iterator(chunk_size=PIECE)
    while piece := list(islice(found, PIECE)):
        kinds = _kinds(piece)
        sources = _sources(piece)
        for pair in piece:
            shared = {
                "pair": pair.pk,
                "first_report": pair.first_id,
                "second_report": pair.second_id,
                "first_title": pair.first.title,
                "second_title": pair.second.title,
                "first_sources": sources.get(pair.first_id, []),
                "second_sources": sources.get(pair.second_id, []),
                "probability": f"{pair.probability:.5f}",
                "rule": pair.rule,
                "why": pair.why,
                "zone": pair.zone,
            }
            for line in pair.past:
                yield shared | {
                    "answer": line.get("answer", ""),
                    "answered_by": _name(names, line.get("by")),
                    "answered_at": line.get("at") or "",
                    "undone_by": _name(names, line.get("undone_by")),
                    "undone_at": line.get("undone_at") or "",
                }
            yield shared | _as_it_stands(pair, kinds)


def _as_it_stands(pair: DuplicatePair, kinds: dict[tuple[int, int], str]) -> dict[str, Any]:
    if not pair.answer:
        return {"answer": ""}
    return {
        "answer": pair.answer,
        "kind": kinds.get((pair.first_id, pair.second_id), "") if pair.answer == "related" else "",
        "answered_by": str(pair.answered_by) if pair.answered_by else MACHINE,
        "answered_at": pair.answered_at.isoformat() if pair.answered_at else "",
        "merge": pair.merge_id or "",
    }


def _name(names: dict[int, str], pk: int | None) -> str:
    return MACHINE if pk is None else names.get(pk, f"person {pk}")


def _kinds(pairs: list[DuplicatePair]) -> dict[tuple[int, int], str]:
    links = RelatedReport.objects.filter(
        first__in=[pair.first_id for pair in pairs], removed_at=None
    )
    return {(link.first_id, link.second_id): link.kind for link in links}


def _sources(pairs: list[DuplicatePair]) -> dict[int, list[str]]:
    """The sources of each report's records; of one that was absorbed, of the report it is in."""
    heads = {
        side.pk: side.merged_into_id or side.pk
        for pair in pairs
        for side in (pair.first, pair.second)
    }
    named: dict[int, list[str]] = {}
    records = Record.objects.filter(report__in=set(heads.values())).order_by("pk")
    for report, name in records.values_list("report", "search__name"):
        if name not in named.setdefault(report, []):
            named[report].append(name)
    return {pk: named.get(head, []) for pk, head in heads.items()}
