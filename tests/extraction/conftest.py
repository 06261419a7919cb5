"""Included studies, a published codebook, and forms in every state."""

import csv
from pathlib import Path

import pytest

from citations.models import Program, Report, Study, StudyReport
from components import actions as tree
from components import interchange
from extraction import actions, codebook
from extraction.models import Field

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


@pytest.fixture
def sample():
    return SAMPLE


@pytest.fixture
def sample_rows():
    """`sample_rows("studies.csv")`: the rows of a table of the sample."""

    def read(name):
        with (SAMPLE / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def grown(cast, review):
    """The sample's tree: {code: component}."""
    tree.bring_in(review, interchange.read((SAMPLE / "codebook.json").read_bytes()), by=cast.ada)
    return {each.code: each for each in review.components.all()}


KINDS = {"text": Field.Kind.TEXT, "number": Field.Kind.NUMBER, "single": Field.Kind.SINGLE}


@pytest.fixture
def twelve_fields(cast, review, grown, sample_rows):
    """The codebook of the sample's double extraction, published: {label: field}."""
    rows = sample_rows("extraction_double.csv")
    book = codebook.start(review, by=cast.ada)
    fields = {}
    for label, kind in dict.fromkeys((row["field"], row["type"]) for row in rows):
        asked = [row for row in rows if row["field"] == label]
        values = {row[side].strip() for row in asked for side in ("extractor_a", "extractor_b")}
        fields[label] = codebook.add_field(
            book,
            by=cast.ada,
            section="Sample",
            label=label,
            kind=KINDS.get(kind, Field.Kind.COMPONENT_GROUP),
            choices=sorted(values - {"not reported"}),
        )
    codebook.publish(book, by=cast.ada)
    for field in fields.values():
        field.refresh_from_db()
    return fields


@pytest.fixture
def make_study(make_report):
    """An included study with one report; `program` by name."""

    def make(review, label, *, program=None, reports=1):
        found = Program.objects.get_or_create(review=review, name=program)[0] if program else None
        study = Study.objects.create(review=review, label=label, program=found)
        for number in range(reports):
            report = make_report(review, f"Report {number + 1} of {label}")
            Report.objects.filter(pk=report.pk).update(place="included")
            StudyReport.objects.create(study=study, report=report)
        return study

    return make


@pytest.fixture
def study(review, make_study):
    return make_study(review, "Abara 2019", program="Harbour Steps")


@pytest.fixture
def components(cast, review):
    """WRAP > (WRAP-CM, WRAP-MH), HOME: {code: component}."""
    made = {}
    for code, name, parent, codable in [
        ("WRAP", "Wraparound", None, False),
        ("WRAP-CM", "Case management", "WRAP", True),
        ("WRAP-MH", "Mental health care", "WRAP", True),
        ("HOME", "A home", None, True),
    ]:
        made[code] = tree.add(
            review,
            by=cast.ada,
            code=code,
            name=name,
            parent=made.get(parent),
            is_codable=codable,
            definition=f"What {name.lower()} is.",
        )
    return made


QUESTIONS = [
    ("Country", Field.Kind.TEXT, [], True),
    ("n", Field.Kind.NUMBER, [], False),
    ("Fidelity", Field.Kind.YES_NO_UNCLEAR, [], False),
    ("Design", Field.Kind.SINGLE, ["Qualitative", "Quantitative"], False),
    ("Outcomes", Field.Kind.MULTIPLE, ["Safety", "School", "Health"], False),
    ("Components", Field.Kind.COMPONENT_GROUP, [], False),
]


@pytest.fixture
def book(cast, review, components):
    """A published codebook with one question of each kind."""
    made = codebook.start(review, by=cast.ada)
    for label, kind, choices, required in QUESTIONS:
        codebook.add_field(
            made,
            by=cast.ada,
            section="Study",
            label=label,
            kind=kind,
            help=f"About {label}.",
            choices=choices,
            required=required,
        )
    return codebook.publish(made, by=cast.ada)


@pytest.fixture
def field(book):
    """`field("Country")`."""
    return lambda label: book.fields.get(label=label)


@pytest.fixture
def fill(field, components):
    """`fill(extraction, {"Country": "Canada", "n": None}, ["WRAP-CM"])`: None is not reported."""

    def fill(extraction, answers=None, found=()):
        for label, given in ({"Country": "Canada"} | (answers or {})).items():
            actions.save_value(
                extraction,
                field(label),
                given,
                by=extraction.by,
                not_reported=given is None,
                quote=f"Quote for {label}",
                page="3",
            )
        for code in found:
            code, _, stance = code.partition(":")
            actions.add_entry(
                extraction,
                field("Components"),
                components[code],
                by=extraction.by,
                stance=stance or "supports",
                quote=f"Quote for {code}",
                page="4",
            )
        return extraction

    return fill


@pytest.fixture
def handed_in(cast, book, fill):
    """`handed_in(study, ("bo", {…}, [codes]), …)` begins, fills and hands in forms, in turn."""

    def hand_in(study, *forms):
        made = []
        for name, *answers in forms:
            user = getattr(cast, name)
            made.append(fill(actions.begin(study, by=user), *answers))
        return [actions.submit(each, by=each.by) for each in made]

    return hand_in
