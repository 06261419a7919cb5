"""The fictional sample: 40 studies of 25 programs, coded and double extracted, with its figures."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations.models import Program, Report, Study, StudyReport
from extraction import actions, adjudicating, codebook, table
from extraction.adjudicating import Coding, import_codings
from extraction.agreeing import board
from extraction.comparing import compare_all
from extraction.evidence import component_evidence, programs_total, studies_total
from extraction.models import AdjudicatedComponent, AdjudicatedEntry, AdjudicatedValue
from reviews.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def studies(review, sample_rows, make_search):
    """{"F01": study}, each with an included report and its program."""
    search = make_search(review)
    made = {}
    for row in sample_rows("studies.csv"):
        program, _ = Program.objects.get_or_create(review=review, name=row["program"])
        study = Study.objects.create(review=review, label=row["study_id"], program=program)
        report = Report.objects.create(review=review, title=row["citation"], place="included")
        search.records.create(review=review, report=report, title=row["citation"])
        StudyReport.objects.create(study=study, report=report)
        made[row["study_id"]] = study
    return made


@pytest.fixture
def codings(sample_rows):
    return [
        Coding(row["study_id"], row["code"], row["stance"], row["page"], row["quote"])
        for row in sample_rows("study_components.csv")
    ]


@pytest.fixture
def started(cast, review, grown):
    return codebook.publish(
        codebook.start(review, by=cast.ada, template="program-description"), by=cast.ada
    )


def test_the_counts_by_study_and_program_are_those_expected(
    cast, review, sample_rows, studies, started, codings, signed_in, django_assert_num_queries
):
    assert import_codings(review, codings, by=cast.ada) == 144
    assert import_codings(review, codings, by=cast.ada) == 0
    assert (studies_total(review), programs_total(review)) == (40, 25)
    columns = {each.component.code: each for each in table.columns(review)}
    expected = sample_rows("matrix_expected.csv")
    assert len(expected) == len(columns) == 29
    for row in expected:
        column = columns[row["code"]]
        found = f"{column.studies}/40 studies ({column.programs} programs)"
        silent = column.studies == 0
        assert row["literature"] == ("0/40 studies (0 programs)" if silent else found)
    for code in ("HOME-DG", "SYS-CW", "SYS-FN"):
        assert columns[code].studies == 0

    evidence = component_evidence(review)
    assert len(evidence) == 144
    assert {each.stance for each in evidence} == {"supports", "qualified", "opposes"}
    case = [each for each in evidence if each.component == columns["WRAP-CM"].component.pk]
    assert len({each.study for each in case}) == 23
    assert len({each.program for each in case}) == 14

    client = signed_in(cast.obi)
    page = client.get(reverse("extraction:table", args=["one"])).content.decode()
    assert "40 studies in 40 reports of 25 programs" in page
    with django_assert_num_queries(11):
        client.get(reverse("extraction:table", args=["one"]), {"by": "program"})
    url = reverse("extraction:evidence", args=["one", columns["WRAP-CM"].component.pk])
    page = client.get(url).content.decode()
    assert "23 of 40 studies, 14 programs" in page
    assert page.count("<blockquote") == 23
    page = client.get(url, {"study": studies["F01"].pk}).content.decode()
    assert page.count("<blockquote") == 1
    assert "One worker held the plan" in page


def test_every_number_of_the_table_opens_as_many_quotes(
    cast, review, studies, started, codings, signed_in
):
    import re

    import_codings(review, codings, by=cast.ada)
    client = signed_in(cast.obi)
    page = client.get(reverse("extraction:table", args=["one"]), {"by": "program"})
    cells = re.findall(r'href="([^"]+\?program=\d+)"[^>]*>(\d+)</a>', page.content.decode())
    assert len(cells) > 60
    for url, number in cells[:24]:
        html = client.get(url).content.decode()
        of_a_row = "/row/" in url  # counts components, a cell counts studies
        listed = r"/table/components/(\d+)/" if of_a_row else r"/extraction/(\d+)/"
        assert len(set(re.findall(listed, html))) == int(number)
    assert {"/row/" in url for url, _ in cells[:24]} == {True, False}


def test_a_finished_coding_comes_in_by_page_and_api(
    cast, review, sample, studies, started, signed_in
):
    """Q21's file through both doors; a bad one says which row, and nothing of it is stored."""
    content = (sample / "study_components.csv").read_bytes()
    ada = signed_in(cast.ada)
    page, api = (
        reverse(name, args=["one"]) for name in ("extraction:import-coding", "api_import_coding")
    )

    def sent(data):
        return {"file": SimpleUploadedFile("study_components.csv", data)}

    for bad, said in (
        (b"name,page\nF01,3\n", "must name the columns study_id and code"),
        (b"study_id,code\nF01,WRAP-CM\nF99,WRAP-CM\n", "row 2: there is no study"),
        ("study_id,code\nF01,Übung\n".encode("latin-1"), "not in UTF-8"),
        (b"", "must name the columns"),
    ):
        assert said in ada.post(page, sent(bad), follow=True).content.decode()
        told = ada.post(api, sent(bad))
        assert (told.status_code, said in told.json()["detail"]) == (422, True)
    assert not AdjudicatedEntry.objects.exists()
    assert "144 quotes added" in ada.post(page, sent(content), follow=True).content.decode()
    assert ada.post(api, sent(content)).json() == {"added": 0}
    assert signed_in(cast.bo).post(page, sent(content)).status_code == 403


def test_a_wrong_row_is_named_and_nothing_is_imported(cast, review, studies, started, codings):
    wrong = [
        *codings,
        Coding("F99", "WRAP-CM", "supports"),
        Coding("F01", "WRAP", "supports"),
        Coding("F01", "NOPE", "supports"),
        Coding("F01", "WRAP-HL", "likes"),
    ]
    with pytest.raises(Refused) as refusal:
        import_codings(review, wrong, by=cast.ada)
    said = str(refusal.value)
    for part in ("row 145: there is no study “F99”", "row 146: “WRAP”", "“NOPE”", "“likes”"):
        assert part in said
    assert not AdjudicatedEntry.objects.exists()


def test_a_label_that_two_studies_have_is_not_guessed(cast, review, studies, started):
    Study.objects.create(review=review, label="F02")
    with pytest.raises(Refused, match="row 1: several studies are called “F02”"):
        import_codings(review, [Coding("F02", "WRAP-HL", "supports")], by=cast.ada)


def test_an_import_does_not_overrule_people(cast, review, studies, started, codings, grown):
    import_codings(review, codings, by=cast.ada)
    with pytest.raises(Refused, match="WRAP-CM of “F01” is settled already"):
        import_codings(review, [Coding("F01", "WRAP-CM", "opposes")], by=cast.ada)
    assert AdjudicatedComponent.objects.count() == 144


@pytest.fixture
def doubled(cast, sample_rows, studies, grown, twelve_fields):
    """Both extractors' values of the sample, handed in; the rows of the file."""
    rows, fields = sample_rows("extraction_double.csv"), twelve_fields
    for side, user in (("extractor_a", cast.bo), ("extractor_b", cast.cy)):
        for key, study in studies.items():
            extraction = actions.begin(study, by=user)
            for row in rows:
                if row["study_id"] != key:
                    continue
                field, given = fields[row["field"]], row[side]
                if field.is_group:
                    for code in given.split(";"):
                        actions.add_entry(extraction, field, grown[code], by=user)
                else:
                    silent = given == "not reported"
                    actions.save_value(
                        extraction, field, "" if silent else given, by=user, not_reported=silent
                    )
            actions.submit(extraction, by=user)
    return rows, fields


def test_the_agreement_equals_the_samples(
    cast, review, sample, studies, doubled, signed_in, django_assert_num_queries
):
    expected = json.loads((sample / "agreement_expected.json").read_text())["fields"]
    with django_assert_num_queries(6):
        lines = board(review)
    assert len(lines) == len(expected) == 12
    for line in lines:
        wanted = expected[line.field.label]
        if line.sets:
            assert line.sets.exact == wanted["exact_match"]
            assert round(line.sets.mean_jaccard, 4) == wanted["mean_jaccard"]
            assert round(line.sets.option_agreement, 4) == wanted["option_agreement"]
            assert round(line.sets.option_kappa, 4) == wanted["option_kappa"]
        else:
            assert (line.answers.n, line.answers.agreements) == (40, wanted["agreements"])
            assert line.answers.percent == wanted["percent"]
            kappa = line.answers.kappa
            assert (None if kappa is None else round(kappa, 4)) == wanted.get("kappa")
    page = signed_in(cast.obi).get(reverse("extraction:agreement", args=["one"])).content.decode()
    assert "40 studies extracted by two people" in page
    assert "0.90" in page

    # It is about what was handed in first: changing an answer later does not improve it.
    form = studies["F05"].extractions.get(by=cast.cy)
    actions.reopen(form, by=cast.cy, reason="Look again")
    actions.save_value(form, lines[3].field, "64", by=cast.cy)
    actions.submit(form, by=cast.cy)
    assert lines[3].field.label == "n"
    assert board(review)[3].answers.agreements == 37


def test_the_settled_values_equal_the_samples(cast, review, studies, doubled, grown, signed_in):
    rows, fields = doubled
    comparisons = compare_all(studies.values(), review.codebooks.get())
    open_lines = [line for each in comparisons for line in each.open_lines]
    by_field = {label: 0 for label in fields}
    for line in open_lines:
        if not line.field.is_group:
            by_field[line.field.label] += 1
    # 40 minus the agreements of agreement_expected.json
    assert {label: 40 - n for label, n in by_field.items() if label != "components"} == {
        "country": 40, "mmat_category": 37, "setting": 38, "n": 37, "age_range": 38,
        "delivery": 36, "grouping": 35, "dose_reported": 34, "fidelity_assessed": 32,
        "comparator": 38, "main_finding": 38,
    }  # fmt: skip
    differing = [
        each for each in comparisons if any(line.field.is_group for line in each.open_lines)
    ]
    assert 40 - len(differing) == 30  # studies whose lists of components are the same

    expected = {(row["study_id"], row["field"]): row["adjudicated"] for row in rows}
    for comparison in comparisons:
        for line in comparison.open_lines:
            wanted = expected[comparison.study.label, line.field.label]
            if line.field.is_group:
                there = line.component.code in wanted.split(";")
                side = "first" if there == bool(line.first) else "second"
                adjudicating.settle_component(
                    comparison.study, line.field, line.component, side, by=cast.al
                )
            else:
                same = line.first and line.first.value == wanted
                adjudicating.settle_value(
                    comparison.study, line.field, "first" if same else "second", by=cast.al
                )
    held = {
        (each.study.label, each.field.label): "not reported" if each.not_reported else each.value
        for each in AdjudicatedValue.objects.current().select_related("study", "field")
    }
    for (study, label), wanted in expected.items():
        if label == "components":
            continue
        assert held[study, label] == wanted, (study, label)
    for key, study in studies.items():
        codes = {
            each.component.code
            for each in AdjudicatedComponent.objects.current().filter(study=study)
            if each.entries.exists()
        }
        assert codes == set(expected[key, "components"].split(";"))

    answer = signed_in(cast.obi).get(reverse("extraction:fields-csv", args=["one"]))
    text = io.StringIO(answer.content.decode("utf-8-sig"))
    lines = {row["study"]: row for row in csv.DictReader(text)}
    for (study, label), wanted in expected.items():
        if label != "components":
            assert lines[study][label] == wanted
