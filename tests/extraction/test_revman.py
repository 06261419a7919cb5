"""The files of study data for RevMan, built from repeating groups and tables of what is settled."""

import csv
import io

import pytest
from django.urls import reverse

from extraction import actions, codebook, revman
from extraction.models import Field

pytestmark = pytest.mark.django_db
Kind = Field.Kind


def fetch(client, name):
    return client.get(reverse("extraction:file", args=["one", f"revman-study-{name}.csv"]))


def rows(client, name):
    answer = fetch(client, name)
    assert answer.status_code == 200
    told = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return [{head: cell for head, cell in row.items() if cell} for row in told]


@pytest.fixture
def alone(cast, book):
    """One extractor is enough."""
    return codebook.set_extractors(book, 1, by=cast.ada)


@pytest.fixture
def groups(cast, book, alone):
    """Arms with what they got; outcomes with a time point and a table of results by arm."""
    arms = codebook.add_field(
        book, by=cast.ada, section="Arms", label="Arms", kind=Kind.REPEATING, each="arm"
    )
    codebook.add_field(
        book, by=cast.ada, section="x", label="Intervention", kind=Kind.TEXT, part_of_id=arms.pk
    )
    outcomes = codebook.add_field(
        book, by=cast.ada, section="Results", label="Measures", kind=Kind.REPEATING, each="outcome"
    )
    codebook.add_field(
        book, by=cast.ada, section="x", label="Time point", kind=Kind.TEXT, part_of_id=outcomes.pk
    )
    codebook.add_field(
        book, by=cast.ada, section="x", label="By arm", kind=Kind.TABLE, part_of_id=outcomes.pk,
        choices=["Arm", "n", "Mean (points)", "SD", "Events"],
    )  # fmt: skip
    return codebook.publish(book, by=cast.ada)


@pytest.fixture
def told(cast, groups, study, field):
    """Two arms; school as events, wellbeing as means after six months, one of them not a number."""
    form = actions.begin(study, by=cast.bo)

    def say(label, given, item="", **more):
        actions.save_value(form, field(label), given, by=cast.bo, item=item, **more)

    say("Country", "Canada")
    say("Arms", ["Program", "Usual care"])
    say("Intervention", "Wraparound", "Program")
    say("Intervention", None, "Usual care", not_reported=True)
    say("Measures", ["School", "Wellbeing"])
    say("By arm", "Program | 40 | | | 12\nUsual care | 41 | | | 9", "School")
    say("Time point", "6 months", "Wellbeing")
    say("By arm", "Program | 38 | 12.5 | 3.1 |\nWaiting list | 39 | about 11 | 2.9 |", "Wellbeing")
    actions.submit(form, by=cast.bo)
    return study


def test_a_row_an_arm_with_its_intervention(told, cast, signed_in):
    assert rows(signed_in(cast.obi), "arms") == [
        {"Study": "Abara 2019", "Arm": "Program", "Intervention": "Wraparound"},
        {"Study": "Abara 2019", "Arm": "Usual care"},
        {"Study": "Abara 2019", "Arm": "Waiting list"},  # only results name it
    ]


def test_a_row_for_each_outcome_and_arm(told, cast, signed_in):
    start = {"Study": "Abara 2019", "Outcome": "School", "Data type": "Dichotomous"}
    then = {"Study": "Abara 2019", "Outcome": "Wellbeing (6 months)", "Data type": "Continuous"}
    assert rows(signed_in(cast.obi), "results") == [
        {**start, "Arm": "Program", "Sample size": "40", "Cases": "12"},
        {**start, "Arm": "Usual care", "Sample size": "41", "Cases": "9"},
        {**then, "Arm": "Program", "Sample size": "38", "Mean": "12.5", "SD": "3.1"},
        {
            **then,
            "Arm": "Waiting list",
            "Sample size": "39",
            "SD": "2.9",
            "Footnotes": "Mean: about 11",
        },
    ]


def test_every_file_has_its_whole_head_also_where_columns_are_empty(told, cast, signed_in):
    """Whether RevMan takes these heads is not shown by this: see the module."""
    client = signed_in(cast.obi)
    for name, head in [("arms", revman.ARMS), ("results", revman.RESULTS)]:
        text = fetch(client, name).content.decode("utf-8-sig")
        assert next(csv.reader(io.StringIO(text))) == head


def test_a_characteristic_is_named_as_its_section(told, cast, signed_in):
    """RevMan finds a characteristic of the review by its name behind "Char: "."""
    [row] = rows(signed_in(cast.obi), "information")
    assert row["Char: Study"].startswith("Country: Canada")
    assert list(row) == ["Study", "Char: Study", "Char: Arms", "Char: Results"]


def test_an_interval_has_its_level(cast, book, alone, study, field):
    """And a level alone is no result."""
    table = codebook.add_field(
        book, by=cast.ada, section="R", label="Results", kind=Kind.TABLE,
        choices=["Outcome", "Arm", "n", "Mean", "CI level (%)", "CI lower", "CI upper"],
    )  # fmt: skip
    codebook.publish(book, by=cast.ada)
    form = actions.begin(study, by=cast.bo)
    actions.save_value(form, field("Country"), "Canada", by=cast.bo)
    told = "Safety | Program | 12 | 2.5 | 95 | 1.5 | 3.5\nSafety | Usual care | 11 | | 95 | |"
    actions.save_value(form, table, told, by=cast.bo)
    actions.submit(form, by=cast.bo)
    [row] = revman.study_results(revman.Held(book.review)).rows
    found = dict(zip(revman.RESULTS, row, strict=True))
    assert {name: cell for name, cell in found.items() if cell} == {
        "Study": "Abara 2019",
        "Outcome": "Safety",
        "Data type": "Continuous",
        "Arm": "Program",
        "Sample size": "12",
        "Mean": "2.5",
        "CI level": "95",
        "CI start": "1.5",
        "CI end": "3.5",
    }


def test_numbers_that_are_parts_of_the_group_count_as_well(cast, book, alone, study, field):
    """A group for each outcome and arm, without a table; and a row with events and a mean."""
    group = codebook.add_field(
        book, by=cast.ada, section="R", label="Results", kind=Kind.REPEATING, each="outcome"
    )
    for label, kind in [
        ("Arm", Kind.TEXT), ("Sample size", Kind.INTEGER), ("Mean", Kind.NUMBER), ("Events", Kind.INTEGER),
    ]:  # fmt: skip
        codebook.add_field(
            book, by=cast.ada, section="x", label=label, kind=kind, part_of_id=group.pk
        )
    codebook.publish(book, by=cast.ada)
    form = actions.begin(study, by=cast.bo)
    actions.save_value(form, field("Country"), "Canada", by=cast.bo)
    actions.save_value(form, group, ["Safety"], by=cast.bo)
    for label, given in [
        ("Arm", "Program"),
        ("Sample size", "12"),
        ("Mean", "2.5"),
        ("Events", "3"),
    ]:
        actions.save_value(form, field(label), given, by=cast.bo, item="Safety")
    actions.submit(form, by=cast.bo)
    found = [
        dict(zip(revman.RESULTS, row, strict=True))
        for row in revman.study_results(revman.Held(book.review)).rows
    ]
    assert [(each["Data type"], each["Cases"], each["Mean"]) for each in found] == [
        ("Dichotomous", "3", ""),
        ("Continuous", "", "2.5"),
    ]


def test_the_template_of_outcomes_gives_results(cast, book, alone, study, field):
    """Its tables have a row for each outcome, time point and arm, without a group."""
    codebook.add_template(book, "outcomes", by=cast.ada)
    book = codebook.publish(book, by=cast.ada)
    tables = [
        each for each in book.fields.all() if each.kind == Kind.TABLE and "Arm" in each.choices
    ]
    form = actions.begin(study, by=cast.bo)
    actions.save_value(form, field("Country"), "Canada", by=cast.bo)
    for table in tables:
        cells = [{"Outcome": "Safety", "Arm": "Program"}.get(each, "7") for each in table.choices]
        actions.save_value(form, table, " | ".join(cells), by=cast.bo)
    actions.submit(form, by=cast.bo)
    found = revman.study_results(revman.Held(book.review)).rows
    assert tables
    assert {(row[1], row[2]) for row in found} == {
        ("Safety (7)", "Continuous"),
        ("Safety (7)", "Dichotomous"),
    }


@pytest.mark.parametrize(
    ("name", "sentence"), [("arms", revman.NO_ARMS), ("results", revman.NO_RESULTS)]
)
def test_a_codebook_that_asks_for_none_is_refused_in_a_sentence(
    book, study, cast, signed_in, name, sentence
):
    answer = fetch(signed_in(cast.obi), name)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    told = signed_in(cast.obi).get(
        reverse("api_table", args=["one"]), {"name": f"revman-study-{name}.csv"}
    )
    assert (told.status_code, told.json()["detail"]) == (422, sentence)
