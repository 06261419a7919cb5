"""Starters: what is known beforehand teaches the order and decides nothing."""

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

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


RIS = """TY  - JOUR
TI  - Trees in streets
N1  - Read in 2019
N1  - RAYYAN-INCLUSION: {"Bo"=>"Included", "Cy"=>"Included"} | RAYYAN-LABELS: "x"=>"Excluded"
ER  -

TY  - JOUR
TI  - Fish in rivers
DO  - https://doi.org/10.1000/FISH
N1  - RAYYAN-LABELS: {a} | RAYYAN-INCLUSION: {"Bo \\"B\\" {1}"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: wrong population, "Ada"=>"Included"
ER  -

TY  - JOUR
TI  - Birds
N1  - RAYYAN-INCLUSION: {"Bo"=>"Excluded", "Cy"=>"Included"}
ER  -

TY  - JOUR
TI  - Bees
N1  - RAYYAN-INCLUSION: {"Bo"=>"Maybe"}
ER  -

TY  - JOUR
TI  - Moss
N1  - RAYYAN-LABELS: to discuss
ER  -

TY  - JOUR
N1  - RAYYAN-INCLUSION: {"Bo"=>"Included"}
ER  -
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


TREES_AND_FISH = [
    Said("", "Trees in streets", True),
    Said("10.1000/fish", "Fish in rivers", False),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_ris_of_rayyan_says_it_in_its_notes(newline, encoding):
    content = RIS.replace("\n", newline).encode(encoding)
    assert decisions(content, "x.ris") == TREES_AND_FISH


def test_two_notes_of_one_reference_count_together():
    twice = RIS.replace(
        "N1  - Read in 2019", 'N1  - RAYYAN-INCLUSION: {"Di"=>"Excluded"} | RAYYAN-LABELS: b'
    )
    assert decisions(twice.encode(), "x.ris") == TREES_AND_FISH[1:]


@pytest.mark.parametrize(
    "spoilt",
    [
        RIS[:-30],  # cut off
        "Provider: x\n\n" + RIS.replace("ER  -\n", ""),  # no end of any record
        RIS.replace('{"Bo"=>"Maybe"}', '{"Bo"=>"Included"'),  # a brace that nobody closes
        RIS.replace('{"Bo"=>"Maybe"}', "{}"),
        RIS.replace("Bees", "Bees \0 \ufffd " + "b" * 2_000_000),
    ],
    ids=["cut", "no ends", "no brace", "nobody", "2 MB"],
)
def test_a_spoilt_reference_costs_no_other(spoilt):
    assert decisions(spoilt.encode(), "x.ris") == TREES_AND_FISH


def test_notes_made_to_take_long_are_read_at_once():
    long = "RAYYAN-INCLUSION: {" + '"' * 200_000 + " " * 200_000 + '"a"=>' * 50_000
    many = 'RAYYAN-INCLUSION: {"' * 50_000
    text = RIS.replace("Read in 2019", long + many)
    assert decisions(text.encode(), "x.ris") == TREES_AND_FISH


def test_letters_of_windows_are_read():
    content = RIS.replace("Trees", "Bäume").encode("cp1252")
    assert decisions(content, "x.ris")[0].title == "Bäume in streets"


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12),
        st.sampled_from(["Included", "Excluded", "Maybe"]),
        max_size=4,
    ),
    st.sampled_from(["", " | RAYYAN-LABELS: a, b", ' | RAYYAN-EXCLUSION-REASONS: "x"=>"Included"']),
)
def test_only_what_all_agree_on_counts(votes, after):
    escaped = {name.replace("\\", "\\\\").replace('"', '\\"'): vote for name, vote in votes.items()}
    pairs = ", ".join(f'"{name}"=>"{vote}"' for name, vote in escaped.items())
    text = (
        f"TY  - JOUR\nTI  - Bees\nN1  - RAYYAN-INCLUSION: {{{pairs}}}{after}\nER  - \n"
        'TY  - JOUR\nTI  - Moss\nN1  - RAYYAN-INCLUSION: {"Bo"=>"Included"}\nER  - \n'
    )
    said = {each.title: each.relevant for each in decisions(text.encode(), "x.ris")}
    one = set(votes.values())
    agreed = {"Included": True, "Excluded": False}.get(one.pop()) if len(one) == 1 else None
    assert said == ({"Moss": True} if agreed is None else {"Bees": agreed, "Moss": True})


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
        (b"TY  - JOUR\nTI  - Bees\nER  - \n", "No decision was found"),
        (b"TY  - \n" * 50, "No decision was found"),
        (b"<html><body>Sign in</body></html>", "an HTML page"),
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


def test_rayyans_ris(cast, review, reports, signed_in):
    answer = upload(signed_in, cast.ada, RIS.encode(), "rayyan.ris")
    assert "2 starters added." in answer.content.decode()
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
