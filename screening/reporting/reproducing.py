"""The decisions behind the agreement panel, and a script that works its figures out again.

One file to keep with a paper: decisions.csv (what counts), figures.csv (what the page shows),
agreement.py (the very module that the page calls), reproduce.py (groups the decisions by itself and
compares), README.txt. Nothing but Python is needed.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from citations.models import Report
from citations.writing import guarded
from reviews.models import SCREENING_STAGES, Review, Stage, User

from ..models import Reason
from . import agreement, by_criteria, drift
from .agreeing import Answered, Together, first_answers, panel_of, phases, together
from .agreement import FIGURES, Cells, fleiss_kappa, intervals, krippendorff_alpha
from .behind import Behind

HERE = Path(__file__).parent
COLUMNS = ["report", "title", "doi", "stage", "people", "round", "reviewer", "name", "verdict"]
COLUMNS += ["counts_as", "reason", "at"]
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # one date on every member: the same decisions, the same bytes


def archive(review: Review, without: Collection[str] = ()) -> bytes:
    """The zip. About 8 queries; the decisions of both stages are held in memory.

    It says who decided what, so it leaves out the stages `without`, whose names the reader may
    not see: figures of each pair would tell whose decisions numbered ones are.
    """
    stages = [stage for stage in SCREENING_STAGES if stage not in without]
    found = {stage: _of_stage(review, stage) for stage in stages}
    files = {
        "README.txt": _readme(
            review, [Stage(each) for each in SCREENING_STAGES if each in without]
        ),
        "decisions.csv": _csv(COLUMNS, _decisions(review, found)),
        "figures.csv": _csv(_figure_columns(), _figures(review, found)),
        **_criteria(review, found),
        "agreement.py": Path(agreement.__file__).read_text("utf-8"),
        "reproduce.py": (HERE / "reproduce_script.py").read_text("utf-8"),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(zipfile.ZipInfo(name, LONG_AGO), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _readme(review: Review, left_out: list[Stage]) -> str:
    said = {
        "review": review,
        "left_out": left_out,
        "seed": agreement.BOOTSTRAP_SEED,
        "n": agreement.BOOTSTRAP_SAMPLES,
    }
    return render_to_string("screening/agreement_readme.txt", said)


def _csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> str:
    out = io.StringIO()
    out.write("\ufeff")  # spreadsheets read UTF-8 then
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _of_stage(review: Review, stage: Stage) -> dict[int, list[Answered]]:
    return phases(first_answers(review, review.rules(stage)))


def _decisions(
    review: Review, found: dict[Stage, dict[int, list[Answered]]]
) -> Iterator[dict[str, Any]]:
    people = User.objects.in_bulk()
    reasons = Reason.objects.filter(review=review).in_bulk()
    said = Report.objects.filter(review=review).values_list("pk", "title", "doi")
    reports = {pk: (title, doi) for pk, title, doi in said.iterator()}
    for stage, by_people in found.items():
        for number, phase in by_people.items():
            for each in phase:
                title, doi = reports[each.report]
                for first in each.answers:
                    yield {
                        "report": each.report,
                        "title": guarded(title),
                        "doi": guarded(doi),
                        "stage": stage.value,
                        "people": number,
                        "round": each.round or "",
                        "reviewer": first.by,
                        "name": guarded(str(people[first.by])),
                        "verdict": first.verdict,
                        "counts_as": "include" if first.is_in else "exclude",
                        "reason": guarded(str(reasons[first.reason])) if first.reason else "",
                        "at": timezone.localtime(first.at).isoformat(timespec="seconds"),
                    }


CRITERION = ["stage", "people", "kind", "criterion"]


def _criteria(review: Review, found: dict[Stage, dict[int, list[Answered]]]) -> dict[str, str]:
    """The answers to each criterion and the figures over them, where any were given."""
    answers: list[dict[str, Any]] = []
    figures: list[dict[str, Any]] = []
    for stage, by_people in found.items():
        said = by_criteria.answers_of(review, stage) if by_people else {}
        for number, phase in by_people.items():
            for each in phase:
                for first in each.answers:
                    for asked, says in said.get(first.decision, {}).items():
                        about = {"stage": stage.value, "people": number, "kind": asked.kind}
                        about |= {"criterion": guarded(asked.text), "report": each.report}
                        answers.append(about | {"reviewer": first.by, "answer": says})
            rows = by_criteria.rows(review, phase, [], Behind(stage, number), said)
            for row in sorted(rows, key=lambda row: (row.asked.kind, guarded(row.asked.text))):
                about = {"stage": stage.value, "people": number, "kind": row.asked.kind}
                about |= {"criterion": guarded(row.asked.text), "pairs": row.whole.answered}
                figures.append(about | {"unlike": row.whole.unlike, "alpha": _said(row.alpha)})
    if not answers:
        return {}
    return {
        "criteria.csv": _csv([*CRITERION, "report", "reviewer", "answer"], answers),
        "criteria_figures.csv": _csv([*CRITERION, "pairs", "unlike", "alpha"], figures),
    }


def _figure_columns() -> list[str]:
    ends = [f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")]
    return ["stage", "people", "part", "reports", "a", "b", "c", "d", *ends, "fleiss", "alpha"]


def _figures(
    review: Review, found: dict[Stage, dict[int, list[Answered]]]
) -> Iterator[dict[str, Any]]:
    """The lines of the panel, in the order in which the script gives them."""
    for stage, by_people in found.items():
        rules = review.rules(stage)
        for number, phase in by_people.items():
            about = {"stage": stage.value, "people": number}
            yield about | {"part": "all"} | _line(together(phase))
            for pair in panel_of(rules, number, phase).pairs:
                one, other = pair.first.pk, pair.second.pk
                both = [
                    [first.is_in for first in each.answers if first.by in (one, other)]
                    for each in phase
                    if {one, other} <= {first.by for first in each.answers}
                ]
                line = _cells_line(pair.cells, len(both), both)
                yield about | {"part": f"pair {one} {other}"} | line
            for round_number in sorted({each.round for each in phase if each.round}):
                some = [each for each in phase if each.round == round_number]
                yield about | {"part": f"round {round_number}"} | _line(together(some))
            for step in drift.by_weeks(phase, Behind(stage, number)):
                yield about | {"part": f"week {step.behind.week}"} | _line(step.figures)


def _line(of: Together) -> dict[str, Any]:
    line = _cells_line(of.cells, of.reports, [])
    return line | {"fleiss": _said(of.fleiss), "alpha": _said(of.alpha)}


def _cells_line(cells: Cells, reports: int, answers: list[list[bool]]) -> dict[str, Any]:
    line: dict[str, Any] = {"reports": reports}
    line |= {"a": cells.a, "b": cells.b, "c": cells.c, "d": cells.d}
    spans = intervals(cells)
    for name, figure in FIGURES.items():
        low, high = spans[name] or (None, None)
        line |= {name: _said(figure(cells)), f"{name}_low": _said(low), f"{name}_high": _said(high)}
    rows = [["in" if is_in else "out" for is_in in each] for each in answers]
    return line | {"fleiss": _said(fleiss_kappa(rows)), "alpha": _said(krippendorff_alpha(rows))}


def _said(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.6f}"
