"""The list of studies, the page of one, the tile on the home, the table and its files."""

import csv
import io

import pytest
from django.urls import reverse

from extraction import actions, adjudicating, codebook
from extraction.models import Extraction
from extraction.waiting import steps
from reviews.models import AuditEvent
from screening import interests

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"extraction:{name}", args=["one", *args])


def tile(cast, name):
    (step,) = steps(cast.member(name))
    return step.key, step.waiting, step.done, step.total


def test_the_codebook_comes_first(cast, review, study):
    assert tile(cast, "ada") == ("codebook", 1, None, None)
    assert tile(cast, "bo") == ("codebook", 0, None, None)
    codebook.start(review, by=cast.ada)
    assert steps(cast.member("ada"))[0].says == "A draft, not published yet"


def test_what_waits_for_whom(cast, review, make_study, book, handed_in, fill):
    studies = [make_study(review, f"Study {number}") for number in range(3)]
    assert tile(cast, "bo") == ("studies", 3, 0, 3)
    assert tile(cast, "al") == tile(cast, "obi") == ("studies", 0, 0, 3)
    handed_in(studies[0], ("bo", {"n": "1"}))
    assert (tile(cast, "bo")[1], tile(cast, "cy")[1]) == (2, 3)
    handed_in(studies[0], ("cy", {"n": "2"}))
    assert [tile(cast, name)[1] for name in ("bo", "cy", "ed", "al", "ada")] == [2, 2, 2, 1, 1]
    field = book.fields.get(label="n")
    adjudicating.settle_value(studies[0], field, "first", by=cast.al)
    assert tile(cast, "al") == ("studies", 0, 1, 3)
    fill(actions.begin(studies[1], by=cast.bo))
    assert tile(cast, "bo")[1] == 2


def test_the_list_says_who_has_what_and_what_i_can_do(cast, review, make_study, book, signed_in):
    first, second = (make_study(review, label, program="Steps") for label in ("Abara", "Lind"))
    bo, cy = signed_in(cast.bo), signed_in(cast.cy)
    answer = bo.post(url("begin", first.pk))
    assert answer["Location"] == url("form", first.pk)
    page = bo.get(url("studies")).content.decode()
    assert url("form", first.pk) in page
    assert url("begin", second.pk) in page
    assert 'Bo <span class="muted">begun</span>' in cy.get(url("studies")).content.decode()
    mine = bo.get(url("studies"), {"show": "begun"}).content.decode()
    assert "Abara" in mine
    assert "Lind" not in mine
    assert "No study fits" in bo.get(url("studies"), {"q": "zebra"}).content.decode()
    cy.post(url("begin", first.pk))
    answer = signed_in(cast.ed).post(url("begin", first.pk), follow=True)
    assert "Bo and Cy have begun on this study" in answer.content.decode()


def test_the_list_is_paged_and_costs_the_same(
    cast, review, make_study, book, signed_in, django_assert_num_queries
):
    for number in range(60):
        make_study(review, f"Study {number:02}", program=f"Program {number % 7}")
    bo = signed_in(cast.bo)
    for number in (1, 2):
        with django_assert_num_queries(12):
            page = bo.get(url("studies"), {"page": number}).content.decode()
        assert "60 studies" in page
    assert "Study 59" in page
    assert "Study 00" not in page


def test_an_empty_review_says_what_to_do(cast, review, signed_in):
    obi = signed_in(cast.obi)
    for name in ("studies", "table", "codebook"):
        page = obi.get(url(name))
        assert page.status_code == 200
        assert 'class="empty"' in page.content.decode()


def test_a_study_that_is_not_included_is_not_here(cast, review, study, book, signed_in):
    study.reports.update(place="fulltext-out")
    bo = signed_in(cast.bo)
    assert bo.get(url("study", study.pk)).status_code == 404
    assert bo.post(url("begin", study.pk)).status_code == 404


def test_the_table_counts_what_one_extractor_found_where_one_is_enough(
    cast, review, make_study, book, handed_in, components, signed_in
):
    codebook.set_extractors(book, 1, by=cast.ada)
    first = make_study(review, "Abara 2019", program="=Steps")
    second = make_study(review, "Lind 2020", program="=Steps")
    make_study(review, "Moss 2021")
    handed_in(first, ("bo", {"n": "1", "Design": None}, ["HOME", "WRAP-CM:qualified"]))
    handed_in(second, ("cy", {"n": "2"}, ["HOME:opposes"]))
    obi = signed_in(cast.obi)
    page = obi.get(url("table")).content.decode()
    assert "3 studies in 3 reports of 1 program" in page
    assert "1 of 3 studies is not settled yet" in page
    rows = list(csv.reader(io.StringIO(obi.get(url("components-csv")).content.decode("utf-8-sig"))))
    assert rows == [
        ["study", "program", "WRAP-CM", "WRAP-MH", "HOME"],
        ["Abara 2019", "'=Steps", "qualified", "", "supports"],
        ["Lind 2020", "'=Steps", "", "", "opposes"],
        ["Moss 2021", "", "", "", ""],
    ]
    rows = list(csv.reader(io.StringIO(obi.get(url("fields-csv")).content.decode("utf-8-sig"))))
    assert rows[0][2:] == ["Country", "n", "Fidelity", "Design", "Outcomes"]
    assert rows[1][2:] == ["Canada", "1", "", "not reported", ""]
    rows = list(csv.reader(io.StringIO(obi.get(url("evidence-csv")).content.decode("utf-8-sig"))))
    assert [row[:5] for row in rows[1:]] == [
        ["Abara 2019", "'=Steps", "HOME", "A home", "supports"],
        ["Abara 2019", "'=Steps", "WRAP-CM", "Case management", "qualified"],
        ["Lind 2020", "'=Steps", "HOME", "A home", "opposes"],
    ]
    page = obi.get(url("evidence", components["HOME"].pk)).content.decode()
    assert "2 of 3 studies, 1 program, 2 reports." in page
    assert page.count("Quote for HOME") == 2


def test_a_retired_component_with_evidence_stays_in_the_table(
    cast, review, study, book, handed_in, components, signed_in
):
    from components import actions as tree

    handed_in(study, ("bo", {}, ["HOME"]), ("cy", {}, ["HOME"]))
    for code in ("HOME", "WRAP-MH"):
        tree.retire(components[code], by=cast.ada)
    page = signed_in(cast.obi).get(url("table")).content.decode()
    assert "HOME" in page
    assert "WRAP-MH" not in page


def test_the_table_costs_the_same_however_large_it_is(
    cast, review, make_study, book, components, signed_in, django_assert_num_queries
):
    codings = []
    for number in range(55):
        made = make_study(review, f"Study {number:02}", program=f"Program {number % 9}")
        codings += [
            adjudicating.Coding(made.label, code, "supports") for code in ("HOME", "WRAP-CM")
        ]
    adjudicating.import_codings(review, codings, by=cast.ada)
    obi = signed_in(cast.obi)
    with django_assert_num_queries(10):
        page = obi.get(url("table")).content.decode()
    assert "55 studies in 55 reports of 9 programs" in page


def test_a_report_that_is_merged_takes_its_quotes_along(
    cast, review, study, book, fill, make_report
):
    from extraction.models import Value
    from screening.duplicates import joining

    own, keep = study.reports.get(), make_report(review, "The same, better")
    extraction = actions.begin(study, by=cast.bo)
    actions.save_value(
        extraction, book.fields.get(label="n"), "3", by=cast.bo, report=own, quote="Three."
    )
    merge = joining.merge(keep, own, by=cast.ada)
    assert Value.objects.get().report == keep
    joining.unmerge(merge, by=cast.ada)
    assert Value.objects.get().report == own


class TestInterests:
    def test_who_declared_one_does_not_begin_without_a_word(self, cast, book, study, signed_in):
        interests.declare(study.reports.get(), by=cast.bo, why="Own paper")
        bo, page = signed_in(cast.bo), f"/r/one/extraction/{study.pk}/"
        shown = bo.get(page).content.decode()
        assert "Begin despite an interest?" in shown
        for sent in ({}, {"reason": "  "}):
            refused = bo.post(f"{page}begin/", sent, follow=True)
            assert "say why you do it all the same" in refused.content.decode()
        assert not Extraction.objects.exists()
        bo.post(f"{page}begin/", {"reason": "Nobody else reads Finnish"})
        assert Extraction.objects.get().by == cast.bo
        event = AuditEvent.objects.get(verb="began an extraction")
        assert event.reason == "Despite a declared interest: Nobody else reads Finnish"

    def test_the_lead_sees_whose_it_is_and_others_nothing(self, cast, book, study, signed_in):
        interests.declare(study.reports.get(), by=cast.bo)
        page = f"/r/one/extraction/{study.pk}/"
        shown = signed_in(cast.ada).get(page).content.decode()
        assert "declared on a report of this study for Bo" in shown
        cy = signed_in(cast.cy)
        assert "declared on a report" not in cy.get(page).content.decode()
        cy.post(f"{page}begin/")
        event = AuditEvent.objects.get(verb="began an extraction")
        assert (event.actor, event.reason) == (cast.cy, "")

    def test_the_api_asks_the_same(self, cast, book, study, signed_in):
        interests.declare(study.reports.get(), by=cast.bo)
        bo, door = signed_in(cast.bo), f"/api/v1/reviews/one/studies/{study.pk}/extraction/"
        assert bo.post(door).status_code == 422
        sent = {"despite_interest": "Small team"}
        assert bo.post(door, sent, content_type="application/json").status_code == 201
