"""What is settled as the files of study data that RevMan reads: information, arms and results.

RevMan imports them for reviews with study-centric data management (Cochrane's knowledge base,
"Populate study data" and "Data extraction templates"): one row a study; one row an arm; one row a
result of an arm; and its manual for files from Covidence tells that a characteristic is a column
"Char: …" under the name that the review gives it. The other heads are those that one openly published
program writes: RevMan hands its templates out to who is signed in only, and the files have not been
tried there. Columns that a codebook can't fill stay empty.
"""

import re
from collections.abc import Iterable, Iterator

from citations.models import Study
from reviews.refusal import Refused

from .kinds import NUMBER, plain
from .models import Field
from .tabling import Held, Table

ARMS = ["Study", "Arm", "Description", "Intervention"]
RESULTS = [
    "Study", "Outcome", "Data type", "Effect measure", "Arm", "Reference arm", "Sample size",
    "Cases", "Mean", "SD", "SE", "Variance", "CI level", "CI start", "CI end", "Exp mean",
    "Exp CI start", "Exp CI end", "t-test", "z-test", "P value", "Covariance method", "Covariance",
    "Other arm 1", "Other arm 2", "Correlation arm 1", "Correlation arm 2", "Correlation",
    "Other mean", "Other SE", "Other variance", "Other CI level", "Other CI start", "Other CI end",
    "Other exp mean", "Other exp CI start", "Other exp CI end", "Other t-test", "Other z-test",
    "Other P value", "Footnotes",
]  # fmt: skip

# How questions and columns of tables are called, without spaces and case, and what they fill.
CALLED = {
    "Arm": ["arm", "group", "study arm"],
    "Outcome": ["outcome", "measure", "outcome measure"],
    "Time point": ["time point", "timepoint", "time", "follow-up", "when"],
    "Description": ["description", "arm description", "what they received"],
    "Intervention": ["intervention", "review intervention"],
    "Sample size": [
        "n",
        "sample size",
        "total",
        "number analysed",
        "number analyzed",
        "n analysed",
    ],
    "Cases": ["events", "cases", "number of events", "event"],
    "Mean": ["mean"],
    "SD": ["sd", "standard deviation"],
    "SE": ["se", "standard error"],
    "Variance": ["variance"],
    "CI level": ["ci level", "confidence level", "level of ci"],
    "CI start": ["ci start", "ci lower", "lower ci", "ci from"],
    "CI end": ["ci end", "ci upper", "upper ci", "ci to"],
    "P value": ["p", "p value", "p-value"],
}
FILLS = {name: column for column, names in CALLED.items() for name in names}
OF_CONTINUOUS = ["Mean", "SD", "SE", "Variance", "CI level", "CI start", "CI end", "P value"]
OF_EACH = {
    Field.Each.ARM: "Arm",
    Field.Each.OUTCOME: "Outcome",
    Field.Each.TIME_POINT: "Time point",
}
UNIT = re.compile(r"\s*\([^)]*\)$")  # "Mean (points)" is the mean

NO_ARMS = (
    "The codebook has no repeating group for each arm, and no table with a column “Arm”, so there are "
    "no arms for RevMan."
)
NO_RESULTS = (
    "The codebook asks for no results that RevMan could read: make a repeating group for each outcome "
    "with a table whose columns are Arm and n, and Mean and SD or Events."
)

Cells = dict[str, str]


def fills(label: str) -> str:
    """Which column a question, or a column of a table, fills; "" for none.

    >>> fills("Mean (points)")
    'Mean'
    """
    return FILLS.get(plain(UNIT.sub("", label)), "")


def study_information(held: Held) -> Table:
    """ "Study", and a column "Char: …" for each table of characteristics, here one a section of
    the codebook."""
    sections = held.sections()
    rows = []
    for number, study in enumerate(held.studies):
        told = []
        for table in sections:
            pairs = zip(table.head[1:], table.rows[number][1:], strict=True)
            told.append("\n".join(f"{head}: {words}" for head, words in pairs if words))
        rows.append([study.label, *told])
    return Table("RevMan", ["Study", *(f"Char: {table.name}" for table in sections)], rows)


def study_arms(held: Held) -> Table:
    """A row an arm of a study: those of its group of arms, then those that only results name.
    Refused where the codebook has neither."""
    if not any("Arm" in found for _, found in _sources(held)):
        raise Refused(NO_ARMS)
    rows = []
    for study in held.studies:
        arms: dict[str, Cells] = {}
        for cells in _told(held, study):
            if name := cells.get("Arm", ""):
                known = arms.setdefault(plain(name), {"Arm": name})
                for column in ("Description", "Intervention"):
                    known.setdefault(column, cells.get(column, ""))
        rows += [
            [study.label, *(each.get(column, "") for column in ARMS[1:])] for each in arms.values()
        ]
    return Table("RevMan arms", ARMS, rows)


def study_results(held: Held) -> Table:
    """A row for each outcome and arm of a study with what was measured; a time point stands behind
    the name of the outcome, a cell that is no number among the footnotes. Refused where nothing in
    the codebook can name arm, outcome and a measure together."""
    if not any(_is_result(found) for _, found in _sources(held)):
        raise Refused(NO_RESULTS)
    rows = [
        [result.get(column, "") for column in RESULTS]
        for study in held.studies
        for cells in _told(held, study)
        for result in _results(study, cells)
    ]
    return Table("RevMan results", RESULTS, rows)


def _is_result(columns: Iterable[str]) -> bool:
    there = set(columns)
    return {"Arm", "Outcome"} <= there and bool(there & {"Cases", *OF_CONTINUOUS} - {"CI level"})


def _sources(held: Held) -> Iterator[tuple[Field, set[str]]]:
    """(group or table, the columns of RevMan that it can name)."""
    for field in held.fields:
        if field.part_of_id:
            continue
        if field.is_repeating:
            named = {OF_EACH.get(Field.Each(field.each or "other"), "")}
            parts = [each for each in held.fields if each.part_of_id == field.pk]
            tables = [each for each in parts if each.kind == Field.Kind.TABLE]
            named |= {fills(each.label) for each in parts if each not in tables}
            yield field, named
            for table in tables:
                yield table, named | {fills(column) for column in table.choices}
        elif field.kind == Field.Kind.TABLE:
            yield field, {fills(column) for column in field.choices}


def _told(held: Held, study: Study) -> Iterator[Cells]:
    """What was settled for a study, a set of cells for each item of a group and row of a table."""
    for field in held.fields:
        if field.part_of_id:
            continue
        if field.kind == Field.Kind.TABLE:
            yield from _rows(held, study, field, "", {})
        if not field.is_repeating:
            continue
        parts = [each for each in held.fields if each.part_of_id == field.pk]
        for item in held.items(study, field):
            cells = {}
            if column := OF_EACH.get(Field.Each(field.each or "other"), ""):
                cells[column] = item
            for part in parts:
                if part.kind != Field.Kind.TABLE and (column := fills(part.label)):
                    cells.setdefault(column, _said(held, study, part, item))
            yield cells
            for part in parts:
                if part.kind == Field.Kind.TABLE:
                    yield from _rows(held, study, part, item, cells)


def _said(held: Held, study: Study, field: Field, item: str) -> str:
    """The answer; "" for one that was not reported."""
    each = held.values.get((study.pk, field.pk, plain(item)))
    return held.word(study, field, item) if each and not each.not_reported else ""


def _rows(held: Held, study: Study, table: Field, item: str, around: Cells) -> Iterator[Cells]:
    each = held.values.get((study.pk, table.pk, plain(item)))
    for row in (each.value if each else None) or []:
        pairs = zip(table.choices, row, strict=False)
        yield around | {fills(column): cell for column, cell in pairs if cell}


def _results(study: Study, cells: Cells) -> Iterator[Cells]:
    """The rows of one set of cells: none where it names no arm, outcome and measure; two where it
    has events and a mean, which RevMan keeps apart."""
    if not (cells.get("Arm") and cells.get("Outcome")):
        return
    time = cells.get("Time point", "")
    start = {
        "Study": study.label,
        "Outcome": f"{cells['Outcome']} ({time})" if time else cells["Outcome"],
        "Arm": cells["Arm"],
    }
    for kind, columns in [("Dichotomous", ["Cases"]), ("Continuous", OF_CONTINUOUS)]:
        if any(cells.get(column) for column in columns if column != "CI level"):
            told = {name: cells.get(name, "").strip() for name in ["Sample size", *columns]}
            numbers = {name: said for name, said in told.items() if NUMBER.fullmatch(said)}
            odd = [f"{name}: {said}" for name, said in told.items() if said and name not in numbers]
            yield {**start, **numbers, "Data type": kind, "Footnotes": "; ".join(odd)}
