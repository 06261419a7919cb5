"""What the pages give as files, and the paper's parts, through the API."""

from itertools import pairwise

import pytest

from citations.models import DuplicatePair, Report
from screening import actions

pytestmark = pytest.mark.django_db

API = "/api/v1/reviews/one/"


def lines(answer):
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return text.decode("utf-8-sig").strip().splitlines()


@pytest.fixture
def decided(review, cast, make_report):
    """Three reports: excluded by both, in conflict, in conflict and then settled."""
    reports = [make_report(review, title) for title in ("Out", "Conflict", "Settled")]
    for report, verdict in zip(reports, ("exclude", "include", "include"), strict=True):
        actions.decide(report, "abstract", "exclude", by=cast.bo)
        actions.decide(report, "abstract", verdict, by=cast.cy)
    actions.final_word(reports[2], "abstract", "include", by=cast.al)
    return reports


def test_decisions_and_conflicts_come_as_files(decided, cast, signed_in):
    bo = signed_in(cast.bo)
    assert len(lines(bo.get(f"{API}decisions/file/"))) == 4
    assert len(lines(bo.get(f"{API}decisions/file/", {"q": "Conflict"}))) == 2
    assert len(lines(bo.get(f"{API}decisions/file/", {"verdict": "include"}))) == 1
    assert bo.get(f"{API}decisions/file/", {"word": "x"}).status_code == 400
    none = bo.get(f"{API}decisions/file/", {"q": "nowhere"})
    assert (none.status_code, "nothing to export" in none.json()["detail"]) == (422, True)
    assert bo.get(f"{API}conflicts/file/").status_code == 403
    al = signed_in(cast.al)
    (_, told) = lines(al.get(f"{API}conflicts/file/"))
    assert "Conflict" in told
    (_, told) = lines(al.get(f"{API}conflicts/settled/file/"))
    assert "Settled" in told
    assert lines(al.get(f"{API}conflicts/file/", {"format": "ris"}))[0].startswith("TY")


def test_a_group_is_answered_together_or_not_at_all(review, cast, make_report, signed_in):
    reports = [make_report(review, "One paper") for _ in range(3)]
    pairs = [
        DuplicatePair.objects.create(
            review=review,
            first=first,
            second=second,
            zone="ask",
            probability=0.7,
            rule="title",
            why="Alike",
        ).pk
        for first, second in pairwise(reports)
    ]
    ada = signed_in(cast.ada)

    def send(named):
        return ada.post(
            f"{API}duplicates/together/", {"pairs": named}, content_type="application/json"
        )

    assert send([*pairs, 99_999]).status_code == 404
    assert send([]).status_code == 400
    done = send(pairs)
    assert [each["answer"] for each in done.json()["results"]] == ["same", "same"]
    assert Report.objects.filter(review=review, merged_into=None).count() == 1


def test_the_checklist_is_told_noted_and_written(decided, cast, signed_in):
    ada = signed_in(cast.ada)
    told = ada.get(f"{API}checklist/").json()
    assert "records screened" in told["paragraph"]
    assert sum(len(section["items"]) for section in told["sections"]) > 39
    put = ada.put(
        f"{API}checklist/3/", {"text": "Nobody had looked."}, content_type="application/json"
    )
    assert (put.json()["note"], put.json()["reported"]) == ("Nobody had looked.", True)
    wrong = ada.put(f"{API}checklist/99/", {"text": "x"}, content_type="application/json")
    assert wrong.status_code == 422
    assert any(
        "Nobody had looked." in each for each in lines(ada.get(f"{API}checklist/file/?format=csv"))
    )
    assert ada.get(f"{API}checklist/file/").content[:2] == b"PK"


def test_words_to_mark_are_the_leads_and_ones_own(review, cast, signed_in):
    said = {"include": ["randomi?ed"], "exclude": ["mice"]}
    bo = signed_in(cast.bo)

    def put(client, **more):
        return client.put(f"{API}words/", {**said, **more}, content_type="application/json")

    assert put(bo).status_code == 403
    assert put(bo, own=True).json()["own"] == said
    assert put(signed_in(cast.ada)).json() == {
        "review": said,
        "own": {"include": [], "exclude": []},
    }
    assert put(bo, own=True, include=["mice"]).status_code == 422


def test_studies_and_excluded_full_texts_come_as_files(cast, at_fulltext, signed_in):
    reports = [at_fulltext(title) for title in ("Trial A", "Trial A: follow-up")]
    for report in reports:
        for by in (cast.bo, cast.cy):
            actions.decide(report, "fulltext", "include", by=by)
    ed, obi = signed_in(cast.ed), signed_in(cast.obi)
    assert len(lines(obi.get(f"{API}studies/file/"))) == 3
    assert len(lines(obi.get(f"{API}excluded/"))) == 1
    assert obi.get(f"{API}excluded/?format=docx").content[:2] == b"PK"
    assert set(ed.get(f"{API}studies/alike/").json()) == {"count", "results"}
    asked = {"first": reports[0].pk, "second": reports[1].pk, "one": True}
    joined = ed.post(f"{API}studies/alike/", asked, content_type="application/json")
    assert joined.status_code == 204
    assert [each["reports"] for each in ed.get(f"{API}studies/").json()["results"]] == [
        [each.pk for each in reports]
    ]


def test_a_review_begins_with_the_set_up_of_another(review, cast, signed_in):
    obi = signed_in(cast.obi)
    made = obi.post(f"{API}start-like/", {"title": "Another"}, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["roles"] == ["lead"]
    assert obi.get(f"/api/v1/reviews/{made.json()['slug']}/").status_code == 200
