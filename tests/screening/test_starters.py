"""Starters: what is known beforehand teaches the order and decides nothing."""

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reviews import jobs
from reviews.models import AuditEvent
from screening import actions
from screening.desk import queue
from screening.models import RankedOrder, Starter
from screening.ranking.decided import Said, Undecidable, decisions
from screening.relevance import rules, starting

pytestmark = pytest.mark.django_db

PAGE = "/r/one/ranking/starters/"
PROJECT = Path(__file__).parent.parent / "files" / "trees.asreview"
RAYYAN = """key,title,doi,notes
1,Trees in streets,,"RAYYAN-INCLUSION: {""Bo""=>""Included"", ""Cy""=>""Included""} | RAYYAN-LABELS: a"
2,Fish in rivers,10.1000/FISH,"RAYYAN-INCLUSION: {""Bo""=>""Excluded""}"
3,Birds,,"RAYYAN-INCLUSION: {""Bo""=>""Excluded"", ""Cy""=>""Included""}"
4,Bees,,"RAYYAN-INCLUSION: {""Bo""=>""Maybe""}"
5,Moss,,
"""


def work():
    while jobs.run_one():
        pass


@pytest.fixture
def reports(review, make_report):
    return {
        "trees": make_report(
            review, "Trees in Streets", doi="10.1000/trees", abstract="urban trees"
        ),
        "fish": make_report(review, "Fish in rivers", doi="10.1000/fish", abstract="river fish"),
        "birds": make_report(review, "Birds", doi="10.1000/birds"),
        "more": make_report(review, "More urban trees", abstract="trees and streets"),
        "less": make_report(review, "More river fish", abstract="fish of rivers"),
    }


def upload(signed_in, user, content, name):
    file = SimpleUploadedFile(name, content)
    return signed_in(user).post(f"{PAGE}file/", {"file": file}, follow=True)


# --- what a file says ------------------------------------------------------------------------------


def test_a_project_of_asreview_says_what_was_labelled():
    assert decisions(PROJECT.read_bytes(), "trees.asreview") == [
        Said("10.1000/trees", "Trees in streets", True),
        Said("", "Fish in rivers", False),
    ]


def test_a_project_of_asreview_2_has_its_records_elsewhere(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, statements in {
            "data_store.db": [
                "CREATE TABLE record (record_id INTEGER, title TEXT, doi TEXT)",
                "INSERT INTO record VALUES (7, 'Moss', '10.1000/moss')",
            ],
            "reviews/a/results.db": [
                "CREATE TABLE results (record_id INTEGER, label INTEGER)",
                "INSERT INTO results VALUES (7, 1), (8, NULL)",
            ],
        }.items():
            with sqlite3.connect(tmp_path / "one.db") as made:
                for statement in statements:
                    made.execute(statement)
            made.close()
            out.writestr(name, (tmp_path / "one.db").read_bytes())
            (tmp_path / "one.db").unlink()
    assert decisions(packed.getvalue(), "x") == [Said("10.1000/moss", "Moss", True)]


@pytest.mark.parametrize("column", ["asreview_label", "included", "label_included", "label"])
def test_a_table_of_asreview_says_it_in_a_column(column):
    text = f"\ufefftitle,DOI,{column}\nTrees,10.1/x,1\nFish,,0\nBirds,,\nMoss,,-1\n"
    assert decisions(text.encode(), "x.csv") == [
        Said("10.1/x", "Trees", True),
        Said("", "Fish", False),
    ]


def test_a_table_of_rayyan_says_it_in_its_notes():
    assert decisions(RAYYAN.encode(), "x.csv") == [
        Said("", "Trees in streets", True),
        Said("10.1000/FISH", "Fish in rivers", False),
    ]


def _zip_of(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column title or doi"),
        (b"a,b\n1,2\n", "no column title or doi"),
        (b"title,abstract\nx,y\n", "no column of decisions"),
        (b"title,label\n", "No decision was found"),
        (b"\x00\xff\xfe,\n", "no column title or doi"),
        (_zip_of("results.db", b"no database"), "cannot be read"),
        (_zip_of("readme.txt", b"x"), "No decision was found"),
        (PROJECT.read_bytes()[:1500], "no column title or doi"),
    ],
)
def test_a_file_without_decisions_is_refused_in_a_sentence(content, says):
    with pytest.raises(Undecidable, match=says):
        decisions(content, "x")


# --- in a review -----------------------------------------------------------------------------------


def test_starters_teach_and_are_screened_like_any_other(cast, member, review, reports):
    rules.set_ranking(review, by=cast.ada, by_relevance=True, show_why=False)
    known = {reports["trees"].pk: True, reports["fish"].pk: False}
    starting.add(review, known, by=cast.ada, source="DOI")
    work()
    served = [report.title for report in queue.next_for(member(cast.bo), "abstract", 9)]
    assert served[:2] == ["Trees in Streets", "More urban trees"]
    assert sorted(served) == sorted(report.title for report in reports.values())
    assert {report.place for report in review.reports.all()} == {"abstract-open"}
    shared = RankedOrder.objects.get()
    assert (shared.included, shared.excluded) == (1, 1)


def test_what_is_settled_counts_before_what_was_known(cast, review, reports):
    rules.set_ranking(review, by=cast.ada, by_relevance=True, show_why=False)
    starting.add(review, {reports["trees"].pk: True}, by=cast.ada, source="DOI")
    for user in (cast.bo, cast.cy):
        actions.decide(reports["trees"], "abstract", "exclude", by=user)
    from screening.relevance import orders

    orders.due(review, by=cast.ada)
    work()
    shared = RankedOrder.objects.get()
    assert (shared.included, shared.excluded) == (0, 1)


def test_by_doi_with_what_is_unknown_told(cast, review, reports, signed_in):
    text = "https://doi.org/10.1000/TREES\n10.1000/nowhere\nno doi\n"
    answer = signed_in(cast.ada).post(f"{PAGE}dois/", {"dois": text}, follow=True)
    page = answer.content.decode()
    assert "1 starter added, 2 fit no report, or several." in page
    assert Starter.objects.get().report == reports["trees"]
    assert AuditEvent.objects.get(verb="added starters").after == {"relevant": 1, "irrelevant": 0}
    answer = signed_in(cast.ada).post(f"{PAGE}dois/", {"dois": "10.1000/trees"}, follow=True)
    assert "0 starters added, 1 had been one already." in answer.content.decode()
    assert signed_in(cast.ada).post(f"{PAGE}dois/", {"dois": "nothing"}).status_code == 422


def test_by_words_of_the_title(cast, review, reports, signed_in):
    ada = signed_in(cast.ada)
    page = ada.get(f"{PAGE}?q=urban+trees").content.decode()
    assert "More urban trees" in page
    assert "Birds" not in page
    ada.post(f"{PAGE}found/", {"report": [reports["more"].pk, "x", "99999999"]})
    made = Starter.objects.get()
    assert (made.report, made.relevant, made.source) == (reports["more"], True, "Search")
    ada.post(f"{PAGE}{made.pk}/remove/")
    assert not Starter.objects.exists()
    assert AuditEvent.objects.filter(verb="removed a starter").exists()


def test_a_project_of_asreview_by_doi_and_title(cast, review, reports, signed_in):
    answer = upload(signed_in, cast.ada, PROJECT.read_bytes(), "trees.asreview")
    assert "2 starters added." in answer.content.decode()
    found = dict(review.starters.values_list("report__title", "relevant"))
    assert found == {"Trees in Streets": True, "Fish in rivers": False}


def test_rayyans_decisions(cast, review, reports, signed_in):
    upload(signed_in, cast.ada, RAYYAN.encode(), "rayyan.csv")
    found = dict(review.starters.values_list("report__title", "relevant"))
    assert found == {"Trees in Streets": True, "Fish in rivers": False}


def test_a_title_that_several_have_is_nobodys(cast, review, reports, make_report):
    make_report(review, "Birds")
    added = starting.add_file(review, b"title,label\nBirds,1\n", "x.csv", by=cast.ada)
    assert (added.added, added.unknown) == (0, 1)


def test_a_file_that_says_nothing_is_refused_on_the_page(cast, reports, signed_in):
    answer = upload(signed_in, cast.ada, b"a,b\n", "x.csv")
    assert answer.status_code == 422
    assert "no column title or doi" in answer.content.decode()


def test_reports_of_another_review_are_not_found(cast, review, make_report):
    other = make_report(cast.other, "Elsewhere", doi="10.1000/elsewhere")
    assert starting.add_dois(review, "10.1000/elsewhere", by=cast.ada).unknown == 1
    assert starting.add(review, {other.pk: True}, by=cast.ada, source="x").added == 0
