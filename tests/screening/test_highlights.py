"""Highlights: mine, others' once unblinded, found again when a better copy comes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations.models import FullText
from screening import actions, retrieval
from screening.desk import highlights
from screening.models import Highlight
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db
SENTENCES = [
    f"Finding number {n} was that group {n} gained {n}.5 points in all." for n in range(60)
]


def send(report, by, sentences=SENTENCES, lines=4):
    paragraphs = [" ".join(sentences[at : at + lines]) for at in range(0, len(sentences), lines)]
    file = SimpleUploadedFile("a.pdf", pdf("A program described", paragraphs))
    return retrieval.attach_file(report, file, by=by)


@pytest.fixture
def filed(cast, review, make_report):
    report = make_report(review, "A program described")
    for user in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "include", by=user)
    report.refresh_from_db()
    return send(report, cast.ada)


def at(act, pk):
    return reverse(f"screening:{act}", args=["one", pk])


@pytest.fixture
def mark(signed_in, filed):
    def post(user, status=201, **fields):
        data = {"sha256": filed.sha256, "page": 1} | fields
        answer = signed_in(user).post(at("add_highlight", filed.report_id), data)
        assert answer.status_code == status, answer.content
        return answer.json()

    return post


def seen(client, report):
    return client.get(at("highlights", report)).json()["highlights"]


def test_a_quote_is_kept_with_what_stands_around_it(cast, mark):
    (made,) = mark(cast.bo, quote="group 7 gained\n7.5 points", note="main outcome")["highlights"]
    assert made["before"].replace("\r\n", " ").endswith("Finding number 7 was that ")
    assert (made["mine"], made["note"], made["state"]) == (True, "main outcome", "kept")


def test_others_see_it_only_once_both_have_decided(cast, signed_in, filed, mark):
    mark(cast.bo, quote="group 7 gained 7.5 points")
    cy, report = signed_in(cast.cy), filed.report
    assert seen(cy, report.pk) == []
    assert "group 7 gained 7.5 points</q>" not in cy.get(at("read", report.pk)).content.decode()
    for user in (cast.bo, cast.cy):
        actions.decide(report, "fulltext", "include", by=user)
    assert [each["by"] for each in seen(cy, report.pk)] == ["Bo"]
    # What is marked from here on belongs to an extraction, which is blind of its own.
    mark(cast.bo, quote="group 8 gained 8.5 points")
    assert len(seen(cy, report.pk)) == 1
    report.review.blind = False
    report.review.save()
    assert len(seen(cy, report.pk)) == 2


def test_an_area_is_marked_where_there_are_no_words(cast, mark):
    area = {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4}
    (made,) = mark(cast.bo, **area)["highlights"]
    assert made["area"] == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"quote": "x", "left": 0.1, "top": 0.1, "width": 0.1, "height": 0.1},
        {"left": 0.9, "top": 0.1, "width": 0.5, "height": 0.1},
        {"left": "nan", "top": 0.1, "width": 0.5, "height": 0.1},
        {"quote": "x", "page": 99},
        {"quote": "x", "page": 0},
        {"quote": "x" * 5001},
        {"quote": "x", "sha256": "no"},
    ],
)
def test_what_marks_nothing_is_refused(cast, filed, signed_in, fields):
    data = {"sha256": filed.sha256, "page": 1} | fields
    assert signed_in(cast.bo).post(at("add_highlight", filed.report_id), data).status_code == 422
    assert not Highlight.objects.exists()


def test_only_its_maker_takes_it_away(cast, signed_in, filed, mark):
    mark(cast.bo, quote="group 7 gained 7.5 points")
    made = Highlight.objects.get()
    assert signed_in(cast.cy).post(at("highlight", made.pk)).status_code == 404
    bo = signed_in(cast.bo)
    assert bo.post(at("highlight", made.pk)).status_code == 302
    assert seen(bo, filed.report_id) == []


def test_a_better_copy_finds_them_again_and_lists_the_doubtful_ones(cast, signed_in, filed, mark):
    for n in (7, 21, 40):
        mark(cast.bo, quote=f"group {n} gained {n}.5 points", page=_page(filed, n))
    mark(cast.bo, left=0.1, top=0.1, width=0.2, height=0.2)
    changed = [each.replace("21.5", "31.5") for each in SENTENCES]
    new = send(filed.report, cast.ada, ["A running head of the journal"] * 9 + changed, lines=7)
    bo = signed_in(cast.bo)
    found = {each["quote"]: each for each in seen(bo, filed.report_id)}
    assert new.sha256 != filed.sha256
    states = sorted(each["state"] for each in found.values())
    assert states == ["doubtful", "doubtful", "kept", "kept"]
    kept = next(each for each in found.values() if "group 40" in each["quote"])
    assert kept["page"] == _page(new, 40)
    page = bo.get(at("read", filed.report_id)).content.decode()
    assert "alike, not the same" in page
    doubtful = next(
        each for each in found.values() if each["state"] == "doubtful" and each["quote"]
    )
    bo.post(at("highlight", doubtful["id"]), {"act": "confirm"})
    again = {each["id"]: each for each in seen(bo, filed.report_id)}
    assert again[doubtful["id"]]["state"] == "kept"


def test_the_first_copy_again_has_the_first_places(cast, signed_in, filed, mark):
    mark(cast.bo, quote="group 7 gained 7.5 points")
    before = seen(signed_in(cast.bo), filed.report_id)
    send(filed.report, cast.ada, lines=9)
    send(filed.report, cast.ada)
    assert seen(signed_in(cast.bo), filed.report_id) == before
    assert FullText.objects.filter(report=filed.report, removed_at=None).count() == 1


def test_marking_a_copy_that_was_replaced_is_a_clash(cast, filed, mark):
    send(filed.report, cast.ada, lines=9)
    assert "better copy" in mark(cast.bo, status=409, quote="group 7")["detail"]


def test_by_the_api_they_are_marked_confirmed_and_taken_away(cast, signed_in, filed):
    bo, cy, report = signed_in(cast.bo), signed_in(cast.cy), filed.report
    url = f"/api/v1/reviews/one/reports/{report.pk}/highlights/"
    said = {"sha256": filed.sha256, "page": 1, "area": [0.1, 0.2, 0.3, 0.4], "note": "Figure"}
    made = bo.post(url, said, "application/json")
    assert made.status_code == 201, made.content
    one = f"/api/v1/reviews/one/highlights/{made.json()['id']}/"
    assert (made.json()["mine"], made.json()["area"]) == (True, said["area"])
    both = bo.post(url, said | {"quote": "group 7"}, "application/json")
    assert both.status_code == 422
    # Blind as on the page; only its maker changes it.
    assert cy.get(url).json()["results"] == []
    assert cy.delete(one).status_code == 404
    assert bo.post(one).status_code == 409  # nothing is doubtful
    send(report, cast.ada, lines=9)
    assert bo.post(url, said, "application/json").status_code == 409  # that copy was replaced
    assert [each["state"] for each in bo.get(url).json()["results"]] == ["doubtful"]
    assert bo.post(one).json()["state"] == "kept"
    assert bo.delete(one).status_code == 204
    assert bo.get(url).json()["count"] == 0


def test_a_file_that_goes_in_the_same_moment_is_a_clash(cast, signed_in, filed, monkeypatch):
    add, report = highlights.add, filed.report

    def add_then_detach(*args, **fields):
        made = add(*args, **fields)
        retrieval.detach(filed, by=cast.ada)
        return made

    monkeypatch.setattr(highlights, "add", add_then_detach)
    said = {"sha256": filed.sha256, "page": 1, "area": [0.1, 0.2, 0.3, 0.4]}
    url = f"/api/v1/reviews/one/reports/{report.pk}/highlights/"
    assert signed_in(cast.bo).post(url, said, "application/json").status_code == 409


def _page(document, number):
    pages = document.text.split("\f")
    return 1 + next(
        at for at, text in enumerate(pages) if f"number {number} was" in " ".join(text.split())
    )
