"""What bench/extraction.py times takes a fixed number of queries, however large the review is."""

import pytest

from extraction import actions, codebook
from extraction import table as matrix
from extraction.models import Field

pytestmark = pytest.mark.django_db


def test_the_form_of_sixty_fields_takes_the_queries_of_a_short_one(
    cast, review, book, study, signed_in, django_assert_num_queries
):
    actions.begin(study, by=cast.bo)
    bo, address = signed_in(cast.bo), f"/r/one/extraction/{study.pk}/form/"
    bo.get(address)
    with django_assert_num_queries(14):
        bo.get(address)
    Field.objects.bulk_create(
        Field(codebook=book, section="More", label=f"Question {n}", order=100 + n)
        for n in range(54)
    )
    codebook.publish(book, by=cast.ada)
    with django_assert_num_queries(14):
        page = bo.get(address).content.decode()
    assert page.count('class="answer"') == 60


def test_the_table_takes_the_same_queries_however_many_studies_and_programs(
    cast, review, make_study, book, handed_in, signed_in, django_assert_num_queries
):
    obi = signed_in(cast.obi)

    def add(names):
        for name in names:
            made = make_study(review, name, program=f"Program of {name}")
            handed_in(made, ("bo", {}, ["WRAP-CM"]), ("cy", {}, ["WRAP-CM"]))

    add(["One"])
    for _ in range(2):
        with django_assert_num_queries(10):
            obi.get("/r/one/table/")
        with django_assert_num_queries(11):
            obi.get("/r/one/table/?by=program")
        add(["Two", "Three", "Four"])


def test_a_page_of_programs_counts_what_all_of_them_together_count(
    cast, review, make_study, book, handed_in
):
    for name, program in [("One", "P"), ("Two", "P"), ("Three", "Q"), ("Four", None)]:
        made = make_study(review, name, program=program)
        handed_in(made, ("bo", {}, ["HOME"]), ("cy", {}, ["HOME"]))
    every = matrix.cells_by_program(review)
    assert sorted(cell.studies for cell in every.values()) == [1, 1, 2]
    for key, cell in every.items():
        assert matrix.cells_by_program(review, [key[0]]) == {key: cell}
