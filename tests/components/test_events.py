"""Whatever is done to the tree can be undone exactly, with the codings that moved along."""

import json

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from components import actions, events, interchange, reshaping, uses, versions
from components.models import Component, TreeEvent
from components.nodes import nodes_of
from interviews import actions as interviewing
from interviews.models import Coding
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db


def exported(review):
    return json.dumps(interchange.write("x", nodes_of(review)), sort_keys=True)


@pytest.fixture
def coded(cast, review, small_tree):
    """A transcript with two passages, coded with A1 (both), A2 (the first) by Ann; a theme of both."""
    group = interviewing.add_group(review, "Workers", by=cast.ann)
    person = interviewing.add_participant(group, "Wren", by=cast.ann)
    words = b"They kept one worker for me. The door was open. " * 3
    transcript, _ = interviewing.add_transcript(person, words, "T01.txt", by=cast.ann)
    a1, a2 = small_tree["A1"], small_tree["A2"]
    for start, component, memo in [(0, a1, "mine"), (29, a1, ""), (0, a2, "twice")]:
        interviewing.code(transcript, start, start + 15, component, by=cast.ann, memo=memo)
    theme = interviewing.save_theme(
        review, None, by=cast.ann, name="One door", central_idea="x", components=[a1, a2]
    )
    return {"transcript": transcript, "theme": theme}


def everything(review):
    """The tree and every row on it, as they are."""
    rows = {
        use.label: [
            {k: str(v) for k, v in model_to_dict(row).items()}
            | {"pk": row.pk, "set": str(getattr(row, "removed_at", ""))}
            for row in use.model._base_manager.order_by("pk")
        ]
        for use in uses.every()
    }
    return exported(review), rows


def test_a_merge_moves_everything_and_its_undo_gives_everything_back(
    cast, review, small_tree, coded
):
    before = everything(review)
    a1, a2 = small_tree["A1"], small_tree["A2"]
    assert reshaping.effects(a2) == ["1 interview coding", "1 theme"]
    event = reshaping.merge(a2, a1, by=cast.ann, reason="Nobody can tell them apart")
    assert (event.affected, event.into) == (2, "A1")
    # The passage that had both is coded once; the other coding is set aside, not lost.
    assert Coding.objects.filter(component=a1, removed_at=None).count() == 2
    assert Coding.objects.count() == 3
    assert [each.code for each in coded["theme"].components.all()] == ["A1"]
    a2.refresh_from_db()
    assert a2.retired_at
    undone = events.undo(event, by=cast.ada)
    assert everything(review) == before
    with pytest.raises(Clash, match="undone this already"):
        events.undo(event, by=cast.ada)
    events.undo(undone, by=cast.ada)  # and the undoing can be undone
    assert Coding.objects.filter(component=a1, removed_at=None).count() == 2
    assert TreeEvent.objects.filter(review=review).count() == 7


def test_a_merge_says_what_stands_in_its_way(cast, review, small_tree):
    a, a1, b = (small_tree[code] for code in ("A", "A1", "B"))
    for source, target, reason, said in [
        (a1, a1, "x", "with itself"),
        (a1, b, " ", "Say why"),
        (a, a1, "x", "A1 would be below itself"),
    ]:
        with pytest.raises(Refused, match=said):
            reshaping.merge(source, target, by=cast.ada, reason=reason)
    foreign = actions.add(cast.other, by=cast.zed, code="Z", name="Zed's")
    with pytest.raises(Refused, match="belong to this review"):
        reshaping.merge(a1, foreign, by=cast.ada, reason="x")


def test_what_hung_below_a_merged_code_hangs_below_the_other(cast, review, small_tree):
    before = exported(review)
    event = reshaping.merge(small_tree["A"], small_tree["B"], by=cast.ada, reason="One thing")
    assert {each.code for each in small_tree["B"].children.all()} == {"A1", "A2"}
    events.undo(event, by=cast.ada)
    assert exported(review) == before


def test_a_split_leaves_a_queue_that_one_may_leave_half_way(cast, review, small_tree, coded):
    a1 = small_tree["A1"]
    parts = [reshaping.Part("A1-X", "One worker"), reshaping.Part("A1-Y", "Open door", "Comes in")]
    one, _ = reshaping.split(a1, parts, by=cast.ann, reason="Two ideas in one")
    assert reshaping.splits(review) == {"A1": ["A1-X", "A1-Y"]}
    [(use, items)] = reshaping.queue(a1)
    assert (use.many, len(items)) == ("interview codings", 2)
    assert items[0].text.startswith("They kept")
    event = reshaping.recode(a1, use, [items[0].pk], one, by=cast.ann)
    assert [len(items) for _, items in reshaping.queue(a1)] == [1]
    assert Coding.objects.filter(removed_at=None).count() == 3
    with pytest.raises(Refused, match="re-coded this already"):
        reshaping.recode(a1, use, [items[0].pk], one, by=cast.ann)
    made = TreeEvent.objects.get(verb="split")
    with pytest.raises(Refused, match="A1-X is in use"):
        events.undo(made, by=cast.ann)
    events.undo(event, by=cast.ann)
    events.undo(made, by=cast.ann)
    assert not Component.objects.filter(code__startswith="A1-").exists()
    assert [len(items) for _, items in reshaping.queue(a1)] == [2]


def test_a_code_in_use_cannot_vanish(cast, review, small_tree, coded):
    created = TreeEvent.objects.get(verb="create", code="A1")
    with pytest.raises(Refused, match=r"A1 is in use \(3 times\), so it can't vanish"):
        events.undo(created, by=cast.ada)
    with pytest.raises(Refused, match="Something hangs below A"):
        events.undo(TreeEvent.objects.get(verb="create", code="A"), by=cast.ada)
    assert Component.objects.filter(code="A1").exists()


def test_an_undo_that_something_was_built_on_is_refused(cast, review, small_tree):
    a1, a = small_tree["A1"], small_tree["A"]
    for words in ("First", "Second"):
        actions.redefine(a1, by=cast.ada, parent=a, definition=words)
    second, first = TreeEvent.objects.filter(verb="redefine")
    with pytest.raises(Refused, match="A1 has been changed since then"):
        events.undo(first, by=cast.ada)
    events.undo(second, by=cast.ada)
    events.undo(first, by=cast.ada)
    a1.refresh_from_db()
    assert a1.definition == ""


def test_an_import_is_undone_as_one(cast, review, small_tree, sample):
    before = exported(review)
    nodes = interchange.read((sample / "codebook.json").read_bytes())
    actions.bring_in(review, nodes, by=cast.ada, name="codebook.json")
    after = exported(review)
    undone = events.undo(TreeEvent.objects.first(), by=cast.ada)
    assert exported(review) == before
    events.undo(undone, by=cast.ada)
    assert exported(review) == after


def test_each_relation_to_a_component_goes_along(db):
    """A relation that nobody registered moves by the default; those of today are all known."""
    assert {use.label for use in uses.every()} >= {
        "extraction.AdjudicatedComponent",
        "extraction.ComponentEntry",
        "interviews.Coding",
        "interviews.Theme_components",
        "synthesis.Topic",
    }
    assert [use.label for use in uses.every() if use.stays] == ["synthesis.Topic"]


def test_a_frozen_version_stays_and_the_tree_with_it(cast, review, small_tree):
    a1, a = small_tree["A1"], small_tree["A"]
    first = versions.freeze(review, by=cast.ada)
    assert first.name == "1.0"
    with pytest.raises(Refused, match=r"Version 1\.0 is frozen; begin a new draft"):
        actions.redefine(a1, by=cast.ada, parent=a, definition="Sneaked in")
    first.content = {}
    with pytest.raises(Refused, match="stays as it is"):
        first.save()
    versions.begin(review, by=cast.ada)
    with pytest.raises(Refused, match=r"1\.1 is a draft already"):
        versions.begin(review, by=cast.ada)
    actions.redefine(a1, by=cast.ada, parent=a, definition="Clearer", reason="Coders asked")
    second = versions.freeze(review, by=cast.ada, note="After the pilot")
    first.refresh_from_db()
    [found] = versions.differences(first.content, second.content)
    assert (found.code, found.kind, found.fields) == (
        "A1",
        "changed",
        [("Definition", "", "Clearer")],
    )
    with pytest.raises(Refused, match="There is a version"):
        versions.begin(review, by=cast.ada, name="1.0")


# --- 1,000 random changes -------------------------------------------------------------------

ACTS = ["add", "redefine", "place", "shift", "merge", "split", "retire", "restore", "recode"]


def act(review, by, what, draw):
    """One change of the kind `what` on codes that `draw` picks; a refusal changes nothing."""
    nodes = list(review.components.order_by("pk"))
    one, other = nodes[draw(len(nodes))], nodes[draw(len(nodes))]
    number = draw(10_000)
    match what:
        case "add":
            actions.add(review, by=by, code=f"N{number}", name=f"N{number}", parent=one)
        case "redefine":
            actions.redefine(one, by=by, parent=other, name=f"R{number}", definition=str(number))
        case "place":
            actions.place(one, by=by, parent=other.parent, before=other)
        case "shift":
            actions.shift(one, [-1, 1][number % 2], by=by)
        case "merge":
            reshaping.merge(one, other, by=by, reason="r")
        case "split":
            parts = [reshaping.Part(f"S{number}-{n}", f"S{number}-{n}") for n in range(2)]
            reshaping.split(one, parts, by=by, reason="r")
        case "retire":
            actions.retire(one, by=by)
        case "restore":
            actions.restore(one, by=by)
        case "recode":
            for use, items in reshaping.queue(one):
                reshaping.recode(one, use, [items[0].pk], other, by=by)


@pytest.mark.timeout(1200)
def test_random_changes_undone_give_the_same_tree_and_codings(cast, review, small_tree, coded):
    """At least 1,000 changes in all that were not refused, some 40 in a row, undone newest first."""
    before, done = everything(review), []

    @settings(max_examples=30, deadline=None)
    @given(st.randoms(use_true_random=False))
    @transaction.atomic  # one that fails leaves nothing behind for the next
    def undone(random):
        start = TreeEvent.objects.first().pk
        for _ in range(80):
            try:
                act(review, cast.ann, random.choice(ACTS), random.randrange)
            except Refused:
                continue
        made = TreeEvent.objects.filter(pk__gt=start)
        done.append(len(made))
        for event in list(made):  # the newest first
            events.undo(event, by=cast.ann)
        assert everything(review) == before

    undone()
    assert sum(done) >= 1000


@pytest.mark.timeout(1200)  # 2,700 acts and as many undone: minutes where the machine is busy
def test_a_thousand_merges_splits_and_moves_undone_give_an_identical_export(
    cast, review, small_tree, coded
):
    """Of these three alone at least 1,000 that were not refused."""
    before, rows, done = exported(review), everything(review), []

    @settings(max_examples=30, deadline=None)
    @given(st.randoms(use_true_random=False))
    @transaction.atomic  # one that fails leaves nothing behind for the next
    def undone(random):
        start = TreeEvent.objects.first().pk
        three = ["merge", "split", "split", "place"]
        for _ in range(90):
            try:
                act(review, cast.ann, random.choice(three), random.randrange)
            except Refused:
                continue
        made = list(TreeEvent.objects.filter(pk__gt=start))
        assert {each.verb for each in made} <= {"merge", "split", "move"}
        done.append(len(made))
        for event in made:  # the newest first
            events.undo(event, by=cast.ann)
        assert exported(review) == before
        assert everything(review) == rows

    undone()
    assert sum(done) >= 1000
