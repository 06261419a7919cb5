"""The demo's second half: components, extractions, interviews, judgements; from sample/."""

import csv
import json
from collections import defaultdict
from typing import Any

from citations.models import Study
from components import actions as tree
from components import interchange
from components.models import Component
from extraction import actions as extracting
from extraction import adjudicating, appraisal, appraising, codebook
from extraction.comparing import compare
from extraction.models import AdjudicatedValue, Codebook, Field
from interviews import actions as interviewing
from interviews.models import ParticipantGroup, Transcript
from reviews.models import Review, User

from ..actions import judge
from ..matrix import matrix
from .library import SAMPLE
from .screening_part import works_of

UNSETTLED = 4  # studies whose differences wait for the adjudicator

QUESTIONS = [
    ("Study", "country", "Country", "single"),
    ("Study", "mmat_category", "Kind of study (MMAT 2018)", "single"),
    ("Study", "comparator", "Comparator", "single"),
    ("Participants", "n", "Number of participants", "number"),
    ("Participants", "age_range", "Age range", "text"),
    ("Program", "setting", "Setting", "text"),
    ("Program", "delivery", "How it was delivered", "single"),
    ("Program", "grouping", "Alone or in groups", "single"),
    ("Program", "dose_reported", "Is the dose reported?", "yes_no_unclear"),
    ("Program", "fidelity_assessed", "Was fidelity assessed?", "yes_no_unclear"),
    ("Program", "components", "Program components", "component_group"),
    ("Findings", "main_finding", "Main finding", "text"),
]


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(name: str) -> Any:
    return json.loads((SAMPLE / name).read_text(encoding="utf-8"))


def grow_tree(review: Review, by: User) -> dict[str, Component]:
    content = (SAMPLE / "codebook.json").read_bytes()
    version, history = interchange.about(content)
    nodes = interchange.read(content)
    tree.bring_in(review, nodes, by=by, name="codebook.json", version=version, history=history)
    return {component.code: component for component in review.components.all()}


def write_codebook(review: Review, by: User) -> dict[str, Field]:
    book = codebook.start(review, by=by)
    answers = defaultdict(set)
    for row in rows("extraction_double.csv"):
        for column in ("extractor_a", "extractor_b", "adjudicated"):
            answers[row["field"]].add(row[column])
    fields = {}
    for section, key, label, kind in QUESTIONS:
        words: dict[str, Any] = {"section": section, "label": label, "kind": kind, "help": ""}
        words["choices"] = sorted(answers[key]) if kind == "single" else []
        words["required"] = False
        fields[key] = codebook.add_field(book, by=by, **words)
    codebook.publish(book, by=by)
    return fields


def extract(
    review: Review, people: dict[str, User], fields: dict[str, Field], nodes: dict[str, Component]
) -> None:
    """Bo and Cy fill in every study, blind; Al settles what differs, but for the last few."""
    works = works_of(review)
    by_key: dict[str, Study] = {}
    for report in review.reports.filter(place="included").order_by("pk"):
        work = works[report.pk]
        if work.key == work.study:
            by_key[work.study] = report.studies.get()
    answers: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows("extraction_double.csv"):
        answers[row["study_id"]][row["field"]] = row
    quotes: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows("study_components.csv"):
        quotes[row["study_id"]][row["code"]] = row
    for number, (key, study) in enumerate(sorted(by_key.items())):
        for column, user in (("extractor_a", people["bo"]), ("extractor_b", people["cy"])):
            _fill(study, answers[key], column, quotes[key], fields, nodes, user)
        settled_all = number < len(by_key) - UNSETTLED
        _settle(study, answers[key], quotes[key], fields, people["al"], values=settled_all)


def _fill(
    study: Study,
    answers: dict[str, dict[str, str]],
    column: str,
    quotes: dict[str, dict[str, str]],
    fields: dict[str, Field],
    nodes: dict[str, Component],
    by: User,
) -> None:
    form = extracting.begin(study, by=by)
    for key, field in fields.items():
        said = answers[key][column]
        if key != "components":
            unknown = said in ("", "not reported")
            extracting.save_value(form, field, "" if unknown else said, by=by, not_reported=unknown)
            continue
        for code in filter(None, said.split(";")):
            row = quotes.get(code, {})
            extracting.add_entry(
                form,
                field,
                nodes[code],
                by=by,
                stance=row.get("stance", "supports"),
                quote=row.get("quote", "The program is said to offer this. [fictional]"),
                page=row.get("page", ""),
            )
    extracting.submit(form, by=by)


def _settle(
    study: Study,
    answers: dict[str, dict[str, str]],
    quotes: dict[str, dict[str, str]],
    fields: dict[str, Field],
    by: User,
    *,
    values: bool,
) -> None:
    keys = {field.pk: key for key, field in fields.items()}
    comparison = compare(study)
    for line in comparison.lines:
        if values and line.is_open and keys[line.field.pk] != "components":
            row = answers[keys[line.field.pk]]
            side = "first" if row["adjudicated"] == row["extractor_a"] else "second"
            adjudicating.settle_value(study, line.field, side, by=by)
    for found in comparison.component_lines:
        if not found.is_open:
            continue
        if found.component.code in quotes:
            side = "first" if found.first else "second"
            adjudicating.settle_component(study, found.field, found.component, side, by=by)
        else:
            adjudicating.settle_component(
                study, found.field, found.component, "other", by=by, reason="Named, not offered."
            )


# --- Appraisal ------------------------------------------------------------------------------------

APPRAISED = 14  # studies that both raters have judged; of the rest nobody has begun
STRANDS = {
    "Qualitative": ["1 Qualitative"],
    "Quantitative randomised": ["2 Randomised"],
    "Quantitative non-randomised": ["3 Non-randomised"],
    "Quantitative descriptive": ["4 Descriptive"],
    "Mixed methods": ["1 Qualitative", "4 Descriptive", "5 Mixed methods"],
}
# Invented: what the raters find, item after item, and where Cy sees it otherwise.
FOUND = ["Yes", "Yes", "Can't tell", "Yes", "No", "Yes", "Yes", "No", "Yes", "Can't tell", "Yes"]


def appraise(review: Review, people: dict[str, User], design: Field) -> None:
    """MMAT for every kind of study, RoB 2 besides it for the randomised ones."""
    ada = people["ada"]
    mmat = codebook.publish(appraising.add_tool(review, by=ada, kind="mmat-2018"), by=ada)
    rob = codebook.publish(appraising.add_tool(review, by=ada, kind="rob-2"), by=ada)
    kinds = [stored for stored, _ in design.options if stored in STRANDS]
    mmat = appraising.set_designs(mmat, design, kinds, by=ada)
    appraising.set_designs(rob, design, ["Quantitative randomised"], by=ada)
    settled = AdjudicatedValue.objects.current().filter(field=design)
    designs = dict(settled.values_list("study", "value"))
    chosen = Study.objects.filter(pk__in=appraisal.studies_of(mmat)).order_by("label", "pk")
    for number, study in enumerate(chosen[:APPRAISED]):
        strands = STRANDS[designs[study.pk]]
        for name in ("bo", "cy"):
            _judge(study, mmat, strands, people[name], number, differs=name == "cy")
        if number < APPRAISED - 2:
            for line in compare(study, mmat).lines:
                if line.is_open:
                    adjudicating.settle_value(study, line.field, "first", by=people["al"])


def _judge(
    study: Study, tool: Codebook, strands: list[str], by: User, number: int, *, differs: bool
) -> None:
    form = extracting.begin(study, by=by, tool=tool)
    said: dict[int, Any] = {}
    judged = 0
    for field in tool.fields.on_the_form():
        if field.kind == Field.Kind.MULTIPLE:
            said[field.pk] = strands
            extracting.save_value(form, field, strands, by=by)
        elif field.is_judgement and field.is_asked(said):
            word = "Yes" if field.section == "Screening" else FOUND[(judged + number) % len(FOUND)]
            judged += 1
            if differs and (judged + number) % 9 == 4:
                word = "No"
            quote = f"What the report says on it, for {field.label[:3]}. [fictional]"
            extracting.save_value(form, field, word, by=by, quote=quote, page=str(2 + judged % 7))
    extracting.submit(form, by=by)


# --- Interviews and judgements --------------------------------------------------------------


def interview(review: Review, by: User, nodes: dict[str, Component]) -> None:
    """Six transcripts, their codings and the themes."""
    groups: dict[str, ParticipantGroup] = {}
    given = load("participants.json")
    for code, name in given["groups"].items():
        groups[code] = interviewing.add_group(review, name.capitalize(), by=by)
    transcripts: dict[str, Transcript] = {}
    for each in given["participants"]:
        person = interviewing.add_participant(
            groups[each["group"]], each["pseudonym"], by=by, role=each["role"]
        )
        data = (SAMPLE / each["file"]).read_bytes()
        name = each["file"].rsplit("/", 1)[-1]
        transcripts[each["doc"]], _ = interviewing.add_transcript(person, data, name, by=by)
    for excerpt in load("excerpts.json")["excerpts"]:
        for coding in excerpt["codings"]:
            interviewing.code(
                transcripts[excerpt["doc"]],
                excerpt["start"],
                excerpt["end"],
                nodes[coding["code"]],
                by=by,
                stance=coding["stance"],
                memo=excerpt.get("memo") or "",
            )
    for theme in load("themes.json")["themes"]:
        interviewing.save_theme(
            review,
            None,
            by=by,
            name=theme["name"],
            central_idea=theme["organising_concept"],
            status=theme["status"],
            components=[nodes[code] for code in theme["codes"]],
        )


ANSWERS = {
    "Agreement": (True, True),
    "Partial agreement": (True, False),
    "Dissonance": (False, False),
}


def judge_rows(review: Review, by: User) -> None:
    """The sample's consensus for every pair of columns, but for the last rows, left to judge."""
    workers, survivors = (group for group, _ in matrix(review).groups)
    columns = {
        "final_L-W": (None, workers),
        "final_L-S": (None, survivors),
        "final_W-S": (workers, survivors),
    }
    expected = rows("matrix_expected.csv")
    nodes = {component.code: component for component in review.components.all()}
    for row in expected[:-2]:
        for column, (left, right) in columns.items():
            meaning, coverage = ANSWERS.get(row[column], (None, None))
            judge(
                nodes[row["code"]],
                left,
                right,
                by=by,
                same_meaning=meaning,
                same_coverage=coverage,
                reason=row["note"] or f"Read side by side: {row[column].lower()}.",
            )
