"""What each source brought: found, found nowhere else, included, and what would be missed without it.

After CiteSource (Riley et al.): a report is unique to a source when no other source found it. The
unit is the report; "screened in" and "included" are places of screening/flow/, so they move only when
everybody who is to decide has decided. `tally` is pure; `found` asks the database for its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from citations.models import Record, Search, StudyReport
from reviews.models import Review

from .. import listing
from ..flow import ADVANCED, Place

DRAWN = 20  # combinations in the picture; the rest are one column

# --- The arithmetic -------------------------------------------------------------------------


@dataclass
class Counts:
    """What one source brought. All but `records` count reports or studies."""

    records: int = 0
    reports: int = 0
    unique: int = 0
    passed: int = 0
    included: int = 0
    missed_reports: int = 0  # included, and no other source found them
    missed_studies: int = 0  # included studies of whose included reports no other source found any

    @property
    def shared(self) -> int:
        return self.reports - self.unique

    @property
    def precision(self) -> float | None:
        """Included reports per record of the source; None without records."""
        return self.included / self.records if self.records else None

    @property
    def percent(self) -> str:
        """Precision in percent with one decimal; "" without records."""
        return "" if self.precision is None else f"{100 * self.precision:.1f}"

    @property
    def to_read(self) -> float | None:
        """Records to be read for one included report; None while nothing is included."""
        return self.records / self.included if self.included else None


@dataclass
class Combination:
    """The reports that exactly these sources found."""

    sources: frozenset[Any]
    reports: int = 0
    included: int = 0


@dataclass
class Tally:
    of: dict[Any, Counts]
    together: Counts
    combinations: list[Combination] = field(default_factory=list)  # the largest first


def tally(
    rows: Iterable[tuple[int, Hashable, str, int]],
    studies: Mapping[int, Iterable[int]],
    sources: Iterable[Hashable],
) -> Tally:
    """Count `rows` of (report, source, place, records), one for each report and source.

    `studies` gives the studies of each included report. Combinations of one size stand in the
    order of `sources`.
    """
    order = {source: at for at, source in enumerate(sources)}
    found: Tally = Tally({source: Counts() for source in order}, Counts())
    finders: dict[int, list[Any]] = defaultdict(list)
    places: dict[int, str] = {}
    for report, source, place, records in rows:
        found.of[source].records += records
        found.together.records += records
        finders[report].append(source)
        places[report] = place

    met: dict[frozenset[Any], Combination] = {}
    for report, by in finders.items():
        names = frozenset(by)
        included, passed = places[report] == Place.INCLUDED, places[report] in ADVANCED
        combination = met.get(names) or met.setdefault(names, Combination(names))
        combination.reports += 1
        combination.included += included
        for counts in (found.together, *(found.of[name] for name in names)):
            counts.reports += 1
            counts.passed += passed
            counts.included += included
            if len(names) == 1:
                counts.unique += 1
                counts.missed_reports += included
    _count_missed_studies(found, finders, places, studies)
    found.combinations = sorted(
        met.values(), key=lambda each: (-each.reports, sorted(order[name] for name in each.sources))
    )
    return found


def _count_missed_studies(
    found: Tally,
    finders: Mapping[int, list[Any]],
    places: Mapping[int, str],
    studies: Mapping[int, Iterable[int]],
) -> None:
    """A study is missed without a source when that source alone found every included report of it."""
    of_study: dict[int, set[frozenset[Any]]] = defaultdict(set)
    for report, told in studies.items():
        if places.get(report) == Place.INCLUDED:
            for study in told:
                of_study[study].add(frozenset(finders[report]))
    missed: Counter[Any] = Counter()
    for by in of_study.values():
        alone = set().union(*by)
        if len(alone) == 1:
            missed[alone.pop()] += 1
    for source, n in missed.items():
        found.of[source].missed_studies = n
        found.together.missed_studies += n


# --- A review's sources ---------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A line of the table: one search, or all searches of one database."""

    key: int  # its place in the list, by which the tally knows it
    name: str
    searches: list[Search]

    @property
    def ids(self) -> str:
        return listing.as_ids(search.pk for search in self.searches)

    @property
    def kind(self) -> str:
        return self.searches[0].get_kind_display()


@dataclass
class Yields:
    sources: list[Source]
    tally: Tally
    by_search: bool
    can_split: bool  # whether a database was searched more than once

    def counts(self, source: Source) -> Counts:
        return self.tally.of[source.key]

    @property
    def drawn(self) -> list[Combination]:
        return self.tally.combinations[:DRAWN]

    @property
    def folded(self) -> list[Combination]:
        return self.tally.combinations[DRAWN:]

    def in_order(self, combination: Combination) -> list[Source]:
        return [source for source in self.sources if source.key in combination.sources]


def found(review: Review, *, by_search: bool = False) -> Yields:
    """Every source with what it brought. 3 queries."""
    searches = list(review.searches.order_by("pk"))
    named: dict[str, list[Search]] = defaultdict(list)
    for search in searches:
        named[search.name if by_search else search.database_name].append(search)
    sources = [Source(key, name, group) for key, (name, group) in enumerate(named.items())]
    source_of = {search.pk: source.key for source in sources for search in source.searches}
    return Yields(
        sources,
        tally(_rows(review, source_of), _studies(review), range(len(sources))),
        by_search,
        len({search.database_name for search in searches}) < len(searches),
    )


def _rows(review: Review, source_of: Mapping[int, int]) -> Iterable[tuple[int, int, str, int]]:
    """(report, source, place, records). 1 query."""
    here = Record.objects.filter(review=review).arrived().order_by()
    grouped = here.values_list("report", "search", "report__place").annotate(n=Count("pk"))
    joined: Counter[tuple[int, int]] = Counter()
    places: dict[int, str] = {}
    for report, search, place, n in grouped.iterator(chunk_size=10_000):
        joined[report, source_of[search]] += n
        places[report] = place
    return [(report, source, places[report], n) for (report, source), n in joined.items()]


def _studies(review: Review) -> dict[int, list[int]]:
    """{included report: its studies}. 1 query."""
    links = StudyReport.objects.filter(report__review=review, report__place=Place.INCLUDED)
    told: dict[int, list[int]] = defaultdict(list)
    for report, study in links.values_list("report", "study"):
        told[report].append(study)
    return told
