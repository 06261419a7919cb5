"""The tree through the API: the pages' acts, refusals, events and undo."""

import pytest

from components import actions
from components.interchange import write
from components.nodes import nodes_of

pytestmark = pytest.mark.django_db

R = "/api/v1/reviews/one/components/"


@pytest.fixture
def lead(cast, signed_in):
    """`lead(path, status, **said)` posts as the lead and gives what is answered."""
    client = signed_in(cast.ada)

    def post(path, status=200, *, method="post", **said):
        answer = getattr(client, method)(R + path, said, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return post


def below(review, code):
    found = review.components.filter(parent__code=code, retired_at=None)
    return [each.code for each in found.order_by("order", "pk")]


def test_a_tree_is_reshaped_and_every_act_is_undone_exactly(
    cast, review, small_tree, lead, signed_in
):
    before = write("", nodes_of(review))
    pks = {code: each.pk for code, each in small_tree.items()}

    # 1. A place, a step, other words, a merge and a split, as on the pages.
    placed = lead(
        f"{pks['B']}/place/", parent=pks["A"], before=pks["A2"], reason="It belongs there"
    )
    assert placed["parent"] == pks["A"]
    assert below(review, "A") == ["A1", "B", "A2"]
    lead(f"{pks['A2']}/shift/", to="up")
    assert below(review, "A") == ["A1", "A2", "B"]
    lead(f"{pks['A']}/", method="patch", definition="All of it", reason="Clearer")
    merged = lead(f"{pks['A2']}/merge/", 201, into=pks["A1"], reason="One and the same")
    assert (merged["verb"], merged["code"], merged["into"]) == ("merge", "A2", "A1")
    parts = [{"code": "B-1", "name": "One"}, {"code": "B-2", "name": "Two", "definition": "2"}]
    made = lead(f"{pks['B']}/split/", 201, parts=parts, reason="Two things")
    assert [each["code"] for each in made] == ["B-1", "B-2"]
    assert below(review, "A") == ["A1", "B", "B-1", "B-2"]

    # 2. The events say who did what and why, to every member.
    reader = signed_in(cast.obi)
    events = reader.get(R + "events/").json()["results"]
    assert [each["verb"] for each in events[:5]] == ["split", "merge", "redefine", "move", "move"]
    assert {each["by"] for each in events} == {"ada"}
    assert [each["reason"] for each in events[:3]] == ["Two things", "One and the same", "Clearer"]
    assert reader.get(R + "events/?code=A2&verb=merge").json()["count"] == 1
    assert "changes" not in events[0]

    # 3. Undone from the newest, nothing is left of them; nobody undoes the same twice.
    for event in events[:5]:
        undone = lead(f"events/{event['id']}/undo/", 201, reason="Not so")
        assert undone["undoes"] == event["id"]
    assert write("", nodes_of(review)) == before
    told = lead(f"events/{events[0]['id']}/undo/", 409)
    assert "already" in told["detail"]
    newest = reader.get(R + "events/").json()["results"]
    assert next(each for each in newest if each["id"] == events[0]["id"])["undone_by"]


def test_a_wrong_shape_is_refused_with_the_pages_sentence(cast, review, small_tree, lead):
    a, a1 = small_tree["A"].pk, small_tree["A1"].pk
    before = write("", nodes_of(review))
    for path, said in {
        f"{a}/place/": {"parent": a1},
        f"{a1}/merge/": {"into": a1, "reason": "Why not"},
        f"{a}/retire/": {},
        f"{a1}/split/": {
            "parts": [{"code": "A2", "name": "x"}, {"code": "A3", "name": "y"}],
            "reason": "Two",
        },
    }.items():
        assert lead(path, 422, **said)["detail"].endswith(".")
    assert "below itself" in lead(f"{a}/place/", 422, parent=a1)["detail"]
    lead(f"{a1}/merge/", 400, into=a)  # no reason
    lead(f"{a1}/split/", 400, parts=[{"code": "A3", "name": "y"}], reason="Into one")
    lead(f"{a1}/merge/", 404, into=2**40, reason="Nowhere")
    lead(f"{a1}/place/", 404, parent=a, before=2**40)
    assert write("", nodes_of(review)) == before


def test_nobodys_words_are_overwritten_unread(cast, review, small_tree, lead, signed_in):
    b = small_tree["B"]
    seen = signed_in(cast.ada).get(f"{R}{b.pk}/").json()["seen"]
    actions.redefine(b, by=cast.ann, parent=None, definition="Ann's words")
    told = lead(f"{b.pk}/", 409, method="patch", definition="Mine", seen=seen)
    assert "changed B" in told["detail"]
    b.refresh_from_db()
    assert b.definition == "Ann's words"
    again = signed_in(cast.ada).get(f"{R}{b.pk}/").json()["seen"]
    said = lead(f"{b.pk}/", method="patch", definition="Both", seen=again)
    assert (said["definition"], said["parent"], said["name"]) == ("Both", None, "Name B")
