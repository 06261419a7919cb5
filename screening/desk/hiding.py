"""Reports without authors, journal and year before those whom the rules of a stage hide them from.

It follows from a report's place alone: who has decided goes on without them until everybody has. It
holds for whoever screens, wherever they read: the screening page, lists, a report's page, files and
the API. A lead who does not screen, adjudicators and extractors see everything.
"""

from collections.abc import Iterable
from typing import Any

from citations.models import BIBLIOGRAPHIC_FIELDS, Record, Report
from reviews.access import abilities
from reviews.models import Membership, Stage

from .. import flow

# What tells where a report comes from. The others (title, abstract, keywords, kind) are what it is.
TELLING: dict[str, Any] = {
    "authors": [],
    "year": None,
    "journal": "",
    "volume": "",
    "issue": "",
    "pages": "",
    "doi": "",
    "pmid": "",
    "isbn": "",
    "url": "",
}
_FIELDS = {name: empty for name, empty in TELLING.items() if name in BIBLIOGRAPHIC_FIELDS}


def hidden_places(member: Membership, hiding: Iterable[str] | None = None) -> set[str]:
    """Where reports stand before `member` without what TELLING names. 1 query, none for others.

    `hiding`: the stages whose rules hide it, where the caller has read them: then none.
    """
    if "screen" not in abilities(member):
        return set()
    stages = hiding
    if stages is None:
        rules = member.review.stage_rules.filter(hide_source=True)
        stages = rules.values_list("stage", flat=True)
    return {place for stage in stages for place in flow.OPEN_PLACES[Stage(stage)]}


def veil(
    rows: Iterable[Report | Record], member: Membership, places: set[str] | None = None
) -> None:
    """Empty what `member` may not read in rows that are about to be shown. They must not be saved.

    Records are shown as they came, so a veiled one loses its raw lines too. `places`: from
    `hidden_places`, where the caller has them.
    """
    hidden = hidden_places(member) if places is None else places
    if not hidden:
        return
    for row in rows:
        report = row if isinstance(row, Report) else row.report
        if report.place not in hidden:
            continue
        for name, empty in _FIELDS.items():
            _set(row, name, empty)
        if isinstance(row, Record):
            row.raw = {}


def _set(row: Any, name: str, empty: Any) -> None:
    setattr(row, name, list(empty) if isinstance(empty, list) else empty)
