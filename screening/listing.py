"""Which reports and records a list shows: one filter for the page, its export and its number.

What an address may ask: box, reason, place, source, label and q, which the page has controls for; and

- `any=3.5`: found by search 3 or 5 (several searches of one database count as one source),
- `shared=3.5`: found by search 3 or 5, and by another one,
- `found=3.5-7`: found by 3 or 5, and by 7, and by no other,
- `passed=1`: past title and abstract,
- `new=8`: new with the file 8, that is, no earlier file had brought it,
- `on=2026-03-31`: what box, reason, place or source counted at the end of that day (reporting/days.py),
- `agreed=abstract_2_b`: behind a number of the agreement panel (screening/reporting/behind.py).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404, QueryDict

from citations import origins
from citations.models import Record, Report, Study
from reviews.models import Membership, Review
from reviews.refusal import Refused

from . import flow, naming
from .desk.hiding import hidden_places
from .flow import Place
from .models import Labelling
from .querysets import OPENED_AT, is_blind
from .reporting import behind, days

# The parameters of an address, or the same names and texts as the API has checked them.
Asked = QueryDict | Mapping[str, str]


def number_in(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def ids_in(text: str | None) -> list[int]:
    """ "3.5" -> [3, 5]; [] for anything else."""
    found = [number_in(part) for part in (text or "").split(".")]
    return [] if None in found else [pk for pk in found if pk is not None]


def groups_in(text: str | None) -> list[list[int]]:
    """ "3.5-7" -> [[3, 5], [7]]: sources, each as the ids of its searches; [] for anything else."""
    found = [ids_in(part) for part in (text or "").split("-")]
    return found if all(found) else []


def as_ids(searches: Iterable[int]) -> str:
    return ".".join(str(pk) for pk in searches)


def reports(review: Review, asked: Asked, member: Membership | None = None) -> QuerySet[Report]:
    """The reports that an address asks for, in the order of their ids; Http404 for an unknown box.

    Labels and words are looked for as `member` may see them: a label finds nothing for nobody, and
    an author nothing where authors are hidden from him.
    """
    box, reasons = asked.get("box", ""), ids_in(asked.get("reason"))
    if box and box not in flow.REPORT_BOXES:
        raise Http404("No such box.")
    place = asked.get("place", "")
    place = place if place in Place.values and place not in flow.NOWHERE else ""
    then = of_day(member, review, asked)
    found: Any
    if then:
        found = _as_of(review, then, box, reasons, place)
    elif box:
        found = flow.reports_in(review, box, reason=reasons or None)
    else:
        found = review.reports.exclude(place__in=flow.NOWHERE)
    if place and not then:
        found = found.filter(place=place)
    if asked.get("passed"):
        found = found.filter(place__in=flow.ADVANCED)
    for name in ("source", "any"):
        if searches := ids_in(asked.get(name)):
            found = found.filter(_has(searches))
    if shared := ids_in(asked.get("shared")):
        found = found.filter(_has(shared), _has_others(shared))
    if groups := groups_in(asked.get("found")):
        found = found.filter(*(_has(group) for group in groups))
        found = found.exclude(_has_others([pk for group in groups for pk in group]))
    if label := number_in(asked.get("label")):
        given = Labelling.objects.visible_to(member) if member else Labelling.objects.none()
        found = found.filter(pk__in=given.filter(label=label).values("report"))
    new_by = number_in(asked.get("new"))
    if new_by is not None:
        found = origins.new_by(found, new_by)
    if meant := behind.read(asked.get("agreed", "")):
        if member and meant.tells_who and meant.stage in naming.hidden_stages(member):
            raise Http404("The rules hide who said what.")
        found = found.filter(pk__in=among(behind.ids(review, meant)))
    words = asked.get("q", "")
    hidden = hidden_places(member) if member and words else ()
    return found.matching(words, hidden).order_by("pk")


def _as_of(
    review: Review, then: days.Kept, box: str, reasons: list[int], place: str
) -> QuerySet[Any]:
    """The reports of a box (or a place, or all) of a past day."""
    places = [place] if place else [each for each in Place if each not in flow.NOWHERE]
    names = [f"place {each}" for each in places]
    if box:
        names = [f"box {box} {reason}" for reason in reasons] or [f"box {box}"]
    return review.reports.filter(pk__in=among(then.ids(*names)))


def of_day(member: Membership | None, review: Review, asked: Asked) -> days.Kept | None:
    """The lists of the past day that an address asks for; None: the present. Refused while they are
    not counted, and to whom they would tell too much."""
    then = days.lists_of(review, asked.get("on"))
    if then and is_closed(member, review, then):
        raise Refused(
            "Reports that had been decided on that day are being decided anew. Its lists would tell "
            "what others had said, so they are closed to whoever decides blind until that is over."
        )
    return then


def outside(review: Review, box: str, then: days.Kept | None) -> int:
    """How many of the number in `box` have no row here: they were removed before import."""
    if then is None:
        return flow.removed_before_import(review, box)
    name = "records" if box in flow.RECORD_BOXES else "box"
    return then.numbers["boxes"][box] - len(then.ids(f"{name} {box}")) if box else 0


def studies(review: Review, asked: Asked, member: Membership | None = None) -> QuerySet[Study]:
    """The included studies; with `box` those that it counts, Http404 for an unknown one."""
    box = asked.get("box", "")
    if box and box not in flow.STUDY_BOXES:
        raise Http404("No such box.")
    found: Any
    if then := of_day(member, review, asked):
        ids = then.ids(f"studies {box}" if box else "studies")
        found = review.studies.filter(pk__in=among(ids))
    else:
        found = flow.studies_of(review, box) if box else flow.studies_in(review)
    return found.order_by("program__name", "label", "pk")


def included(review: Review, asked: Asked) -> QuerySet[Report]:
    """The reports that are included, or were at the end of the day that is asked for."""
    if then := days.lists_of(review, asked.get("on")):
        return review.reports.filter(pk__in=among(then.ids(f"place {Place.INCLUDED}")))
    return review.reports.filter(place=Place.INCLUDED)


def reports_of(review: Review, listed: QuerySet[Study], asked: Asked) -> QuerySet[Report]:
    """The included reports that tell of the studies of a list, each once."""
    return included(review, asked).filter(pk__in=listed.order_by().values("reports"))


def is_closed(member: Membership | None, review: Review, then: days.Kept) -> bool:
    """Whether the lists of a past day would tell a blind `member` what others said of a report that
    people are asked about anew. All of them: what one leaves out the numbers beside it would tell."""
    if member is not None and not is_blind(member):
        return False
    for stage, places in flow.OPEN_PLACES.items():
        decided = then.ids(*(f"place {place}" for place in OPENED_AT[stage]))
        # Itself, or the one that it has been joined to.
        asked = Q(place__in=places) | Q(merged_into__place__in=places)
        if decided and review.reports.filter(asked, pk__in=among(decided)).exists():
            return True
    return False


def among(ids: list[int]) -> RawSQL:
    """`ids` as one parameter: a statement takes tens of thousands of them at the most."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT jsonb_array_elements_text(%s::jsonb)::bigint", [json.dumps(ids)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])


def _has(searches: list[int]) -> Q:
    # Not Exists: SQLite would walk all records of the search once for each report.
    here = Record.objects.arrived().filter(search__in=searches)
    return Q(pk__in=here.values("report"))


def _has_others(searches: list[int]) -> Exists:
    here = Record.objects.arrived().filter(report=OuterRef("pk"))
    return Exists(here.exclude(search__in=searches))


def records(review: Review, asked: Asked, member: Membership | None = None) -> QuerySet[Record]:
    """The records that an address asks for, in the order of their ids; Http404 for an unknown box.

    Words are looked for as `member` may see them.
    """
    box = asked.get("box", "")
    if box and box not in flow.RECORD_BOXES:
        raise Http404("No such box.")
    then, searches = days.lists_of(review, asked.get("on")), ids_in(asked.get("source"))
    # Which records are there follows from no decision, so their lists are never closed.
    found: Any
    if then and box:
        found = review.records.filter(pk__in=among(then.ids(f"records {box}")))
    elif then:
        names = [f"source {pk}" for pk in searches] or then.named("source ")
        found = review.records.filter(pk__in=among(then.ids(*names)))
    else:
        found = flow.records_in(review, box) if box else review.records.arrived()
    for name in ("source", "any"):
        if searches := ids_in(asked.get(name)):
            found = found.filter(search__in=searches)
    upload = number_in(asked.get("upload"))
    if upload is not None:
        found = found.filter(upload=upload)
    words = asked.get("q", "").split()
    hidden = hidden_places(member) if member and words else ()
    for word in words:
        telling = Q(authors__icontains=word) | Q(journal__icontains=word) | Q(doi__iexact=word)
        if hidden:
            telling &= ~Q(report__place__in=sorted(hidden))
        found = found.filter(Q(title__icontains=word) | telling)
    return found.order_by("pk")


# What an address may ask for that the pages' own controls do not show; records know `any` alone.
UNSHOWN = ("on", "new", "any", "found", "shared", "passed", "agreed")
UNSHOWN_OF_RECORDS = ("on", "any")


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the address of the same list without it."""

    words: str
    without: str


def chips(review: Review, asked: QueryDict, names: Iterable[str] = UNSHOWN) -> list[Chip]:
    """What of the address the page's own controls do not show, so that nobody wonders what is missing."""
    found = []
    for name in names:
        if words := _in_words(review, name, asked.get(name, "")):
            rest = asked.copy()
            rest.pop(name)
            rest.pop("page", None)
            found.append(Chip(words, f"?{rest.urlencode()}"))
    return found


def _in_words(review: Review, name: str, value: str) -> str:
    """The filter `name` in words; "" where the list takes `value` for no filter."""
    if name == "on":
        day = days.past_day_in(value)
        return f"as of the end of {day:%-d %B %Y}" if day else ""
    if name == "new":
        pk = number_in(value)
        if pk is None:
            return ""
        return f"new with {review.uploads.filter(pk=pk).first() or 'an unknown file'}"
    if name == "agreed":
        meant = behind.read(value)
        return meant.in_words() if meant else ""
    if name == "passed":
        return "passed title and abstract" if value else ""
    groups = groups_in(value) if name == "found" else [ids_in(value)]
    if not all(groups) or not groups:
        return ""
    sources = dict(review.searches.values_list("pk", "name"))
    named = [
        # Searches of one database on several days are one name.
        " or ".join(dict.fromkeys(sources.get(pk, "an unknown source") for pk in group))
        for group in groups
    ]
    after = {"found": " only", "shared": " and in another source"}.get(name, "")
    return f"found in {' and in '.join(named)}{after}"


def kept(asked: QueryDict, names: Iterable[str] = UNSHOWN) -> list[tuple[str, str]]:
    """What a filter form must carry along because none of its controls shows it."""
    return [(name, str(asked[name])) for name in names if asked.get(name)]


def in_words(review: Review, asked: QueryDict) -> list[str]:
    """The whole filter of an address, a phrase for each part; [] for all reports."""
    said = []
    if box := asked.get("box", ""):
        name = flow.REPORT_BOXES[box].label if box in flow.REPORT_BOXES else box
        reason = review.reasons.filter(pk=number_in(asked.get("reason")) or 0).first()
        said.append(f"{name}: {reason}" if reason else name)
    if (place := asked.get("place", "")) in Place.values:
        said.append(Place(place).label)
    if searches := ids_in(asked.get("source")):
        names = review.searches.filter(pk__in=searches).values_list("name", flat=True)
        said.append(f"found in {' or '.join(dict.fromkeys(names))}")
    if label := review.labels.filter(pk=number_in(asked.get("label")) or 0).first():
        said.append(f"labelled “{label}”")
    if words := asked.get("q", "").strip():
        said.append(f"with “{words}”")
    return said + [chip.words for chip in chips(review, asked)]
