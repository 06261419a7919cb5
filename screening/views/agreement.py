"""The agreement panel of one stage, and the decisions behind it as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from reviews.access import MemberRequest, member
from reviews.models import SCREENING_STAGES, Review, Stage

from .. import naming
from ..listing import number_in
from ..reporting import agreeing, by_criteria, drift, reproducing
from ..reporting.agreeing import Answered, Figure, Pair, Together
from ..reporting.agreement import (
    BOOTSTRAP_SAMPLES,
    BOOTSTRAP_SEED,
    Cells,
    why_undefined,
)
from ..reporting.behind import MAIN_ROUND, Behind

# (figure, its sign, what stands below the sign, one plain sentence on what it says).
EXPLAINED = [
    (
        "positive",
        "p",
        "pos",
        "Agreement on includes: when one includes, how often the other does too.",
    ),
    ("kappa", "κ", "", "Cohen’s kappa: agreement beyond chance; it drops when includes are rare."),
    ("observed", "p", "o", "The share of reports on which both said the same."),
    ("pabak", "PABAK", "", "Kappa as if includes and excludes were equally common."),
    (
        "ac1",
        "AC1",
        "",
        "Gwet’s agreement beyond chance; steady when includes are rare, and flattering.",
    ),
    (
        "negative",
        "p",
        "neg",
        "Agreement on excludes: when one excludes, how often the other does too.",
    ),
]


@dataclass(frozen=True)
class Number:
    """A count and the list of exactly the reports that it counts."""

    n: int
    href: str


@dataclass(frozen=True)
class Shown:
    """A figure as a table shows it: its value, or in words why there is none."""

    value: float | None
    interval: tuple[float, float] | None
    why: str


class Links:
    """Where the numbers lead; `nameless`: not to lists that tell who said what."""

    def __init__(self, review: Review, *, nameless: bool) -> None:
        self.nameless = nameless
        self.reports = reverse("screening:reports", args=[review.slug])
        self.page = reverse("screening:agreement", args=[review.slug])

    def number(self, n: int, behind: Behind) -> Number:
        is_listed = n and not (self.nameless and behind.tells_who)
        return Number(n, f"{self.reports}?agreed={behind}" if is_listed else "")

    def cells(self, cells: Cells, behind: Behind) -> list[Number]:
        if self.nameless:  # which of the two included would tell what each said
            return [Number(n, "") for n in (cells.a, cells.b + cells.c, cells.d)]
        return [
            self.number(getattr(cells, cell), behind.but(cell=cell))
            for cell in ("a", "b", "c", "d")
        ]


def _shown(cells: Cells, figures: dict[str, Figure]) -> list[Shown]:
    return [
        Shown(figures[key].value, figures[key].interval, why_undefined(key, cells))
        for key, *_ in EXPLAINED
    ]


def _kappa(of: Together) -> Shown:
    """Cohen's or Fleiss', whichever fits the number of pairs."""
    why = "" if of.kappa is not None else why_undefined("kappa", of.cells) or "nothing to compare"
    return Shown(of.kappa, of.kappa_interval, why)


def _part(links: Links, name: str, of: Together, behind: Behind, **more: Any) -> dict[str, Any]:
    """A row: a stage, a pilot round, a block or a week."""
    positive = Shown(of.figures["positive"].value, of.interval, why_undefined("positive", of.cells))
    observed = Shown(of.figures["observed"].value, None, why_undefined("observed", of.cells))
    return {
        "name": name,
        "reports": links.number(of.reports, behind),
        "figures": [positive, _kappa(of), observed],
        "is_fleiss": of.pairs > 1,
        "conflicts": of.cells.b + of.cells.c,
        **more,
    }


def _pair(links: Links, pair: Pair, behind: Behind) -> dict[str, Any]:
    here = behind.but(pair=(pair.first.pk, pair.second.pk))
    return {
        "pair": pair,
        "n": links.number(pair.cells.n, here),
        "cells": links.cells(pair.cells, here),
        "figures": _shown(pair.cells, pair.figures),
        "same": links.number(pair.same_reason, here.but(cell="same")),
    }


def _criterion(links: Links, row: by_criteria.Row) -> dict[str, Any]:
    """A row of the map: over all pairs, and pair by pair; each number leads to its reports.

    Where three and more decided, all pairs together are more than the reports: no list has as many.
    """

    def heat(cell: by_criteria.Cell, is_a_list: bool) -> dict[str, Any]:
        def number(n: int, behind: Behind) -> Number:
            return links.number(n, behind) if is_a_list else Number(n, "")

        return {
            "cell": cell,
            "unlike": number(cell.unlike, cell.behind.but(cell="unlike")),
            "answered": number(cell.answered, cell.behind),
        }

    return {
        "row": row,
        "whole": heat(row.whole, row.whole.behind.people == 2),
        "pairs": [heat(cell, True) for cell in row.pairs],
    }


def _phases(review: Review) -> dict[Stage, tuple[Any, list[Answered]]]:
    """{stage: (its rules, every report that is open to all with its answers)}."""
    rules = {each.stage: each for each in review.stage_rules.all()}
    return {
        stage: (rules[stage], agreeing.first_answers(review, rules[stage]))
        for stage in SCREENING_STAGES
    }


def _steps(phase: Sequence[Answered], behind: Behind, by: str) -> list[drift.Step]:
    if by == "week":
        return drift.by_weeks(phase, behind)
    return drift.by_blocks(phase, behind, int(by))


@require_GET
@member("read")
def agreement(request: MemberRequest, review: Review) -> HttpResponse:
    """One stage and one number of people a report, or one pilot round of it; the others are a link
    away."""
    found = _phases(review)
    asked = request.GET.get("stage", "")
    stage = Stage(asked) if asked in SCREENING_STAGES else Stage.ABSTRACT
    links = Links(review, nameless=stage in naming.hidden_stages(request.member))
    rules, answered = found[stage]
    people = number_in(request.GET.get("people")) or rules.screeners
    round_ = number_in(request.GET.get("round"))
    behind = Behind(stage, people, round=round_)
    chosen = [each for each in answered if round_ in (None, each.round or MAIN_ROUND)]
    panel = agreeing.panel_of(rules, people, chosen)
    size = drift.size_for(len(panel.answered))
    by = request.GET.get("by", "")
    if by != "week" and number_in(by) not in drift.SIZES:
        by = str(size)
    steps = _steps(panel.answered, behind, by)
    named = panel.named_pairs(nameless=links.nameless)
    pairs = [(pair.first.pk, pair.second.pk) for pair in named]
    criteria = by_criteria.rows(review, panel.answered, pairs, behind)
    context = {
        "step": "agreement",
        "stage": stage,
        "stages": SCREENING_STAGES,
        "rules": rules,
        "people": people,
        "panel": panel,
        "kappa": _kappa(panel.whole),
        "positive_why": why_undefined("positive", panel.together),
        "all": links.number(panel.reports, behind),
        "accelerated": rules.one_include,
        "explained": EXPLAINED,
        "pairs": [_pair(links, pair, behind) for pair in named],
        "nameless": links.nameless,
        "parts": [
            _part(
                links,
                each.label,
                agreeing.together(phase),
                Behind(each, number),
                people=number,
                href=f"{links.page}?stage={each}&people={number}",
                is_shown=(each, number, None) == (stage, people, round_),
            )
            for each, (_, some) in found.items()
            for number, phase in agreeing.phases(some).items()
        ],
        "round": round_,
        "rounds": [
            _part(
                links,
                f"Pilot round {nth}" if nth else "Main round",
                agreeing.together([each for each in phase if (each.round or MAIN_ROUND) == nth]),
                Behind(stage, number, round=nth),
                people=number,
                href=f"{links.page}?stage={stage}&people={number}&round={nth}",
                is_shown=(number, nth) == (people, round_),
            )
            for number, phase in agreeing.phases(answered).items()
            for nth in sorted({each.round or MAIN_ROUND for each in phase})
        ]
        if any(each.round for each in answered)
        else [],
        "criteria": [_criterion(links, row) for row in criteria],
        "alone": sum(each.people == 1 for each in answered),
        "drift": [
            _part(links, step.name, step.figures, step.behind, is_few=step.is_few) for step in steps
        ],
        "picture": drift.draw(steps),
        "by": by,
        "sizes": [each for each in drift.SIZES if size / 5 <= each <= len(panel.answered)]
        or [size],
        "few": drift.FEWEST_TO_COMPARE,
        "seed": BOOTSTRAP_SEED,
        "samples": BOOTSTRAP_SAMPLES,
    }
    return render(request, "screening/agreement.html", context)


@require_GET
@member("export")
def download(request: MemberRequest, review: Review) -> HttpResponse:
    """The decisions that count, the figures, and a script that works these out of those."""
    without = naming.hidden_stages(request.member)
    answer = HttpResponse(reproducing.archive(review, without), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{review.slug}.zip"'
    return answer
