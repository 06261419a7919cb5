"""The tree: who may change it, what it refuses, and that no code vanishes."""

import pytest
from django.urls import reverse

from components import actions
from components.models import Component
from components.tree import circle, outline
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db


def codes(review):
    return [(each.component.code, each.depth) for each in outline(review)]


def form_of(component, **changes):
    words = {name: getattr(component, name) for name in actions.DEFINING}
    words |= {"parent": component.parent_id or "", "seen": actions.fingerprint(component)}
    words |= changes
    if not words["is_codable"]:
        del words["is_codable"]
    return words


@pytest.mark.parametrize(
    ("parents", "way"),
    [
        ({"A": None}, []),
        ({"A": "B", "B": None}, []),
        ({"A": "A"}, ["A", "A"]),
        ({"A": "B", "B": "A"}, ["A", "B", "A"]),
        ({"A": "B", "B": "C", "C": "B"}, []),  # a circle above A that A is not part of
    ],
)
def test_it_finds_the_circle_that_a_code_is_part_of(parents, way):
    assert circle("A", parents) == way


def test_everybody_reads_the_definitions(cast, review, small_tree, signed_in):
    actions.redefine(small_tree["A1"], by=cast.ada, parent=small_tree["A"], definition="What it is")
    page = signed_in(cast.obi).get(reverse("components:tree", args=["one"]))
    assert page.status_code == 200
    assert b"What it is" in page.content
    assert b"Add below" not in page.content


def test_an_analyst_adds_below(cast, review, small_tree, signed_in):
    client = signed_in(cast.ann)
    url = reverse("components:add", args=["one"])
    assert b"Definition" in client.get(url, {"parent": small_tree["A"].pk}).content
    answer = client.post(
        url, {"code": "A3", "name": "New", "parent": small_tree["A"].pk, "is_codable": "on"}
    )
    assert answer.status_code == 302
    assert codes(review) == [("A", 0), ("A1", 1), ("A2", 1), ("A3", 1), ("B", 0)]
    event = AuditEvent.objects.first()
    assert (event.verb, event.after["parent"]) == ("added a component", "A")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"code": "", "name": "X"}, "This field is required"),
        ({"code": "a b", "name": "X"}, "Use letters, digits"),
        ({"code": "a1", "name": "X"}, "The code a1 is taken"),
        ({"code": "C", "name": "name b"}, "B beside it has the name"),
        ({"code": "C", "name": "X", "colour": "red"}, "Write the colour like"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(cast, small_tree, signed_in, typed, said):
    answer = signed_in(cast.ada).post(
        reverse("components:add", args=["one"]), typed | {"definition": "Typed with care"}
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Typed with care" in answer.content.decode()
    assert Component.objects.count() == 4


def test_it_moves_under_another_and_never_under_itself(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    a, a1, b = small_tree["A"], small_tree["A1"], small_tree["B"]
    url = reverse("components:edit", args=["one", a.pk])
    answer = client.post(url, form_of(a, parent=a1.pk))
    assert answer.status_code == 422
    assert "A would be below itself (A &gt; A1 &gt; A)" in answer.content.decode()
    assert client.post(url, form_of(a, parent=b.pk)).status_code == 302
    assert codes(review) == [("B", 0), ("A", 1), ("A1", 2), ("A2", 2)]


def test_it_moves_up_and_down_and_stays_at_the_ends(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    url = reverse("components:shift", args=["one", small_tree["A2"].pk])
    for expected in (["A", "A2", "A1", "B"], ["A", "A2", "A1", "B"]):
        client.post(url, {"to": "up"})
        assert [code for code, _ in codes(review)] == expected
    client.post(url, {"to": "down"})
    assert [code for code, _ in codes(review)] == ["A", "A1", "A2", "B"]
    assert client.post(url, {"to": "sideways"}).status_code == 404


def test_the_second_of_two_editors_is_told_and_loses_nothing(cast, small_tree, signed_in):
    a1 = small_tree["A1"]
    url = reverse("components:edit", args=["one", a1.pk])
    bos, cys = form_of(a1, definition="Ann's words"), form_of(a1, definition="Ada's words")
    assert signed_in(cast.ann).post(url, bos).status_code == 302
    answer = signed_in(cast.ada).post(url, cys)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody has changed A1" in page
    assert "Ann&#x27;s words" in page
    assert "Ada&#x27;s words" in page
    a1.refresh_from_db()
    assert a1.definition == "Ann's words"
    with pytest.raises(Clash):
        actions.redefine(a1, by=cast.ada, parent=small_tree["A"], seen="stale", definition="x")


def test_a_code_retires_and_comes_back(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    a, a1, a2 = (small_tree[code] for code in ("A", "A1", "A2"))
    answer = client.post(reverse("components:retire", args=["one", a.pk]), follow=True)
    assert "A1, A2 still hang below A" in answer.content.decode()
    for each in (a1, a2, a):
        client.post(reverse("components:retire", args=["one", each.pk]), {"reason": "unused"})
    assert codes(review) == [("B", 0)]
    answer = client.post(reverse("components:restore", args=["one", a1.pk]), follow=True)
    assert "A above it is retired" in answer.content.decode()
    for each in (a, a1):
        client.post(reverse("components:restore", args=["one", each.pk]))
    assert codes(review) == [("A", 0), ("A1", 1), ("B", 0)]
    assert Component.objects.count() == 4


def test_a_retired_name_is_free_for_another(cast, review, small_tree):
    actions.retire(small_tree["B"], by=cast.ada)
    actions.add(review, by=cast.ada, code="C", name="Name B")
    with pytest.raises(Refused, match="C beside it has the name"):
        actions.restore(small_tree["B"], by=cast.ada)


def test_another_reviews_component_is_not_there(cast, small_tree, signed_in):
    foreign = actions.add(cast.other, by=cast.zed, code="Z", name="Zed's")
    client = signed_in(cast.ada)
    for name in ("edit", "shift", "retire", "restore"):
        url = reverse(f"components:{name}", args=["one", foreign.pk])
        assert client.post(url, {"to": "up"}).status_code == 404
    with pytest.raises(Refused, match="does not belong"):
        actions.add(cast.review, by=cast.ada, code="Q", name="Q", parent=foreign)


def test_the_tree_costs_the_same_however_large_it_is(
    cast, review, small_tree, signed_in, django_assert_num_queries
):
    for number in range(40):
        actions.add(
            review, by=cast.ada, code=f"N{number}", name=f"N{number}", parent=small_tree["B"]
        )
    client = signed_in(cast.ada)
    with django_assert_num_queries(6):  # session, user, membership, components, splits, versions
        client.get(reverse("components:tree", args=["one"]))


def test_a_step_in_and_out_by_keyboard_or_button(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    url = reverse("components:place", args=["one", small_tree["B"].pk])
    client.post(url, {"to": "in"})
    assert codes(review) == [("A", 0), ("A1", 1), ("A2", 1), ("B", 1)]
    client.post(url, {"to": "out"})
    assert codes(review) == [("A", 0), ("A1", 1), ("A2", 1), ("B", 0)]
    assert client.post(url, {"to": "out", "fetch": "1"}).status_code == 422


def test_a_drag_puts_it_in_front_of_another(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    url = reverse("components:place", args=["one", small_tree["B"].pk])
    words = {"parent": small_tree["A"].pk, "before": small_tree["A2"].pk, "fetch": "1"}
    assert client.post(url, words).status_code == 204
    assert codes(review) == [("A", 0), ("A1", 1), ("B", 1), ("A2", 1)]
    onto_its_own = reverse("components:place", args=["one", small_tree["A"].pk])
    answer = client.post(onto_its_own, {"parent": small_tree["A1"].pk, "before": "", "fetch": "1"})
    assert (answer.status_code, answer.content.decode()) == (
        422,
        "A would be below itself (A > A1 > A).",
    )
    assert client.post(url, {"parent": "x"}).status_code == 404


def test_merge_split_and_undo_by_their_pages(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    a1, a2 = small_tree["A1"], small_tree["A2"]
    page = client.get(reverse("components:merge", args=["one", a2.pk]))
    assert b"Nothing was coded with it" in page.content
    url = reverse("components:merge", args=["one", a2.pk])
    assert client.post(url, {"into": a1.pk}).status_code == 422  # a reason is needed
    page = client.post(url, {"into": a1.pk, "reason": "One thing"}, follow=True)
    assert b"One thing" in page.content
    assert codes(review) == [("A", 0), ("A1", 1), ("B", 0)]
    event = review.tree_events.first()
    client.post(reverse("components:undo", args=["one", event.pk]))
    assert codes(review) == [("A", 0), ("A1", 1), ("A2", 1), ("B", 0)]
    parts = {"part-TOTAL_FORMS": 3, "part-INITIAL_FORMS": 0, "reason": "Two ideas"}
    url = reverse("components:split", args=["one", a1.pk])
    answer = client.post(url, parts | {"part-0-code": "A1-X", "part-0-name": "X"})
    assert answer.status_code == 422
    assert b"at least two parts" in answer.content
    parts |= {"part-0-code": "A1-X", "part-0-name": "X", "part-1-code": "A1-Y", "part-1-name": "Y"}
    page = client.post(url, parts, follow=True)
    assert b"Everything is re-coded" in page.content  # nothing was coded with it


def test_freezing_by_its_page_locks_the_tree(cast, review, small_tree, signed_in):
    client = signed_in(cast.ada)
    client.post(reverse("components:freeze", args=["one"]), {"name": "1.2", "note": "Pilot"})
    page = client.get(reverse("components:tree", args=["one"])).content.decode()
    assert "Version 1.2, frozen" in page
    assert "Move A1 up" not in page
    url = reverse("components:edit", args=["one", small_tree["A1"].pk])
    answer = client.post(url, form_of(small_tree["A1"], definition="Late"))
    assert answer.status_code == 422
    assert "Version 1.2 is frozen; begin a new draft" in answer.content.decode()
    client.post(reverse("components:draft", args=["one"]), {"name": "1.3"})
    client.post(url, form_of(small_tree["A1"], definition="Late"))
    page = client.get(reverse("components:versions", args=["one"])).content.decode()
    assert "1 component differs" in page
    assert "Late" in page


def test_an_analyst_alone_reads_transcripts_in_the_queue(cast, review, small_tree, signed_in):
    from components import reshaping
    from interviews import actions as interviewing

    group = interviewing.add_group(review, "Workers", by=cast.ann)
    person = interviewing.add_participant(group, "Wren", by=cast.ann)
    transcript, _ = interviewing.add_transcript(person, b"Secret words here.", "T.txt", by=cast.ann)
    interviewing.code(transcript, 0, 12, small_tree["A1"], by=cast.ann)
    parts = [reshaping.Part("X1", "X1"), reshaping.Part("X2", "X2")]
    one, _ = reshaping.split(small_tree["A1"], parts, by=cast.ada, reason="Two")
    url = reverse("components:recode", args=["one", small_tree["A1"].pk])
    leads = signed_in(cast.ada).get(url).content.decode()
    assert "1 interview coding wait" in leads
    assert "Secret words" not in leads
    client = signed_in(cast.ann)
    assert "Secret words" in client.get(url).content.decode()
    coding = one.review.components.get(code="A1").codings.get()
    client.post(url, {"interviews.Coding": coding.pk, "to": one.pk})
    coding.refresh_from_db()
    assert coding.component == one
    page = client.post(url, {"interviews.Coding": coding.pk, "to": one.pk}, follow=True)
    assert page.status_code == 200
