"""Which reports may tell of one study: by registration, program, sample and authors. No database.

A suggestion is for a person to answer; nothing is joined by itself. Sources: Cochrane Handbook 6.5,
section 4.6.2 (trial identifiers, authors, settings, numbers of participants, dates).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from .matching import normal

LEAST_POINTS = 50
_REGISTRATION = re.compile(
    r"\b(NCT\s?\d{8}|ISRCTN\s?\d{6,8}|ACTRN\s?\d{14}|ChiCTR[-\w]{8,20}|DRKS\s?\d{8}|NTR\s?\d{3,5}"
    r"|UMIN\s?\d{9}|PACTR\s?\d{15,16}|CTRI/\d{4}/\d{2,3}/\d{6}|EUCTR\d{4}-\d{6}-\d{2})\b",
    re.I,
)
_SAMPLE = re.compile(
    r"(?:\b[nN]\s?=\s?|\bsample of |\btotal of )(\d{1,3}(?:,\d{3})+|\d{2,6})\b"
    r"|\b(\d{2,6})(?=\s(?:participants|young people|youth|adolescents|children|patients|girls|women|survivors)\b)"
)


@dataclass(frozen=True)
class Told:
    """What is known of a report. `studies` are those that it tells of; `program` theirs."""

    id: int
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    text: str = ""  # abstract and the beginning of the full text
    studies: frozenset[int] = frozenset()
    programs: tuple[str, ...] = ()  # names that are known in the review


@dataclass
class Suggestion:
    first: int
    second: int
    points: int
    why: list[str] = field(default_factory=list)


@dataclass
class _Signs:
    told: Told
    registrations: set[str]
    samples: set[int]
    programs: dict[str, str]  # folded: as written
    families: list[str]


def registrations(text: str) -> set[str]:
    """The numbers of trial registers in the text, without spaces and in capitals."""
    return {re.sub(r"\s", "", found[1]).upper() for found in _REGISTRATION.finditer(text)}


def samples(text: str) -> set[int]:
    """Numbers of participants that the text names."""
    found = {(each[1] or each[2]).replace(",", "") for each in _SAMPLE.finditer(text)}
    return {int(number) for number in found}


def _signs(told: Told, names: Iterable[str]) -> _Signs:
    text = f"{told.title}\n{told.text}"
    folded = f" {normal.fold(text)} "
    programs = {normal.fold(name): name for name in names}
    return _Signs(
        told,
        registrations(text),
        samples(text),
        {key: name for key, name in programs.items() if len(key) > 3 and f" {key} " in folded},
        [normal.fold(author.split(",")[0]) for author in told.authors],
    )


def suggest(reports: Iterable[Told]) -> list[Suggestion]:
    """Pairs of reports that may tell of one study and don't yet, the most telling first.

    Two registration numbers that differ speak against it, whatever else is alike.
    """
    told = list(reports)
    names = {name for each in told for name in each.programs}
    signs = [_signs(each, names) for each in told]
    found = []
    for one, other in combinations(signs, 2):
        if one.told.studies & other.told.studies:
            continue
        suggestion = _compared(one, other)
        if suggestion.points >= LEAST_POINTS:
            found.append(suggestion)
    return sorted(found, key=lambda each: (-each.points, each.first, each.second))


def _compared(one: _Signs, other: _Signs) -> Suggestion:
    found = Suggestion(one.told.id, other.told.id, 0)
    same = one.registrations & other.registrations
    if same:
        found.points += 80
        found.why.append(f"registration {', '.join(sorted(same))}")
    elif one.registrations and other.registrations:
        return found
    programs = [one.programs[key] for key in one.programs.keys() & other.programs.keys()]
    if programs:
        found.points += 25
        found.why.append(f"program {', '.join(sorted(programs))}")
    numbers = {number for number in one.samples & other.samples if number >= 20}
    if numbers:
        found.points += 25
        found.why.append(f"sample of {', '.join(map(str, sorted(numbers)))}")
    names = [name for name in one.families if name and name in other.families]
    if names:
        all_names = len(set(one.families) | set(other.families))
        found.points += 15 + round(25 * len(names) / all_names)
        found.why.append("authors " + ", ".join(name.title() for name in names[:4]))
        if one.families[0] == other.families[0]:
            found.points += 10
    return found
